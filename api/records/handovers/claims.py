"""Claiming: one guarded UPDATE gives a handover to one advocate; letting go, passing on, and watching."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.accounts import Account
from api.records.audit import note
from api.records.handovers.advocates import Advocate
from api.records.handovers.conversation import tell
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.monthly_counts import count
from api.records.handovers.notify_provider import ring
from api.records.handovers.presence import NotHere, one_at_a_time, still_here, who_is_here
from api.records.handovers.pubsub import queue, talk
from api.records.handovers.queries import hold, why_not
from api.records.handovers.queue_order import takes_its_turn
from api.records.handovers.states import AlreadyClaimed, NotNow, NotYours, must_be_allowed
from api.records.handovers.tables import Handover, Provider, Watch
from api.records.marked_rows import believed


class EnoughOpen(Exception):
    """The advocate has as many open handovers as their provider allows (`most`)."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


async def claim(
    session: AsyncSession, handover_context: HandoverContext, advocate: Advocate, handover: Handover, now: datetime
) -> None:
    """Gives it to this advocate, if nobody was quicker.

    Raises NotHere, EnoughOpen, AlreadyClaimed with the winner's name, NotNow when it is closed, or NotYours.
    """
    _must_be_of(advocate, handover)
    origin = handover.origin
    # A write, so that two claims by one advocate come one after the other and cannot both be the third.
    if not await still_here(session, advocate.id, now):
        raise NotHere
    await _must_have_room(session, advocate, advocate.id, handover)
    if not await _give(session, handover, None, advocate.id, now):
        await hold(session, handover)
        if handover.closed_at:
            raise NotNow("closed")
        if handover.claimed_by == advocate.id:
            return
        raise AlreadyClaimed(await _name(session, handover.claimed_by))
    await takes_its_turn(session, handover.provider_id, origin, now)
    await tell(session, handover_context, handover, "claimed", now, advocate.name)
    await count(session, handover.provider_id, "claimed", now)
    await _log(session, advocate, "claim", handover, now)
    await _told(session, handover_context, handover)


async def let_go(
    session: AsyncSession, handover_context: HandoverContext, advocate: Advocate, handover: Handover, now: datetime
) -> None:
    """Puts it back in its place in line, and rings for it. Its advocate does that, or a supervisor."""
    _must_hold(advocate, handover)
    await _let_go(session, handover_context, handover, now)
    await _log(session, advocate, "let go", handover, now)


async def let_go_of_absent(
    session: AsyncSession, handover_context: HandoverContext, handover: Handover, now: datetime
) -> None:
    """The same, done by the clock, when its advocate's browser has been gone too long."""
    await _let_go(session, handover_context, handover, now)
    await count(session, handover.provider_id, "let-go-by-clock", now)


async def transfer(
    session: AsyncSession,
    handover_context: HandoverContext,
    advocate: Advocate,
    handover: Handover,
    to: int,
    now: datetime,
) -> None:
    """Passes it to a colleague of the same provider who is here. Raises NotHere, EnoughOpen, NotYours, NotNow."""
    _must_hold(advocate, handover)
    if to == handover.claimed_by:
        return
    colleague = next((one for one in await who_is_here(session, advocate.provider.slug, now) if one.id == to), None)
    if colleague is None:
        raise NotHere
    await one_at_a_time(session, colleague.id)
    await _must_have_room(session, advocate, colleague.id, handover)
    if not await _give(session, handover, handover.claimed_by, colleague.id, now):
        raise await why_not(session, handover)
    await tell(session, handover_context, handover, "transferred", now, colleague.name)
    await _log(session, advocate, f"pass to {colleague.name}"[:40], handover, now)
    await _told(session, handover_context, handover)


