"""Joining a deck on a second device: the six numbers that the first one shows are typed here."""

import unicodedata
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.chat_door import ChatDoor, OnChat
from api.chat.chat_page_view import ANY
from api.chat.decks.deck_session import Device, InTogether, Together
from api.chat.decks.device_view import DeckAway, at_deck
from api.chat.dialogue.state import Chat
from api.chat.person.person_door import OnPerson, PersonDoor
from api.records.decks import CODE_DIGITS, Deck, DeckOver, bell, by_code
from api.web.origin import OnOrigin, Origin
from api.web.page_routes import page_routes
from api.web.page_state import new_visit, page_state
from api.web.rate_limit import TOO_MANY, TooFast
from api.web.security_headers import anyone

routes = page_routes(anyone)
_SEE_OTHER = 303
_LONGEST = 40
_BETWEEN = " \t.-–"


@routes.api_route("/join", methods=["GET", "HEAD"])
async def ask_code(request: Request, chat_door: OnChat) -> Response:
    """The form for the code."""
    return _page(request, chat_door)


@routes.post("/join")
async def join(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    both: InTogether,
    origin: OnOrigin,
    code: Annotated[str, Form()] = "",
) -> Response:
    """Leads to the deck of this code. What else was typed goes nowhere; where it tells of danger, the alarm answers."""
    alarm = await chat_door.helper.hear(code)
    if alarm:
        chat, _ = chat_door.helper.open_card(Chat(None, "easy"), alarm.card)
        return RedirectResponse(f"/{ANY}?{urlencode({'chat': chat_door.tokens.write(chat)})}#latest", _SEE_OTHER)
    digits = as_code(code)
    if not digits:
        return _page(request, chat_door, 422, "join_not_a_code")
    try:
        deck = await _found(on_person, both, origin, digits)
    except DeckOver:
        return _page(request, chat_door, 422, "join_wrong", digits)
    except TooFast as many:
        page = _page(request, chat_door, TOO_MANY, "join_too_many", digits)
        page.headers["Retry-After"] = str(many.seconds)
        return page
    except DeckAway:
        return _page(request, chat_door, 503, "join_away", digits)
    device = Device(deck.ref, page_state(request).visit or new_visit())
    if both.joined.see(device):
        on_person.handover_context.pubsub.ring(bell(deck.ref))
    query = urlencode({"here": both.write(device)})
    return RedirectResponse(f"/{deck.force or ANY}/deck/together?{query}", _SEE_OTHER)


def as_code(typed: str) -> str:
    """The digits of a code, however they are grouped or written; "" for what is no code."""
    plain = unicodedata.normalize("NFKC", typed[:_LONGEST]).translate(dict.fromkeys(map(ord, _BETWEEN)))
    digits = "".join(str(unicodedata.decimal(one, "")) for one in plain)
    return digits if len(digits) == len(plain) == CODE_DIGITS else ""


async def _found(person_door: PersonDoor, both: Together, origin: Origin, code: str) -> Deck:
    """The deck of a code. Raises DeckOver for a wrong one, TooFast and DeckAway."""
    counts = await both.guesses.begin(origin)
    try:
        async with at_deck(person_door) as session:
            deck = await by_code(session, both.hashes, code, person_door.now())
    except DeckAway:
        # Whether it was right is not known, so it is not held against them.
        if counts:
            both.guesses.take_back(origin)
        raise
    if counts:
        both.guesses.take_back(origin)
    return deck


def _page(request: Request, chat_door: ChatDoor, status: int = 200, told: str = "", code: str = "") -> Response:
    return chat_door.pages.page(request, "decks/join.html", status, told=told, code=code)
