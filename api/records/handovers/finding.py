"""Finds a handover for whoever may have it: a child by their page's secret or three words, an advocate by provider."""

import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.advocates import Advocate
from api.records.handovers.safe import Safe
from api.records.handovers.states import NotNow, NotYours, State
from api.records.handovers.tables import Handover, Provider
from api.records.handovers.three_words import as_written

IN_LINE: tuple[ColumnElement[bool], ...] = (
    Handover.wants == "here",
    Handover.claimed_by.is_(None),
    Handover.closed_at.is_(None),
)
"""What makes a handover stand in line."""
BY_TURN = (Handover.danger.desc(), Handover.asked_at, Handover.id)
"""The order of the line: danger first, then who asked first."""


async def of_page(session: AsyncSession, safe: Safe, ref: str, secret: str) -> Handover:
    """The handover of a child's page. Raises NotYours when there is none, or another page has taken it over."""
    found: Handover | None = await session.scalar(select(Handover).where(Handover.ref == ref))
    if found is None or not any(hmac.compare_digest(found.key_hash, known) for known in safe.hashes.all_of(secret)):
        raise NotYours
    return found


async def state_of_ref(session: AsyncSession, ref: str) -> State | None:
    """Where the handover of a name stands, for whoever has had its page once; None when there is none."""
    found: Handover | None = await session.scalar(select(Handover).where(Handover.ref == ref))
    return found.state if found else None


async def by_words(session: AsyncSession, safe: Safe, typed: str, secret: str) -> Handover:
    """The handover of three words, from now on with another page secret: older pages are out. Raises NotYours."""
    words = as_written(typed)
    if words is None:
        raise NotYours
    found: Handover | None = await session.scalar(
        update(Handover)
        .where(Handover.code_hash.in_(safe.hashes.all_of(words)))
        .values(key_hash=safe.hashes.of(secret))
        .returning(Handover)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if found is None:
        raise NotYours
    return found


async def of_provider(session: AsyncSession, advocate: Advocate, ref: str) -> Handover:
    """A handover of the advocate's own provider. Raises NotYours for any other, and for one that never was."""
    found: Handover | None = await session.scalar(
        select(Handover).where(Handover.ref == ref, Handover.provider_id == advocate.provider.id)
    )
    if found is None:
        raise NotYours
    return found


async def hold(session: AsyncSession, handover: Handover) -> None:
    """Reads it anew, and whoever else would change it waits until this transaction ends. NotYours when it is gone."""
    held = await session.scalar(
        update(Handover)
        .where(Handover.id == handover.id)
        .values(changes=Handover.changes)
        .returning(Handover)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if held is None:
        raise NotYours


async def why_not(session: AsyncSession, handover: Handover) -> NotNow | NotYours:
    """Why a guarded UPDATE found nothing to change: it is closed now, or somebody else's, or gone."""
    try:
        await hold(session, handover)
    except NotYours as gone:
        return gone
    return NotNow("closed") if handover.closed_at else NotYours()


async def line(session: AsyncSession, provider_id: int) -> Sequence[Handover]:
    """Everyone who waits on their page, in turn."""
    return list(
        await session.scalars(select(Handover).where(Handover.provider_id == provider_id, *IN_LINE).order_by(*BY_TURN))
    )


async def place_in_line(session: AsyncSession, handover: Handover) -> int:
    """How many are before this one, plus one."""
    alike = Handover.danger.is_(handover.danger)
    before = or_(
        false() if handover.danger else Handover.danger.is_(True),
        and_(alike, Handover.asked_at < handover.asked_at),
        and_(alike, Handover.asked_at == handover.asked_at, Handover.id < handover.id),
    )
    wanted = select(func.count()).where(Handover.provider_id == handover.provider_id, *IN_LINE, before)
    return (await session.scalar(wanted) or 0) + 1


async def open_of(session: AsyncSession, provider_id: int) -> Sequence[Handover]:
    """Every open handover of a provider, in turn: the line, the call-backs, and those that somebody has."""
    wanted = select(Handover).where(Handover.provider_id == provider_id, Handover.closed_at.is_(None))
    return list(await session.scalars(wanted.order_by(*BY_TURN)))


async def provider_of_handover(session: AsyncSession, handover: Handover) -> Provider:
    """The provider that answers it."""
    return await session.get_one(Provider, handover.provider_id)


async def page_is_here(session: AsyncSession, handover: Handover, now: datetime) -> None:
    """Notes that the child's page is open now."""
    await session.execute(
        update(Handover)
        .where(Handover.id == handover.id)
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )
