"""What the address of a page for paper asks for, and what is shown instead where there is no such page."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response

from accessibility.preferences import Reading
from accessibility.rule_finding import LEVELS, Level
from api.chat.chat_door import ChatDoor, OnChat
from api.chat.chat_page_view import ANY
from api.web.page_state import page_state

Look = Literal["pictures", "plain", "large"]
"""What is on paper: words and pictures, words alone, or both of them big."""
Ink = Literal["colour", "black"]
LOOKS, INKS = get_args(Look), get_args(Ink)
_FIRST_LEVEL: Level = "simple"
_SEE_OTHER = 303


@dataclass(frozen=True)
class SheetRequest:
    """How a page is wanted on paper. `cards` are keys of cards, or what anybody wrote in their place.

    `alone` says that the page has come out of the frame of another site, where nothing can be printed.
    """

    cards: tuple[str, ...]
    level: Level
    look: Look
    ink: Ink
    alone: bool


async def asked(
    request: Request, cards: str = "", level: str = "", look: str = "", ink: str = "", alone: str = ""
) -> SheetRequest:
    """As the address says; what it does not say, or says wrongly, is as the reader likes to read."""
    reading = page_state(request).reading
    return SheetRequest(
        tuple(dict.fromkeys(filter(None, cards.split(",")))),
        next((one for one in LEVELS if one == level), reading.level or _FIRST_LEVEL),
        next((one for one in LOOKS if one == look), _liked(reading)),
        next((one for one in INKS if one == ink), "colour"),
        bool(alone),
    )


AsAsked = Annotated[SheetRequest, Depends(asked)]


def _liked(reading: Reading) -> Look:
    if reading.pictures == "no-pictures":
        return "plain"
    return "pictures" if reading.size == "as-is" else "large"


async def paper_room(request: Request, chat_door: OnChat, force: str) -> Response | ChatDoor:
    """The chat's door; or what is shown instead: a closed door, or where another law holds than the one we explain."""
    slug = None if force == ANY else force
    known, why = chat_door.force(slug), chat_door.shut(slug)
    if why:
        return chat_door.pages.page(request, "chat/closed.html", 503, why=why)
    return RedirectResponse(f"/{slug}", _SEE_OTHER) if known and known.kind == "hand-over" else chat_door


Opened = Annotated[Response | ChatDoor, Depends(paper_room)]


def way_back(chat_door: ChatDoor, token: str) -> dict[str, Any]:
    """What the ways back into the talk of a token need; a token that is over, or none, leads to a fresh talk."""
    chat = chat_door.chat_of(token)
    return {"chat": token if chat else "", "rung": chat is not None and chat.rung}
