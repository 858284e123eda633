"""Three questions to show to an officer about one subject: on a page to print, and one at a time in large words."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from accessibility.finding import Level
from accessibility.symbols import symbols
from api.chat.page_view import ANY
from api.chat.room import InRoom, Room
from api.chat.token import Chat, StaleChat
from api.hall.errors import Problem
from api.hall.guard import anyone
from api.hall.keeping import reading_of
from content.pack import Pack

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)

_LEVEL: Level = "simple"


@routes.api_route("/{force}/ask/{card}", methods=["GET", "HEAD"])
async def ask(
    request: Request,
    room: InRoom,
    force: str,
    card: str,
    chat: str = "",
    big: str = "",
) -> Response:
    """The questions of a card, all of them or only the one that `big` counts to. `chat` is the talk to go back to."""
    slug = None if force == ANY else force
    room.force(slug)
    why = room.shut(slug)
    if why:
        return room.pages.page(request, "closed.html", 503, why=why)
    known = _known(room, chat)
    shown: dict[str, Any] = {"slug": force, "card": card, "chat": chat if known else "", "rung": known and known.rung}
    # Officers read English: these are the English words, also where the answer is in another language.
    pack, today = room.shelf.pack(slug), room.shelf.today()
    signed = pack.card(card, today)
    if signed is None and pack.being_checked(card, today):
        level = known.level if known else reading_of(request).level or _LEVEL
        return room.pages.page(request, "ask_card.html", questions=(), big=0, **shown, **_checking(room, slug, level))
    if signed is None or not signed.words.ask:
        raise Problem(404, "There are no questions with that name.")
    number = _number(big, len(signed.words.ask))
    return room.pages.page(request, "ask_card.html", questions=signed.words.ask, big=number, **shown)


def _known(room: Room, token: str) -> Chat | None:
    """The talk of a token; None where there is none to go back to."""
    try:
        return room.known(room.tokens.read(token)) if token else None
    except (StaleChat, Problem):
        return None


def _number(big: str, last: int) -> int:
    return int(big) if big in map(str, range(1, last + 1)) else 0


def _checking(room: Room, slug: str | None, level: Level) -> dict[str, Any]:
    """The signed words for an answer that is being checked, as the talk says them."""
    pack: Pack = room.pack(slug)
    today = room.shelf.today()
    words = pack.card("being-checked", today) or pack.card("not-sure", today)
    if words is None:
        raise Problem(503, "This page is not open yet.")
    return {"version": words.words.levels[level], "language": words.words.language, "symbols": symbols()}
