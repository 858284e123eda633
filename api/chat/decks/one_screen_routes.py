"""A deck on one screen: a card at a time, large. The whole of it stands in the address, and nothing is kept."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from api.chat.chat_door import OnChat
from api.chat.decks.deck_cards import chosen, named
from api.chat.decks.deck_page import deck_page, number
from api.web.page_routes import page_routes
from api.web.security_headers import anyone

routes = page_routes(anyone)


@dataclass(frozen=True)
class DeckRequest:
    """What the address of a deck says: its cards, and which of them is on show, counted from 1."""

    cards: Annotated[list[str] | None, Query()] = None
    at: Annotated[str, Query()] = ""


@routes.api_route("/{force}/deck/show", methods=["GET", "HEAD"])
async def show(request: Request, chat_door: OnChat, force: str, asked: Annotated[DeckRequest, Depends()]) -> Response:
    """The card that the address is at; after the last one, the end. Cards that are not live are left out, and said."""
    page = deck_page(request, chat_door, force)
    deck = chosen(chat_door, page.slug, asked.cards or ())
    of = len(deck.keys)
    at = number(asked.at, of + 1)
    instead = page.instead() or page.as_visit("/show", cards=",".join(named(asked.cards or ())), at=str(at))
    if instead:
        return instead
    if at > of:
        return page.page("end" if of else "empty", deck=deck)
    held = {"cards": deck.cards, "at": str(at)}
    return page.page("show", deck=deck, held=held, **page.card(deck.keys[at - 1], at, of))
