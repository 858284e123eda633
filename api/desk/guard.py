"""The desk's guards: who is signed in, for which layer, and that a form came from our own page."""

import hashlib
import hmac
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from api.desk.room import OnDesk, must_work_on
from api.hall.errors import Problem
from api.records.people import oversees, roles_given_by
from api.records.sessions import actor_of
from content.review import Actor

COOKIE = "desk"
"""The name of the cookie that holds the token of a sign-in; sent to /desk only."""
_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SENT_FROM = "sec-fetch-site"
# Which site a request comes from, as the browser says it; none is somebody's own doing, such as a reload.
_OURS = frozenset({"same-origin", "none"})


class NotSignedIn(Exception):
    """Nobody is signed in, or not any more: the page to sign in is shown, and then the one that was asked for."""


class OldForm(Exception):
    """A form of a page of ours that was opened before the last sign-in: it is shown to be sent with the new mark."""


def form_mark(token: str) -> str:
    """What every form of the desk carries, so that no other site can send one. It says nothing of the token."""
    return hashlib.sha256(f"form {token}".encode()).hexdigest()


def carries_mark(form: FormData, token: str) -> bool:
    """True for a form of the page that was opened with this sign-in."""
    # As bytes, because somebody may send a mark of any letters.
    return hmac.compare_digest(str(form.get("mark", "")).encode(), form_mark(token).encode())


async def signed_in(request: Request, desk: OnDesk) -> Actor:
    """Who is asking. A form must carry the mark of this sign-in.

    Raises NotSignedIn for nobody, OldForm for a form from before this sign-in, and Problem 403 for one that another
    page sent.
    """
    token = request.cookies.get(COOKIE, "")
    async with desk.work() as session:
        found = await actor_of(session, token, desk.now(), desk.shelf.today()) if token else None
    if found is None:
        raise NotSignedIn
    if request.method in _CHANGES and not carries_mark(await request.form(), token):
        if sent_by_our_page(request):
            raise OldForm
        raise Problem(403, "This form is not from this page. Open the page again.")
    return found


def sent_by_our_page(request: Request) -> bool:
    """True when the browser says so. Older browsers, and plain http to another machine, say nothing: False then."""
    return request.headers.get(_SENT_FROM) == "same-origin"


async def from_here(request: Request) -> None:
    """The guard of the pages before a sign-in, which have no mark yet: Problem 403 for a form that another site sent.

    A browser that does not say where a form comes from is believed: to sign in takes a password and a code.
    """
    if request.method in _CHANGES and request.headers.get(_SENT_FROM, "none") not in _OURS:
        raise Problem(403, "This form is not from this page. Open the page again.")


async def of_layer(layer: str, actor: Annotated[Actor, Depends(signed_in)], desk: OnDesk) -> Actor:
    """Who is asking, if they work for the layer that the address names; Problem 404 otherwise."""
    must_work_on(actor, layer)
    desk.layer_name(layer)
    return actor


async def of_people(layer: str, actor: Annotated[Actor, Depends(signed_in)], desk: OnDesk) -> Actor:
    """Who is asking, if they may see who works for a layer: its own people and the national admins; Problem 404 else.

    An admin sees the people, the log and the door of every layer by this guard, and the words of none but their own.
    """
    desk.layer_name(layer)
    if not oversees(actor, layer):
        raise Problem(404, "There is nothing at this address.")
    return actor


async def of_log(layer: str, actor: Annotated[Actor, Depends(of_people)]) -> Actor:
    """Who is asking, if they may read a layer's log: its lead, the deputy, the national admins; Problem 404 else."""
    if not roles_given_by(actor, layer) and not actor.deputy:
        raise Problem(404, "There is nothing at this address.")
    return actor


OnActor = Annotated[Actor, Depends(signed_in)]
OnLayer = Annotated[Actor, Depends(of_layer)]
OnPeople = Annotated[Actor, Depends(of_people)]
OnLog = Annotated[Actor, Depends(of_log)]
