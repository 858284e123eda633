"""What a child's page sees of its handover at one moment: where it stands, and what is new since it was opened."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.person.room import Way
from api.records.handovers.finding import page_is_here, place_in_line
from api.records.handovers.safe import Line, opened
from api.records.handovers.standing import Standing, names_of, said_before, standing
from api.records.handovers.tables import Handover
from api.records.handovers.talk import fetch

_HERE_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Sight:
    """What a page shows. `before` is how many messages it does not show, as they were said before it was opened.

    `names` are of the people whose lines these are, by their accounts.
    """

    standing: Standing
    lines: tuple[Line, ...]
    names: Mapping[int, str]
    before: int

    @property
    def handover(self) -> Handover:
        """The handover that is looked at."""
        return self.standing.handover


async def sight(session: AsyncSession, way: Way, handover: Handover, after: int | None, now: datetime) -> Sight:
    """What a page that was opened at a change shows now; at None it is opened now, and shows no line."""
    since = handover.changes if after is None else after
    lines = await new_lines(session, way, handover, since, now)
    await still_here(session, handover, now)
    before = await said_before(session, handover, since)
    return Sight(await standing(session, handover), lines, await names(session, lines), before)


async def new_lines(session: AsyncSession, way: Way, handover: Handover, since: int, now: datetime) -> tuple[Line, ...]:
    """The lines since a change, in the order of the talk. From now on they are not changed any more."""
    if handover.changes <= since:
        return ()
    return tuple(opened(way.talks.safe, await fetch(session, way.talks, handover, since, now)))


async def names(session: AsyncSession, lines: tuple[Line, ...]) -> Mapping[int, str]:
    """What those who wrote these lines are called."""
    return await names_of(session, (line.account_id for line in lines))


async def still_here(session: AsyncSession, handover: Handover, now: datetime) -> None:
    """Notes now and then that the page is open."""
    if handover.seen_at is None or now - handover.seen_at >= _HERE_EVERY:
        await page_is_here(session, handover, now)


async def moved_up(session: AsyncSession, before: Standing, handover: Handover) -> Standing:
    """The same standing, once nothing but the line before it can have changed."""
    place = await place_in_line(session, handover) if handover.state == "waiting" else 0
    return replace(before, handover=handover, place=place)
