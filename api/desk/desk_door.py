"""The desk's door: what its pages share, and who is asking."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.tables import LAYER_PREFIX
from api.records.roles import is_providers
from api.records.wiring import Services
from api.records.wording import Wording, Wordings
from api.web.errors import Problem
from api.web.handed import from_door
from content.force import Force
from content.review import Actor, NotAllowed
from content.signoff import NATIONAL


@dataclass(frozen=True)
class DeskDoor(Services):
    """The desk's own things, put together once when the app starts."""

    wordings: Wordings

    def layer_name(self, layer: str) -> str:
        """What people call a layer; a provider's goes by its slug. Raises Problem 404 for one that we do not know."""
        if layer == NATIONAL:
            return "England and Wales (national words)"
        if is_providers(layer):
            return f"Provider {layer.removeprefix(LAYER_PREFIX)}"
        return self.force(layer).name

    def force(self, layer: str) -> Force:
        """The force of a layer. Raises Problem 404 for one that we do not know or that has no words of its own."""
        force = self.pack_cache.forces.get(layer)
        if force is None or force.kind == "hand-over":
            raise Problem(404, "There is nothing at this address.")
        return force


OnDesk = Annotated[DeskDoor, Depends(from_door(DeskDoor))]


def must_work_on(actor: Actor, layer: str) -> None:
    """Raises Problem 404 for another force's people: whether there is anything there is not theirs to know."""
    if not actor.works_on(layer):
        raise Problem(404, "There is nothing at this address.")


def must_be_short(text: str, most: int) -> None:
    """Raises NotAllowed for a text of more letters than are kept: the page then shows it again, to be made shorter."""
    if len(text) > most:
        raise NotAllowed([f"What you wrote has {len(text)} letters; at most {most} are kept. Make it shorter."])


async def wording_of(desk_door: DeskDoor, session: AsyncSession, layer: str, key: str) -> Wording:
    """One card's words in a layer now. Raises Problem 404 for a card that this release does not have."""
    found = await desk_door.wordings.of(session, layer, [key])
    if key not in found:
        raise Problem(404, "There is nothing at this address.")
    # Some words take seconds to vet. Once read they are remembered, so no page stops the children's answers for them.
    await asyncio.to_thread(desk_door.wordings.reports, found[key])
    return found[key]
