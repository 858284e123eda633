"""The pages of the journeys: what happens to information in a situation, drawn as a path, and a page to choose one."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from accessibility.rule_finding import LEVELS, Level
from api.chat.chat_door import ChatDoor, OnChat
from api.chat.chat_page_view import ANY
from api.chat.chat_token import StaleChat
from api.chat.dialogue.state import Chat
from api.chat.journey_view import NAMES, journey_of, key_of, stops
from api.web.errors import Problem
from api.web.page_routes import page_routes
from api.web.page_state import page_state
from api.web.security_headers import anyone
from content.signoff import NATIONAL

routes = page_routes(anyone, prefix="/{force}/journey")
_FIRST_LEVEL: Level = "simple"
_SEE_OTHER = 303


@dataclass(frozen=True)
class JourneyRequest:
    """What the address of a journey may say: the talk it belongs to, a level, and the card that the reader is at."""

    chat: Annotated[str, Query()] = ""
    level: Annotated[str, Query()] = ""
    here: Annotated[str, Query()] = ""


@routes.api_route("", methods=["GET", "HEAD"])
async def choose(
    request: Request, chat_door: OnChat, force: str, asked: Annotated[JourneyRequest, Depends()]
) -> Response:
    """The journeys to choose among; the one of the reader's situation stands first."""
    slug = None if force == ANY else force
    chat = _away(request, chat_door, slug) or _chat(request, chat_door, slug, asked)
    if isinstance(chat, Response):
        return chat
    pack, today = chat_door.pack(slug), chat_door.pack_cache.today()
    first, come_from = journey_of(pack, today, chat.situation, None), asked.here if pack.card(asked.here, today) else ""
    journeys, around = dict(sorted(NAMES.items(), key=lambda pair: pair[0] != first)), _around(chat_door, chat)
    return chat_door.pages.page(request, "journey/journeys.html", journeys=journeys, come_from=come_from, **around)


@routes.api_route("/{name}", methods=["GET", "HEAD"])
async def journey(
    request: Request, chat_door: OnChat, force: str, name: str, asked: Annotated[JourneyRequest, Depends()]
) -> Response:
    """One journey with the words of a force. While its words are being checked, the page says so and who can help."""
    slug = None if force == ANY else force
    chat = _away(request, chat_door, slug) or _chat(request, chat_door, slug, asked)
    if isinstance(chat, Response):
        return chat
    if name not in NAMES:
        raise Problem(404, "There is no journey with that name.")
    today, pack = chat_door.pack_cache.today(), chat_door.pack(slug)
    signed, around = pack.card(key_of(name), today), _around(chat_door, chat)
    if signed is None:
        return chat_door.pages.page(request, "journey/journey-checked.html", **around)
    version, pictured = signed.words.levels[chat.level], page_state(request).reading.pictures == "pictures"
    found = list(stops(name, version, pack, today, asked.here, pictured=pictured))
    return chat_door.pages.page(
        request,
        "journey/journey.html",
        journey=name,
        here=asked.here if any(stop.here for stop in found) else None,
        signed=signed,
        version=version,
        stops=found,
        national=signed.layer == NATIONAL and not pack.joined(today),
        **around,
    )


def _away(request: Request, chat_door: ChatDoor, slug: str | None) -> Response | None:
    """What is shown instead while a force's door is shut, and where another law holds than the one we explain."""
    force = chat_door.force(slug)
    why = chat_door.shut(slug)
    if why:
        return chat_door.pages.page(request, "chat/closed.html", 503, why=why)
    return RedirectResponse(f"/{slug}", _SEE_OTHER) if force and force.kind == "hand-over" else None


def _chat(request: Request, chat_door: ChatDoor, slug: str | None, asked: JourneyRequest) -> Chat | Response:
    """The talk that the reader comes from, at the level asked for; a fresh one for none, or for another force's.

    A talk that is over opens no journey any more, as it opens no answer: whoever left is led to a fresh start.
    """
    wanted = next((level for level in LEVELS if level == asked.level), None)
    try:
        chat = chat_door.tokens.read(asked.chat) if asked.chat else None
    except StaleChat:
        return RedirectResponse(f"/{slug or ANY}", _SEE_OTHER)
    if chat is None or chat.force != slug:
        return chat_door.helper.start(Chat(slug, wanted or page_state(request).reading.level or _FIRST_LEVEL))[0]
    return chat_door.helper.at_level(chat, wanted) if wanted else chat


def _around(chat_door: ChatDoor, chat: Chat) -> dict[str, Any]:
    return {
        "force": chat_door.force(chat.force),
        "slug": chat.force or ANY,
        "chat": chat_door.tokens.write(chat),
        "level": chat.level,
        "levels": LEVELS,
        "rung": chat.rung,
    }
