"""The desk's room: what its pages share, and who is asking."""

import asyncio
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
from api.records.handovers.tables import LAYER_PREFIX
from api.records.roles import is_providers
from api.records.shelf import Shelf
from api.records.wording import Wording, Wordings
from content.force import Force
from content.review import Actor, NotAllowed
from content.signoff import NATIONAL


@dataclass(frozen=True)
class Desk:
    """The desk's own things, put together once when the app starts."""

    settings: Settings
    pages: Pages
    shelf: Shelf
    database: Database
    wordings: Wordings
    now: Clock

    @asynccontextmanager
    async def work(self) -> AsyncIterator[AsyncSession]:
        """A transaction of desk work: all of it is kept, or none."""
        async with self.database.begin() as session:
            yield session

    def layer_name(self, layer: str) -> str:
        """What people call a layer; a provider's goes by its slug. Raises Problem 404 for one that we do not know."""
        if layer == NATIONAL:
            return "England and Wales (national words)"
        if is_providers(layer):
            return f"Provider {layer.removeprefix(LAYER_PREFIX)}"
        return self.force(layer).name

    def force(self, layer: str) -> Force:
        """The force of a layer. Raises Problem 404 for one that we do not know or that has no words of its own."""
        force = self.shelf.forces.get(layer)
        if force is None or force.kind == "hand-over":
            raise Problem(404, "There is nothing at this address.")
        return force


async def desk(request: Request) -> Desk:
    """The desk of this app."""
    return cast(Desk, request.app.state.desk)


OnDesk = Annotated[Desk, Depends(desk)]


def must_work_on(actor: Actor, layer: str) -> None:
    """Raises Problem 404 for another force's people: whether there is anything there is not theirs to know."""
    if not actor.works_on(layer):
        raise Problem(404, "There is nothing at this address.")


def must_be_short(text: str, most: int) -> None:
    """Raises NotAllowed for a text of more letters than are kept: the page then shows it again, to be made shorter."""
    if len(text) > most:
        raise NotAllowed([f"What you wrote has {len(text)} letters; at most {most} are kept. Make it shorter."])


async def wording_of(desk: Desk, session: AsyncSession, layer: str, key: str) -> Wording:
    """One card's words in a layer now. Raises Problem 404 for a card that this release does not have."""
    found = await desk.wordings.of(session, layer, [key])
    if key not in found:
        raise Problem(404, "There is nothing at this address.")
    # Some words take seconds to vet. Once read they are remembered, so no page stops the children's answers for them.
    await asyncio.to_thread(desk.wordings.reports, found[key])
    return found[key]
