"""Closing many asks that are alike: one advocate proposes it, another one does it, and for a day it can be undone."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.audit import note
from api.records.handovers.advocates import Advocate
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.monthly_counts import count
from api.records.handovers.pubsub import queue, talk
from api.records.handovers.queries import of_provider
from api.records.handovers.queue_order import IN_LINE, alike_name
from api.records.handovers.similar_asks import group_of
from api.records.handovers.states import NotYours
from api.records.handovers.tables import Closing, Handover, Message

STANDS = timedelta(minutes=30)
"""How long a proposal may be confirmed; later the line has changed, and somebody proposes anew."""
UNDONE_WITHIN = timedelta(hours=24)
"""How long after a closing it can be undone, unless its words are deleted before."""
_REF_BYTES = 12


class SamePerson(Exception):
    """Who proposed to close many does not close them: it takes a colleague."""


class ClosingOver(Exception):
    """It was given up, is too old, or is done or undone already."""


async def propose(
    session: AsyncSession, handover_context: HandoverContext, advocate: Advocate, first: str, newest: str, now: datetime
) -> Closing:
    """Proposes to close the group of `first`, up to `newest`: who asked later was not on the page. Nothing is closed.

    Raises NotYours for what is not in the provider's line.
    """
    one, last = [await of_provider(session, advocate, ref) for ref in (first, newest)]
    members = [each.id for each in await group_of(session, one) if each.id <= last.id]
    if one.id not in members:
        raise NotYours
    closing = Closing(
        ref=secrets.token_hex(_REF_BYTES), provider_id=advocate.provider.id, proposed_by=advocate.id, proposed_at=now
    )
    session.add(closing)
    await session.flush()
    proposed = update(Handover).where(Handover.id.in_(members)).values(closing_id=closing.id)
    await session.execute(proposed.execution_options(synchronize_session=False))
    await _log(session, advocate, f"propose to close {len(members)} together", closing, now)
    await handover_context.pubsub.tell(session, queue(advocate.provider.id))
    return closing


async def confirm(
    session: AsyncSession, handover_context: HandoverContext, advocate: Advocate, ref: str, now: datetime
) -> int:
    """Closes what a colleague proposed and nobody has taken since; how many. Raises SamePerson and ClosingOver."""
    closing = await _held(session, advocate, ref)
    if closing.proposed_by == advocate.id:
        raise SamePerson
    if closing.confirmed_at or closing.ended_at or now - closing.proposed_at > STANDS:
        raise ClosingOver
    closing.confirmed_by, closing.confirmed_at = advocate.id, now
    closed = await _change(
        session,
        handover_context,
        (Handover.closing_id == closing.id, *IN_LINE),
        "closed-by-advocate",
        now,
        closed_at=now,
        closed_by="advocate",
        outcome="no-answer",
        purge_at=now + timedelta(days=advocate.provider.keep_days),
        origin=None,
    )
    await count(session, closing.provider_id, "closed-together", now)
    await _log(session, advocate, f"close {closed} together", closing, now)
    return closed


async def give_up(
    session: AsyncSession, handover_context: HandoverContext, advocate: Advocate, ref: str, now: datetime
) -> None:
    """Takes a proposal back: the one who made it, or a colleague who does not agree. Raises ClosingOver."""
    closing = await _held(session, advocate, ref)
    if closing.confirmed_at or closing.ended_at:
        raise ClosingOver
    closing.ended_at = now
    await _log(session, advocate, "do not close together", closing, now)
    await handover_context.pubsub.tell(session, queue(closing.provider_id))


async def undo(
    session: AsyncSession, handover_context: HandoverContext, advocate: Advocate, ref: str, now: datetime
) -> int:
    """Puts those back in line that a closing closed and that are still kept; how many. One is enough for that.

    They stand where they stood, as one origin. Raises ClosingOver.
    """
    closing = await _held(session, advocate, ref)
    if not closing.confirmed_at or closing.ended_at or now - closing.confirmed_at > UNDONE_WITHIN:
        raise ClosingOver
    closing.ended_at = now
    back = await _change(
        session,
        handover_context,
        (Handover.closing_id == closing.id, Handover.closed_at == closing.confirmed_at),
        "let-go",
        now,
        closed_at=None,
        closed_by=None,
        outcome=None,
        purge_at=None,
        face=None,
        seen_at=now,
        origin=alike_name(),
    )
    await _log(session, advocate, f"undo closing: {back} are back", closing, now)
    return back


async def closings_of(session: AsyncSession, advocate: Advocate, now: datetime) -> Sequence[Closing]:
    """What can be confirmed, given up or undone now at the advocate's provider, the newest first."""
    wanted = select(Closing).where(Closing.provider_id == advocate.provider.id, Closing.ended_at.is_(None))
    found = await session.scalars(wanted.where(Closing.proposed_at > now - UNDONE_WITHIN - STANDS))
    return [one for one in sorted(found, key=lambda one: -one.id) if _stands(one, now)]


