"""Ranks what could answer a message, by the message and the state of the talk together: a small learned re-ranker.

It adds up few plain facts about each candidate (`SEEN_IN`), each times a weight that whole talks taught
(`python -m tests.talks --teach`). The bot's shares are the strongest of them; the rest says how the candidate stands to
what we are talking about.
"""

import json
import math
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from pathlib import Path

from content.card import Card, Reader
from content.training import ACTS

WEIGHTS = Path(__file__).with_name("weights.json")
_LEAST = 1e-6
# However it stands to the talk, a card of which the bot says less than this from every side is no answer.
_LEAST_EVIDENCE = 0.03
OUT = "out-of-scope"
_JOURNEY = "journey"


@dataclass(frozen=True)
class CardQuestion:
    """What a card asks, as far as ranking needs it."""

    about: str
    asks: str
    near: Container[str]
    readers: Sequence[Reader]


@dataclass(frozen=True)
class MessageSigns:
    """One message as it was heard: the bot's shares of it alone, after the open question, and of its last sentence.

    `words` is how long it is. `readers` are those for whom answers are by all that was told, empty while unknown.
    `subjects` and `leads_to` are the subject that the message names and the card for the person that it names.
    `corrects` is true where it says that the answer before was not what they meant, `tells` where it asks nothing.
    """

    alone: Mapping[str, float]
    after_open: Mapping[str, float]
    parts: Sequence[Mapping[str, float]]
    words: int
    readers: Sequence[Reader] = ()
    subjects: Container[str] = ()
    leads_to: Container[str] = ()
    corrects: bool = False
    tells: bool = False

    @property
    def short(self) -> float:
        """How much this is a fragment, which leans on what went before: near 1 for a word or two, near 0 from ten."""
        return 1 / (1 + math.exp((self.words - 5) / 1.5))


@dataclass(frozen=True)
class Talked:
    """What of the talk weighs: the open card, and those that were shown before it."""

    open: str | None = None
    shown: Container[str] = ()


def asked_by(cards: Mapping[str, Card]) -> Mapping[str, CardQuestion]:
    """What each card asks that the bot can name."""
    return {
        key: CardQuestion(card.about, card.asks, frozenset(card.near), card.readers)
        for key, card in cards.items()
        if card.kind in ("card", "house", "journey")
    }


def _log(share: float) -> float:
    return math.log(max(share, _LEAST)) / 6


SEEN_IN = (
    "alone",
    "after open",
    "mixed",
    "best part",
    "last part",
    "is open",
    "same subject",
    "near open",
    "shown before",
    "is a card",
    "out of scope",
    "no",
    "yes",
    "greet",
    "again",
    "short: is open",
    "short: same subject",
    "short: alone",
    "short: after open",
    "short: is a card",
    "corrects: is open",
    "corrects: shown before",
    "corrects: after open",
    "corrects: is a card",
    "fits the role",
    "against the role",
    "subject named",
    "person named",
    "short: subject named",
    "short: person named",
    "is a journey",
    "journey: asks nothing",
    "journey: nothing open",
    "asks nothing: is open",
    "asks nothing: alone",
)
"""What is seen of each candidate, in the order of the weights."""
_ACTS = ("no", "yes", "greet", "again")


def seen(
    key: str, question: CardQuestion | None, heard: MessageSigns, talked: Talked, opened: CardQuestion | None
) -> list[float]:
    """The facts about one candidate, in the order of SEEN_IN. `question` is None for an act."""
    alone, after = heard.alone.get(key, 0.0), heard.after_open.get(key, 0.0)
    parts = [part.get(key, 0.0) for part in heard.parts] or [alone]
    short = heard.short
    is_open = float(key == talked.open)
    same = float(opened is not None and question is not None and question.about == opened.about)
    card, corrects = float(question is not None), float(heard.corrects)
    before = float(key in talked.shown and not is_open)
    readers = question.readers if question else ()
    fits = any(reader in readers for reader in heard.readers)
    named = float(question is not None and question.about in heard.subjects)
    leads = float(key in heard.leads_to)
    journey = float(question is not None and question.about == _JOURNEY)
    return [
        _log(alone),
        _log(after),
        _log((alone + after) / 2),
        _log(max(parts)),
        _log(parts[-1]),
        is_open,
        same,
        float(opened is not None and key in opened.near),
        before,
        card,
        float(key == OUT),
        *(float(key == act) for act in _ACTS),
        short * is_open,
        short * same,
        short * _log(alone),
        short * _log(after),
        short * card,
        corrects * is_open,
        corrects * before,
        corrects * _log(after),
        corrects * card,
        float(fits),
        float(bool(readers) and bool(heard.readers) and not fits),
        named,
        leads,
        short * named,
        short * leads,
        journey,
        journey * float(heard.tells),
        journey * float(opened is None),
        float(heard.tells) * is_open,
        float(heard.tells) * _log(alone),
    ]


def _evidence(key: str, heard: MessageSigns) -> float:
    """The most that the bot says of a candidate, from any side."""
    return max(said.get(key, 0.0) for said in (heard.alone, heard.after_open, *heard.parts))


class Ranker:
    """The weights, read once. Raises ValueError where they are not those of SEEN_IN."""

    def __init__(self, questions: Mapping[str, CardQuestion], weights: Sequence[float] | None = None) -> None:
        given = dict(zip(SEEN_IN, weights, strict=True)) if weights else None
        kept: dict[str, float] = given or json.loads(WEIGHTS.read_text("utf-8"))
        if tuple(kept) != SEEN_IN:
            raise ValueError(f"{WEIGHTS}: not the weights of what is seen. Run: python -m tests.talks --teach")
        self._weights, self.questions = tuple(kept.values()), questions

    def rank(self, heard: MessageSigns, talked: Talked) -> list[tuple[str, float]]:
        """Every candidate with its share, the likeliest first; shares add up to 1."""
        opened = self.questions.get(talked.open or "")
        scores = {key: self._score(key, heard, talked, opened) for key in self.candidates(heard)}
        if not scores:
            return [(OUT, 1.0)]
        highest = max(scores.values())
        raised = {key: math.exp(score - highest) for key, score in scores.items()}
        total = sum(raised.values())
        return sorted(((key, one / total) for key, one in raised.items()), key=lambda one: -one[1])

    def evident(self, heard: MessageSigns) -> frozenset[str]:
        """The candidates of which the bot itself says enough to answer with them; that we have no answer always is."""
        return frozenset(key for key in self.candidates(heard) if _evidence(key, heard) >= _LEAST_EVIDENCE) | {OUT}

    def is_journey(self, key: str) -> bool:
        """Whether a candidate is a journey, which answers a story."""
        return key in self.questions and self.questions[key].about == _JOURNEY

    def readers(self, key: str) -> Sequence[Reader]:
        """Whom a card is for; nobody in particular for an act."""
        question = self.questions.get(key)
        return question.readers if question else ()

    def candidates(self, heard: MessageSigns) -> Iterator[str]:
        """What can answer: the cards and acts that the bot named. Danger is not chosen, and nothing else is a name."""
        return (key for key in heard.alone if key in self.questions or key in ACTS)

    def _score(self, key: str, heard: MessageSigns, talked: Talked, opened: CardQuestion | None) -> float:
        facts = seen(key, self.questions.get(key), heard, talked, opened)
        return sum(map(mul, self._weights, facts), 0.0)
