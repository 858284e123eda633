"""What every page of the desk needs to know: who is asking, for which layer, and the mark its forms carry."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.desk.desk_door import DeskDoor
from api.web.cookies import read_cookie
from api.web.csrf import COOKIE, form_mark
from content.review import Actor


def show(
    request: Request, desk: DeskDoor, actor: Actor, layer: str, name: str, status: int = 200, **shown: Any
) -> HTMLResponse:
    """A page of the desk for somebody who is signed in. `name` is the template's, in the folder desk."""
    return desk.pages.page(
        request,
        f"desk/{name}",
        status,
        actor=actor,
        layer=layer,
        layer_name=desk.layer_name(layer),
        mark=form_mark(read_cookie(request, COOKIE)),
        **shown,
    )