async def members_of(session: AsyncSession, closing: Closing) -> Sequence[Handover]:
    """What a closing is of and nobody has taken since; once it is done, what it has closed."""
    wanted = select(Handover).where(Handover.closing_id == closing.id)
    done = (Handover.closed_at == closing.confirmed_at,) if closing.confirmed_at else IN_LINE
    return list(await session.scalars(wanted.where(*done).order_by(Handover.asked_at, Handover.id)))


async def forget_closings(session: AsyncSession, now: datetime) -> None:
    """Deletes what can be done or undone no more; the log still says who did what."""
    over = select(Closing.id).where(Closing.proposed_at <= now - UNDONE_WITHIN - 2 * STANDS)
    old = list(await session.scalars(over))
    if old:
        theirs = update(Handover).where(Handover.closing_id.in_(old)).values(closing_id=None)
        await session.execute(theirs.execution_options(synchronize_session=False))
        await session.execute(delete(Closing).where(Closing.id.in_(old)))


def _stands(closing: Closing, now: datetime) -> bool:
    if closing.confirmed_at:
        return now - closing.confirmed_at <= UNDONE_WITHIN
    return now - closing.proposed_at <= STANDS


async def _held(session: AsyncSession, advocate: Advocate, ref: str) -> Closing:
    """The closing, and whoever else would change it waits. NotYours for another provider's."""
    found: Closing | None = await session.scalar(
        update(Closing)
        .where(Closing.ref == ref, Closing.provider_id == advocate.provider.id)
        .values(provider_id=Closing.provider_id)
        .returning(Closing)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if found is None:
        raise NotYours
    return found


async def _change(
    session: AsyncSession,
    handover_context: HandoverContext,
    which: tuple[ColumnElement[bool], ...],
    kind: str,
    now: datetime,
    **values: object,
) -> int:
    """Changes all of these at once, adds a line to each talk, and wakes their pages; how many."""
    changed = update(Handover).where(*which).values(changes=Handover.changes + 1, **values)
    returned = changed.returning(Handover.id, Handover.changes, Handover.provider_id)
    rows = (await session.execute(returned.execution_options(synchronize_session=False))).all()
    lines = [
        {"handover_id": row.id, "number": row.changes, "change": row.changes, "kind": kind, "sealed": "", "at": now}
        for row in rows
    ]
    if lines:
        await session.execute(insert(Message), [{"writer": "house", **line} for line in lines])
    await handover_context.pubsub.tell(
        session, *{queue(row.provider_id) for row in rows}, *(talk(row.id) for row in rows)
    )
    return len(rows)


async def _log(session: AsyncSession, advocate: Advocate, what: str, closing: Closing, now: datetime) -> None:
    await note(session, now, advocate.provider.layer, advocate.name, what[:40], closing.ref, advocate.id)
