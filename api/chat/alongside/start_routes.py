"""Before a worker and a young person start: what to know first, the guide for paper, and the way in and out."""

from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.looks_routes import From, asked_from
from api.chat.page_view import ANY
from api.chat.room import InRoom
from api.chat.token import Chat
from api.chat.way_back import way_back
from api.hall.guard import anyone
from api.hall.keeping import NAME, reading_of
from content.alongside import alongside, sources_of
from content.card import Situation
from content.situations import ROOT

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)

_SEE_OTHER = 303


@routes.api_route("/alongside", methods=["GET", "HEAD"])
async def before(request: Request, room: InRoom) -> Response:
    """What a worker should know before they start, and where they start together."""
    words = alongside()
    return room.pages.page(
        request,
        "alongside/start.html",
        labels=words.labels,
        parts=words.pages["start"],
        sources_named=sources_of(words.pages["start"]),
        forces=sorted(room.shelf.forces.values(), key=lambda force: force.name),
        situations=[(name, room.helper.menu.entries[f"{ROOT}/{name}"].label) for name in get_args(Situation)],
    )


@routes.api_route("/alongside/guide", methods=["GET", "HEAD"])
async def guide(request: Request, room: InRoom) -> Response:
    """The same and a little more, for one page of paper."""
    words = alongside()
    parts = words.pages["paper"]
    return room.pages.page(
        request, "alongside/guide.html", labels=words.labels, parts=parts, sources_named=sources_of(parts)
    )


@routes.post("/alongside")
async def together(
    request: Request,
    room: InRoom,
    force: Annotated[str, Form()] = "",
    situation: Annotated[str, Form()] = "",
    go: Annotated[str, Form()] = "",
) -> Response:
    """Starts a talk with a worker beside it; or, `go` being "plan", leads to where a session is planned.

    What a talk is about stands in its sealed token, and in no address.
    """
    slug = force if room.force(force or None) else None
    about = next((one for one in get_args(Situation) if one == situation), None)
    if go == "plan":
        return RedirectResponse(f"/{slug or ANY}/deck", _SEE_OTHER)
    asked = {"mode": "alongside"}
    if about and not room.shut(slug):
        level = reading_of(request).level or "simple"
        asked["chat"] = room.tokens.write(room.helper.start(Chat(slug, level, about))[0])
    return RedirectResponse(f"/{slug or ANY}?{urlencode(asked)}", _SEE_OTHER)


@routes.get("/alongside/alone")
async def alone(request: Request, came: Annotated[From, Depends(asked_from)]) -> Response:
    """The same page for the young person alone: nothing of it says any more that a worker is there."""
    reading = reading_of(request).but(place="alone")
    return RedirectResponse(way_back(came.to, {**came.held, NAME: reading.address}), _SEE_OTHER)
