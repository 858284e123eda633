"""A Card: one question and its answer at three levels, read from one file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from accessibility.rule_finding import LEVELS, Level
from content.card_letter import CardLetter
from content.video import Video

Kind = Literal["card", "house", "act", "alarm", "person", "snippet", "journey"]
"""What a card is for. All kinds are vetted, signed and dated alike.

card: an answer about police information. house: what every Pack must be able to say of itself and of help. act: a
short reply of the talk (thanks, place found). alarm: the words when the alarm rings. person: the words around a
handover to a human advocate, such as what a child reads before saying yes. snippet: a sentence that an advocate can
send as it stands. journey: what happens to information in one situation, a bubble for each step.
"""

NO_BUTTON: frozenset[Kind] = frozenset({"act", "person", "snippet", "journey"})
"""Kinds that are shown in a place of their own: no button of the talk opens them. The bot learns only journeys."""

STAYS: frozenset[Kind] = frozenset({"alarm", "house", "act", "person"})
"""Kinds that are shown past their review date, because no help is worse than help that is a week old.

They say where help is, hold the talk together, and stand around asking for a person. What tells of the law or of the
police does not stay: a card, a journey, a sentence of an advocate's.
"""
_FEELING = "feeling-"

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
    "alarm-hurt-others",
    "alarm-exploited",
    "alarm-own-behaviour",
    "alarm-someone-else",
)
"""The cards that every Pack should hold: without one the force's door stays shut, but for those of the alarm, in whose
place stands help that is built in."""


def is_help(key: str) -> bool:
    """Whether this is a card of the house, the alarm or a feeling, as its name says."""
    return key in HOUSE_KEYS or key.startswith(("alarm-", _FEELING))


def stays(key: str, kind: Kind) -> bool:
    """Whether this card is shown past its review date. The one place where that is decided."""
    return kind in STAYS or key.startswith(_FEELING)


class BrokenCard(ValueError):
    """A card file cannot be used. The message names file, line and what to mend; `problem` is what to mend alone."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path}:{line}: {problem}")
        self.problem = problem


SourceRead = Literal["live", "copy"]
"""What was read of a source: the live page, or a copy of it."""


@dataclass(frozen=True)
class Source:
    """Where a fact comes from: a title a lay reader understands, a web address, and the day it was read.

    `place` is the section or paragraph that says it, "" for the whole page. `read` is whether the live page was read or
    a copy of it, None where nobody wrote it down, and `copy_date` the day on which the copy was made.
    """

    id: str
    title: str
    url: str
    checked: date
    place: str = ""
    read: SourceRead | None = None
    copy_date: date | None = None


@dataclass(frozen=True)
class Fact:
    """Something every level must say. `certain` is False where no source settles it: then the card says to ask.

    A line that keeps a child safe ("If you are afraid of a parent, tell the police") needs no source: `source` is "".
    """

    id: str
    text: str
    source: str
    certain: bool


Reader = Literal["suspect", "victim", "witness", "worried", "worker"]
"""Whom an answer is for. A card that names nobody is for everybody."""

ANSWERS: Mapping[str, str] = {
    "can-i": "what you can do or have",
    "must-i": "whether you have to",
    "can-they": "what the police or others can, must and must not do",
    "who-sees": "who sees it, and who is told",
    "who-decides": "who decides",
    "what": "what it is, and what is written, kept or shared",
    "how-long": "how long it lasts or is kept",
    "when": "when it happens, and how long you wait",
    "why": "why it is done",
    "if-no": "what happens if you say no, or say nothing",
    "if-wrong": "what you can do if it is wrong, or if they say no",
    "ask": "how to ask: whom, and what to say",
    "help": "who can help, and how to stay safe",
}
"""What one bubble answers, by the name that stands in a card's file (`answers=how-long`)."""

Step = Literal["told", "written", "looked", "shared", "decided", "kept", "deleted"]
"""The steps of a journey, in the order they come. A journey may leave some out, and have none twice."""


@dataclass(frozen=True)
class Bubble:
    """One idea of an answer: text with {{ slots }}, its picture, and the ids of the facts it says.

    `verbatim` marks words quoted from the law. `line` is where it starts in the file. In a journey, `step` says which
    step it is, and `opens` names the card that says more. `answers` are names of ANSWERS: what a child may have asked.
    While a slot for a local fact is empty, its honest sentence stands for the whole bubble; with `rest_stays`, only for
    the sentence that holds the slot.
    """

    text: str
    symbol: str | None
    says: tuple[str, ...]
    verbatim: bool
    line: int
    step: Step | None = None
    opens: str | None = None
    answers: tuple[str, ...] = ()
    rest_stays: bool = False


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
    person may show to an officer, `videos` the answer in British Sign Language or spoken. `keep` are lines that keep a
    child safe, said at every level. `touches` names cards that bear on the same point and must say the same. `readers`
    are those whom the answer is for. `read_by` are people who read the words aloud, `law_read_by` lawyers. `letter` is
    what a young person may write to an office about it.
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
    keep: tuple[Fact, ...] = ()
    touches: tuple[str, ...] = ()
    readers: tuple[Reader, ...] = ()
    read_by: tuple[str, ...] = ()
    law_read_by: tuple[str, ...] = ()
    letter: CardLetter | None = None

    def version(self, level: Level) -> Version:
        """The card's words at a level."""
        return self.levels[level]

    @property
    def said_at_every_level(self) -> tuple[Fact, ...]:
        """The must-say facts, then the lines that keep a child safe."""
        return (*self.must_say, *self.keep)

    @property
    def question(self) -> str:
        """The question as adults and editors know it: the standard level's."""
        return self.levels["standard"].question


__all__ = [
    "ANSWERS",
    "HOUSE_KEYS",
    "LEVELS",
    "NO_BUTTON",
    "STAYS",
    "BrokenCard",
    "Bubble",
    "Card",
    "Fact",
    "Kind",
    "Level",
    "Reader",
    "Situation",
    "Source",
    "SourceRead",
    "Step",
    "Version",
    "is_help",
    "stays",
]
