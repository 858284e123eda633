"""Writes a card as the text of its file: what is read from it again is the same card."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from content.card import LEVELS, Bubble, Card, Source
from content.card_letter import letter_text
from content.video import video_text

# At the start of a line these are more than words to whoever reads the file again.
_MARKS = re.compile(r"^(?:# |---|\{:|> )")


def card_text(card: Card) -> str:
    """The file of a card: reading it again gives the same card, save for the line numbers of its bubbles."""
    front = yaml.safe_dump(_front(card), allow_unicode=True, sort_keys=False, width=100)
    return f"---\n{front}---\n\n{body_text(card)}"


def body_text(card: Card) -> str:
    """The three levels of a card as its file has them."""
    return "\n".join(f"# {level}\n\n" + "\n".join(map(bubble_text, card.version(level).bubbles)) for level in LEVELS)


def bubble_text(bubble: Bubble) -> str:
    """One bubble as a card's file has it, with its picture and facts on the last line.

    Raises ValueError for words that the file could not give back: a blank line, or a mark at the start of a line.
    """
    lines = bubble.text.splitlines()
    if not all(line.strip() for line in lines) or any(map(_MARKS.match, lines)):
        raise ValueError("an idea has no empty lines, and no line starts with # or > or ---")
    words = "\n".join(f"> {line}" if bubble.verbatim else line for line in lines)
    marks = [f"symbol={bubble.symbol}"] if bubble.symbol else []
    marks += [f"says={','.join(bubble.says)}"] if bubble.says else []
    marks += [f"answers={','.join(bubble.answers)}"] if bubble.answers else []
    marks += [f"step={bubble.step}"] if bubble.step else []
    marks += [f"opens={bubble.opens}"] if bubble.opens else []
    marks += ["rest=stays"] if bubble.rest_stays else []
    return f"{words}\n" + (f"{{: {' '.join(marks)} }}\n" if marks else "")


def _front(card: Card) -> dict[str, Any]:
    found: dict[str, Any] = {"key": card.key}
    if card.kind != "card":
        found["kind"] = card.kind
    found |= {
        "question": _by_level(card, "question"),
        **_label(card),
        "about": card.about,
        "asks": card.asks,
        "situations": list(card.situations),
        "jurisdiction": card.jurisdiction,
        "near": list(card.near),
        "review_months": card.review_months,
        "sources": {key: _source(source) for key, source in card.sources.items()},
        "must_say": list(_facts(card)),
        "reasons": dict(card.reasons),
        "examples": list(card.examples),
    }
    if card.ask:
        found["ask"] = list(card.ask)
    if card.letter:
        found["letter"] = letter_text(card.letter)
    if card.videos:
        found["videos"] = list(map(video_text, card.videos))
    if card.keep:
        found["keep"] = [{"id": fact.id, "fact": fact.text} for fact in card.keep]
    names = {
        "touches": card.touches,
        "for": card.readers,
        "read_by": card.read_by,
        "law_read_by": card.law_read_by,
    }
    return found | {field: list(named) for field, named in names.items() if named}


def _label(card: Card) -> dict[str, Any]:
    """The label of a card; nothing where its button is the whole question."""
    whole = all(version.label == version.question for version in card.levels.values())
    return {} if whole else {"label": _by_level(card, "label")}


def _source(source: Source) -> dict[str, Any]:
    later = {"place": source.place, "read": source.read, "copy_date": source.copy_date}
    told = {field: value for field, value in later.items() if value}
    return {"title": source.title, "url": source.url, "checked": source.checked} | told


def _by_level(card: Card, field: str) -> str | Mapping[str, str]:
    said = {str(level): str(getattr(card.version(level), field)) for level in LEVELS}
    return said if len(set(said.values())) > 1 else said["standard"]


def _facts(card: Card) -> Iterator[dict[str, Any]]:
    for fact in card.must_say:
        yield {"id": fact.id, "fact": fact.text, "source": fact.source} | ({} if fact.certain else {"certain": False})
