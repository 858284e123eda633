"""Deputies: who may sign in place of a force's lead, from a day to a day, named by the lead or a national admin."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.accounts import Account, Delegation
from api.records.audit import note
from api.records.marked_rows import TAKEN_AWAY, believed_of
from api.records.people import Mistaken, must_be_another
from api.records.roles import is_providers, roles_given_by
from content.review import Actor, NotAllowed

LONGEST = timedelta(days=366)


async def delegations_of(session: AsyncSession, layer: str, today: date) -> Sequence[Delegation]:
    """The delegations of a layer that are in date or still to come, the first to start first."""
    wanted = select(Delegation).where(
        Delegation.layer == layer, Delegation.ends >= today, Delegation.ended_at.is_(None)
    )
    return believed_of(session, await session.scalars(wanted.order_by(Delegation.starts, Delegation.id)))


async def name_deputy(
    session: AsyncSession, by: Actor, deputy: Account, starts: date, ends: date, *, now: datetime, today: date
) -> Delegation:
    """Lets a person of the layer sign in place of its lead, from a day to a day, both included.

    Raises NotAllowed when this person may not name them, and Mistaken for the days.
    """
    _must_name(by, deputy.layer)
    must_be_another(by, deputy, "Nobody names themselves the deputy.")
    if deputy.role == "lead" or deputy.closed_at is not None:
        why = "is the lead" if deputy.role == "lead" else "has a closed account"
        raise NotAllowed([f"{deputy.name} {why}, and so cannot be the deputy. Choose somebody else."])
    _must_be_days(starts, ends, today)
    for other in await delegations_of(session, deputy.layer, today):
        if other.deputy_id == deputy.id and other.starts <= ends and starts <= other.ends:
            raise NotAllowed([f"{deputy.name} is named for some of these days already. End that first."])
    named = Delegation(layer=deputy.layer, deputy_id=deputy.id, starts=starts, ends=ends, named_by=by.name, made_at=now)
    session.add(named)
    await session.flush()
    about = f"{deputy.name}, {starts.isoformat()} to {ends.isoformat()}"
    await note(session, now, deputy.layer, by.name, "name deputy", about, by.id or None)
    return named


async def end_deputy(session: AsyncSession, by: Actor, deputy: Account, *, now: datetime, today: date) -> None:
    """Ends every delegation of a person, at once. Raises NotAllowed when there is none, or this person may not."""
    _must_name(by, deputy.layer)
    found = [row for row in await delegations_of(session, deputy.layer, today) if row.deputy_id == deputy.id]
    if not found:
        raise NotAllowed([f"{deputy.name} is not the deputy, now or later. There is nothing to end."])
    ended = update(Delegation).where(Delegation.id.in_([row.id for row in found]))
    await session.execute(ended.values(ended_at=now, mark=TAKEN_AWAY))
    await note(session, now, deputy.layer, by.name, "end deputy", deputy.name, by.id or None)


def _must_name(by: Actor, layer: str) -> None:
    if is_providers(layer):
        raise NotAllowed(["An advocacy organisation has no lead, and so no deputy."])
    if not roles_given_by(by, layer):
        raise NotAllowed(["Only the lead, or a national admin, decides who is deputy. Ask one of them."])


def _must_be_days(starts: date, ends: date, today: date) -> None:
    if starts < today:
        raise Mistaken({"starts": "The first day has passed. Choose today or a later day."})
    if ends < starts:
        raise Mistaken({"ends": "The last day is before the first. Choose the same day or a later one."})
    if ends - starts > LONGEST:
        raise Mistaken({"ends": "That is more than a year. Choose an earlier last day; it can be named again then."})
