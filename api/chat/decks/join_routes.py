"""Joining a deck on a second device: the six numbers that the first one shows are typed here."""

import unicodedata
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.decks.device_view import DeckAway, at_deck
from api.chat.decks.together import Device, InTogether, Together
from api.chat.page_view import ANY
from api.chat.person.rate import TooManyTries, address_of
from api.chat.person.room import OnWay, Way
from api.chat.room import InRoom, Room
from api.chat.slowing import TOO_MANY
from api.chat.token import Chat
from api.chat.visits import new_visit
from api.hall.guard import anyone
from api.hall.keeping import visit_of
from api.records.decks import CODE_DIGITS, Deck, DeckOver, bell, by_code

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)
_SEE_OTHER = 303
_LONGEST = 40
_BETWEEN = " \t.-–"


@routes.api_route("/join", methods=["GET", "HEAD"])
async def ask_code(request: Request, room: InRoom) -> Response:
    """The form for the code."""
    return _page(request, room)


@routes.post("/join")
async def join(
    request: Request, room: InRoom, on_way: OnWay, both: InTogether, code: Annotated[str, Form()] = ""
) -> Response:
    """Leads to the deck of this code. What else was typed goes nowhere; where it tells of danger, the alarm answers."""
    alarm = room.helper.hear(code)
    if alarm:
        chat, _ = room.helper.open_card(Chat(None, "easy"), alarm.card)
        return RedirectResponse(f"/{ANY}?{urlencode({'chat': room.tokens.write(chat)})}#latest", _SEE_OTHER)
    digits = as_code(code)
    if not digits:
        return _page(request, room, 422, "join_not_a_code")
    try:
        deck = await _found(on_way, both, address_of(request), digits)
    except DeckOver:
        return _page(request, room, 422, "join_wrong", digits)
    except TooManyTries as many:
        page = _page(request, room, TOO_MANY, "join_too_many", digits)
        page.headers["Retry-After"] = str(many.args[0])
        return page
    except DeckAway:
        return _page(request, room, 503, "join_away", digits)
    device = Device(deck.ref, visit_of(request) or new_visit())
    if both.joined.see(device):
        on_way.talks.bells.ring(bell(deck.ref))
    query = urlencode({"here": both.write(device)})
    return RedirectResponse(f"/{deck.force or ANY}/deck/together?{query}", _SEE_OTHER)


def as_code(typed: str) -> str:
    """The digits of a code, however they are grouped or written; "" for what is no code."""
    plain = unicodedata.normalize("NFKC", typed[:_LONGEST]).translate(dict.fromkeys(map(ord, _BETWEEN)))
    digits = "".join(str(unicodedata.decimal(one, "")) for one in plain)
    return digits if len(digits) == len(plain) == CODE_DIGITS else ""


async def _found(way: Way, both: Together, address: str, code: str) -> Deck:
    """The deck of a code. Raises DeckOver for a wrong one, TooManyTries and DeckAway."""
    counts = await both.guesses.begin(address)
    try:
        async with at_deck(way) as session:
            deck = await by_code(session, both.hashes, code, way.now())
    except DeckAway:
        # Whether it was right is not known, so it is not held against them.
        if counts:
            both.guesses.right(address)
        raise
    if counts:
        both.guesses.right(address)
    return deck


def _page(request: Request, room: Room, status: int = 200, told: str = "", code: str = "") -> Response:
    return room.pages.page(request, "decks/join.html", status, told=told, code=code)
