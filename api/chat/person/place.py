"""The chat that a child on the way to a person comes from, and what the alarm hears in their form."""

from dataclasses import replace

from accessibility.finding import LEVELS, Level
from api.chat.page_view import ANY
from api.chat.room import Room
from api.chat.token import Chat, StaleChat
from api.hall.errors import Problem

_FIRST_LEVEL: Level = "simple"


def heard(room: Room, *texts: str) -> bool:
    """True when the alarm rings at any of these texts. Asked before anything else looks at them."""
    return any(room.helper.hear(text) is not None for text in texts)


def visited(room: Room, force: str, token: str, *, rung: bool = False, level: str = "") -> Chat:
    """The chat of a token, at another level if one is named; a fresh one of this force where the token is none.

    Nobody is kept from a person by a page that was open too long. Raises Problem 404 for an unknown force.
    """
    slug = None if force == ANY else force
    room.force(slug)
    chat = _read(room, token) or Chat(slug, _FIRST_LEVEL)
    wanted = next((one for one in LEVELS if one == level), None)
    chat = room.helper.at_level(chat, wanted) if wanted else chat
    return replace(chat, rung=chat.rung or rung)


def _read(room: Room, token: str) -> Chat | None:
    try:
        return room.known(room.tokens.read(token)) if token else None
    except (StaleChat, Problem):
        return None
