"""The alarm in a talk: what a child wrote sounds like danger, so their handover goes up in the queue."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.bells import queue, talk
from api.records.handovers.ringing import ring
from api.records.handovers.tables import Handover, Provider
from api.records.handovers.talks import Talks


async def raise_alarm(session: AsyncSession, talks: Talks, handover: Handover, now: datetime) -> None:
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
        await ring(session, talks, await session.get_one(Provider, handover.provider_id), handover, now)
    await talks.bells.tell(session, queue(handover.provider_id), talk(handover.id))
