"""What the pages of the way to a person share beside the chat's room."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.person.handle import Handle, Handles, StaleHandle
from api.hall.clock import Clock
from api.hall.database import Database
from api.records.handovers.finding import of_page
from api.records.handovers.states import NotYours
from api.records.handovers.tables import Handover
from api.records.handovers.talks import Talks
from content.rendering import Renderer


@dataclass(frozen=True)
class Way:
    """The way to a person: the database and the safe of the talks, the handles of pages, and the clock."""

    database: Database
    talks: Talks
    handles: Handles
    renderer: Renderer
    now: Clock

    @asynccontextmanager
    async def work(self) -> AsyncIterator[AsyncSession]:
        """A transaction: all of it is kept, or none."""
        async with self.database.begin() as session:
            yield session

    async def found(self, session: AsyncSession, here: str) -> tuple[Handover, Handle]:
        """The handover of a page's handle. Raises StaleHandle for one that is old, altered, or not its page's any more.

        A handover that was forgotten looks the same as one that never was.
        """
        handle = self.handles.read(here, self.now())
        try:
            return await of_page(session, self.talks.safe, handle.ref, handle.secret), handle
        except NotYours as error:
            raise StaleHandle from error


async def way(request: Request) -> Way:
    """The way to a person of this app."""
    return cast(Way, request.app.state.way)


OnWay = Annotated[Way, Depends(way)]
