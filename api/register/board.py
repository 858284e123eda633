"""The lottery board: how each force stands, card by card and fact by fact, from nothing but what is signed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from api.records.pack_cache import PackCache
from content.force import Force
from content.pack import Pack
from content.signoff import NATIONAL, SignOff, Withdrawn

State = Literal["own", "national", "overdue", "withdrawn", "missing"]
STATES: tuple[State, ...] = get_args(State)
_LAPSED: Mapping[State, str] = {"overdue": "past its date", "withdrawn": "withdrawn"}
Told = Mapping[str, frozenset[str]]
"""The slots that each force has told us."""


@dataclass(frozen=True)
class CardCoverage:
    """One card in one force: whose words a child is shown, if any. `signed` is None where nobody has signed.

    `withdrawn` says why it is not shown, where somebody took it off since it was signed.
    """

    card: str
    question: str
    state: State
    signed: SignOff | None
    withdrawn: Withdrawn | None


@dataclass(frozen=True)
class ForceCoverage:
    """How one force stands: every card about police information, in the order of the board.

    `told` are the slots for local facts that it has told us; None while that cannot be known.
    """

    force: Force
    lines: tuple[CardCoverage, ...]
    told: frozenset[str] | None = None

    @property
    def joined(self) -> bool:
        """True when the force's own people have signed words that are in date."""
        return any(line.state == "own" for line in self.lines)

    @property
    def lapsed(self) -> bool:
        """True when the force's own people have signed before, and nothing of it is shown any more."""
        return not self.joined and any(line.signed and line.signed.layer == self.force.slug for line in self.lines)

    @property
    def why_lapsed(self) -> str:
        """What became of the words that a lapsed force had signed, in words for the board."""
        own = {line.state for line in self.lines if line.signed and line.signed.layer == self.force.slug}
        return " or ".join(word for state, word in _LAPSED.items() if state in own)

    @property
    def counts(self) -> Mapping[State, int]:
        """How many cards stand how."""
        return Counter(line.state for line in self.lines)

    @property
    def gaps(self) -> tuple[CardCoverage, ...]:
        """The cards that the force's own people have not signed, have taken off, or that are past their date."""
        return tuple(line for line in self.lines if line.state != "own")

    @property
    def score(self) -> int:
        """Of 100 cards, how many the force's own people have signed, in date; rounded down."""
        return 100 * self.counts["own"] // len(self.lines) if self.lines else 0


def standings(pack_cache: PackCache, told: Told | None = None) -> Iterator[ForceCoverage]:
    """Every force in whose area we explain the law, by name. The cards are those that some layer has ever signed."""
    cards = questions(pack_cache)
    for force in sorted(pack_cache.forces.values(), key=lambda force: force.name):
        if explained(force):
            yield _standing(pack_cache, force, cards, told)


def standing(pack_cache: PackCache, force: str, told: Told | None = None) -> ForceCoverage | None:
    """How one force stands; None for one that is unknown or outside the law of England and Wales."""
    known = pack_cache.forces.get(force)
    return _standing(pack_cache, known, questions(pack_cache), told) if known and explained(known) else None


def explained(force: Force) -> bool:
    """True for a force in whose area we explain the law: those on the register."""
    return force.kind != "hand-over"


def state_of(pack: Pack, key: str, today: date) -> State:
    """How a card stands on a day for the children of a Pack."""
    if pack.withdrawn(key):
        return "withdrawn"
    signed = pack.signed().get(key)
    if signed is None:
        return "missing"
    if not signed.live(today):
        return "overdue"
    return "national" if signed.layer == NATIONAL else "own"


def questions(pack_cache: PackCache) -> Mapping[str, str]:
    """The question of every card about police information, by key, in the order of the questions."""
    packs = [pack_cache.pack(slug) for slug in (None, *sorted(pack_cache.forces))]
    found = {key: _question(signed) for pack in packs for key, signed in pack.signed().items() if _is_answer(signed)}
    return dict(sorted(found.items(), key=lambda pair: pair[1].casefold()))


def _standing(pack_cache: PackCache, force: Force, cards: Mapping[str, str], told: Told | None) -> ForceCoverage:
    lines = tuple(_lines(pack_cache.pack(force.slug), cards, pack_cache.today()))
    return ForceCoverage(force, lines, None if told is None else told.get(force.slug, frozenset()))


def _lines(pack: Pack, cards: Mapping[str, str], today: date) -> Iterator[CardCoverage]:
    signed = pack.signed()
    for key, question in cards.items():
        newest = signed.get(key)
        shown = _question(newest) if newest else question
        yield CardCoverage(key, shown, state_of(pack, key, today), newest, pack.withdrawn(key))


def _question(signed: SignOff) -> str:
    return signed.words.levels["standard"].question


def _is_answer(signed: SignOff) -> bool:
    return signed.words.kind == "card"
