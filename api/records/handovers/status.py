"""Where a handover stands: what its child is told of it at one moment, and what is new since their page was opened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.accounts import Account
from api.records.chain_reader import readable
from api.records.handovers.conversation import WORDS, fetch
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import OpenedMessage, opened
from api.records.handovers.presence import open_places
from api.records.handovers.queries import page_is_here
from api.records.handovers.queue_order import place_in_line
from api.records.handovers.tables import Handover, Message, Provider, Watch
from api.records.marked_rows import believed

_HERE_EVERY = timedelta(seconds=30)
STILL_LOOKING = timedelta(minutes=2)
CHOICES = timedelta(minutes=5)
Waited = Literal["looking", "still-looking", "choices"]
"""What the waiting page says."""


@dataclass(frozen=True)
class HandoverStatus:
    """A handover with the names of those who can read it now. `place` is in line; 0 when it stands in none.

    `full` is True for one who waits where more wait than the advocates who are here may take.
    """

    handover: Handover
    provider: Provider
    advocate: str
    watchers: tuple[str, ...]
    place: int
    full: bool = False


@dataclass(frozen=True)
class Snapshot:
    """What a page shows. `before` is how many messages it does not show, as they were said before it was opened.

    `names` are of the people whose lines these are, by their accounts.
    """

    standing: HandoverStatus
    lines: tuple[OpenedMessage, ...]
    names: Mapping[int, str]
    before: int

    @property
    def handover(self) -> Handover:
        """The handover that is looked at."""
        return self.standing.handover


async def standing(session: AsyncSession, handover: Handover, now: datetime) -> HandoverStatus:
    """Where a handover stands now."""
    watching = select(Watch.account_id).where(Watch.handover_id == handover.id, Watch.ended_at.is_(None))
    watchers = list(await session.scalars(watching.order_by(Watch.id)))
    names = await names_of(session, [handover.claimed_by, *watchers])
    provider = await session.get_one(Provider, handover.provider_id)
    place, full = await place_of(session, handover, provider, now)
    return HandoverStatus(
        handover,
        provider,
        names.get(handover.claimed_by or 0, ""),
        tuple(names[watcher] for watcher in watchers if watcher in names),
        place,
        full,
    )


async def place_of(session: AsyncSession, handover: Handover, provider: Provider, now: datetime) -> tuple[int, bool]:
    """The place in line of one who waits, and whether it is beyond the open places; 0 and False for every other."""
    if handover.state != "waiting":
        return 0, False
    place = await place_in_line(session, handover)
    return place, place > await open_places(session, provider, now)


async def names_of(session: AsyncSession, accounts: Iterable[int | None]) -> Mapping[int, str]:
    """What the people of these accounts are called. One that was altered has no name: children read it."""
    wanted = {account for account in accounts if account is not None}
    if not wanted:
        return {}
    found = [account async for _, account in readable(session, Account, sorted(wanted))]
    return {account.id: account.name for account in found if account and believed(session, account)}


async def said_before(session: AsyncSession, handover: Handover, change: int) -> int:
    """How many messages somebody wrote up to a change: those that a page opened after it does not show."""
    wanted = select(func.count()).where(
        Message.handover_id == handover.id, Message.kind == WORDS, Message.change <= change
    )
    return await session.scalar(wanted) or 0


async def snapshot(
    session: AsyncSession, handover_context: HandoverContext, handover: Handover, after: int | None, now: datetime
) -> Snapshot:
    """What a page that was opened at a change shows now; at None it is opened now, and shows no line."""
    since = handover.changes if after is None else after
    lines = await new_lines(session, handover_context, handover, since, now)
    await note_open_page(session, handover, now)
    before = await said_before(session, handover, since)
    return Snapshot(await standing(session, handover, now), lines, await writer_names(session, lines), before)


async def new_lines(
    session: AsyncSession, handover_context: HandoverContext, handover: Handover, since: int, now: datetime
) -> tuple[OpenedMessage, ...]:
    """The lines since a change, in the order of the talk. From now on they are not changed any more."""
    if handover.changes <= since:
        return ()
    return tuple(
        opened(
            handover_context.message_cipher,
            await fetch(session, handover_context, handover, since, now),
        )
    )


async def writer_names(session: AsyncSession, lines: tuple[OpenedMessage, ...]) -> Mapping[int, str]:
    """What those who wrote these lines are called."""
    return await names_of(session, [line.account_id for line in lines])


async def note_open_page(session: AsyncSession, handover: Handover, now: datetime) -> None:
    """Notes now and then that the page is open."""
    if handover.seen_at is None or now - handover.seen_at >= _HERE_EVERY:
        await page_is_here(session, handover, now)


async def moved_up(session: AsyncSession, before: HandoverStatus, handover: Handover, now: datetime) -> HandoverStatus:
    """The same standing, once nothing but the line before it can have changed."""
    place, full = await place_of(session, handover, before.provider, now)
    return replace(before, handover=handover, place=place, full=full)


def waited(asked_at: datetime, now: datetime) -> Waited:
    """What the waiting page says, by the time since the first ask. A clock that was put back counts as no time."""
    gone = now - asked_at
    if gone >= CHOICES:
        return "choices"
    return "still-looking" if gone >= STILL_LOOKING else "looking"
