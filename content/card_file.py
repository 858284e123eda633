"""Reads card files: YAML front matter, then the three levels as headings, then bubbles as paragraphs."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

import yaml

from accessibility.yaml_text import read_yaml
from content.card import (
    ANSWERS,
    LEVELS,
    BrokenCard,
    Bubble,
    Card,
    Fact,
    Kind,
    Level,
    Reader,
    Source,
    SourceRead,
    Step,
    Version,
)
from content.card_letter import parse_letter
from content.slots import slots_of
from content.video import parse_video

CARDS = Path(__file__).with_name("cards")
_ATTRIBUTES = re.compile(r"^\{:\s*(.*?)\s*\}$")
_MARKS = ("symbol", "says", "answers", "step", "opens", "rest")
_FIELDS = {
    "key",
    "kind",
    "question",
    "label",
    "about",
    "asks",
    "situations",
    "jurisdiction",
    "near",
    "sources",
    "must_say",
    "review_months",
    "examples",
    "reasons",
    "ask",
    "videos",
    "keep",
    "touches",
    "for",
    "read_by",
    "law_read_by",
    "letter",
}
_SOURCE_FIELDS = frozenset({"title", "url", "checked", "place", "read", "copy_date"})
_FACT_FIELDS = frozenset({"id", "fact", "source", "certain"})
_KEEP_FIELDS = frozenset({"id", "fact"})


def load_cards(folder: Path = CARDS) -> dict[str, Card]:
    """Every card in a folder by key, in file order.

    Raises BrokenCard for the first file that cannot be used, so that nothing starts with half a pack.
    """
    return {path.stem: read_card(path) for path in sorted(folder.glob("*.md"))}


def refuse_strangers(cards: Mapping[str, Card]) -> None:
    """Raises BrokenCard for the first card that names a near card which does not exist, or belongs to a handover."""
    for card in cards.values():
        for key in card.near:
            if key not in cards:
                raise BrokenCard(card.path, 1, f'near card "{key}" has no file; write it or take it out of "near"')
            if cards[key].kind in ("person", "snippet", "journey"):
                raise BrokenCard(card.path, 1, f'near card "{key}" has a place of its own; take it out of "near"')
        for bubble in (bubble for version in card.levels.values() for bubble in version.bubbles):
            if bubble.opens and (bubble.opens not in cards or cards[bubble.opens].kind != "card"):
                raise BrokenCard(card.path, bubble.line, f'opens="{bubble.opens}" names no answer; mend it')


def read_card(path: Path) -> Card:
    """One card from its file. Raises BrokenCard naming file, line and what to mend."""
    return parse_card(path.read_text("utf-8"), path)


def parse_card(text: str, path: Path) -> Card:
    """One card from the text of its file; `path` names it in errors. Raises BrokenCard as `read_card` does."""
    front, bodies = parse_parts(text, path, _FIELDS)
    try:
        return _card(path, front, bodies)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BrokenCard(path, 1, f"front matter is missing or misshapen: {error}") from error


def read_parts(path: Path, fields: Collection[str]) -> tuple[Mapping[str, Any], Mapping[Level, tuple[Bubble, ...]]]:
    """The front matter of a card's file, which may have these fields, and the bubbles of its three levels."""
    return parse_parts(path.read_text("utf-8"), path, fields)


def parse_parts(
    text: str, path: Path, fields: Collection[str]
) -> tuple[Mapping[str, Any], Mapping[Level, tuple[Bubble, ...]]]:
    """The same from the text of a file; `path` names it in errors."""
    parts = re.split(r"^---[ \t]*$\n?", text, maxsplit=2, flags=re.M)
    if len(parts) != 3 or parts[0].strip():
        raise BrokenCard(path, 1, "a card opens with front matter between two lines of ---")
    front = _front_matter(path, parts[1], fields)
    first_line = parts[0].count("\n") + parts[1].count("\n") + 3
    bodies = dict(_levels(path, parts[2], first_line))
    for level in LEVELS:
        if not bodies.get(level):
            raise BrokenCard(path, first_line, f'no bubbles under "# {level}"; every card needs all three levels')
    return front, bodies


