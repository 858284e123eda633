"""The queue as its page shows it: who waits and how long, who is with whom, and who is here. No words of a child."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.console.in_words import LEVELS, Due, due, length, when
from api.console.room import Console
from api.records.accounts import Account
from api.records.handovers.advocates import Advocate
from api.records.handovers.asking import Window
from api.records.handovers.finding import open_of
from api.records.handovers.overview import not_answered, watched_by
from api.records.handovers.presence import here_since, who_is_here
from api.records.handovers.standing import names_of
from api.records.handovers.states import Waited, waited
from api.records.handovers.tables import Handover

PAGE_OPEN = timedelta(seconds=60)
"""How long after a child's page was last heard of it counts as open."""


@dataclass(frozen=True)
class Row:
    """One handover in a list, times in words. It was asked for at `asked`; `pace` is how bad it is to have `waited`.

    `who` has it, since `since`. `calling` is True for a call-back; `unanswered` counts what the child wrote since an
    advocate last did. `with_worker` is True where the child asked with a worker.
    """

    ref: str
    force: str
    level: str
    danger: bool
    page_open: bool
    asked: str
    waited: str
    pace: Waited
    calling: bool
    who: str = ""
    since: str = ""
    unanswered: int = 0
    watched: bool = False
    with_worker: bool = False


@dataclass(frozen=True)
class Queue:
    """Everything on the page of the queue. `calls` counts the call-backs that are nobody's, by when they are due."""

    waiting: Sequence[Row]
    mine: Sequence[Row]
    others: Sequence[Row]
    calls: Mapping[Due, int]
    here: Sequence[Account]
    here_since: str
    rest: str
    full: bool

    @property
    def bell(self) -> int:
        """How many wait for somebody now, on their page or by the phone."""
        return len(self.waiting) + self.calls.get("now", 0) + self.calls.get("overdue", 0)


async def queue_of(session: AsyncSession, console: Console, advocate: Advocate) -> Queue:
    """The queue of an advocate's provider now, as this advocate sees it."""
    provider, now = advocate.provider, console.now()
    found = await open_of(session, provider.id)
    held = [one for one in found if one.claimed_by is not None]
    called = await names_of(session, (one.claimed_by for one in held))
    watched = await watched_by(session, advocate.id)
    unanswered = await not_answered(session, held)
    rows = {
        one.id: row_of(
            console,
            one,
            now,
            who=called.get(one.claimed_by or 0, ""),
            unanswered=unanswered.get(one.id, 0),
            watched=one.id in watched,
        )
        for one in found
    }
    mine = [rows[one.id] for one in held if one.claimed_by == advocate.id]
    since = await here_since(session, advocate.id, now)
    return Queue(
        waiting=[rows[one.id] for one in found if one.state == "waiting"],
        mine=mine,
        others=[rows[one.id] for one in held if one.claimed_by != advocate.id],
        calls=Counter(due(safe_time(one), now) for one in found if one.state == "call-back"),
        here=await who_is_here(session, provider.slug, now),
        here_since=when(since, now) if since else "",
        rest=_rest(since, now, provider.break_minutes),
        full=len(mine) >= provider.most_open,
    )


def row_of(
    console: Console, handover: Handover, now: datetime, *, who: str = "", unanswered: int = 0, watched: bool = False
) -> Row:
    """A handover as a row."""
    return Row(
        ref=handover.ref,
        force=force_name(console, handover),
        level=LEVELS.get(handover.level, handover.level),
        danger=handover.danger,
        page_open=page_open(handover, now),
        asked=when(handover.asked_at, now),
        waited=length(now - handover.asked_at),
        pace=waited(handover.asked_at, now),
        calling=handover.wants == "call-back",
        who=who,
        since=when(handover.claimed_at, now) if handover.claimed_at else "",
        unanswered=unanswered,
        watched=watched,
        with_worker=console.talks.safe.sent(handover).worker is not None,
    )


def force_name(console: Console, handover: Handover) -> str:
    """The force that a child asked about."""
    force = console.shelf.forces.get(handover.force)
    return force.name if force else "No force said"


def page_open(handover: Handover, now: datetime) -> bool:
    """True while the child's page is open."""
    return handover.seen_at is not None and now - handover.seen_at <= PAGE_OPEN


def safe_time(handover: Handover) -> Window:
    """When the next call-back is safe; for one without a time, from the first ask on."""
    starts = handover.due_from or handover.asked_at
    return Window(starts, handover.due_until or starts)


def _rest(since: datetime | None, now: datetime, minutes: int) -> str:
    """The reminder of a break; empty while it is not time for one."""
    if since is None or now - since < timedelta(minutes=minutes):
        return ""
    return f"You have been here for {length(now - since)}. Take a break when you can."
