"""The sounds of live signed words, and what a page needs to follow the reading. Nothing else is ever read."""

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse, Response

from accessibility.rule_finding import LEVELS, Level
from api.chat.chat_door import ChatDoor, OnChat
from api.chat.chat_page_view import ANY
from api.web.errors import Problem
from api.web.security_headers import anyone
from content.signed_words import SignedWords

routes = APIRouter(dependencies=[Depends(anyone)], include_in_schema=False)


@routes.api_route("/sound/{force}/{card}/{level}.opus", methods=["GET", "HEAD"])
async def sound(chat_door: OnChat, force: str, card: str, level: str) -> Response:
    """A card's sound, whole or the part that a player asks for."""
    found = await chat_door.sounds.of(*_live(chat_door, force, card, level))
    if found is None:
        raise Problem(404, "Nobody can read this aloud here.")
    return FileResponse(found.file, media_type="audio/ogg")


@routes.get("/sound/{force}/{card}/{level}.json")
async def reading(chat_door: OnChat, force: str, card: str, level: str) -> dict[str, Any]:
    """The sentences of a card as they are said, and when each word begins."""
    return await chat_door.sounds.reading(*_live(chat_door, force, card, level))


def _live(chat_door: ChatDoor, force: str, card: str, level: str) -> tuple[SignedWords, Level]:
    """The words that a child of this force sees now, and the level. Raises Problem 404 for all else."""
    slug = None if force == ANY else force
    chat_door.force(slug)
    signed = chat_door.open_pack(slug).card(card, chat_door.pack_cache.today())
    known = next((one for one in LEVELS if one == level), None)
    if signed is None or known is None:
        raise Problem(404, "We do not have that answer.")
    return signed.words, known
