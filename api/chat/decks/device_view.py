"""The page of one device of a deck: the whole of it, and the parts that change when somebody turns the card."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.decks.deck_page import DeckPage, deck_page
from api.chat.decks.together import Device, Together
from api.chat.person.away import Away, at_work
from api.chat.person.room import Way
from api.chat.room import Room
from api.hall.keeping import VISIT, reading_of
from api.records.decks import Deck, DeckOver, by_ref


class DeckAway(Exception):
    """The database does not answer, so nobody knows how the deck stands. It can be tried again."""


@dataclass(frozen=True)
class DeviceView:
    """One request of a device that holds a handle of ours. `look` is "off" where it looks for news only when asked."""

    page: DeckPage
    way: Way
    together: Together
    device: Device
    look: str = ""

    @classmethod
    def of(
        cls, request: Request, room: Room, way: Way, together: Together, force: str, here: str, look: str = ""
    ) -> Self:
        """What a device asks for, as part of its own visit. Raises DeckOver for a handle that opens nothing."""
        page, device = deck_page(request, room, force), together.read(here, room.tokens.visits)
        # Its links and its way to leave are those of the visit with which the handle ends.
        setattr(request.state, VISIT, device.visit)
        return cls(page, way, together, device, look)

    async def deck(self, session: AsyncSession) -> Deck:
        """The deck as it stands. Raises DeckOver, also for one of another force, or once this device has left."""
        deck = await by_ref(session, self.device.ref, self.way.now())
        if deck.force != self.page.slug or self.page.room.tokens.visits.ended(self.device.visit):
            raise DeckOver
        return deck

    @property
    def address(self) -> str:
        """The page's own address."""
        return self.page.to("/together", **self._held)

    def whole(self, deck: Deck) -> Response:
        """The page as the deck stands."""
        self.together.joined.see(self.device)
        others_use_it = reading_of(self.page.request).place == "shared"
        return self.page.page("together", looking=not (others_use_it or self.look), **self._shown(deck))

    def part(self, name: str, deck: Deck) -> str:
        """A part of the page as HTML: the "turned" ones that differ from card to card, or the "others" on the deck."""
        return bytes(self.page.page(name, **self._shown(deck)).body).decode()

    @property
    def _held(self) -> dict[str, str]:
        return {"here": self.together.write(self.device), "look": self.look}

    def _shown(self, deck: Deck) -> dict[str, Any]:
        of = len(deck.keys)
        public = urlsplit(self.page.room.settings.public_url)
        return {
            # Past the last card stands the end, and no card.
            **self.page.card(deck.keys[min(deck.at, of) - 1], deck.at, of),
            **self._held,
            "held": {name: value for name, value in self._held.items() if value},
            "ended": deck.at > of,
            "seen": str(deck.changes),
            "cards": deck.cards,
            "code": self.device.code,
            "joined": self.together.joined.beside(self.device),
            "join_at": f"{public.netloc}{public.path}/join",
        }


@asynccontextmanager
async def at_deck(way: Way) -> AsyncIterator[AsyncSession]:
    """A transaction of a deck. Raises DeckAway; what the work itself raises stays as it is."""
    try:
        async with at_work(way) as session:
            yield session
    except Away:
        raise DeckAway from None
