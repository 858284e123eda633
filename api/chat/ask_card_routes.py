"""Three questions to show to an officer about one subject: on a page to print, and one at a time in large words."""

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from accessibility.rule_finding import Level
from accessibility.symbols import symbols
from api.chat.chat_door import ChatDoor, OnChat
from api.chat.chat_page_view import ANY
from api.web.errors import Problem
from api.web.page_routes import page_routes
from api.web.page_state import page_state
from api.web.security_headers import anyone
from content.pack import Pack

routes = page_routes(anyone)

_LEVEL: Level = "simple"


@routes.api_route("/{force}/ask/{card}", methods=["GET", "HEAD"])
async def ask(
    request: Request,
    chat_door: OnChat,
    force: str,
    card: str,
    chat: str = "",
    big: str = "",
) -> Response:
    """The questions of a card, all of them or only the one that `big` counts to. `chat` is the talk to go back to."""
    slug = None if force == ANY else force
    chat_door.force(slug)
    why = chat_door.shut(slug)
    if why:
        return chat_door.pages.page(request, "chat/closed.html", 503, why=why)
    known = chat_door.chat_of(chat)
    shown: dict[str, Any] = {"slug": force, "card": card, "chat": chat if known else "", "rung": known and known.rung}
    # Officers read English: these are the English words, also where the answer is in another language.
    pack, today = chat_door.pack_cache.pack(slug), chat_door.pack_cache.today()
    signed = pack.card(card, today)
    if signed is None and pack.being_checked(card, today):
        level = known.level if known else page_state(request).reading.level or _LEVEL
        return chat_door.pages.page(
            request, "ask_cards/ask_card.html", questions=(), big=0, **shown, **_checking(chat_door, slug, level)
        )
    if signed is None or not signed.words.ask:
        raise Problem(404, "There are no questions with that name.")
    number = _number(big, len(signed.words.ask))
    return chat_door.pages.page(request, "ask_cards/ask_card.html", questions=signed.words.ask, big=number, **shown)


def _number(big: str, last: int) -> int:
    return int(big) if big in map(str, range(1, last + 1)) else 0


def _checking(chat_door: ChatDoor, slug: str | None, level: Level) -> dict[str, Any]:
    """The signed words for an answer that is being checked, as the talk says them."""
    pack: Pack = chat_door.pack(slug)
    today = chat_door.pack_cache.today()
    words = pack.card("being-checked", today) or pack.card("not-sure", today)
    if words is None:
        raise Problem(503, "This page is not open yet.")
    return {"version": words.words.levels[level], "language": words.words.language, "symbols": symbols()}
