"""Coming back with the three words: the right ones lead to the talk, wrong ones are told in plain words."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.chat_door import OnChat
from api.chat.chat_page_view import ANY
from api.chat.person.ask_view import Visit
from api.chat.person.came_from import heard, visited
from api.chat.person.come_back import come_back
from api.chat.person.handover_outage import Away
from api.chat.person.person_door import OnPerson
from api.records.handovers.states import NotYours
from api.web.origin import OnOrigin
from api.web.page_routes import page_routes
from api.web.security_headers import anyone

routes = page_routes(anyone)
_SEE_OTHER = 303


@routes.get("/{force}/person/back")
async def ask_words(request: Request, chat_door: OnChat, force: str, chat: str = "") -> Response:
    """The form for the three words."""
    return _page(Visit(request, chat_door, visited(chat_door, force, chat)))


@routes.post("/{force}/person/back")
async def back(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    origin: OnOrigin,
    force: str,
    words: Annotated[str, Form()] = "",
    chat: Annotated[str, Form()] = "",
    rung: Annotated[str, Form()] = "",
) -> Response:
    """Leads to the talk of these words; from then on no older page of it can be used."""
    rings = await heard(chat_door, words)
    visit = Visit(request, chat_door, visited(chat_door, force, chat, rung=rings or bool(rung)))
    try:
        found = await come_back(on_person, chat_door, origin, words, visit.chat)
    except NotYours:
        return _page(visit, 422, "coming_wrong", words)
    except Away:
        return _page(visit, 503, "coming_away", words)
    held = {"here": found.here, "chat": chat_door.tokens.write(replace(found.chat, person=found.here))}
    return RedirectResponse(f"/{found.chat.force or ANY}/person/talk?{urlencode(held)}", _SEE_OTHER)


def _page(visit: Visit, status: int = 200, told: str = "", words: str = "") -> Response:
    return visit.page("back", status, told=told, words=words)