async def watch(
    session: AsyncSession, handover_context: HandoverContext, supervisor: Advocate, handover: Handover, now: datetime
) -> None:
    """A supervisor reads along; the child is told first. Once is enough."""
    _must_be_of(supervisor, handover)
    if not supervisor.supervisor:
        raise NotYours
    await hold(session, handover)
    must_be_allowed("watch", "supervisor", handover.state)
    if handover.claimed_by == supervisor.id or await watching(session, handover, supervisor.id):
        return
    await tell(session, handover_context, handover, "watched", now, supervisor.name)
    session.add(Watch(handover_id=handover.id, account_id=supervisor.id, began_at=now))
    await session.flush()
    await _log(session, supervisor, "watch", handover, now)


async def unwatch(
    session: AsyncSession, handover_context: HandoverContext, supervisor: Advocate, handover: Handover, now: datetime
) -> None:
    """A supervisor stops reading along, and the child is told."""
    ended = update(Watch).where(
        Watch.handover_id == handover.id, Watch.account_id == supervisor.id, Watch.ended_at.is_(None)
    )
    if await session.scalar(ended.values(ended_at=now).returning(Watch.id)) is not None:
        await tell(session, handover_context, handover, "unwatched", now, supervisor.name)
        await _log(session, supervisor, "stop watching", handover, now)


async def watching(session: AsyncSession, handover: Handover, account_id: int) -> bool:
    """True while this supervisor reads along."""
    found = select(Watch.id).where(
        Watch.handover_id == handover.id, Watch.account_id == account_id, Watch.ended_at.is_(None)
    )
    return await session.scalar(found) is not None


def may_read(advocate: Advocate, handover: Handover, *, watches: bool) -> bool:
    """True for the advocate who has claimed it, and for a supervisor of whose watching the child was told."""
    return handover.claimed_by == advocate.id or watches


def _must_be_of(advocate: Advocate, handover: Handover) -> None:
    """For whoever forgets to look it up by provider: an advocate of another has nothing to do with it."""
    if handover.provider_id != advocate.provider.id:
        raise NotYours


def _must_hold(advocate: Advocate, handover: Handover) -> None:
    _must_be_of(advocate, handover)
    must_be_allowed("let-go", "supervisor" if advocate.supervisor else "advocate", handover.state)
    if handover.claimed_by != advocate.id and not advocate.supervisor:
        raise NotYours


async def _give(session: AsyncSession, handover: Handover, was: int | None, to: int | None, now: datetime) -> bool:
    """The guarded UPDATE: True when it was still with whom we thought, and open."""
    given = (
        update(Handover)
        .where(Handover.id == handover.id, Handover.claimed_by.is_not_distinct_from(was), Handover.closed_at.is_(None))
        .values(claimed_by=to, claimed_at=now if to else None, origin=None, turns=0, turned_at=None)
        .returning(Handover)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return await session.scalar(given) is not None


async def _must_have_room(session: AsyncSession, advocate: Advocate, account_id: int, handover: Handover) -> None:
    """Raises EnoughOpen when somebody of the advocate's provider has as many beside this one as they may have."""
    others = select(func.count()).where(Handover.claimed_by == account_id, Handover.id != handover.id)
    if (await session.scalar(others.where(Handover.closed_at.is_(None))) or 0) >= advocate.provider.most_open:
        raise EnoughOpen(advocate.provider.most_open)


async def _let_go(session: AsyncSession, handover_context: HandoverContext, handover: Handover, now: datetime) -> None:
    if not await _give(session, handover, handover.claimed_by, None, now):
        raise await why_not(session, handover)
    await tell(session, handover_context, handover, "let-go", now)
    await ring(session, handover_context, await session.get_one(Provider, handover.provider_id), handover, now)
    await _told(session, handover_context, handover)


async def _told(session: AsyncSession, handover_context: HandoverContext, handover: Handover) -> None:
    await handover_context.pubsub.tell(session, queue(handover.provider_id), talk(handover.id))


async def _name(session: AsyncSession, account_id: int | None) -> str:
    account = believed(session, await session.get(Account, account_id)) if account_id else None
    return account.name if account else ""


async def _log(session: AsyncSession, advocate: Advocate, what: str, handover: Handover, now: datetime) -> None:
    await note(session, now, advocate.provider.layer, advocate.name, what, handover.ref, advocate.id)
