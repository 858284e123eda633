"""The console's room: what its pages share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.hall.clock import Clock
from api.hall.database import Database
from api.hall.errors import Problem
from api.hall.pages import Pages
from api.hall.settings import Settings
from api.records.handovers.advocates import Advocate
from api.records.handovers.finding import of_provider
from api.records.handovers.states import NotYours
from api.records.handovers.tables import Handover
from api.records.handovers.talks import Talks
from api.records.shelf import Shelf
from content.rendering import Renderer


@dataclass(frozen=True)
class Console:
    """The console's own things, put together once when the app starts."""

    settings: Settings
    pages: Pages
    shelf: Shelf
    database: Database
    talks: Talks
    renderer: Renderer
    now: Clock

    @asynccontextmanager
    async def work(self) -> AsyncIterator[AsyncSession]:
        """A transaction of console work: all of it is kept, or none."""
        async with self.database.begin() as session:
            yield session


async def console(request: Request) -> Console:
    """The console of this app."""
    return cast(Console, request.app.state.console)


OnConsole = Annotated[Console, Depends(console)]


def nothing_here() -> Problem:
    """What everybody is told of what is not there, or not theirs: which of the two is not theirs to know."""
    return Problem(404, "There is nothing at this address.")


async def ours(session: AsyncSession, advocate: Advocate, ref: str) -> Handover:
    """A handover of the advocate's own provider. Raises Problem 404 for every other."""
    try:
        return await of_provider(session, advocate, ref)
    except NotYours as error:
        raise nothing_here() from error
