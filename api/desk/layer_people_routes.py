"""The people of a layer: who works here, and for the lead and the national admins, inviting somebody."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form, Request
from fastapi.responses import Response

from api.desk.desk_access import OnPeople, of_people
from api.desk.desk_door import DeskDoor, OnDesk
from api.desk.desk_view import show
from api.records.deputies import delegations_of
from api.records.handovers.providers import providers
from api.records.invitation_email import welcome
from api.records.people import Mistaken, NewPerson, add, people_of
from api.records.roles import is_admin, is_providers, roles_given_by
from api.web.page_routes import page_routes
from content.review import Actor, NotAllowed
from content.signoff import NATIONAL

routes = page_routes(of_people, prefix="/desk/{layer}/people")


@routes.get("")
async def people(request: Request, desk: OnDesk, actor: OnPeople, layer: str) -> Response:
    """Who works for the layer, in which role and post, since when, and who did before."""
    return await _page(request, desk, actor, layer)


@routes.post("")
async def invite(
    request: Request,
    desk: OnDesk,
    actor: OnPeople,
    layer: str,
    role: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    post: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
) -> Response:
    """Adds a person and shows their link. Not a 303: the link is shown once and must be in no address."""
    new, now = NewPerson(role, name, post, email), desk.now()
    try:
        async with desk.work() as session:
            account = await add(
                session, actor, layer, new, forces=desk.pack_cache.forces, practice=desk.settings.practice, now=now
            )
            invited = await welcome(session, account, desk.settings, now)
    except NotAllowed as no:
        return await _page(request, desk, actor, layer, 409, told=no.reasons, typed=new)
    except Mistaken as mistaken:
        return await _page(request, desk, actor, layer, 422, faults=mistaken.faults, typed=new)
    return await _page(request, desk, actor, layer, invited=invited)


async def _page(
    request: Request, desk: DeskDoor, actor: Actor, layer: str, status: int = 200, **others: Any
) -> Response:
    today = desk.pack_cache.today()
    async with desk.work() as session:
        accounts = await people_of(session, layer)
        named = await delegations_of(session, layer, today)
        known = await providers(session, practice=desk.settings.practice) if is_admin(actor) else ()
    theirs = {one.layer: one.name for one in known}
    shown: dict[str, Any] = {"told": (), "faults": {}, "typed": NewPerson("", "", "", ""), "invited": None, **others}
    return show(
        request,
        desk,
        actor,
        layer,
        "people.html",
        status,
        people=[account for account in accounts if account.closed_at is None],
        gone=[account for account in accounts if account.closed_at is not None],
        deputies={account.id: [row for row in named if row.deputy_id == account.id] for account in accounts},
        roles=roles_given_by(actor, layer),
        provider=theirs.get(layer) if is_providers(layer) else None,
        layers={**_layers(desk), **theirs} if is_admin(actor) else {},
        **shown,
    )


def _layers(desk: DeskDoor) -> Mapping[str, str]:
    """The national layer and every force, by name."""
    known = [slug for slug, force in desk.pack_cache.forces.items() if force.kind != "hand-over"]
    return {layer: desk.layer_name(layer) for layer in (NATIONAL, *known)}
