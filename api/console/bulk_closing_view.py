"""Closing many together, as its pages show it: how many, since when, how many may be in danger. No words of a child."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.console.console_door import ConsoleDoor
from api.console.plain_labels import when
from api.console.queue_view import SimilarAsks, group, page_open
from api.records.handovers.advocates import Advocate
from api.records.handovers.bulk_closing import UNDONE_WITHIN, closings_of, members_of
from api.records.handovers.presence import here_since
from api.records.handovers.similar_asks import SMALLEST, group_of
from api.records.handovers.states import NotYours
from api.records.handovers.status import names_of
from api.records.handovers.tables import Closing, Handover

_MOST = 300
"""How many of a group its own page shows: more than that nobody reads one by one."""


@dataclass(frozen=True)
class GroupPage:
    """The page of a group. `newest` is sent along, so that nobody is closed who was not on it; `here` may take one."""

    group: SimilarAsks
    newest: str
    pages_open: int
    here: bool


@dataclass(frozen=True)
class ClosingView:
    """A closing of many. `mine` where this advocate proposed it; `stands` while it can be done, or undone."""

    ref: str
    by: str
    at: str
    mine: bool
    many: int
    danger: int
    pages_open: int
    since: str
    until: str
    confirmed_by: str
    confirmed_at: str
    undo_until: str
    ended: bool
    stands: bool


async def group_page(
    session: AsyncSession, console: ConsoleDoor, advocate: Advocate, handover: Handover
) -> GroupPage | None:
    """The group that somebody in line stands in; None when there is none any more."""
    now = console.now()
    try:
        ones = await group_of(session, handover)
    except NotYours:
        return None
    if len(ones) < SMALLEST:
        return None
    return GroupPage(
        group(console, ones, now, _MOST),
        max(ones, key=lambda one: one.id).ref,
        sum(page_open(one, now) for one in ones),
        await here_since(session, advocate.id, now) is not None,
    )


async def closing_view(session: AsyncSession, console: ConsoleDoor, advocate: Advocate, ref: str) -> ClosingView | None:
    """A closing of the advocate's own provider; None for every other."""
    found: Closing | None = await session.scalar(
        select(Closing).where(Closing.ref == ref, Closing.provider_id == advocate.provider.id)
    )
    if found is None:
        return None
    standing = {one.id for one in await closings_of(session, advocate, console.now())}
    return await _view(session, console, advocate, found, stands=found.id in standing)


async def closing_views(session: AsyncSession, console: ConsoleDoor, advocate: Advocate) -> Sequence[ClosingView]:
    """What can be confirmed or undone now, the newest first."""
    found = await closings_of(session, advocate, console.now())
    return [await _view(session, console, advocate, one, stands=True) for one in found]


async def _view(
    session: AsyncSession, console: ConsoleDoor, advocate: Advocate, closing: Closing, *, stands: bool
) -> ClosingView:
    now, members = console.now(), await members_of(session, closing)
    names = await names_of(session, (closing.proposed_by, closing.confirmed_by))
    asked = [one.asked_at for one in members]
    return ClosingView(
        ref=closing.ref,
        by=names.get(closing.proposed_by, ""),
        at=when(closing.proposed_at, now),
        mine=closing.proposed_by == advocate.id,
        many=len(members),
        danger=sum(one.danger for one in members),
        pages_open=sum(page_open(one, now) for one in members),
        since=when(min(asked), now) if asked else "",
        until=when(max(asked), now) if asked else "",
        confirmed_by=names.get(closing.confirmed_by or 0, ""),
        confirmed_at=when(closing.confirmed_at, now) if closing.confirmed_at else "",
        undo_until=when(closing.confirmed_at + UNDONE_WITHIN, now) if closing.confirmed_at else "",
        ended=closing.ended_at is not None,
        stands=stands,
    )
