"""What the pages beside a talk share: the talk that a reader comes from, and what stands there when none can open."""

from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from accessibility.rule_finding import LEVELS, Level
from api.chat.chat_door import ChatDoor
from api.chat.chat_page_view import ANY
from api.chat.chat_token import StaleChat
from api.chat.dialogue.state import Chat
from api.web.page_state import page_state

_FIRST_LEVEL: Level = "simple"
_SEE_OTHER = 303


def elsewhere(request: Request, chat_door: ChatDoor, slug: str | None) -> Response | None:
    """What is shown instead while a force's door is shut, and where another law holds than the one we explain."""
    force = chat_door.force(slug)
    why = chat_door.shut(slug)
    if why:
        return chat_door.pages.page(request, "chat/closed.html", 503, why=why)
    return RedirectResponse(f"/{slug}", _SEE_OTHER) if force and force.kind == "hand-over" else None


def talk_of(request: Request, chat_door: ChatDoor, slug: str | None, token: str, level: str) -> Chat | Response:
    """The talk that the reader comes from, at the level asked for; a fresh one for none, or for another force's.

    A talk that is over opens no such page any more, as it opens no answer: whoever left is led to a fresh start.
    """
    wanted = next((one for one in LEVELS if one == level), None)
    try:
        chat = chat_door.tokens.read(token) if token else None
    except StaleChat:
        return RedirectResponse(f"/{slug or ANY}", _SEE_OTHER)
    if chat is None or chat.force != slug:
        return fresh(request, chat_door, slug, wanted)
    return chat_door.helper.at_level(chat, wanted) if wanted else chat


def fresh(request: Request, chat_door: ChatDoor, slug: str | None, level: Level | None = None) -> Chat:
    """A talk that begins on this page, at this level or else the reader's own."""
    return chat_door.helper.start(Chat(slug, level or page_state(request).reading.level or _FIRST_LEVEL))[0]


def around(chat_door: ChatDoor, chat: Chat) -> dict[str, Any]:
    """What stands around such a page: its force, its talk and its level."""
    return {
        "force": chat_door.force(chat.force),
        "slug": chat.force or ANY,
        "chat": chat_door.tokens.write(chat),
        "level": chat.level,
        "levels": LEVELS,
        "rung": chat.rung,
    }
