"""A deck on two devices: beginning it, the page of each, turning the card, ending it. Complete without script."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Header, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.chat.chat_door import OnChat
from api.chat.decks.deck_cards import chosen
from api.chat.decks.deck_page import SEE_OTHER, deck_page, number
from api.chat.decks.deck_session import Device, InTogether
from api.chat.decks.device_view import DeckAway, DeviceView, at_deck
from api.chat.person.conversation_request import is_change
from api.chat.person.person_door import OnPerson
from api.records.decks import TooManyDecks, Turn, begin, end, turn
from api.web.origin import OnOrigin
from api.web.page_routes import page_routes
from api.web.page_state import page_state
from api.web.rate_limit import TOO_MANY, TooFast
from api.web.security_headers import anyone

routes = page_routes(anyone)
_TURNS: Mapping[str, Turn] = {"next": "next", "back": "back", "again": "again"}
_AWAY = 503


@dataclass(frozen=True)
class NewDeck:
    """What begins a deck on two devices: its cards, and which of them is on show."""

    cards: Annotated[str, Form()] = ""
    at: Annotated[str, Form()] = ""


@dataclass(frozen=True)
class HeldDeck:
    """What the page of a device holds, and what was pressed.

    `seen` is the change that was on show, so that a press turns only what its reader saw.
    """

    here: Annotated[str, Form()] = ""
    look: Annotated[str, Form()] = ""
    seen: Annotated[str, Form()] = ""
    turn: Annotated[str, Form()] = ""


@routes.post("/{force}/deck/together")
async def start(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    both: InTogether,
    origin: OnOrigin,
    force: str,
    begun: Annotated[NewDeck, Depends()],
) -> Response:
    """Begins a deck on two devices, and shows the code on this one."""
    page = deck_page(request, chat_door, force)
    instead = page.instead()
    if instead:
        return instead
    deck = chosen(chat_door, page.slug, [begun.cards])
    if not deck.keys:
        return page.page("empty", 422, deck=deck)
    at = number(begun.at, len(deck.keys))
    try:
        both.starts.step(origin)
        async with at_deck(on_person) as session:
            now, most = on_person.now(), both.most_live
            made, code = await begin(session, both.hashes, page.slug, deck.keys, at, now, most)
    except (TooFast, TooManyDecks, DeckAway) as why:
        status = TOO_MANY if isinstance(why, TooFast) else _AWAY
        return page.page("not-two", status, deck=deck, at=str(at))
    here = both.write(Device(made.ref, page_state(request).visit, code))
    return RedirectResponse(page.to("/together", here=here), SEE_OTHER)


@routes.api_route("/{force}/deck/together", methods=["GET", "HEAD"])
async def device(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    both: InTogether,
    force: str,
    here: str = "",
    look: str = "",
) -> Response:
    """The page of a device that holds a handle; without one, where decks begin."""
    page = deck_page(request, chat_door, force)
    if not here:
        return RedirectResponse(page.to(), SEE_OTHER)
    view = DeviceView.of(request, chat_door, on_person, both, force, here, look)
    instead = page.instead()
    if instead:
        return instead
    async with at_deck(on_person) as session:
        deck = await view.deck(session)
    return view.whole(deck)


@routes.post("/{force}/deck/turn")
async def turn_card(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    both: InTogether,
    force: str,
    held: Annotated[HeldDeck, Depends()],
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """Turns the card on every device, if nobody has turned it since this page was shown."""
    view = DeviceView.of(request, chat_door, on_person, both, force, held.here, held.look)
    instead = view.page.instead()
    if instead:
        return instead
    async with at_deck(on_person) as session:
        deck = await view.deck(session)
        if held.turn in _TURNS and is_change(held.seen) and _in_time(both, view.device):
            to, now = _TURNS[held.turn], on_person.now()
            deck = await turn(session, on_person.handover_context.pubsub, view.device.ref, int(held.seen), to, now)
    if x_fragment:
        return HTMLResponse(view.part("turned", deck))
    return RedirectResponse(f"{view.address}#latest", SEE_OTHER)


@routes.post("/{force}/deck/end")
async def end_deck(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    both: InTogether,
    force: str,
    held: Annotated[HeldDeck, Depends()],
) -> Response:
    """Ends the deck on every device. Its code opens nothing any more, and nothing of it is kept."""
    view = DeviceView.of(request, chat_door, on_person, both, force, held.here)
    async with at_deck(on_person) as session:
        await view.deck(session)
        await end(session, on_person.handover_context.pubsub, view.device.ref)
    both.joined.forget(view.device.ref)
    return RedirectResponse(view.page.to("/over"), SEE_OTHER)


@routes.api_route("/{force}/deck/over", methods=["GET", "HEAD"])
async def over(request: Request, chat_door: OnChat, force: str) -> Response:
    """Where every device is led when a deck has ended."""
    page = deck_page(request, chat_door, force)
    return page.instead() or page.page("over")


@routes.get("/{force}/deck/turn")
@routes.get("/{force}/deck/end")
async def again(request: Request, chat_door: OnChat, force: str) -> Response:
    """Where a restored tab lands: where decks begin."""
    return RedirectResponse(deck_page(request, chat_door, force).to(), SEE_OTHER)


def _in_time(both: InTogether, of: Device) -> bool:
    """False for a device that turns faster than anybody looks: its press turns nothing."""
    try:
        both.turns.step(of.visit)
    except TooFast:
        return False
    return True
