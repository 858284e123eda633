"""The open page of a device, kept up to date by server-sent events: the card on show, and that somebody joined."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse

from api.chat.chat_door import OnChat
from api.chat.decks.deck_session import InTogether
from api.chat.decks.device_view import DeviceView
from api.chat.person.conversation_events import AWAY, LOOKED
from api.chat.person.conversation_stream_routes import since_of
from api.chat.person.person_door import OnPerson
from api.records.decks import DeckOver, bell
from api.records.handovers.subscribe import news
from api.web.security_headers import anyone
from api.web.server_sent_events import event, stream_of

routes = APIRouter(dependencies=[Depends(anyone)], include_in_schema=False)

OVER = event("over")
SHUT = event("shut")
"""The force's door was shut: the page that is opened again says so."""


@routes.get("/{force}/deck/stream")
async def stream(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    both: InTogether,
    force: str,
    here: str = "",
    after: str = "",
    last_event_id: Annotated[str, Header()] = "",
) -> EventSourceResponse:
    """The card at once if it was turned since a change, and then whenever it is, until the deck is over."""
    try:
        view = DeviceView.of(request, chat_door, on_person, both, force, here)
    except DeckOver:
        return stream_of(_only(OVER))
    return stream_of(_told(view, since_of(last_event_id, after)))


async def _told(view: DeviceView, after: int) -> AsyncIterator[bytes]:
    """`card` under its change, `others` once another device has joined, `looked`, `away`; last `over` or `shut`."""
    if view.together.joined.see(view.device):
        view.person_door.handover_context.pubsub.ring(bell(view.device.ref))
    try:
        async with aclosing(_turned(view, after)) as events:
            async for one in events:
                yield one
    except DeckOver:
        yield OVER


async def _turned(view: DeviceView, after: int) -> AsyncGenerator[bytes, None]:
    """The same until the deck is over, which raises DeckOver."""
    person_door, told = view.person_door, False
    heard = (bell(view.device.ref),)
    async with aclosing(news(person_door.database, person_door.handover_context, heard, view.deck)) as looks:
        async for deck in looks:
            if view.page.chat_door.shut(view.page.slug):
                yield SHUT
                return
            if deck and deck.changes > after:
                after = deck.changes
                yield event("card", view.part("turned", deck), str(after))
            if deck and not told and view.together.joined.beside(view.device):
                told = True
                yield event("others", view.part("others", deck))
            yield LOOKED if deck else AWAY


async def _only(one: bytes) -> AsyncIterator[bytes]:
    yield one
