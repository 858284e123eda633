"""The order of the line: turns between origins, danger first in each, so that a thousand asks of one own nothing."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.tables import Handover

IN_LINE: tuple[ColumnElement[bool], ...] = (
    Handover.wants == "here",
    Handover.claimed_by.is_(None),
    Handover.closed_at.is_(None),
)
"""What makes a handover stand in line."""
MOST_AHEAD = 3
"""How many asks of one origin go before everybody else because they may be in danger; of more, each waits for a turn.

Enough for the children of one home. An origin without end of such asks would else shut out all who are not in danger.
"""
KNOWN_FOR = timedelta(days=1)
"""How long the name of an origin is kept, while nobody has taken or closed what was asked from there."""
ALIKE = "alike"
"""What is kept in its place begins with this: a chance name, which says which asks were alike and nothing of where."""
_CHANCE_BYTES = 8
BY_AGE = (Handover.danger.desc(), Handover.asked_at, Handover.id)
"""Danger first, then who asked first: the order within one origin, and of what stands in no line."""


async def line(session: AsyncSession, provider_id: int) -> Sequence[Handover]:
    """Everyone who waits on their page, in turn."""
    found = places(provider_id)
    return list(await session.scalars(select(Handover).join(found, found.c.id == Handover.id).order_by(found.c.place)))


async def place_in_line(session: AsyncSession, handover: Handover) -> int:
    """How many are before this one, plus one. 0 for one that stands in no line."""
    found = places(handover.provider_id)
    return await session.scalar(select(found.c.place).where(found.c.id == handover.id)) or 0


async def open_of(session: AsyncSession, provider_id: int) -> Sequence[Handover]:
    """Every open handover of a provider: the line in turn, then call-backs and those that somebody has."""
    found = places(provider_id)
    wanted = select(Handover).outerjoin(found, found.c.id == Handover.id)
    wanted = wanted.where(Handover.provider_id == provider_id, Handover.closed_at.is_(None))
    return list(await session.scalars(wanted.order_by(found.c.place.is_(None), found.c.place, *BY_AGE)))


async def takes_its_turn(session: AsyncSession, provider_id: int, origin: str | None, now: datetime) -> None:
    """One of this origin was taken: whoever else of it waits goes behind those who wait for its turn to end."""
    if origin is None:
        return
    # One that another advocate takes at this moment is left out, so that neither waits for the other.
    others = select(Handover.id).where(Handover.provider_id == provider_id, Handover.origin == origin, *IN_LINE)
    turned = update(Handover).where(Handover.id.in_(others.with_for_update(skip_locked=True)))
    await session.execute(
        turned.values(turns=Handover.turns + 1, turned_at=now).execution_options(synchronize_session=False)
    )


async def forget_origins(session: AsyncSession, now: datetime) -> None:
    """Forgets from where those came who asked more than a day ago. That some of them are alike stays known."""
    old = and_(Handover.origin.not_like(f"{ALIKE} %"), Handover.asked_at <= now - KNOWN_FOR)
    for name in list(await session.scalars(select(Handover.origin).where(old).distinct())):
        renamed = update(Handover).where(old, Handover.origin == name).values(origin=alike_name())
        await session.execute(renamed.execution_options(synchronize_session=False))


def alike_name() -> str:
    """A chance name for some that are alike."""
    return f"{ALIKE} {secrets.token_hex(_CHANCE_BYTES)}"


def places(provider_id: int) -> Subquery:
    """The id and the place of everyone who stands in a provider's line.

    One whose origin is None is alone of theirs. Each origin has its own order, danger first, then who asked first.
    First come those in danger, a few of each origin at most, and then one of each origin in turn, an origin with its
    last turn (or, without one, its asking) longer ago first.
    """
    origin = func.coalesce(Handover.origin, Handover.ref)
    within = func.row_number().over(partition_by=origin, order_by=BY_AGE)
    since = func.coalesce(Handover.turned_at, Handover.asked_at)
    mine = (
        select(Handover.id, Handover.danger, Handover.turns, since.label("since"), within.label("within"))
        .where(Handover.provider_id == provider_id, *IN_LINE)
        .subquery()
    )
    ahead = and_(mine.c.danger, mine.c.within + mine.c.turns <= MOST_AHEAD)
    order = (case((ahead, 0), else_=1), mine.c.within, mine.c.since, mine.c.id)
    return select(mine.c.id, func.row_number().over(order_by=order).label("place")).subquery()
