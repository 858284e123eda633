"""The desk's guards: who is signed in, for which layer, and that a form came from our own page."""

import hashlib
import hmac
from typing import Annotated

from fastapi import Depends, Request

from api.desk.room import OnDesk, must_work_on
from api.hall.errors import Problem
from api.records.sessions import actor_of
from content.review import Actor

COOKIE = "desk"
"""The name of the cookie that holds the token of a sign-in; sent to /desk only."""
_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class NotSignedIn(Exception):
    """Nobody is signed in, or not any more: the page to sign in is shown, and then the one that was asked for."""


def form_mark(token: str) -> str:
    """What every form of the desk carries, so that no other site can send one. It says nothing of the token."""
    return hashlib.sha256(f"form {token}".encode()).hexdigest()


async def signed_in(request: Request, desk: OnDesk) -> Actor:
    """Who is asking. A form must carry the mark of this sign-in.

    Raises NotSignedIn for nobody, and Problem 403 for a form that another page sent.
    """
    token = request.cookies.get(COOKIE, "")
    async with desk.work() as session:
        found = await actor_of(session, token, desk.now(), desk.shelf.today()) if token else None
    if found is None:
        raise NotSignedIn
    if request.method in _CHANGES:
        sent = str((await request.form()).get("mark", ""))
        if not hmac.compare_digest(sent, form_mark(token)):
            raise Problem(403, "This form is not from this page. Open the page again.")
    return found


async def of_layer(layer: str, actor: Annotated[Actor, Depends(signed_in)], desk: OnDesk) -> Actor:
    """Who is asking, if they work for the layer that the address names; Problem 404 otherwise."""
    must_work_on(actor, layer)
    desk.layer_name(layer)
    return actor


OnActor = Annotated[Actor, Depends(signed_in)]
OnLayer = Annotated[Actor, Depends(of_layer)]
