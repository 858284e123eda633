"""Where a handover stands: what its child is told of it at one moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.accounts import Account
from api.records.handovers.finding import place_in_line
from api.records.handovers.tables import Handover, Message, Provider, Watch
from api.records.handovers.talk import WORDS


@dataclass(frozen=True)
class Standing:
    """A handover with the names of those who can read it now. `place` is in line; 0 when it stands in none."""

    handover: Handover
    provider: Provider
    advocate: str
    watchers: tuple[str, ...]
    place: int


async def standing(session: AsyncSession, handover: Handover) -> Standing:
    """Where a handover stands now."""
    watchers = (
        select(Account.name)
        .join(Watch, Watch.account_id == Account.id)
        .where(Watch.handover_id == handover.id, Watch.ended_at.is_(None))
        .order_by(Watch.id)
    )
    return Standing(
        handover,
        await session.get_one(Provider, handover.provider_id),
        await session.scalar(select(Account.name).where(Account.id == handover.claimed_by)) or "",
        tuple(await session.scalars(watchers)),
        await place_in_line(session, handover) if handover.state == "waiting" else 0,
    )


async def names_of(session: AsyncSession, accounts: Iterable[int | None]) -> Mapping[int, str]:
    """What the people of these accounts are called."""
    wanted = {account for account in accounts if account is not None}
    if not wanted:
        return {}
    found = await session.execute(select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return {row.id: row.name for row in found}


async def said_before(session: AsyncSession, handover: Handover, change: int) -> int:
    """How many messages somebody wrote up to a change: those that a page opened after it does not show."""
    wanted = select(func.count()).where(
        Message.handover_id == handover.id, Message.kind == WORDS, Message.change <= change
    )
    return await session.scalar(wanted) or 0
