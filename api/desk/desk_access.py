"""The desk's guards: who is signed in, for which layer, and that a form came from our own page."""

from typing import Annotated

from fastapi import Depends, Request

from api.desk.desk_door import DeskDoor, OnDesk, must_work_on
from api.records.handovers.providers import provider_with
from api.records.roles import is_providers, oversees, roles_given_by
from api.records.sessions import actor_of
from api.web.cookies import read_cookie
from api.web.csrf import CHANGES, COOKIE, NOT_FROM_HERE, SENT_FROM, NotSignedIn, must_be_our_form
from api.web.errors import Problem
from content.review import Actor

# Which site a request comes from, as the browser says it; none is somebody's own doing, such as a reload.
_OURS = frozenset({"same-origin", "none"})


async def signed_in(request: Request, desk: OnDesk) -> Actor:
    """Who is asking. A form must carry the mark of this sign-in.

    Raises NotSignedIn for nobody, and for advocates, who have no desk; OldForm for a form from before this sign-in, and
    Problem 403 for one that another page sent.
    """
    token = read_cookie(request, COOKIE)
    async with desk.work() as session:
        found = await actor_of(session, token, desk.now(), desk.pack_cache.today()) if token else None
    if found is None:
        raise NotSignedIn
    await must_be_our_form(request, token)
    return found


async def from_here(request: Request) -> None:
    """The guard of the pages before a sign-in, which have no mark yet: Problem 403 for a form that another site sent.

    A browser that does not say where a form comes from is believed: to sign in takes a password and a code.
    """
    if request.method in CHANGES and request.headers.get(SENT_FROM, "none") not in _OURS:
        raise Problem(403, NOT_FROM_HERE)


async def of_layer(layer: str, actor: Annotated[Actor, Depends(signed_in)], desk: OnDesk) -> Actor:
    """Who is asking, if they work for the layer that the address names; Problem 404 otherwise."""
    must_work_on(actor, layer)
    desk.layer_name(layer)
    return actor


async def of_people(layer: str, actor: Annotated[Actor, Depends(signed_in)], desk: OnDesk) -> Actor:
    """Who is asking, if they may see who works for a layer: its own people and the national admins; Problem 404 else.

    An admin sees the people, the log and the door of every layer by this guard, the people and the log of providers
    too, and the words of none but their own.
    """
    desk.layer_name(layer)
    if not oversees(actor, layer) or (is_providers(layer) and not await _is_here(desk, layer)):
        raise Problem(404, "There is nothing at this address.")
    return actor


async def _is_here(desk: DeskDoor, layer: str) -> bool:
    async with desk.work() as session:
        return await provider_with(session, layer, practice=desk.settings.practice) is not None


async def of_log(layer: str, actor: Annotated[Actor, Depends(of_people)]) -> Actor:
    """Who is asking, if they may read a layer's log: its lead, the deputy, the national admins; Problem 404 else."""
    if not roles_given_by(actor, layer) and not actor.deputy:
        raise Problem(404, "There is nothing at this address.")
    return actor


OnActor = Annotated[Actor, Depends(signed_in)]
OnLayer = Annotated[Actor, Depends(of_layer)]
OnPeople = Annotated[Actor, Depends(of_people)]
OnLog = Annotated[Actor, Depends(of_log)]
