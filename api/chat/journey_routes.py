"""The pages of the journeys: what happens to information in a situation, drawn as a path, and a page to choose one."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from api.chat.beside_talk import around, elsewhere, talk_of
from api.chat.chat_door import OnChat
from api.chat.chat_page_view import ANY
from api.chat.journey_view import NAMES, journey_of, key_of, stops
from api.web.errors import Problem
from api.web.page_routes import page_routes
from api.web.page_state import page_state
from api.web.security_headers import anyone
from content.signoff import NATIONAL

routes = page_routes(anyone, prefix="/{force}/journey")


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
    chat = elsewhere(request, chat_door, slug) or talk_of(request, chat_door, slug, asked.chat, asked.level)
    if isinstance(chat, Response):
        return chat
    pack, today = chat_door.pack(slug), chat_door.pack_cache.today()
    first, come_from = journey_of(pack, today, chat.situation, None), asked.here if pack.card(asked.here, today) else ""
    journeys, beside = dict(sorted(NAMES.items(), key=lambda pair: pair[0] != first)), around(chat_door, chat)
    return chat_door.pages.page(request, "journey/journeys.html", journeys=journeys, come_from=come_from, **beside)


@routes.api_route("/{name}", methods=["GET", "HEAD"])
async def journey(
    request: Request, chat_door: OnChat, force: str, name: str, asked: Annotated[JourneyRequest, Depends()]
) -> Response:
    """One journey with the words of a force. While its words are being checked, the page says so and who can help."""
    slug = None if force == ANY else force
    chat = elsewhere(request, chat_door, slug) or talk_of(request, chat_door, slug, asked.chat, asked.level)
    if isinstance(chat, Response):
        return chat
    if name not in NAMES:
        raise Problem(404, "There is no journey with that name.")
    today, pack = chat_door.pack_cache.today(), chat_door.pack(slug)
    signed, shared = pack.card(key_of(name), today), around(chat_door, chat)
    if signed is None:
        return chat_door.pages.page(request, "journey/journey-checked.html", **shared)
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
        **shared,
    )
