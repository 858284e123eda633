"""Records of concern: about a child's safety, sealed apart from the talk, opened with a reason that is logged."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.audit import note
from api.records.handovers.advocates import Advocate
from api.records.handovers.claims import may_read, watching
from api.records.handovers.data_keys import keep_concern_key
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.monthly_counts import count
from api.records.handovers.states import NotYours
from api.records.handovers.tables import Concern, Handover

Reason = Literal["danger-now", "harm", "self-harm", "exploited", "somebody-else", "other"]
"""What a concern is about, for the list; what it says is sealed."""
REASONS: tuple[Reason, ...] = get_args(Reason)
Why = Literal["to-act-on-it", "to-pass-it-on", "to-check-our-work", "the-child-asked"]
"""Why a record is opened."""
WHYS: tuple[Why, ...] = get_args(Why)
_REF_BYTES = 12


async def record(
    session: AsyncSession,
    handover_context: HandoverContext,
    advocate: Advocate,
    handover: Handover,
    reason: Reason,
    text: str,
    now: datetime,
) -> Concern:
    """Writes a record, by an advocate who may read the talk. It outlives the talk. Raises NotYours."""
    watches = await watching(session, handover, advocate.id)
    if not may_read(advocate, handover, watches=watches):
        raise NotYours
    key = handover_context.message_cipher.new_key()
    concern = Concern(
        ref=secrets.token_urlsafe(_REF_BYTES),
        provider_id=handover.provider_id,
        handover_ref=handover.ref,
        account_id=advocate.id,
        reason=reason,
        sealed=handover_context.message_cipher.close_concern(text, [key]),
        at=now,
        keep_until=now + timedelta(days=advocate.provider.keep_concern_days),
    )
    session.add(concern)
    await session.flush()
    await keep_concern_key(session, concern, key)
    await count(session, handover.provider_id, "concern", now)
    await _log(session, advocate, "record a concern", concern, now)
    return concern


async def concerns_of(session: AsyncSession, advocate: Advocate) -> Sequence[Concern]:
    """The records that an advocate may open, the newest first: their own; for a supervisor all of the provider."""
    wanted = select(Concern).where(Concern.provider_id == advocate.provider.id).order_by(Concern.id.desc())
    mine = wanted if advocate.supervisor else wanted.where(Concern.account_id == advocate.id)
    return list(await session.scalars(mine))


async def handover_of(session: AsyncSession, concern: Concern) -> Handover | None:
    """The handover that a record is about; None once it is forgotten."""
    wanted = select(Handover).where(Handover.ref == concern.handover_ref, Handover.provider_id == concern.provider_id)
    found: Handover | None = await session.scalar(wanted)
    return found


async def open_concern(
    session: AsyncSession, handover_context: HandoverContext, advocate: Advocate, ref: str, why: Why, now: datetime
) -> tuple[Concern, str]:
    """A record and what it says. The log says who opened it and why. Raises NotYours, and BrokenCipherText."""
    found = next((concern for concern in await concerns_of(session, advocate) if concern.ref == ref), None)
    if found is None:
        raise NotYours
    await _log(session, advocate, f"open concern: {why}", found, now)
    return found, handover_context.message_cipher.concerned(found)


async def _log(session: AsyncSession, advocate: Advocate, what: str, concern: Concern, now: datetime) -> None:
    await note(session, now, advocate.provider.layer, advocate.name, what, concern.ref, advocate.id)
