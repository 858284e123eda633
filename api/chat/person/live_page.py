"""A page that is kept up to date: every look at its handover, its new handles, and how it ends."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.person.handover_token import HandoverToken, StaleHandoverToken
from api.chat.person.person_door import PersonDoor
from api.records.handovers.pubsub import talk
from api.records.handovers.queries import of_page
from api.records.handovers.states import NotYours
from api.records.handovers.status import (
    HandoverStatus,
    Snapshot,
    moved_up,
    new_lines,
    note_open_page,
    standing,
    writer_names,
)
from api.records.handovers.subscribe import news
from api.records.handovers.tables import Handover

NEW_HANDLE = timedelta(minutes=10)
"""How often an open page gets a new handle."""
Found = TypeVar("Found")
Look = Snapshot | Literal["away", "stale"]
"""What a look finds; `away` once when the database is, `stale` when this page may not have it any more."""


class Live:
    """One open page. `after` is the change that it has been told up to; whoever tells it moves that on."""

    def __init__(self, person_door: PersonDoor, handle: HandoverToken, after: int) -> None:
        self._person_door, self._handle, self.after = person_door, handle, after
        self._standing: HandoverStatus | None = None
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
        return news(self._person_door.database, self._person_door.handover_context, heard, read)

    def handle(self) -> str | None:
        """A new handle for the page, when its time has come."""
        now = self._person_door.now()
        if self._sealed_at is not None and now - self._sealed_at < NEW_HANDLE:
            return None
        self._sealed_at = now
        return self._person_door.handover_tokens.write(self._handle, now)

    async def _find(self, session: AsyncSession) -> Handover:
        return await of_page(
            session, self._person_door.handover_context.message_cipher, self._handle.ref, self._handle.secret
        )

    async def _look(self, session: AsyncSession) -> Snapshot:
        handover, now = await self._find(session), self._person_door.now()
        lines = await new_lines(session, self._person_door.handover_context, handover, self.after, now)
        await note_open_page(session, handover, now)
        stands = await self._stands(session, handover)
        return Snapshot(stands, lines, await writer_names(session, lines), 0)

    async def _stands(self, session: AsyncSession, handover: Handover) -> HandoverStatus:
        known = self._standing
        if known and _told_of(known.handover) == _told_of(handover):
            self._standing = await moved_up(session, known, handover, self._person_door.now())
        else:
            self._standing = await standing(session, handover, self._person_door.now())
        return self._standing


def _told_of(handover: Handover) -> tuple[object, ...]:
    """What changes whenever there is something new to say of a handover, its place in line apart."""
    return handover.changes, handover.claimed_by, handover.wants, handover.closed_at


def handle_of(person_door: PersonDoor, here: str) -> HandoverToken | None:
    """The handle that a page sends, None for a stale one."""
    try:
        return person_door.handover_tokens.read(here, person_door.now())
    except StaleHandoverToken:
        return None
