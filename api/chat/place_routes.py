"""The first page: where do you live? And the plain pages beside the talk."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.chat_door import OnChat
from api.chat.chat_page_view import ANY
from api.chat.dialogue.state import Chat
from api.chat.end_visit import end_visit
from api.chat.person.person_door import OnPerson
from api.chat.remembered_looks import forget
from api.web.page_routes import page_routes
from api.web.security_headers import anyone
from content.places import CREDIT

routes = page_routes(anyone)
_SEE_OTHER = 303
_MOST_CHOICES = 8


@routes.api_route("/", methods=["GET", "HEAD"])
async def where(request: Request, chat_door: OnChat, among: str = "", unknown: bool = False) -> Response:
    """Asks where a young person lives. `among` holds the forces that fit what they typed, never the words."""
    slugs = list(dict.fromkeys(among.split(",")))[:_MOST_CHOICES]
    choices = [chat_door.pack_cache.forces[slug] for slug in slugs if slug in chat_door.pack_cache.forces]
    listed = sorted(chat_door.pack_cache.forces.values(), key=lambda force: force.name)
    return chat_door.pages.page(request, "where/where.html", choices=choices, unknown=unknown, forces=listed)


@routes.post("/where")
async def find(chat_door: OnChat, place: Annotated[str, Form()] = "", force: Annotated[str, Form()] = "") -> Response:
    """Finds the force for a place, or takes the one picked. Nothing typed is kept, nor put in an address."""
    alarm = await chat_door.helper.hear(place)
    if alarm:
        # A child in danger may write it into the first box they see.
        chat, _ = chat_door.helper.open_card(Chat(None, "easy"), alarm.card)
        return RedirectResponse(f"/{ANY}?{urlencode({'chat': chat_door.tokens.write(chat)})}#latest", _SEE_OTHER)
    if force in chat_door.pack_cache.forces:
        return RedirectResponse(f"/{force}", _SEE_OTHER)
    matches = chat_door.helper.places.find(place)
    if len(matches) == 1 and matches[0].sure:
        return RedirectResponse(f"/{matches[0].slug}", _SEE_OTHER)
    if matches:
        slugs = ",".join(dict.fromkeys(match.slug for match in matches))
        return RedirectResponse(f"/?among={slugs}#which", _SEE_OTHER)
    return RedirectResponse("/?unknown=1#which", _SEE_OTHER)


@routes.get("/where")
@routes.get("/leave")
async def start_again() -> Response:
    """Where a reload of a posted page lands: the first page."""
    return RedirectResponse("/", _SEE_OTHER)


@routes.post("/leave")
async def leave(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    here: Annotated[str, Form()] = "",
    chat: Annotated[str, Form()] = "",
    visit: Annotated[str, Form()] = "",
) -> Response:
    """Leaves at once for a page that says nothing of us, and asks the browser to forget what it holds.

    What was open before is shut behind the child's back: no page of this visit opens its talk any more, nor does the
    page of a talk with a person, whose handle is `here`.
    """
    shutting = await end_visit(chat_door, on_person, visit, chat, here)
    clearing = {"Clear-Site-Data": '"cache", "storage"'}
    away = RedirectResponse(chat_door.settings.leave_to, _SEE_OTHER, clearing, background=shutting)
    # What the device remembers of how somebody reads goes as well; those who work at the desk stay signed in.
    forget(request, away)
    return away


@routes.api_route("/safety", methods=["GET", "HEAD"])
async def safety(request: Request, chat_door: OnChat) -> Response:
    """What leaving quickly does, and what it cannot do."""
    return chat_door.pages.page(request, "about/safety.html")


@routes.api_route("/credits", methods=["GET", "HEAD"])
async def credits_page(request: Request, chat_door: OnChat) -> Response:
    """Who made the pictures and the data."""
    return chat_door.pages.page(request, "about/credits.html", places_credit=CREDIT)
