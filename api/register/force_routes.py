"""One force on the register: every card of it, what it has not told us, how it moved, and the history of each card."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError

from accessibility.rule_finding import Level
from api.records.ledger_history import Step
from api.records.unanswered_counts import FEWEST, month_of
from api.register.board_routes import LEVELS, WORDS
from api.register.coverage_picture import samples
from api.register.monthly_scores import line
from api.register.register_door import AWAY, OnRegister
from api.web.errors import Problem
from api.web.page_routes import page_routes
from api.web.pages import OnPages
from api.web.security_headers import anyone
from content.difference import Pair, beside_the_words, side_by_side
from content.signoff import NATIONAL, SignOff
from content.slots import GROUPS

routes = page_routes(anyone, prefix="/register")
_ACROSS, _DOWN = 440, 100


@dataclass(frozen=True)
class HistoryStep:
    """A step in the history of a card, and for a signature what it changed: bubble by bubble, before and after.

    `before` is the signature that it is compared with; None for the first words, which stand alone. `also` names what
    changed at this level beside the words of the answer.
    """

    step: Step
    before: SignOff | None
    pairs: tuple[Pair, ...]
    also: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """True when no word at this level changed."""
        return not any(run.differs for pair in self.pairs for runs in pair for run in runs)


@routes.get("/{force}")
async def of_force(request: Request, register: OnRegister, pages: OnPages, force: str) -> Response:
    """Every card of one force: whose words, who signed them, and until when; and all that is missing."""
    row = await register.row(force)
    series = await register.months(row)
    return pages.page(
        request,
        "register/register.html",
        row=row,
        marks=WORDS,
        sample=samples(),
        slots=register.slots,
        groups=GROUPS,
        not_told=register.not_told(row),
        months=series,
        month_of=month_of,
        unanswered=await register.tally.told(force),
        fewest=FEWEST,
        points=line(series or (), _ACROSS, _DOWN),
        across=_ACROSS,
        down=_DOWN,
    )


@routes.get("/{force}/{card}")
async def of_card(
    request: Request, register: OnRegister, pages: OnPages, force: str, card: str, level: Level = "standard"
) -> Response:
    """Everything that happened to one card in one force, newest first, with the words that each signature changed."""
    row = await register.row(force)
    shown = next((line for line in row.lines if line.card == card), None)
    if shown is None:
        raise Problem(404, "There is no such question here.")
    try:
        steps = await register.history.of_card(card, (force, NATIONAL))
    except (SQLAlchemyError, OSError) as error:
        raise Problem(503, AWAY) from error
    return pages.page(
        request,
        "register/card_history.html",
        row=row,
        line=shown,
        marks=WORDS,
        sample=samples(),
        steps=list(_told(steps, level)),
        level=level,
        levels=LEVELS,
        national=NATIONAL,
    )


def _told(steps: Sequence[Step], level: Level) -> Iterator[HistoryStep]:
    for place, step in enumerate(steps):
        before = _before(step.signed, steps[place + 1 :]) if step.signed else None
        pairs = side_by_side(before.words, step.signed.words, level) if step.signed and before else ()
        also = beside_the_words(before.words, step.signed.words, level) if step.signed and before else ()
        yield HistoryStep(step, before, tuple(pairs), tuple(also))


def _before(signed: SignOff, older: Sequence[Step]) -> SignOff | None:
    """What a signature is compared with: the one before it in its layer, else the national words of that time."""
    language = signed.words.language
    found = [step.signed for step in older if step.signed and step.signed.words.language == language]
    return next((past for layer in (signed.layer, NATIONAL) for past in found if past.layer == layer), None)
