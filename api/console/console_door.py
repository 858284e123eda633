"""The console's door: what its pages share."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.advocates import Advocate
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.queries import of_provider
from api.records.handovers.states import NotYours
from api.records.handovers.tables import Handover
from api.records.wiring import Services
from api.web.errors import Problem
from api.web.handed import from_door
from content.danger import Alarm
from content.rendering import Renderer


@dataclass(frozen=True)
class ConsoleDoor(Services):
    """The console's own things, put together once when the app starts."""

    handover_context: HandoverContext
    renderer: Renderer
    alarm: Alarm


OnConsole = Annotated[ConsoleDoor, Depends(from_door(ConsoleDoor))]


def nothing_here() -> Problem:
    """What everybody is told of what is not there, or not theirs: which of the two is not theirs to know."""
    return Problem(404, "There is nothing at this address.")


async def ours(session: AsyncSession, advocate: Advocate, ref: str) -> Handover:
    """A handover of the advocate's own provider. Raises Problem 404 for every other."""
    try:
        return await of_provider(session, advocate, ref)
    except NotYours as error:
        raise nothing_here() from error
