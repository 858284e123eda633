"""Visits that were left, so that an old page of one stays shut: keyed hashes of random names, and when they go."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.web.column_types import Moment
from api.web.database import Base, inserting

CHANNEL = "know_visit"
"""The channel of PostgreSQL on which processes tell each other, by its hash, that a visit ended."""
MOST = 100_000
"""How many are kept. Whoever leaves more often than that has the ones forgotten that would go first."""


class RevokedVisit(Base):
    """One visit that ended. `hash` is made with a key that the database does not hold, of a name that says nothing.

    `until` is the full hour after which no page of it could be opened any more; it is deleted then. That is all: no
    force, no words, no device, and no moment at which somebody left.
    """

    __tablename__ = "revoked_visit"

    hash: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime] = mapped_column(Moment)


async def keep_revoked(session: AsyncSession, ended: Mapping[str, datetime]) -> None:
    """Keeps that these visits ended, by hash until when, and tells every other process; one kept already stays."""
    rows = [{"hash": name, "until": until} for name, until in ended.items()]
    await session.execute(inserting(session, RevokedVisit).on_conflict_do_nothing(), rows)
    too_many = (await session.scalar(select(func.count()).select_from(RevokedVisit)) or 0) - MOST
    if too_many > 0:
        first = select(RevokedVisit.hash).order_by(RevokedVisit.until, RevokedVisit.hash).limit(too_many)
        await session.execute(delete(RevokedVisit).where(RevokedVisit.hash.in_(first)))
    if session.get_bind().dialect.name == "postgresql":
        for name in ended:
            await session.execute(select(func.pg_notify(CHANNEL, name)))


async def revoked(session: AsyncSession) -> Mapping[str, datetime]:
    """Every visit that is known to have ended, by hash until when."""
    found = await session.execute(select(RevokedVisit.hash, RevokedVisit.until))
    return {row.hash: row.until for row in found}


async def forget_revoked(session: AsyncSession, now: datetime) -> None:
    """Deletes those of which no page could be opened any more."""
    await session.execute(delete(RevokedVisit).where(RevokedVisit.until <= now))
