"""Who is here, and how many more children they may take: an advocate says so, until their browser has gone quiet."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.accounts import Account
from api.records.handovers.advocates import Advocate
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.pubsub import queue
from api.records.handovers.tables import Handover, Presence, Provider, layer_of
from api.records.marked_rows import believed_of
from api.web.database import inserting

QUIET = timedelta(seconds=75)
"""How long a browser may be quiet and still count as here: a page without script asks every 30 seconds."""


class NotHere(Exception):
    """Only an advocate who is here takes a handover."""


async def arrive(session: AsyncSession, handover_context: HandoverContext, advocate: Advocate, now: datetime) -> None:
    """The advocate says that they are here. Pressed again, they have been here since the first time."""
    row = inserting(session, Presence).values(account_id=advocate.id, here_since=now, seen_at=now)
    await session.execute(row.on_conflict_do_nothing(index_elements=["account_id"]))
    stale = update(Presence).where(Presence.account_id == advocate.id, ~_here(now))
    await session.execute(stale.values(here_since=now))
    await session.execute(update(Presence).where(Presence.account_id == advocate.id).values(seen_at=now))
    await handover_context.pubsub.tell(session, queue(advocate.provider.id))


async def leave(session: AsyncSession, handover_context: HandoverContext, advocate: Advocate, now: datetime) -> None:
    """The advocate is here no more. What they have claimed stays theirs until the sweep lets it go."""
    gone = update(Presence).where(Presence.account_id == advocate.id)
    await session.execute(gone.values(here_since=None, seen_at=now))
    await handover_context.pubsub.tell(session, queue(advocate.provider.id))


async def still_here(session: AsyncSession, account_id: int, now: datetime) -> bool:
    """The advocate's browser has been heard of. False for one who is not here: they must say so again themselves."""
    seen = update(Presence).where(Presence.account_id == account_id, _here(now)).values(seen_at=now)
    return await session.scalar(seen.returning(Presence.account_id)) is not None


async def one_at_a_time(session: AsyncSession, account_id: int) -> None:
    """Whoever else gives this advocate something waits until this transaction ends. It is no sign of them."""
    row = update(Presence).where(Presence.account_id == account_id).values(seen_at=Presence.seen_at)
    await session.execute(row.execution_options(synchronize_session=False))


async def here_since(session: AsyncSession, account_id: int, now: datetime) -> datetime | None:
    """Since when somebody is here; None when they are not."""
    found: datetime | None = await session.scalar(
        select(Presence.here_since).where(Presence.account_id == account_id, _here(now))
    )
    return found


async def who_is_here(session: AsyncSession, provider_slug: str, now: datetime) -> Sequence[Account]:
    """The advocates and supervisors of a provider who are here, by name."""
    wanted = select(Account).join(Presence, Presence.account_id == Account.id)
    mine = (Account.layer == layer_of(provider_slug), Account.closed_at.is_(None))
    return believed_of(session, await session.scalars(wanted.where(*mine, _here(now)).order_by(Account.name)))


async def open_places(session: AsyncSession, provider: Provider, now: datetime) -> int:
    """How many more children those who are here may take. 0 while nobody is: then whoever waits is beyond them."""
    here = [one.id for one in await who_is_here(session, provider.slug, now)]
    if not here:
        return 0
    held = select(Handover.claimed_by, func.count()).where(Handover.claimed_by.in_(here), Handover.closed_at.is_(None))
    taken = {row[0]: row[1] for row in await session.execute(held.group_by(Handover.claimed_by))}
    return sum(max(0, provider.most_open - taken.get(one, 0)) for one in here)


def _here(now: datetime) -> ColumnElement[bool]:
    return Presence.here_since.is_not(None) & (Presence.seen_at > now - QUIET)
