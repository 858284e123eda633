"""The queue as its page shows it: who waits and how long, who is with whom, and who is here. No words of a child."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.console.console_door import ConsoleDoor
from api.console.plain_labels import LEVELS, Due, due, length, when
from api.records.accounts import Account
from api.records.handovers.advocates import Advocate
from api.records.handovers.new_handover import CallWindow
from api.records.handovers.presence import here_since, who_is_here
from api.records.handovers.queue_order import open_of
from api.records.handovers.queue_overview import not_answered, watched_by
from api.records.handovers.similar_asks import alike
from api.records.handovers.status import Waited, names_of, waited
from api.records.handovers.tables import Handover

PAGE_OPEN = timedelta(seconds=60)
"""How long after a child's page was last heard of it counts as open."""
MOST_FOLDED = 40
"""How many of a group are on the queue's own page: a school, and not a flood. The rest are on the group's."""


@dataclass(frozen=True)
class QueueRow:
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
class SimilarAsks:
    """One who waits, and folded behind them those that are alike: `many` of them, of whom `rest` are on the page.

    `danger` of the many may be in danger. They were asked for between `since` and `until`.
    """

    first: QueueRow
    rest: Sequence[QueueRow] = ()
    many: int = 0
    danger: int = 0
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class Queue:
    """Everything on the page of the queue. `calls` counts the call-backs that are nobody's, by when they are due.

    `waits` is how many wait, in the `waiting` groups and in turn.
    """

    waiting: Sequence[SimilarAsks]
    waits: int
    mine: Sequence[QueueRow]
    others: Sequence[QueueRow]
    calls: Mapping[Due, int]
    here: Sequence[Account]
    here_since: str
    rest: str
    full: bool

    @property
    def bell(self) -> int:
        """How many wait for somebody now, on their page or by the phone."""
        return self.waits + self.calls.get("now", 0) + self.calls.get("overdue", 0)


async def queue_of(session: AsyncSession, console: ConsoleDoor, advocate: Advocate) -> Queue:
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
        for one in held
    }
    waiting = [one for one in found if one.state == "waiting"]
    mine = [rows[one.id] for one in held if one.claimed_by == advocate.id]
    since = await here_since(session, advocate.id, now)
    return Queue(
        waiting=[group(console, alike_ones, now) for alike_ones in alike(waiting)],
        waits=len(waiting),
        mine=mine,
        others=[rows[one.id] for one in held if one.claimed_by != advocate.id],
        calls=Counter(due(safe_time(one), now) for one in found if one.state == "call-back"),
        here=await who_is_here(session, provider.slug, now),
        here_since=when(since, now) if since else "",
        rest=_rest(since, now, provider.break_minutes),
        full=len(mine) >= provider.most_open,
    )


def group(console: ConsoleDoor, ones: Sequence[Handover], now: datetime, most: int = MOST_FOLDED) -> SimilarAsks:
    """A group as it is shown, the first of it open and at most so many folded."""
    asked, rest = [one.asked_at for one in ones], ones[1:]
    return SimilarAsks(
        first=row_of(console, ones[0], now),
        rest=[row_of(console, one, now) for one in rest[:most]],
        many=len(rest),
        danger=sum(one.danger for one in rest),
        since=when(min(asked), now),
        until=when(max(asked), now),
    )


def row_of(
    console: ConsoleDoor,
    handover: Handover,
    now: datetime,
    *,
    who: str = "",
    unanswered: int = 0,
    watched: bool = False,
) -> QueueRow:
    """A handover as a row."""
    return QueueRow(
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
        with_worker=console.handover_context.message_cipher.sent(handover).worker is not None,
    )


def force_name(console: ConsoleDoor, handover: Handover) -> str:
    """The force that a child asked about."""
    force = console.pack_cache.forces.get(handover.force)
    return force.name if force else "No force said"


def page_open(handover: Handover, now: datetime) -> bool:
    """True while the child's page is open."""
    return handover.seen_at is not None and now - handover.seen_at <= PAGE_OPEN


def safe_time(handover: Handover) -> CallWindow:
    """When the next call-back is safe; for one without a time, from the first ask on."""
    starts = handover.due_from or handover.asked_at
    return CallWindow(starts, handover.due_until or starts)


def _rest(since: datetime | None, now: datetime, minutes: int) -> str:
    """The reminder of a break; empty while it is not time for one."""
    if since is None or now - since < timedelta(minutes=minutes):
        return ""
    return f"You have been here for {length(now - since)}. Take a break when you can."
