"""The chat that a child on the way to a person comes from, and what the alarm hears in their form."""

from dataclasses import replace

from accessibility.rule_finding import LEVELS, Level
from api.chat.chat_door import ChatDoor
from api.chat.chat_page_view import ANY
from api.chat.dialogue.state import Chat

_FIRST_LEVEL: Level = "simple"


async def heard(chat_door: ChatDoor, *texts: str) -> bool:
    """True when the alarm rings at any of these texts. Asked before anything else looks at them."""
    return any([await chat_door.helper.hear(text) is not None for text in texts])


def visited(chat_door: ChatDoor, force: str, token: str, *, rung: bool = False, level: str = "") -> Chat:
    """The chat of a token, at another level if one is named; a fresh one of this force where the token is none.

    Nobody is kept from a person by a page that was open too long. Raises Problem 404 for an unknown force.
    """
    slug = None if force == ANY else force
    chat_door.force(slug)
    chat = chat_door.chat_of(token) or Chat(slug, _FIRST_LEVEL)
    wanted = next((one for one in LEVELS if one == level), None)
    chat = chat_door.helper.at_level(chat, wanted) if wanted else chat
    return replace(chat, rung=chat.rung or rung)
