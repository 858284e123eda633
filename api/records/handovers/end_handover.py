"""Ending a handover: closed by the child, its advocate or the clock; and forgetting every word of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.audit import note
from api.records.handovers.advocates import Advocate
from api.records.handovers.conversation import WORDS, tell
from api.records.handovers.data_keys import destroy_keys
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.monthly_counts import count
from api.records.handovers.pubsub import queue, talk
from api.records.handovers.queries import hold, why_not
from api.records.handovers.states import Ended, Face, NotYours, Outcome, must_be_allowed
from api.records.handovers.tables import CallAttempt, Concern, DataKey, Handover, Message, Provider, Watch


@dataclass(frozen=True)
class ForgottenCounts:
    """What went when a handover was forgotten, how many messages of people, and whether a record of concern stays."""

    messages: int
    concern: bool


async def end(session: AsyncSession, handover_context: HandoverContext, handover: Handover, now: datetime) -> None:
    """The child ends it. Ended twice, or just after somebody else, it is ended once. NotYours when it is gone."""
    await hold(session, handover)
    if handover.state != "closed":
        await _close(session, handover_context, handover, "child", "child-left", now)


async def close(
    session: AsyncSession,
    handover_context: HandoverContext,
    advocate: Advocate,
    handover: Handover,
    outcome: Outcome,
    now: datetime,
) -> None:
    """Its advocate closes it with an outcome. Raises NotYours for anybody else, NotNow when it is closed."""
    must_be_allowed("close", "advocate", handover.state)
    if handover.claimed_by != advocate.id:
        raise NotYours
    await _close(session, handover_context, handover, "advocate", outcome, now, still=advocate.id)
    await note(session, now, advocate.provider.layer, advocate.name, f"close: {outcome}", handover.ref, advocate.id)


async def close_by_clock(
    session: AsyncSession, handover_context: HandoverContext, handover: Handover, outcome: Outcome, now: datetime
) -> None:
    """Nobody came, or nobody came back."""
    await _close(session, handover_context, handover, "clock", outcome, now)


async def rate(session: AsyncSession, handover: Handover, face: Face, now: datetime) -> None:
    """One of three faces, once, as a count. Raises NotNow while it is open."""
    must_be_allowed("rate", "child", handover.state)
    first = update(Handover).where(Handover.id == handover.id, Handover.face.is_(None)).values(face=face)
    if await session.scalar(first.returning(Handover.id)) is not None:
        await count(session, handover.provider_id, f"face-{face}", now)


async def forget(
    session: AsyncSession, handover_context: HandoverContext, handover: Handover, now: datetime
) -> ForgottenCounts:
    """Deletes every row of it, also while it is open, and counts that. A record of concern has its own time.

    Once that is kept, `wipe` takes its key out of the files of the database, so that no copy of a row opens. Raises
    NotYours when it is gone already.
    """
    # Whoever else forgets it waits here, and then finds nothing to forget.
    await hold(session, handover)
    if handover.state != "closed":
        await _close(session, handover_context, handover, "child", "child-left", now)
    concern = await session.scalar(select(func.count()).where(Concern.handover_ref == handover.ref))
    pubsub = queue(handover.provider_id), talk(handover.id)
    said = select(func.count()).where(Message.handover_id == handover.id, Message.kind == WORDS)
    messages = await session.scalar(said) or 0
    await destroy_keys(session, DataKey.handover_id == handover.id)
    for table in (CallAttempt, Watch, Message):
        await session.execute(delete(table).where(table.handover_id == handover.id))
    await session.execute(delete(Handover).where(Handover.id == handover.id))
    session.expunge(handover)
    await count(session, handover.provider_id, "forgotten", now)
    await handover_context.pubsub.tell(session, *pubsub)
    return ForgottenCounts(messages, bool(concern))


async def _close(
    session: AsyncSession,
    handover_context: HandoverContext,
    handover: Handover,
    by: Ended,
    outcome: Outcome,
    now: datetime,
    still: int | None = None,
) -> None:
    provider = await session.get_one(Provider, handover.provider_id)
    values: Mapping[str, object] = {
        "closed_at": now,
        "closed_by": by,
        "outcome": outcome,
        "purge_at": now + timedelta(days=provider.keep_days),
        "origin": None,
    }
    guarded = update(Handover).where(Handover.id == handover.id, Handover.closed_at.is_(None))
    guarded = guarded.where(Handover.claimed_by == still) if still else guarded
    closed = await session.scalar(
        guarded.values(**values)
        .returning(Handover)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if closed is None:
        raise await why_not(session, handover)
    await tell(session, handover_context, handover, f"closed-by-{by}", now)
    await session.execute(
        update(Watch).where(Watch.handover_id == handover.id, Watch.ended_at.is_(None)).values(ended_at=now)
    )
    await count(session, handover.provider_id, f"closed-{outcome}", now)
    await handover_context.pubsub.tell(session, queue(handover.provider_id), talk(handover.id))
