"""A card's words as an editor changes them: level by level and idea by idea, and back into the text of a file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from unicodedata import category

from accessibility.rule_finding import LEVELS, Level
from content.card import BrokenCard, Bubble, Card, Step, Version
from content.card_text import card_text
from content.own_wording import read_wording
from content.slots import slots_of

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
SPARE = 2
"""How many empty ideas stand at the end of each level, to be filled."""


@dataclass(frozen=True)
class Idea:
    """One idea as an editor types it. An idea without words is left out. `place` orders the ideas of a level.

    `step` and `opens` are those of a journey; an editor changes the words of a step, never which step it is. `answers`
    are those of the bubble that it was. `rest_stays` counts only while the words have a slot for a local fact.
    """

    text: str
    symbol: str = ""
    says: tuple[str, ...] = ()
    verbatim: bool = False
    place: float = 0
    step: Step | None = None
    opens: str | None = None
    answers: tuple[str, ...] = ()
    rest_stays: bool = False


@dataclass(frozen=True)
class LevelText:
    """One level as an editor types it."""

    question: str
    label: str
    ideas: tuple[Idea, ...]


Typed = Mapping[Level, LevelText]


def typed(card: Card) -> Typed:
    """A card's words, to be changed by an editor."""
    return {level: _level(card.version(level)) for level in LEVELS}


def with_spare(text: LevelText) -> tuple[Idea, ...]:
    """The ideas of a level in their places, and empty ones to add to; a journey has its steps and no more."""
    filled = [idea for idea in text.ideas if idea.text.strip()]
    if any(idea.step for idea in filled):
        return tuple(filled)
    return (*filled, *(Idea("", place=len(filled) + number + 1) for number in range(SPARE)))


def written(national: Card, now: Card, texts: Typed, reasons: Mapping[int, str]) -> str:
    """The file of a layer's own wording, from what an editor typed; `reasons` say, by rule, why advice is set aside.

    Raises BrokenCard where it cannot be used: a level without words, or words that a file cannot hold.
    """
    for level, text in texts.items():
        if not any(idea.text.strip() for idea in text.ideas):
            raise BrokenCard(national.path, 1, f"the {level} level has no words; every level needs at least one idea")
    changed = replace(
        now,
        levels={level: _version(text) for level, text in texts.items()},
        examples=national.examples,
        reasons=dict(reasons),
    )
    try:
        file = card_text(changed)
    except ValueError as error:
        raise BrokenCard(national.path, 1, str(error)) from error
    read_wording(national, file)
    return file


def plain_lines(text: str) -> str:
    """What a browser sent, with one kind of line end and no space around it."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n"))


def visible(text: str) -> str:
    """What was typed without letters that nobody sees: some turn the words after them round, one breaks a database."""
    kept = (letter for letter in plain_lines(text) if letter == "\n" or category(letter) not in _HIDDEN)
    return "".join(kept)


def _level(version: Version) -> LevelText:
    ideas = tuple(
        Idea(bubble.text, bubble.symbol or "", bubble.says, bubble.verbatim, number, *_beside(bubble))
        for number, bubble in enumerate(version.bubbles, 1)
    )
    return LevelText(version.question, version.label, ideas)


def _beside(one: Bubble | Idea) -> tuple[Step | None, str | None, tuple[str, ...], bool]:
    # A file that says so of words without a slot is refused, and whoever took the slot out means no such thing.
    return one.step, one.opens, one.answers, one.rest_stays and bool(slots_of(one.text))


def _version(text: LevelText) -> Version:
    kept = sorted((idea for idea in text.ideas if idea.text.strip()), key=lambda idea: idea.place)
    bubbles = tuple(
        Bubble(plain_lines(idea.text), idea.symbol or None, idea.says, idea.verbatim, 0, *_beside(idea))
        for idea in kept
    )
    return Version(" ".join(text.question.split()), " ".join(text.label.split()), bubbles)
