"""Finds a handover for whoever may have it: a child by their page's secret or three words, an advocate by provider."""

import hmac
from datetime import datetime

from sqlalchemy import false, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.advocates import Advocate
from api.records.handovers.message_cipher import MessageCipher
from api.records.handovers.states import NotNow, NotYours, State
from api.records.handovers.tables import Handover, Provider
from api.records.handovers.three_words import as_written


async def of_page(session: AsyncSession, message_cipher: MessageCipher, ref: str, secret: str) -> Handover:
    """The handover of a child's page. Raises NotYours when there is none, or another page has taken it over."""
    found: Handover | None = await session.scalar(select(Handover).where(Handover.ref == ref))
    if found is None or not any(
        hmac.compare_digest(found.key_hash, known) for known in message_cipher.hashes.all_of(secret)
    ):
        raise NotYours
    return found


async def state_of_ref(session: AsyncSession, ref: str) -> State | None:
    """Where the handover of a name stands, for whoever has had its page once; None when there is none."""
    found: Handover | None = await session.scalar(select(Handover).where(Handover.ref == ref))
    return found.state if found else None


async def by_words(session: AsyncSession, message_cipher: MessageCipher, typed: str, secret: str) -> Handover:
    """The handover of three words, from now on with another page secret: older pages are out. Raises NotYours."""
    words = as_written(typed)
    theirs = Handover.code_hash.in_(message_cipher.hashes.all_of(words)) if words else false()
    # Looked up first: a wrong guess writes nothing, so that guessing keeps nobody from writing.
    if words is None or await session.scalar(select(Handover.id).where(theirs)) is None:
        raise NotYours
    found: Handover | None = await session.scalar(
        update(Handover)
        .where(theirs)
        .values(key_hash=message_cipher.hashes.of(secret))
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
