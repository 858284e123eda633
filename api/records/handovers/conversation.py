"""The talk of a handover: what is said, by whom, in which order, what may still be changed, and who has it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import lazyload
from sqlalchemy.orm.attributes import set_committed_value

from api.records.handovers.advocates import Advocate
from api.records.handovers.data_keys import keys_to_close
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import MessageBody
from api.records.handovers.pubsub import talk
from api.records.handovers.queries import hold, why_not
from api.records.handovers.states import NotYours
from api.records.handovers.tables import Handover, Message

WORDS = "words"
"""The kind of a message that somebody wrote; every other kind names what happened."""
_UNSENT = ""


class TooLate(Exception):
    """The child's page has this message already, so it is not changed any more."""


async def say_as_child(
    session: AsyncSession,
    handover_context: HandoverContext,
    handover: Handover,
    text: str,
    client_id: str,
    now: datetime,
) -> Message:
    """Adds what a child says. Sent twice with the same client id it is one message.

    Raises NotNow once it is closed, and NotYours for a client id of somebody else's message.
    """
    known = await _known(session, handover.id, client_id, None)
    if known:
        return known
    place = await _next_place(session, handover.id)
    if place is None:
        raise await why_not(session, handover)
    return await _add(
        session,
        handover_context,
        handover,
        place,
        now,
        writer="child",
        client_id=client_id,
        sealed=await _sealed(session, handover_context, handover, MessageBody(text)),
    )


async def say_as_advocate(
    session: AsyncSession,
    handover_context: HandoverContext,
    advocate: Advocate,
    handover: Handover,
    said: MessageBody,
    client_id: str,
    now: datetime,
) -> Message:
    """Adds what the advocate who has claimed it says. Raises NotYours for anybody else, NotNow once it is closed."""
    known = await _known(session, handover.id, client_id, advocate.id)
    if known:
        return known
    place = await _next_place(session, handover.id, Handover.claimed_by == advocate.id)
    if place is None:
        raise await why_not(session, handover)
    return await _add(
        session,
        handover_context,
        handover,
        place,
        now,
        writer="advocate",
        account_id=advocate.id,
        client_id=client_id,
        sealed=await _sealed(session, handover_context, handover, said),
    )


async def tell(
    session: AsyncSession,
    handover_context: HandoverContext,
    handover: Handover,
    kind: str,
    now: datetime,
    who: str = "",
) -> None:
    """Adds a line of the house: `kind` names what happened, `who` is the person it speaks of. NotYours when gone."""
    place = await session.scalar(
        update(Handover)
        .where(Handover.id == handover.id)
        .values(changes=Handover.changes + 1)
        .returning(Handover.changes)
        .execution_options(synchronize_session=False)
    )
    if place is None:
        raise NotYours
    sealed = await _sealed(session, handover_context, handover, MessageBody(who=who)) if who else _UNSENT
    await _add(session, handover_context, handover, place, now, writer="house", kind=kind, sealed=sealed)


async def edit(
    session: AsyncSession,
    handover_context: HandoverContext,
    advocate: Advocate,
    handover: Handover,
    number: int,
    said: MessageBody,
    now: datetime,
) -> Message:
    """Changes a message of one's own that the child's page has not fetched. Raises TooLate, NotYours or NotNow."""
    place = await _next_place(session, handover.id, Handover.claimed_by == advocate.id)
    if place is None:
        raise await why_not(session, handover)
    sealed = await _sealed(session, handover_context, handover, said)
    mine = (Message.handover_id == handover.id, Message.number == number, Message.account_id == advocate.id)
    changed: Message | None = await session.scalar(
        update(Message)
        .where(*mine, Message.writer == "advocate", Message.fetched_at.is_(None))
        .values(sealed=sealed, edited_at=now, change=place)
        .returning(Message)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if changed is None:
        found = await session.scalar(select(Message.id).where(*mine))
        raise TooLate if found else NotYours
    await handover_context.pubsub.tell(session, talk(handover.id))
    return changed


async def fetch(
    session: AsyncSession, handover_context: HandoverContext, handover: Handover, after: int, now: datetime
) -> list[Message]:
    """What is new for the child's page since a change, and from now on not changed any more."""
    lines = await lines_since(session, handover, after)
    if all(line.fetched_at or line.writer == "child" for line in lines):
        return lines
    # While we hold it nobody adds or edits, so what is marked is just what is then read.
    await hold(session, handover)
    new = (Message.handover_id == handover.id, Message.change > after)
    theirs = update(Message).where(*new, Message.fetched_at.is_(None), Message.writer != "child")
    await session.execute(theirs.values(fetched_at=now))
    await handover_context.pubsub.tell(session, talk(handover.id))
    return await lines_since(session, handover, after)


async def lines_since(session: AsyncSession, handover: Handover, after: int) -> list[Message]:
    """What is new since a change, in the order of changes."""
    wanted = select(Message).where(Message.handover_id == handover.id, Message.change > after)
    wanted = wanted.order_by(Message.change).options(lazyload(Message.keys))
    lines = list(await session.scalars(wanted.execution_options(populate_existing=True)))
    for line in lines:
        # Read with the handover already.
        set_committed_value(line, "keys", handover.keys)
    return lines


async def unfetched(session: AsyncSession, handover: Handover) -> Sequence[int]:
    """The numbers of the messages that the child's page has not fetched yet."""
    return list(
        await session.scalars(
            select(Message.number).where(
                Message.handover_id == handover.id, Message.fetched_at.is_(None), Message.writer == "advocate"
            )
        )
    )


async def _known(session: AsyncSession, handover_id: int, client_id: str, account_id: int | None) -> Message | None:
    """The message of this writer that has this client id; asked before its place is taken and once more after.

    Raises NotYours for somebody else's, which must not swallow what is said now.
    """
    found: Message | None = await session.scalar(
        select(Message).where(Message.handover_id == handover_id, Message.client_id == client_id)
    )
    if found and found.account_id != account_id:
        raise NotYours
    return found


async def _next_place(session: AsyncSession, handover_id: int, *still: ColumnElement[bool]) -> int | None:
    """Takes the next place in an open handover. Others wait here until this transaction ends: places are in order."""
    place: int | None = await session.scalar(
        update(Handover)
        .where(Handover.id == handover_id, Handover.closed_at.is_(None), *still)
        .values(changes=Handover.changes + 1)
        .returning(Handover.changes)
        .execution_options(synchronize_session=False)
    )
    return place


async def _sealed(
    session: AsyncSession, handover_context: HandoverContext, handover: Handover, said: MessageBody
) -> str:
    return handover_context.message_cipher.close_said(
        said, await keys_to_close(session, handover_context.message_cipher, handover)
    )


async def _add(
    session: AsyncSession,
    handover_context: HandoverContext,
    handover: Handover,
    place: int,
    now: datetime,
    *,
    writer: str,
    sealed: str,
    kind: str = WORDS,
    account_id: int | None = None,
    client_id: str | None = None,
) -> Message:
    if client_id is not None:
        # Two sends at once: the second has waited for its place until the first was kept.
        known = await _known(session, handover.id, client_id, account_id)
        if known:
            return known
    message = Message(
        handover_id=handover.id,
        number=place,
        change=place,
        writer=writer,
        account_id=account_id,
        client_id=client_id,
        kind=kind,
        sealed=sealed,
        at=now,
    )
    session.add(message)
    await session.flush()
    set_committed_value(message, "keys", handover.keys)
    await handover_context.pubsub.tell(session, talk(handover.id))
    return message
