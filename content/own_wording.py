"""Reads a layer's own wording of a national card from the text of a file, which anybody may have written."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from content.card import LEVELS, BrokenCard, Card
from content.card_file import parse_card
from content.card_text import card_text
from content.journey_rules import opened

_SLOT = re.compile(r"\{\{ ?(?:local|help)\.[a-z_0-9]+ ?\}\}|\]\{everyday\}")
# Some of these turn words round or hide them, so that a reader and a rule do not see the same.
_NO_LETTERS = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
LONGEST = 600
"""The most letters that one idea, question, source or fact may have. The longest of the national ones has half."""
MOST_IDEAS = 14
"""The most ideas of one level; the editor's form has room for them and a few more."""
_MOST_BESIDE = 60
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def own_wording(national: Card, text: str) -> Card:
    """A layer's own wording of a card, from the text of a file.

    What the question is about, its sources, near cards, questions to ask and review date stay those of the national
    card; the words at each level and the reasons for keeping them are the layer's. Must-say facts may be added, never
    dropped. A film stays only while the words are the national ones: it says those, and nobody filmed these.

    Raises BrokenCard for a text that cannot be used, naming what to mend.
    """
    own = parse_card(text, Path(f"{national.key}.md"))
    kept = {fact.id: fact for fact in own.must_say}
    for fact in national.must_say:
        if kept.get(fact.id) != fact:
            raise BrokenCard(own.path, 1, f'the must-say fact "{fact.id}" of the national card is gone or changed')
    if {fact.id: fact for fact in national.keep}.items() - {fact.id: fact for fact in own.keep}.items():
        raise BrokenCard(own.path, 1, "a safety line under keep: of the national card is gone or changed; put it back")
    if any(opened(own.version(level)) != opened(national.version(level)) for level in LEVELS):
        raise BrokenCard(own.path, 1, "the steps, or the cards that they open, are not those of the national card")
    return replace(
        national,
        levels=own.levels,
        reasons=own.reasons,
        must_say=own.must_say,
        keep=own.keep,
        sources={**own.sources, **national.sources},
        path=own.path,
        videos=national.videos if _said(own) == _said(national) else (),
    )


def _said(card: Card) -> list[tuple[str, ...]]:
    return [(version.question, *(bubble.text for bubble in version.bubbles)) for version in card.levels.values()]


def read_wording(national: Card, text: str) -> Card:
    """A layer's own wording of a card, from the text of a file; its bubbles have the line numbers of that file.

    Stricter than `own_wording`, since anybody may have written the file. Raises BrokenCard with what to mend.
    """
    try:
        _refuse_anchors(text)
        own = own_wording(national, text)
        _refuse_odd_types(own)
        _refuse_too_much(own)
        _refuse_programs(own)
        card_text(own)
    except BrokenCard:
        raise
    except (ValueError, RecursionError) as error:
        raise BrokenCard(national.path, 1, f"this cannot be read: {error}") from error
    return own


def _refuse_anchors(text: str) -> None:
    """A few lines of references to references can stand for gigabytes."""
    try:
        front = text.split("\n---", 1)[0]
        if any(isinstance(token, yaml.AnchorToken | yaml.AliasToken) for token in yaml.scan(front, _LOADER)):
            raise ValueError("write every value out in full, without the marks & and * for references")
    except yaml.YAMLError:
        # Whoever reads the card says where.
        return


def _refuse_odd_types(card: Card) -> None:
    if not all(isinstance(value, str) for value in _words_of(card)):
        raise ValueError("a value is a number, a date or a list where words are wanted; put it in quotes")
    # YAML can write these with a backslash, and would not give all of them back.
    if any(unicodedata.category(letter) in _NO_LETTERS for value in _words_of(card) for letter in str(value)):
        raise ValueError("a value holds line breaks or marks that are no letters; write it on one line")
    for version in card.levels.values():
        for bubble in version.bubbles:
            if any(unicodedata.category(letter) in _NO_LETTERS for letter in bubble.text.replace("\n", "")):
                raise BrokenCard(card.path, bubble.line, "this idea holds hidden letters; type it afresh")


def _refuse_too_much(card: Card) -> None:
    """No child reads so much, and to read the rules over it, or compare it with other words, would take minutes."""
    ideas = [version.bubbles for version in card.levels.values()]
    if any(len(bubbles) > MOST_IDEAS for bubbles in ideas):
        raise ValueError(f"a level has more than {MOST_IDEAS} ideas; move some to another card")
    if len(card.said_at_every_level) + len(card.sources) > _MOST_BESIDE:
        raise ValueError(f"there are more than {_MOST_BESIDE} facts and sources together; keep those that matter")
    texts = [*map(str, _words_of(card)), *(bubble.text for bubbles in ideas for bubble in bubbles)]
    if any(len(text) > LONGEST for text in texts):
        raise ValueError(f"an idea, a question, a source or a fact has more than {LONGEST} letters; make it shorter")


def _words_of(card: Card) -> Iterator[object]:
    for version in card.levels.values():
        yield from (version.question, version.label)
    for fact in card.said_at_every_level:
        yield from (fact.id, fact.text, fact.source)
    for source in card.sources.values():
        yield from (source.id, source.title, source.url, source.place)
    yield from card.reasons.values()


def _refuse_programs(card: Card) -> None:
    """Slots are filled by a template engine, and a card is words: nothing in it is to be worked out."""
    for level in LEVELS:
        for bubble in card.version(level).bubbles:
            if re.search(r"\{[{%#]", _SLOT.sub("", bubble.text)):
                raise BrokenCard(card.path, bubble.line, "between {{ and }} only local.<name> or help.<name> may stand")