def versions(front: Mapping[str, Any], bodies: Mapping[Level, tuple[Bubble, ...]]) -> dict[Level, Version]:
    """The words at each level. Raises KeyError or TypeError where the question or label of a level is missing."""
    return {
        level: Version(_at(front["question"], level), _at(front["label"], level), bodies[level]) for level in LEVELS
    }


def _front_matter(path: Path, text: str, fields: Collection[str]) -> Mapping[str, Any]:
    try:
        front = read_yaml(text)
    except yaml.YAMLError as error:
        line = error.problem_mark.line + 2 if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark else 1
        raise BrokenCard(path, line, "the front matter is not valid YAML; check quotes and colons here") from error
    if not isinstance(front, dict):
        raise BrokenCard(path, 1, "the front matter is empty")
    unknown = sorted(set(front) - set(fields))
    if unknown:
        raise BrokenCard(path, 1, f'unknown field "{unknown[0]}"; known are {", ".join(sorted(fields))}')
    if front.get("key") != path.stem:
        raise BrokenCard(path, 1, f'key is "{front.get("key")}" but the file is {path.name}; they must match')
    return front


def _card(path: Path, front: Mapping[str, Any], bodies: Mapping[Level, tuple[Bubble, ...]]) -> Card:
    kind = front.get("kind", "card")
    if kind not in get_args(Kind):
        raise ValueError(f'kind "{kind}" is none of {", ".join(get_args(Kind))}')
    return Card(
        key=front["key"],
        kind=kind,
        about=front["about"],
        asks=front["asks"],
        situations=tuple(front.get("situations") or ()),
        jurisdiction=front["jurisdiction"],
        near=tuple(front.get("near") or ()),
        sources={key: _source(key, value) for key, value in (front.get("sources") or {}).items()},
        must_say=tuple(_fact(value) for value in front.get("must_say") or ()),
        levels=versions({"label": front["question"], **front}, bodies),
        examples=tuple(map(str, front.get("examples") or ())),
        review_months=int(front["review_months"]),
        reasons={int(rule): str(why) for rule, why in (front.get("reasons") or {}).items()},
        path=path,
        ask=tuple(map(str, front.get("ask") or ())),
        videos=tuple(map(parse_video, front.get("videos") or ())),
        keep=tuple(_keep(value) for value in front.get("keep") or ()),
        touches=_names(front, "touches"),
        readers=tuple(_one_of("for", reader, get_args(Reader)) for reader in _names(front, "for")),
        read_by=_names(front, "read_by"),
        law_read_by=_names(front, "law_read_by"),
        letter=parse_letter(front.get("letter")),
    )


def _at(value: str | Mapping[str, str], level: Level) -> str:
    return value if isinstance(value, str) else value[level]


def _source(key: str, raw: Mapping[str, Any]) -> Source:
    _refuse_unknown(f'source "{key}"', raw, _SOURCE_FIELDS)
    read, copied = raw.get("read"), raw.get("copy_date")
    if read is not None:
        read = _one_of(f'source "{key}", read', read, get_args(SourceRead))
    if copied is not None and (type(copied) is not date or read != "copy"):
        raise ValueError(f'source "{key}" needs read: copy and a copy_date like 2026-07-01, or neither')
    if not isinstance(raw["checked"], date) or not str(raw["url"]).startswith("https://"):
        raise ValueError(f'source "{key}" needs an https url and a checked date like 2026-07-01')
    return Source(key, raw["title"], raw["url"], raw["checked"], str(raw.get("place") or ""), read, copied)


def _fact(raw: Mapping[str, Any]) -> Fact:
    _refuse_unknown(f'must_say "{raw["id"]}"', raw, _FACT_FIELDS)
    return Fact(raw["id"], raw["fact"], raw["source"], bool(raw.get("certain", True)))


