"""Leaving a page for good: whoever finds it afterwards has nothing in hand. The three words still lead back."""

import secrets

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.pubsub import talk
from api.records.handovers.tables import Handover

_KEY_BYTES = 32


async def leave_page(session: AsyncSession, handover_context: HandoverContext, ref: str, secret: str) -> None:
    """From now on no page with this secret has the handover, nor does any that is open. Nothing happens to others'."""
    left = (
        update(Handover)
        .where(Handover.ref == ref, Handover.key_hash.in_(handover_context.message_cipher.hashes.all_of(secret)))
        .values(key_hash=handover_context.message_cipher.hashes.of(secrets.token_hex(_KEY_BYTES)))
        .returning(Handover.id)
        .execution_options(synchronize_session=False)
    )
    handover_id = await session.scalar(left)
    if handover_id is not None:
        await handover_context.pubsub.tell(session, talk(handover_id))
