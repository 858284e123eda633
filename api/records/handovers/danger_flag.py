"""The alarm in a talk: what a child wrote sounds like danger, so their handover goes up in the queue."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.notify_provider import ring
from api.records.handovers.pubsub import queue, talk
from api.records.handovers.tables import Handover, Provider


async def raise_alarm(
    session: AsyncSession, handover_context: HandoverContext, handover: Handover, now: datetime
) -> None:
    """Marks an open handover as one of danger. Done once; a provider whom nobody has answered for is rung again."""
    marked = (
        update(Handover)
        .where(Handover.id == handover.id, Handover.danger.is_(False), Handover.closed_at.is_(None))
        .values(danger=True)
        .returning(Handover)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if await session.scalar(marked) is None:
        return
    if handover.claimed_by is None:
        await ring(session, handover_context, await session.get_one(Provider, handover.provider_id), handover, now)
    await handover_context.pubsub.tell(session, queue(handover.provider_id), talk(handover.id))
