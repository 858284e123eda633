"""Keys of their own: every handover and every record of concern has one, and forgetting it destroys the key."""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from api.records.handovers.message_cipher import MessageCipher
from api.records.handovers.queries import hold
from api.records.handovers.tables import Concern, DataKey, Handover, Message
from api.web.ciphers import BrokenCipherText

_DESTROYED = ""


async def keys_to_close(session: AsyncSession, message_cipher: MessageCipher, handover: Handover) -> Sequence[DataKey]:
    """The keys to close with what is said in this handover now.

    One that has none which opens is given one. One whose key an older key of the operator's sealed has it sealed with
    the newest, so that what is said now opens once the older is gone.
    """
    if not _ready(message_cipher, handover):
        # Whoever else gives it a key waits here, and then finds that it has one.
        await hold(session, handover)
        await _make_ready(session, message_cipher, handover)
    return message_cipher.opening(handover.keys)


async def keep_key(session: AsyncSession, handover: Handover, key: DataKey) -> None:
    """Keeps a new key as one of this handover's."""
    key.handover_id = handover.id
    session.add(key)
    await session.flush()
    set_committed_value(handover, "keys", [*handover.keys, key])


async def give_key(session: AsyncSession, message_cipher: MessageCipher, handover: Handover) -> None:
    """Gives a held handover a key of its own; all that was sealed before, with the operator's alone, needs it too."""
    before = message_cipher.sent(handover)
    sent_opens = _opens_alone(message_cipher, handover.sealed)
    await keep_key(session, handover, message_cipher.new_key())
    keys = message_cipher.opening(handover.keys)
    if sent_opens:
        handover.sealed = message_cipher.close_sent(before, keys)
    for message in await session.scalars(select(Message).where(Message.handover_id == handover.id)):
        if message.sealed and _opens_alone(message_cipher, message.sealed):
            message.sealed = message_cipher.close_said(message_cipher.said(message), keys)
    await session.flush()


async def keep_concern_key(session: AsyncSession, concern: Concern, key: DataKey) -> None:
    """Keeps a new key as that of this record of concern."""
    key.concern_id = concern.id
    session.add(key)
    await session.flush()
    set_committed_value(concern, "keys", [key])


async def give_concern_key(session: AsyncSession, message_cipher: MessageCipher, concern: Concern) -> None:
    """The same for a record of concern."""
    key = message_cipher.new_key()
    # One that no key opens stays as it is.
    with suppress(BrokenCipherText):
        concern.sealed = message_cipher.close_concern(message_cipher.concerned(concern), [key])
    await keep_concern_key(session, concern, key)


async def destroy_keys(session: AsyncSession, whose: ColumnElement[bool]) -> None:
    """Destroys keys in this transaction; once it is kept, `wipe` takes what is left of them out of the files."""
    gone = update(DataKey).where(whose).values(handover_id=None, concern_id=None, sealed=_DESTROYED)
    await session.execute(gone.execution_options(synchronize_session=False))


async def destroy_orphans(session: AsyncSession) -> None:
    """Destroys the keys of what is not here: a copy of the keys that was put back may be newer than the rows."""
    handover_context = select(Handover.id).where(Handover.id == DataKey.handover_id).exists()
    concerns = select(Concern.id).where(Concern.id == DataKey.concern_id).exists()
    of_nothing = and_(DataKey.handover_id.is_not(None), ~handover_context) | and_(
        DataKey.concern_id.is_not(None), ~concerns
    )
    await destroy_keys(session, of_nothing)


def _ready(message_cipher: MessageCipher, handover: Handover) -> bool:
    keys = message_cipher.opening(handover.keys)
    return bool(keys) and not message_cipher.keys.is_old(keys[0].sealed)


async def _make_ready(session: AsyncSession, message_cipher: MessageCipher, handover: Handover) -> None:
    keys = message_cipher.opening(handover.keys)
    if not keys:
        await give_key(session, message_cipher, handover)
    elif message_cipher.keys.is_old(keys[0].sealed):
        keys[0].sealed = message_cipher.keys.renew(keys[0].sealed)
        await session.flush()


def _opens_alone(message_cipher: MessageCipher, sealed: str) -> bool:
    try:
        return bool(message_cipher.talk.open(sealed))
    except BrokenCipherText:
        return False
