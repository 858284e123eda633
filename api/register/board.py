"""The lottery board: how each force stands, card by card, from nothing but what is signed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from api.records.shelf import Shelf
from content.force import Force
from content.signoff import NATIONAL, SignOff

State = Literal["own", "national", "overdue", "missing"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True)
class Line:
    """One card in one force: whose words a child is shown, if any. `signed` is None where nobody has signed."""

    card: str
    question: str
    state: State
    signed: SignOff | None


@dataclass(frozen=True)
class Standing:
    """How one force stands: every card about police information, in the order of the board."""

    force: Force
    lines: tuple[Line, ...]

    @property
    def joined(self) -> bool:
        """True when the force's own people have signed words that are in date."""
        return any(line.state == "own" for line in self.lines)

    @property
    def lapsed(self) -> bool:
        """True when the force's own people have signed before, and nothing of it is in date any more."""
        return not self.joined and any(line.signed and line.signed.layer == self.force.slug for line in self.lines)

    @property
    def counts(self) -> Mapping[State, int]:
        """How many cards stand how."""
        return Counter(line.state for line in self.lines)

    @property
    def gaps(self) -> tuple[Line, ...]:
        """The cards that the force's own people have not signed, or whose signature is past its date."""
        return tuple(line for line in self.lines if line.state != "own")

    @property
    def score(self) -> int:
        """Of 100 cards, how many the force's own people have signed, in date; rounded down."""
        return 100 * self.counts["own"] // len(self.lines) if self.lines else 0


def standings(shelf: Shelf) -> Iterator[Standing]:
    """Every force in whose area we explain the law, by name. The cards are those that some layer has ever signed."""
    cards = questions(shelf)
    for force in sorted(shelf.forces.values(), key=lambda force: force.name):
        if force.kind != "hand-over":
            yield Standing(force, tuple(_lines(shelf, force.slug, cards)))


def standing(shelf: Shelf, force: str) -> Standing | None:
    """How one force stands; None for one that is unknown or outside the law of England and Wales."""
    known = shelf.forces.get(force)
    if known is None or known.kind == "hand-over":
        return None
    return Standing(known, tuple(_lines(shelf, force, questions(shelf))))


def state_of(signed: SignOff | None, today: date) -> State:
    """How a card stands on a day, from the newest signature a force's children would be shown."""
    if signed is None:
        return "missing"
    if not signed.live(today):
        return "overdue"
    return "national" if signed.layer == NATIONAL else "own"


def questions(shelf: Shelf) -> Mapping[str, str]:
    """The question of every card about police information, by key, in the order of the questions."""
    packs = [shelf.pack(slug) for slug in (None, *sorted(shelf.forces))]
    found = {key: _question(signed) for pack in packs for key, signed in pack.signed().items() if _is_answer(signed)}
    return dict(sorted(found.items(), key=lambda pair: pair[1].casefold()))


def _lines(shelf: Shelf, force: str, cards: Mapping[str, str]) -> Iterator[Line]:
    signed, today = shelf.pack(force).signed(), shelf.today()
    for key, question in cards.items():
        newest = signed.get(key)
        shown = _question(newest) if newest else question
        yield Line(key, shown, state_of(newest, today), newest)


def _question(signed: SignOff) -> str:
    return signed.words.levels["standard"].question


def _is_answer(signed: SignOff) -> bool:
    return signed.words.kind == "card"
