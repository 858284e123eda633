"""Counts: how often something happened at a provider in a month. No time of day, no force, no words."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.tables import Count
from api.web.database import inserting


async def count(session: AsyncSession, provider_id: int, what: str, now: datetime) -> None:
    """One more of `what`, in the transaction of what it counts."""
    row = inserting(session, Count).values(provider_id=provider_id, month=f"{now:%Y-%m}", what=what, count=1)
    more = Count.count + row.excluded.count
    await session.execute(
        row.on_conflict_do_update(index_elements=["provider_id", "month", "what"], set_={"count": more})
    )


async def counts_of(session: AsyncSession, provider_id: int) -> Mapping[str, Mapping[str, int]]:
    """The counts of a provider by month, the newest first."""
    rows = await session.scalars(select(Count).where(Count.provider_id == provider_id).order_by(Count.month.desc()))
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.month, {})[row.what] = row.count
    return found
