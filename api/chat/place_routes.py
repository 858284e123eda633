"""The first page and its three doors, where do you live, and the plain pages beside the talk."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.chat_door import ChatDoor, OnChat
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
_PERSON = "person"


@routes.api_route("/", methods=["GET", "HEAD"])
async def start(request: Request, chat_door: OnChat) -> Response:
    """What this is, and three doors: a question, what happens after something, a person. Nobody is asked anything."""
    return chat_door.pages.page(request, "start/start.html")


@routes.api_route("/where", methods=["GET", "HEAD"])
async def where(
    request: Request, chat_door: OnChat, among: str = "", unknown: bool = False, chat: str = "", to: str = ""
) -> Response:
    """Asks where a young person lives. `among` holds the forces that fit what they typed, never the words.

    `chat` is the talk that goes on in the words of that place, and `to` is "person" for who wants one.
    """
    forces, goes_on = chat_door.pack_cache.forces, _goes_on(chat_door, chat)
    slugs = list(dict.fromkeys(among.split(",")))[:_MOST_CHOICES]
    return chat_door.pages.page(
        request,
        "where/where.html",
        choices=[forces[slug] for slug in slugs if slug in forces],
        unknown=unknown,
        forces=sorted(forces.values(), key=lambda force: force.name),
        places=chat_door.helper.places.suggested,
        chat=chat_door.tokens.write(goes_on) if goes_on else "",
        rung=goes_on is not None and goes_on.rung,
        to=to if to == _PERSON else "",
        skip=_address(chat_door, None, goes_on, to),
    )


@routes.post("/where")
async def find(
    chat_door: OnChat,
    place: Annotated[str, Form()] = "",
    force: Annotated[str, Form()] = "",
    chat: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "",
) -> Response:
    """Finds the force for a place, or takes the one picked. Nothing typed is kept, nor put in an address."""
    goes_on = _goes_on(chat_door, chat)
    alarm = await chat_door.helper.hear(place)
    if alarm:
        # A child in danger may write it into the first box they see.
        before = chat_door.for_help(goes_on or Chat(None, "easy"), helps=True)
        rang, _ = chat_door.helper.open_card(before, alarm.card)
        return RedirectResponse(_address(chat_door, rang.force, rang), _SEE_OTHER)
    matches = chat_door.helper.places.find(place)
    only = matches[0].slug if len(matches) == 1 and matches[0].sure else ""
    slug = force if force in chat_door.pack_cache.forces else only
    if slug:
        return RedirectResponse(_address(chat_door, slug, goes_on, to), _SEE_OTHER)
    fits = {"among": ",".join(dict.fromkeys(match.slug for match in matches))} if matches else {"unknown": "1"}
    kept = {"chat": chat_door.tokens.write(goes_on) if goes_on else "", "to": to if to == _PERSON else ""}
    asked = {name: value for name, value in {**fits, **kept}.items() if value}
    return RedirectResponse(f"/where?{urlencode(asked, safe=',')}#which", _SEE_OTHER)


def _goes_on(chat_door: ChatDoor, token: str) -> Chat | None:
    """The talk to go on with at another place; none where a person is with the child, who is of one place."""
    chat = chat_door.chat_of(token)
    return chat if chat and chat.person is None else None


def _address(chat_door: ChatDoor, slug: str | None, chat: Chat | None, to: str = "") -> str:
    """Where a talk goes on in the words of a force, or of none: what was on show is shown again in its words."""
    path = f"/{slug or ANY}{'/person' if to == _PERSON else ''}"
    if chat is None:
        return path
    moved = replace(chat, force=slug)
    if chat_door.helper.hand_over(moved):
        moved, _ = chat_door.helper.start(moved)
    return f"{path}?{urlencode({'chat': chat_door.tokens.write(moved)})}#latest"


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
