"""The pages of the journeys: what happens to information in a situation, drawn as a path, and a page to choose one."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from accessibility.finding import LEVELS, Level
from api.chat.journey_view import NAMES, journey_of, key_of, stops
from api.chat.page_view import ANY
from api.chat.room import InRoom, Room
from api.chat.token import Chat, StaleChat
from api.hall.errors import Problem
from api.hall.guard import anyone
from api.hall.keeping import reading_of
from content.signoff import NATIONAL

routes = APIRouter(
    prefix="/{force}/journey",
    dependencies=[Depends(anyone)],
    default_response_class=Response,
    include_in_schema=False,
)
_FIRST_LEVEL: Level = "simple"
_SEE_OTHER = 303


@dataclass(frozen=True)
class Asked:
    """What the address of a journey may say: the talk it belongs to, a level, and the card that the reader is at."""

    chat: Annotated[str, Query()] = ""
    level: Annotated[str, Query()] = ""
    here: Annotated[str, Query()] = ""


@routes.api_route("", methods=["GET", "HEAD"])
async def choose(request: Request, room: InRoom, force: str, asked: Annotated[Asked, Depends()]) -> Response:
    """The journeys to choose among; the one of the reader's situation stands first."""
    slug = None if force == ANY else force
    chat = _away(request, room, slug) or _chat(request, room, slug, asked)
    if isinstance(chat, Response):
        return chat
    first = journey_of(room.pack(slug), room.shelf.today(), chat.situation, None)
    journeys = dict(sorted(NAMES.items(), key=lambda pair: pair[0] != first))
    return room.pages.page(request, "journeys.html", journeys=journeys, **_around(room, chat))


@routes.api_route("/{name}", methods=["GET", "HEAD"])
async def journey(
    request: Request, room: InRoom, force: str, name: str, asked: Annotated[Asked, Depends()]
) -> Response:
    """One journey with the words of a force. While its words are being checked, the page says so and who can help."""
    slug = None if force == ANY else force
    chat = _away(request, room, slug) or _chat(request, room, slug, asked)
    if isinstance(chat, Response):
        return chat
    if name not in NAMES:
        raise Problem(404, "There is no journey with that name.")
    today, pack = room.shelf.today(), room.pack(slug)
    signed, around = pack.card(key_of(name), today), _around(room, chat)
    if signed is None:
        return room.pages.page(request, "journey-checked.html", **around)
    version, pictured = signed.words.levels[chat.level], reading_of(request).pictures == "pictures"
    found = list(stops(name, version, pack, today, asked.here, pictured=pictured))
    return room.pages.page(
        request,
        "journey.html",
        journey=name,
        here=next((stop.opens for stop in found if stop.here), None),
        signed=signed,
        version=version,
        stops=found,
        national=signed.layer == NATIONAL and not pack.joined(today),
        **around,
    )


def _away(request: Request, room: Room, slug: str | None) -> Response | None:
    """What is shown instead while a force's door is shut, and where another law holds than the one we explain."""
    force = room.force(slug)
    why = room.shut(slug)
    if why:
        return room.pages.page(request, "closed.html", 503, why=why)
    return RedirectResponse(f"/{slug}", _SEE_OTHER) if force and force.kind == "hand-over" else None


def _chat(request: Request, room: Room, slug: str | None, asked: Asked) -> Chat | Response:
    """The talk that the reader comes from, at the level asked for; a fresh one for none, or for another force's.

    A talk that is over opens no journey any more, as it opens no answer: whoever left is led to a fresh start.
    """
    wanted = next((level for level in LEVELS if level == asked.level), None)
    try:
        chat = room.tokens.read(asked.chat) if asked.chat else None
    except StaleChat:
        return RedirectResponse(f"/{slug or ANY}", _SEE_OTHER)
    if chat is None or chat.force != slug:
        return room.helper.start(Chat(slug, wanted or reading_of(request).level or _FIRST_LEVEL))[0]
    return room.helper.at_level(chat, wanted) if wanted else chat


def _around(room: Room, chat: Chat) -> dict[str, Any]:
    return {
        "force": room.force(chat.force),
        "slug": chat.force or ANY,
        "chat": room.tokens.write(chat),
        "level": chat.level,
        "levels": LEVELS,
        "rung": chat.rung,
    }