def _keep(raw: Mapping[str, Any]) -> Fact:
    _refuse_unknown(f'keep "{raw["id"]}"', raw, _KEEP_FIELDS)
    return Fact(raw["id"], raw["fact"], "", certain=True)


def _names(front: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """A list of names in the front matter; a single name that is no list is a slip."""
    raw = front.get(field) or []
    if not isinstance(raw, list):
        raise TypeError(f'"{field}" is a list: write {field}: [{raw}]')
    return tuple(map(str, raw))


def _one_of(what: str, value: str, known: Collection[str]) -> Any:
    if value not in known:
        raise ValueError(f'{what}: "{value}" is not known; use {", ".join(known)}')
    return value


def _refuse_unknown(what: str, raw: Mapping[str, Any], known: Collection[str]) -> None:
    unknown = sorted(set(map(str, raw)) - set(known))
    if unknown:
        raise ValueError(f'{what} has an unknown field "{unknown[0]}"; known are {", ".join(sorted(known))}')


def _levels(path: Path, body: str, first_line: int) -> Iterator[tuple[Level, tuple[Bubble, ...]]]:
    """Each level named by a `# heading`, with its bubbles."""
    level: Level | None = None
    block: list[tuple[int, str]] = []
    for number, line in enumerate([*body.splitlines(), "# end"], first_line):
        if not line.startswith("# "):
            block.append((number, line))
            continue
        if level is not None:
            yield level, tuple(_bubbles(path, block))
        name, block = line[2:].strip(), []
        if name not in (*LEVELS, "end"):
            raise BrokenCard(path, number, f'"# {name}" is not a level; use {", ".join(LEVELS)}')
        level = next((known for known in LEVELS if known == name), None)


def _bubbles(path: Path, block: list[tuple[int, str]]) -> Iterator[Bubble]:
    lines: list[tuple[int, str]] = []
    for number, line in [*block, (0, "")]:
        if line.strip():
            lines.append((number, line))
        elif lines:
            yield _bubble(path, lines)
            lines = []


def _bubble(path: Path, lines: list[tuple[int, str]]) -> Bubble:
    number, last = lines[-1]
    found = _ATTRIBUTES.match(last.strip())
    attributes = {}
    for pair in found[1].split() if found else ():
        name, sign, value = pair.partition("=")
        if name not in _MARKS or not sign:
            raise BrokenCard(
                path, number, f'"{pair}" is not understood; write {{: symbol=dna says=fact-one,fact-two }}'
            )
        attributes[name] = value
    text = [line for _, line in (lines[:-1] if found else lines)]
    if not text:
        raise BrokenCard(path, number, "attributes with no words above them")
    verbatim = all(line.startswith("> ") for line in text)
    words = "\n".join(line.removeprefix("> ") if verbatim else line for line in text)
    says = tuple(filter(None, attributes.get("says", "").split(",")))
    step = next((known for known in get_args(Step) if known == attributes.get("step")), None)
    answers = tuple(filter(None, attributes.get("answers", "").split(",")))
    for name in answers:
        if name not in ANSWERS:
            raise BrokenCard(path, number, f'answers="{name}" is not known; use {", ".join(ANSWERS)}')
    if "step" in attributes and step is None:
        raise BrokenCard(path, number, f'"{attributes["step"]}" is no step; use {", ".join(get_args(Step))}')
    opens = attributes.get("opens")
    rest_stays = _rest_stays(path, number, attributes.get("rest"), words)
    return Bubble(words, attributes.get("symbol"), says, verbatim, lines[0][0], step, opens, answers, rest_stays)


def _rest_stays(path: Path, number: int, rest: str | None, words: str) -> bool:
    if rest not in (None, "stays"):
        raise BrokenCard(path, number, f'rest="{rest}" is not known; use stays')
    if rest and not slots_of(words):
        raise BrokenCard(path, number, "rest=stays needs a {{ local.slot }} in the words above it; take it out")
    return rest is not None
