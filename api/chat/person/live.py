"""A page that is kept up to date: every look at its handover, its new handles, and how it ends."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.person.handle import Handle, StaleHandle
from api.chat.person.room import Way
from api.chat.person.sight import Sight, moved_up, names, new_lines, still_here
from api.records.handovers.bells import talk
from api.records.handovers.finding import of_page
from api.records.handovers.standing import Standing, standing
from api.records.handovers.states import NotYours
from api.records.handovers.tables import Handover
from api.records.handovers.waking import news

NEW_HANDLE = timedelta(minutes=10)
"""How often an open page gets a new handle."""
Found = TypeVar("Found")
Look = Sight | Literal["away", "stale"]
"""What a look finds; `away` once when the database is, `stale` when this page may not have it any more."""


class Live:
    """One open page. `after` is the change that it has been told up to; whoever tells it moves that on."""

    def __init__(self, way: Way, handle: Handle, after: int) -> None:
        self._way, self._handle, self.after = way, handle, after
        self._standing: Standing | None = None
        # A new one at once: the page may have been open for most of the life of its handle.
        self._sealed_at: datetime | None = None

    async def looks(self) -> AsyncIterator[Look]:
        """Look after look, at once and at every change, until the talk is closed or this is not its page any more."""
        try:
            async with aclosing(self._all()) as looks:
                async for look in looks:
                    yield look
        except NotYours:
            yield "stale"

    async def _all(self) -> AsyncGenerator[Look, None]:
        bell = ""
        async with aclosing(self._news((), self._find)) as finds:
            async for found in finds:
                if found:
                    bell = talk(found.id)
                    break
                yield "away"
        async with aclosing(self._news((bell,), self._look)) as looks:
            async for seen in looks:
                yield seen or "away"
                if seen and seen.handover.closed_at:
                    return

    def _news(
        self, heard: tuple[str, ...], read: Callable[[AsyncSession], Awaitable[Found]]
    ) -> AsyncGenerator[Found | None, None]:
        return news(self._way.database, self._way.talks.bells, heard, read)

    def handle(self) -> str | None:
        """A new handle for the page, when its time has come."""
        now = self._way.now()
        if self._sealed_at is not None and now - self._sealed_at < NEW_HANDLE:
            return None
        self._sealed_at = now
        return self._way.handles.write(self._handle, now)

    async def _find(self, session: AsyncSession) -> Handover:
        return await of_page(session, self._way.talks.safe, self._handle.ref, self._handle.secret)

    async def _look(self, session: AsyncSession) -> Sight:
        handover, now = await self._find(session), self._way.now()
        lines = await new_lines(session, self._way, handover, self.after, now)
        await still_here(session, handover, now)
        stands = await self._stands(session, handover)
        return Sight(stands, lines, await names(session, lines), 0)

    async def _stands(self, session: AsyncSession, handover: Handover) -> Standing:
        known = self._standing
        if known and _told_of(known.handover) == _told_of(handover):
            self._standing = await moved_up(session, known, handover)
        else:
            self._standing = await standing(session, handover)
        return self._standing


def _told_of(handover: Handover) -> tuple[object, ...]:
    """What changes whenever there is something new to say of a handover, its place in line apart."""
    return handover.changes, handover.claimed_by, handover.wants, handover.closed_at


def handle_of(way: Way, here: str) -> Handle | None:
    """The handle that a page sends, None for a stale one."""
    try:
        return way.handles.read(here, way.now())
    except StaleHandle:
        return None
