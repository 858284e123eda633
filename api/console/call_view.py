"""Call-backs as their pages show them: when each is due, a number that is masked until it is opened, the next times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import phonenumbers
from phonenumbers import PhoneNumberFormat
from sqlalchemy.ext.asyncio import AsyncSession

from api.console.console_door import ConsoleDoor
from api.console.plain_labels import LEVELS, TRIED, Due, clock, due, due_words, length, when, window
from api.console.queue_view import MOST_FOLDED, force_name, safe_time
from api.records.handovers.advocates import Advocate
from api.records.handovers.call_backs import attempts_of, call_backs
from api.records.handovers.call_times import call_times
from api.records.handovers.message_cipher import CallBack, Worker
from api.records.handovers.new_handover import CallWindow
from api.records.handovers.queue_overview import tries
from api.records.handovers.similar_asks import crowded
from api.records.handovers.status import names_of
from api.records.handovers.tables import Handover

WHOSE: Mapping[str, str] = MappingProxyType(
    {
        "mine": "The child's own",
        "family": "Their family's",
        "friend": "A friend's",
        "other": "Another person's",
        "worker": "The worker's. The child said that you may call the worker",
    }
)
_UK = "GB"
_SHOWN = 2


@dataclass(frozen=True)
class CallRow:
    """One call-back in the list. `due` is when the child said a call is safe; `who` has it, if somebody does.

    `with_worker` is True where the child asked with a worker.
    """

    ref: str
    due: Due
    words: str
    tried: int
    force: str
    level: str
    danger: bool
    waited: str
    who: str
    mine: bool
    with_worker: bool


@dataclass(frozen=True)
class NextTime:
    """A time to try again: `value` is what the form sends. `same` when it is the time of day that the child chose."""

    value: str
    words: str
    same: bool
    window: CallWindow


@dataclass(frozen=True)
class Call:
    """The page of one call-back. `masked` is all that is seen of the number before it is opened; "" when it is lost.

    `to_worker` is True where it is the number of the worker who asked with the child, as the child wants it.
    """

    row: CallRow
    masked: str
    ends_with: str
    attempts: Sequence[tuple[str, str]]
    times: Sequence[NextTime]
    to_worker: bool


@dataclass(frozen=True)
class CallRows:
    """The list of call-backs, the first to be due first, and folded below it those that crowd it from one place.

    `many` is how many these are, of whom `crowd` are on the page, and `danger` of the many may be in danger.
    """

    listed: Sequence[CallRow]
    crowd: Sequence[CallRow]
    many: int
    danger: int


async def rows_of(session: AsyncSession, console: ConsoleDoor, advocate: Advocate) -> CallRows:
    """Every open call-back of the advocate's provider."""
    listed, crowd = crowded(await call_backs(session, advocate.provider.id))
    shown = [*listed, *crowd[:MOST_FOLDED]]
    tried, called = await tries(session, shown), await names_of(session, (one.claimed_by for one in shown))
    rows = [
        _row(console, advocate, one, tried.get(one.id, 0), called.get(one.claimed_by or 0, ""), console.now())
        for one in shown
    ]
    danger = sum(one.danger for one in crowd)
    return CallRows(rows[: len(listed)], rows[len(listed) :], len(crowd), danger)


async def call_of(session: AsyncSession, console: ConsoleDoor, advocate: Advocate, handover: Handover) -> Call:
    """The page of a call-back that this advocate has claimed."""
    now, tried = console.now(), await attempts_of(session, handover)
    call = console.handover_context.message_cipher.sent(handover).call
    number = as_dialled(call.number) if call else ""
    return Call(
        row=_row(console, advocate, handover, len(tried), advocate.name, now),
        masked=masked(number),
        ends_with=number[-_SHOWN:],
        attempts=[(when(one.at, now), TRIED.get(one.outcome, one.outcome)) for one in tried],
        times=next_times(advocate, handover, now),
        to_worker=call is not None and call.whose == "worker",
    )


def next_times(advocate: Advocate, handover: Handover, now: datetime) -> list[NextTime]:
    """The times at which the provider can call next, those at the child's own time of day said to be so."""
    chosen = handover.due_from
    return [
        NextTime(f"{one.ends:%Y%m%dT%H%MZ}", window(one, now), _same(one, chosen), one)
        for one in call_times(advocate.provider.opening_hours, now)
    ]


def masked(number: str) -> str:
    """A number as it is dialled, with the two digits at each end and the spaces: 07••• ••••12."""
    digits = [at for at, sign in enumerate(number) if sign.isdigit()]
    hidden = set(digits[_SHOWN:-_SHOWN])
    return "".join("•" if at in hidden else sign for at, sign in enumerate(number))


def as_dialled(number: str) -> str:
    """A number that is kept as E.164, as somebody in the UK dials it; as it is kept where that cannot be told."""
    try:
        parsed = phonenumbers.parse(number, _UK)
    except phonenumbers.NumberParseException:
        return number
    home = parsed.country_code == phonenumbers.country_code_for_region(_UK)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL)


def reach_of(worker: Worker | None) -> str:
    """How to reach a worker who asked with a child, as somebody in the UK writes it down; "" where nothing is kept."""
    if worker is None:
        return ""
    return as_dialled(worker.phone) if worker.phone else worker.reach


def opened(call: CallBack) -> Mapping[str, str]:
    """How to call, in the words of the page."""
    return {
        "number": as_dialled(call.number),
        "dial": call.number,
        "whose": WHOSE.get(call.whose, call.whose),
        "say": call.say,
        "code_word": call.code_word,
    }


def _same(one: CallWindow, chosen: datetime | None) -> bool:
    return chosen is not None and clock(one.starts) == clock(chosen)


def _row(console: ConsoleDoor, advocate: Advocate, handover: Handover, tried: int, who: str, now: datetime) -> CallRow:
    safe = safe_time(handover)
    return CallRow(
        ref=handover.ref,
        due=due(safe, now),
        words=due_words(safe, now),
        tried=tried,
        force=force_name(console, handover),
        level=LEVELS.get(handover.level, handover.level),
        danger=handover.danger,
        waited=length(now - handover.asked_at),
        who=who if handover.claimed_by else "",
        mine=handover.claimed_by == advocate.id,
        with_worker=console.handover_context.message_cipher.sent(handover).worker is not None,
    )
