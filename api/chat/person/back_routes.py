"""Coming back with the three words: the right ones lead to the talk, wrong ones are told in plain words."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.page_view import ANY
from api.chat.person.ask_view import Visit
from api.chat.person.away import Away
from api.chat.person.coming import come_back
from api.chat.person.place import heard, visited
from api.chat.person.rate import TooManyTries, address_of, tries
from api.chat.person.room import OnWay
from api.chat.room import InRoom
from api.hall.guard import anyone
from api.records.handovers.states import NotYours

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)
_SEE_OTHER = 303


@routes.get("/{force}/person/back")
async def ask_words(request: Request, room: InRoom, force: str, chat: str = "") -> Response:
    """The form for the three words."""
    return _page(Visit(request, room, visited(room, force, chat)))


@routes.post("/{force}/person/back")
async def back(
    request: Request,
    room: InRoom,
    on_way: OnWay,
    force: str,
    words: Annotated[str, Form()] = "",
    chat: Annotated[str, Form()] = "",
    rung: Annotated[str, Form()] = "",
) -> Response:
    """Leads to the talk of these words; from then on no older page of it can be used."""
    rings = heard(room, words)
    visit = Visit(request, room, visited(room, force, chat, rung=rings or bool(rung)))
    try:
        found = await come_back(on_way, room, tries(request), address_of(request), words, visit.chat)
    except NotYours:
        return _page(visit, 422, "coming_wrong", words)
    except TooManyTries as many:
        page = _page(visit, 429, "coming_too_many", words)
        page.headers["Retry-After"] = str(many.args[0])
        return page
    except Away:
        return _page(visit, 503, "coming_away", words)
    held = {"here": found.here, "chat": room.tokens.write(replace(found.chat, person=found.here))}
    return RedirectResponse(f"/{found.chat.force or ANY}/person/talk?{urlencode(held)}", _SEE_OTHER)


def _page(visit: Visit, status: int = 200, told: str = "", words: str = "") -> Response:
    return visit.page("back", status, told=told, words=words)
