"""Start fresh: on a screen that others use too, the next one finds nothing of who was there before."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.ending import end_visit
from api.chat.person.room import OnWay, Way
from api.chat.room import InRoom, Room
from api.chat.visits import new_visit
from api.hall.guard import anyone
from api.hall.keeping import NAME, VISIT, reading_of

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)
_SEE_OTHER = 303


@routes.get("/fresh")
async def after_a_while(request: Request, room: InRoom, on_way: OnWay, here: str = "", chat: str = "") -> Response:
    """Where a page without script goes by itself when nobody has pressed anything. It ends the visit as a press does.

    The address is never shown, and whoever could make somebody open it would have to know the page that it ends.
    """
    return _fresh(request, room, on_way, chat, here)


@routes.post("/fresh")
async def start_fresh(
    request: Request,
    room: InRoom,
    on_way: OnWay,
    here: Annotated[str, Form()] = "",
    chat: Annotated[str, Form()] = "",
) -> Response:
    """Ends this visit, and shows the first page: how they read and where they live are forgotten too."""
    return _fresh(request, room, on_way, chat, here)


def _fresh(request: Request, room: Room, way: Way, chat: str, here: str) -> Response:
    ending = end_visit(room, way, request.query_params.get(VISIT, ""), chat, here)
    # A worker stays beside whoever comes next; every other screen with this button is one that others use too.
    place = "alongside" if reading_of(request).place == "alongside" else "shared"
    # Its own visit, so that the one that ended is not carried on.
    first = f"/?{NAME}={place}&{VISIT}={new_visit()}"
    clearing = {"Clear-Site-Data": '"cache", "storage"'}
    return RedirectResponse(first, _SEE_OTHER, clearing, background=ending)
