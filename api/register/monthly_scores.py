"""Score by month: how much a force's own people had signed at the end of each month, from the ledger alone."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from api.records.ledger_history import LedgerHistory, Signature
from content.signoff import NATIONAL

MONTHS = 12
_FULL = 100


@dataclass(frozen=True)
class MonthScore:
    """How a force stood on the last day of a month, or today in the month that is not over: `own` of `cards` answers.

    `own` are those that its own people had signed, in date, and not taken off; `cards` those that anybody had signed.
    """

    until: date
    own: int
    cards: int

    @property
    def score(self) -> int | None:
        """Own words of 100 answers, rounded down; None while nobody anywhere had signed an answer."""
        return _FULL * self.own // self.cards if self.cards else None


def months(past: LedgerHistory, force: str, layers: Collection[str], today: date) -> list[MonthScore]:
    """The last 12 month ends of a force, oldest first; the last one is today. `layers` are the forces there are."""
    counted = [signed for signed in past.signatures if signed.layer == NATIONAL or signed.layer in layers]
    first: dict[str, date] = {}
    for signed in counted:
        first[signed.card] = min(signed.signed_on, first.get(signed.card, signed.signed_on))
    own = [signed for signed in counted if signed.layer == force]
    return [
        MonthScore(
            until,
            sum(_live(past, until, signed) for signed in _newest(own, until)),
            sum(day <= until for day in first.values()),
        )
        for until in month_ends(today)
    ]


def month_ends(today: date, count: int = MONTHS) -> list[date]:
    """Today and the last day of each month before, oldest first."""
    found = [today]
    while len(found) < count:
        found.append(found[-1].replace(day=1) - timedelta(days=1))
    return found[::-1]


def _newest(own: Sequence[Signature], until: date) -> Iterator[Signature]:
    """The signature of each card that counted at the end of a day."""
    newest = {signed.card: signed for signed in own if signed.signed_on <= until}
    yield from newest.values()


def _live(past: LedgerHistory, day: date, signed: Signature) -> bool:
    withdrawn = any(
        (off.what.layer, off.what.card) == (signed.layer, signed.card)
        and off.what.on <= day
        and off.after_row >= signed.row
        for off in past.taken_off
    )
    return signed.review_by >= day and not withdrawn


def line(series: Sequence[MonthScore], across: float, down: float) -> str:
    """The scores as the points of an SVG line, from the first month that has one, in a box of a width and a height."""
    step = across / max(len(series) - 1, 1)
    scores = ((place, month.score) for place, month in enumerate(series))
    return " ".join(
        f"{round(step * place, 1):g},{round(down * (1 - score / _FULL), 1):g}"
        for place, score in scores
        if score is not None
    )
