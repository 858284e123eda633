"""A deck on two devices: beginning it, the page of each, turning the card, ending it. Complete without script."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Header, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.chat.decks.chosen import chosen
from api.chat.decks.deck_page import SEE_OTHER, deck_page, number
from api.chat.decks.device_view import DeckAway, DeviceView, at_deck
from api.chat.decks.together import Device, InTogether
from api.chat.person.rate import TooManyTries, address_of
from api.chat.person.room import OnWay
from api.chat.person.talking import is_change
from api.chat.room import InRoom
from api.chat.slowing import TOO_MANY, TooFast
from api.hall.guard import anyone
from api.hall.keeping import visit_of
from api.records.decks import TooManyDecks, Turn, begin, end, turn

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)
_TURNS: Mapping[str, Turn] = {"next": "next", "back": "back", "again": "again"}
_AWAY = 503


@dataclass(frozen=True)
class Begun:
    """What begins a deck on two devices: its cards, and which of them is on show."""

    cards: Annotated[str, Form()] = ""
    at: Annotated[str, Form()] = ""


@dataclass(frozen=True)
class Held:
    """What the page of a device holds, and what was pressed.

    `seen` is the change that was on show, so that a press turns only what its reader saw.
    """

    here: Annotated[str, Form()] = ""
    look: Annotated[str, Form()] = ""
    seen: Annotated[str, Form()] = ""
    turn: Annotated[str, Form()] = ""


@routes.post("/{force}/deck/together")
async def start(
    request: Request, room: InRoom, on_way: OnWay, both: InTogether, force: str, begun: Annotated[Begun, Depends()]
) -> Response:
    """Begins a deck on two devices, and shows the code on this one."""
    page = deck_page(request, room, force)
    instead = page.instead()
    if instead:
        return instead
    deck = chosen(room, page.slug, [begun.cards])
    if not deck.keys:
        return page.page("empty", 422, deck=deck)
    at = number(begun.at, len(deck.keys))
    try:
        await both.starts.begin(address_of(request))
        async with at_deck(on_way) as session:
            made, code = await begin(session, both.hashes, page.slug, deck.keys, at, on_way.now())
    except (TooManyTries, TooManyDecks, DeckAway) as why:
        status = TOO_MANY if isinstance(why, TooManyTries) else _AWAY
        return page.page("not-two", status, deck=deck, at=str(at))
    here = both.write(Device(made.ref, visit_of(request), code))
    return RedirectResponse(page.to("/together", here=here), SEE_OTHER)


@routes.api_route("/{force}/deck/together", methods=["GET", "HEAD"])
async def device(
    request: Request, room: InRoom, on_way: OnWay, both: InTogether, force: str, here: str = "", look: str = ""
) -> Response:
    """The page of a device that holds a handle; without one, where decks begin."""
    page = deck_page(request, room, force)
    if not here:
        return RedirectResponse(page.to(), SEE_OTHER)
    view = DeviceView.of(request, room, on_way, both, force, here, look)
    instead = page.instead()
    if instead:
        return instead
    async with at_deck(on_way) as session:
        deck = await view.deck(session)
    return view.whole(deck)


@routes.post("/{force}/deck/turn")
async def turn_card(
    request: Request,
    room: InRoom,
    on_way: OnWay,
    both: InTogether,
    force: str,
    held: Annotated[Held, Depends()],
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """Turns the card on every device, if nobody has turned it since this page was shown."""
    view = DeviceView.of(request, room, on_way, both, force, held.here, held.look)
    instead = view.page.instead()
    if instead:
        return instead
    async with at_deck(on_way) as session:
        deck = await view.deck(session)
        if held.turn in _TURNS and is_change(held.seen) and _in_time(both, view.device):
            to, now = _TURNS[held.turn], on_way.now()
            deck = await turn(session, on_way.talks.bells, view.device.ref, int(held.seen), to, now)
    if x_fragment:
        return HTMLResponse(view.part("turned", deck))
    return RedirectResponse(f"{view.address}#latest", SEE_OTHER)


@routes.post("/{force}/deck/end")
async def end_deck(
    request: Request, room: InRoom, on_way: OnWay, both: InTogether, force: str, held: Annotated[Held, Depends()]
) -> Response:
    """Ends the deck on every device. Its code opens nothing any more, and nothing of it is kept."""
    view = DeviceView.of(request, room, on_way, both, force, held.here)
    async with at_deck(on_way) as session:
        await view.deck(session)
        await end(session, on_way.talks.bells, view.device.ref)
    both.joined.forget(view.device.ref)
    return RedirectResponse(view.page.to("/over"), SEE_OTHER)


@routes.api_route("/{force}/deck/over", methods=["GET", "HEAD"])
async def over(request: Request, room: InRoom, force: str) -> Response:
    """Where every device is led when a deck has ended."""
    page = deck_page(request, room, force)
    return page.instead() or page.page("over")


@routes.get("/{force}/deck/turn")
@routes.get("/{force}/deck/end")
async def again(request: Request, room: InRoom, force: str) -> Response:
    """Where a restored tab lands: where decks begin."""
    return RedirectResponse(deck_page(request, room, force).to(), SEE_OTHER)


def _in_time(both: InTogether, of: Device) -> bool:
    """False for a device that turns faster than anybody looks: its press turns nothing."""
    try:
        both.turns.step(of.visit)
    except TooFast:
        return False
    return True
