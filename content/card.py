"""A Card: one question and its answer at three levels, read from one file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from accessibility.finding import LEVELS, Level
from content.video import Video

Kind = Literal["card", "house", "act", "alarm", "person", "snippet", "journey"]
"""What a card is for. All kinds are vetted, signed and dated alike.

card: an answer about police information. house: what every Pack must be able to say of itself and of help. act: a
short reply of the talk (thanks, place found). alarm: the words when the alarm rings. person: the words around a
handover to a human advocate, such as what a child reads before saying yes. snippet: a sentence that an advocate can
send as it stands. journey: what happens to information in one situation, a bubble for each step.
"""

NO_BUTTON: frozenset[Kind] = frozenset({"act", "person", "snippet", "journey"})
"""Kinds that are shown in a place of their own: no button of the talk opens them, and the bot never learns them."""

Situation = Literal[
    "arrested",
    "stopped",
    "victim",
    "witness",
    "harmed",
    "exploited",
    "missing",
    "worry",
    "school",
    "images",
    "helping",
    "record",
    "rights",
]
"""What a young person is in, by name. "record" and "rights" are asked in every other one."""

HOUSE_KEYS: tuple[str, ...] = (
    "what-is-this",
    "not-sure",
    "talk-to-a-person",
    "bot-away",
    "in-danger",
    "alarm-danger-now",
    "alarm-harm-now",
    "alarm-harm-past",
    "alarm-self-harm",
    "alarm-suicide",
    "alarm-exploited",
    "alarm-someone-else",
)
"""The cards that every Pack must hold, or the force's door stays shut."""


class BrokenCard(ValueError):
    """A card file cannot be used. The message names file, line and what to mend; `problem` is what to mend alone."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path}:{line}: {problem}")
        self.problem = problem


@dataclass(frozen=True)
class Source:
    """Where a fact comes from: a title a lay reader understands, a web address, and the day it was read."""

    id: str
    title: str
    url: str
    checked: date


@dataclass(frozen=True)
class Fact:
    """Something every level must say. `certain` is False where no source settles it: then the card says to ask."""

    id: str
    text: str
    source: str
    certain: bool


Step = Literal["told", "written", "looked", "shared", "decided", "kept", "deleted"]
"""The steps of a journey, in the order they come. A journey may leave some out, and have none twice."""


@dataclass(frozen=True)
class Bubble:
    """One idea of an answer: text with {{ slots }}, its picture, and the ids of the facts it says.

    `verbatim` marks words quoted from the law. `line` is where it starts in the file. In a journey, `step` says which
    step it is, and `opens` names the card that says more.
    """

    text: str
    symbol: str | None
    says: tuple[str, ...]
    verbatim: bool
    line: int
    step: Step | None = None
    opens: str | None = None


@dataclass(frozen=True)
class Version:
    """A card at one level: the question as heading, the short button label, and the bubbles."""

    question: str
    label: str
    bubbles: tuple[Bubble, ...]


@dataclass(frozen=True)
class Card:
    """One question and its answer.

    `about` is the subject (dna, phone ...) and `asks` what is asked of it (how-long, who-sees ...): follow-up
    questions are resolved by them. `review_months` is how long a signature on these words may live. `reasons` says,
    by rule number, why an editor keeps words that a rule advises against. `ask` holds short questions that a young
    person may show to an officer, `videos` the answer in British Sign Language or spoken.
    """

    key: str
    kind: Kind
    about: str
    asks: str
    situations: tuple[str, ...]
    jurisdiction: str
    near: tuple[str, ...]
    sources: Mapping[str, Source]
    must_say: tuple[Fact, ...]
    levels: Mapping[Level, Version]
    examples: tuple[str, ...]
    review_months: int
    reasons: Mapping[int, str]
    path: Path
    ask: tuple[str, ...] = ()
    videos: tuple[Video, ...] = ()

    def version(self, level: Level) -> Version:
        """The card's words at a level."""
        return self.levels[level]

    @property
    def question(self) -> str:
        """The question as adults and editors know it: the standard level's."""
        return self.levels["standard"].question


__all__ = [
    "HOUSE_KEYS",
    "LEVELS",
    "NO_BUTTON",
    "BrokenCard",
    "Bubble",
    "Card",
    "Fact",
    "Kind",
    "Level",
    "Situation",
    "Source",
    "Step",
    "Version",
]
