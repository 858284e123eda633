"""The door of a force: shut to children with a vetted message, opened again, and which organisation answers for it.

The national layer has no door to shut. It has an organisation, for children who do not say where they live.
"""

from typing import Annotated, Any, Literal

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.desk.desk_access import OnPeople, of_people
from api.desk.desk_door import DeskDoor, OnDesk
from api.desk.desk_view import show
from api.records import force_availability
from api.records.handovers.providers import provider_with, providers
from api.records.handovers.tables import Provider
from api.records.people import Mistaken
from api.records.roles import is_providers
from api.web.errors import Problem
from api.web.page_routes import page_routes
from content.review import Actor, NotAllowed

routes = page_routes(of_people, prefix="/desk/{layer}/door")
_SEE_OTHER = 303
Doing = Literal["close", "open", "provider"]


@routes.get("")
async def door(request: Request, desk: OnDesk, actor: OnPeople, layer: str) -> Response:
    """Whether the door is open, and who answers for the force."""
    return await _page(request, desk, actor, layer)


@routes.post("/{doing}")
async def do(
    request: Request,
    desk: OnDesk,
    actor: OnPeople,
    layer: str,
    doing: Doing,
    message: Annotated[str, Form()] = "",
    provider: Annotated[str, Form()] = "",
) -> Response:
    """Decides one thing, which children see with their next message; or says why not and keeps what was typed."""
    try:
        await _decide(desk, actor, layer, doing, message, provider)
    except NotAllowed as no:
        return await _page(request, desk, actor, layer, 409, told=no.reasons, provider=provider)
    except Mistaken as mistaken:
        return await _page(request, desk, actor, layer, 422, faults=mistaken.faults, provider=provider)
    await desk.pack_cache.refresh()
    return RedirectResponse(f"/desk/{layer}/door", _SEE_OTHER)


async def _decide(desk: DeskDoor, actor: Actor, layer: str, doing: Doing, message: str, provider: str) -> None:
    _must_have_one(layer)
    async with desk.work() as session:
        if doing == "close":
            await force_availability.close_door(session, actor, layer, message, desk.now())
        elif doing == "open":
            await force_availability.open_door(session, actor, layer, desk.now())
        else:
            named = await _chosen(session, desk, provider) if provider else None
            forces, practice = desk.pack_cache.forces, desk.settings.practice
            await force_availability.name_provider(
                session, actor, layer, named, forces=forces, practice=practice, now=desk.now()
            )


def _must_have_one(layer: str) -> None:
    """Raises Problem 404 for an organisation's own layer: nobody answers for those who answer."""
    if is_providers(layer):
        raise Problem(404, "There is nothing at this address.")


async def _chosen(session: AsyncSession, desk: DeskDoor, slug: str) -> Provider:
    found = await provider_with(session, slug, practice=desk.settings.practice)
    if found is None:
        raise Mistaken({"provider": "Choose one of the organisations in the list."})
    return found


async def _page(
    request: Request, desk: DeskDoor, actor: Actor, layer: str, status: int = 200, **others: Any
) -> Response:
    _must_have_one(layer)
    async with desk.work() as session:
        decided = await force_availability.decided(session, layer)
        known = {one.slug: one.name for one in await providers(session, practice=desk.settings.practice)}
    named = decided.get("provider")
    shown: dict[str, Any] = {"told": (), "faults": {}, **others}
    shown["provider"] = shown.get("provider") or (named.value if named else "")
    return show(
        request,
        desk,
        actor,
        layer,
        "door.html",
        status,
        closed=decided.get("closed"),
        named=named,
        messages={name: desk.pages.words[name] for name in force_availability.MESSAGES},
        may=force_availability.may_decide(actor, layer),
        names=force_availability.may_name_provider(actor),
        providers=known,
        **shown,
    )
