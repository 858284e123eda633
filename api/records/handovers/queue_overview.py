"""At a glance: what a list of handovers shows beside each, read for all at once and without opening any words."""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.tables import CallAttempt, Handover, Message, Watch


async def not_answered(session: AsyncSession, handovers: Collection[Handover]) -> Mapping[int, int]:
    """How many messages of the child have come since an advocate last wrote, by handover; none is left out."""
    ids = [handover.id for handover in handovers]
    last = (
        select(Message.handover_id, func.max(Message.number).label("number"))
        .where(Message.handover_id.in_(ids), Message.writer == "advocate")
        .group_by(Message.handover_id)
        .subquery()
    )
    wanted = (
        select(Message.handover_id, func.count())
        .outerjoin(last, last.c.handover_id == Message.handover_id)
        .where(Message.handover_id.in_(ids), Message.writer == "child")
        .where(Message.number > func.coalesce(last.c.number, 0))
        .group_by(Message.handover_id)
    )
    return {row[0]: row[1] for row in await session.execute(wanted)}


async def watched_by(session: AsyncSession, account_id: int) -> Collection[int]:
    """The handovers that a supervisor watches now."""
    wanted = select(Watch.handover_id).where(Watch.account_id == account_id, Watch.ended_at.is_(None))
    return set(await session.scalars(wanted))


async def tries(session: AsyncSession, handovers: Collection[Handover]) -> Mapping[int, int]:
    """How often somebody tried to call, by handover; never tried is left out."""
    wanted = (
        select(CallAttempt.handover_id, func.count())
        .where(CallAttempt.handover_id.in_([handover.id for handover in handovers]))
        .group_by(CallAttempt.handover_id)
    )
    return {row[0]: row[1] for row in await session.execute(wanted)}
