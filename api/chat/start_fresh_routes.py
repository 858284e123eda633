"""Start fresh: on a screen that others use too, the next one finds nothing of who was there before."""

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.chat_door import ChatDoor, OnChat
from api.chat.end_visit import end_visit
from api.chat.person.person_door import OnPerson, PersonDoor
from api.web.page_routes import page_routes
from api.web.page_state import NAME, VISIT, new_visit, page_state
from api.web.security_headers import anyone

routes = page_routes(anyone)
_SEE_OTHER = 303


@routes.get("/fresh")
async def after_a_while(
    request: Request, chat_door: OnChat, on_person: OnPerson, here: str = "", chat: str = ""
) -> Response:
    """Where a page without script goes by itself when nobody has pressed anything. It ends the visit as a press does.

    The address is never shown, and whoever could make somebody open it would have to know the page that it ends.
    """
    return await _fresh(request, chat_door, on_person, chat, here)


@routes.post("/fresh")
async def start_fresh(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    here: Annotated[str, Form()] = "",
    chat: Annotated[str, Form()] = "",
) -> Response:
    """Ends this visit, and shows the first page: how they read and where they live are forgotten too."""
    return await _fresh(request, chat_door, on_person, chat, here)


async def _fresh(request: Request, chat_door: ChatDoor, person_door: PersonDoor, chat: str, here: str) -> Response:
    ending = await end_visit(chat_door, person_door, page_state(request).asked_visit, chat, here)
    # A worker stays beside whoever comes next; every other screen with this button is one that others use too.
    place = "alongside" if page_state(request).reading.place == "alongside" else "shared"
    # Its own visit, so that the one that ended is not carried on.
    first = f"/?{NAME}={place}&{VISIT}={new_visit()}"
    clearing = {"Clear-Site-Data": '"cache", "storage"'}
    return RedirectResponse(first, _SEE_OTHER, clearing, background=ending)
