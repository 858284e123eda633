"""The sounds of live signed words, and what a page needs to follow the reading. Nothing else is ever read."""

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse, Response

from accessibility.finding import LEVELS, Level
from api.chat.page_view import ANY
from api.chat.room import InRoom, Room
from api.hall.errors import Problem
from api.hall.guard import anyone
from content.signed_words import SignedWords

routes = APIRouter(dependencies=[Depends(anyone)], include_in_schema=False)


@routes.api_route("/sound/{force}/{card}/{level}.opus", methods=["GET", "HEAD"])
async def sound(room: InRoom, force: str, card: str, level: str) -> Response:
    """A card's sound, whole or the part that a player asks for."""
    found = await room.sounds.of(*_live(room, force, card, level))
    if found is None:
        raise Problem(404, "Nobody can read this aloud here.")
    return FileResponse(found.file, media_type="audio/ogg")


@routes.get("/sound/{force}/{card}/{level}.json")
async def reading(room: InRoom, force: str, card: str, level: str) -> dict[str, Any]:
    """The sentences of a card as they are said, and when each word begins."""
    return await room.sounds.reading(*_live(room, force, card, level))


def _live(room: Room, force: str, card: str, level: str) -> tuple[SignedWords, Level]:
    """The words that a child of this force sees now, and the level. Raises Problem 404 for all else."""
    slug = None if force == ANY else force
    room.force(slug)
    signed = room.open_pack(slug).card(card, room.shelf.today())
    known = next((one for one in LEVELS if one == level), None)
    if signed is None or known is None:
        raise Problem(404, "We do not have that answer.")
    return signed.words, known
