"""Call-backs: when the next is due, what came of each try, and the number shown only with a reason that is logged."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.audit import note
from api.records.handovers.advocates import Advocate
from api.records.handovers.conversation import tell
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import CallBack
from api.records.handovers.monthly_counts import count
from api.records.handovers.new_handover import CallWindow
from api.records.handovers.pubsub import queue, talk
from api.records.handovers.queries import hold
from api.records.handovers.states import NotYours, must_be_allowed
from api.records.handovers.tables import CallAttempt, Handover

Reached = Literal["reached", "no-answer", "voicemail-left", "not-safe", "wrong-number"]
"""What came of a call; `not-safe` when somebody else answered, or the child could not talk."""
REACHED: tuple[Reached, ...] = get_args(Reached)
Why = Literal["to-call-now", "to-check-the-number", "for-safety"]
"""Why an advocate opens a child's number."""
WHYS: tuple[Why, ...] = get_args(Why)


async def call_backs(session: AsyncSession, provider_id: int) -> Sequence[Handover]:
    """Every open call-back of a provider, the first to be due first."""
    wanted = select(Handover).where(
        Handover.provider_id == provider_id, Handover.closed_at.is_(None), Handover.wants == "call-back"
    )
    return list(await session.scalars(wanted.order_by(Handover.due_until, Handover.asked_at)))


async def attempts_of(session: AsyncSession, handover: Handover) -> Sequence[CallAttempt]:
    """Every try to call, the first first."""
    return list(
        await session.scalars(
            select(CallAttempt).where(CallAttempt.handover_id == handover.id).order_by(CallAttempt.id)
        )
    )


async def reveal(
    session: AsyncSession,
    handover_context: HandoverContext,
    advocate: Advocate,
    handover: Handover,
    why: Why,
    now: datetime,
) -> CallBack | None:
    """How to call, for the advocate who has claimed it. The log says who opened it and why, never what it is."""
    _must_hold(advocate, handover)
    await note(session, now, advocate.provider.layer, advocate.name, f"open number: {why}", handover.ref, advocate.id)
    return handover_context.message_cipher.sent(handover).call


async def attempt(
    session: AsyncSession,
    handover_context: HandoverContext,
    advocate: Advocate,
    handover: Handover,
    outcome: Reached,
    again: CallWindow | None,
    now: datetime,
) -> None:
    """Records a try. Reached, or with no next time, it stays with its advocate; else it waits for `again` on the list.

    Raises NotYours and NotNow.
    """
    await hold(session, handover)
    must_be_allowed("attempt", "advocate", handover.state)
    _must_hold(advocate, handover)
    session.add(CallAttempt(handover_id=handover.id, account_id=advocate.id, outcome=outcome, at=now))
    await session.flush()
    if outcome != "reached":
        await tell(session, handover_context, handover, "tried-to-call", now, advocate.name)
    if again and outcome != "reached":
        handover.due_from, handover.due_until = again.starts, again.ends
        handover.claimed_by = handover.claimed_at = None
        await session.flush()
    await count(session, handover.provider_id, f"call-{outcome}", now)
    await note(session, now, advocate.provider.layer, advocate.name, f"call: {outcome}", handover.ref, advocate.id)
    await handover_context.pubsub.tell(session, queue(handover.provider_id), talk(handover.id))


def _must_hold(advocate: Advocate, handover: Handover) -> None:
    if handover.claimed_by != advocate.id or handover.closed_at:
        raise NotYours
