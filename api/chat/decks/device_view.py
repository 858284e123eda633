"""The page of one device of a deck: the whole of it, and the parts that change when somebody turns the card."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.chat_door import ChatDoor
from api.chat.decks.deck_page import DeckPage, deck_page
from api.chat.decks.deck_session import Device, Together
from api.chat.person.handover_outage import Away, at_work
from api.chat.person.person_door import PersonDoor
from api.records.decks import Deck, DeckOver, by_ref
from api.web.page_state import page_state, set_visit


class DeckAway(Exception):
    """The database does not answer, so nobody knows how the deck stands. It can be tried again."""


@dataclass(frozen=True)
class DeviceView:
    """One request of a device that holds a handle of ours. `look` is "off" where it looks for news only when asked."""

    page: DeckPage
    person_door: PersonDoor
    together: Together
    device: Device
    look: str = ""

    @classmethod
    def of(
        cls,
        request: Request,
        chat_door: ChatDoor,
        person_door: PersonDoor,
        together: Together,
        force: str,
        here: str,
        look: str = "",
    ) -> Self:
        """What a device asks for, as part of its own visit. Raises DeckOver for a handle that opens nothing."""
        page, device = deck_page(request, chat_door, force), together.read(here, chat_door.tokens.visits)
        # Its links and its way to leave are those of the visit with which the handle ends.
        set_visit(request, device.visit)
        return cls(page, person_door, together, device, look)

    async def deck(self, session: AsyncSession) -> Deck:
        """The deck as it stands. Raises DeckOver, also for one of another force, or once this device has left.

        Raises DeckAway while nobody can know whether it has.
        """
        if not self.page.chat_door.tokens.visits.listed:
            # Whether this device left is not known yet, and will be in a moment.
            raise DeckAway
        deck = await by_ref(session, self.device.ref, self.person_door.now())
        if deck.force != self.page.slug or self.page.chat_door.tokens.visits.ended(self.device.visit):
            raise DeckOver
        return deck

    @property
    def address(self) -> str:
        """The page's own address."""
        return self.page.to("/together", **self._held)

    def whole(self, deck: Deck) -> Response:
        """The page as the deck stands."""
        self.together.joined.see(self.device)
        others_use_it = page_state(self.page.request).reading.place == "shared"
        return self.page.page("together", looking=not (others_use_it or self.look), **self._shown(deck))

    def part(self, name: str, deck: Deck) -> str:
        """A part of the page as HTML: the "turned" ones that differ from card to card, or the "others" on the deck."""
        return bytes(self.page.page(name, **self._shown(deck)).body).decode()

    @property
    def _held(self) -> dict[str, str]:
        return {"here": self.together.write(self.device), "look": self.look}

    def _shown(self, deck: Deck) -> dict[str, Any]:
        of = len(deck.keys)
        public = urlsplit(self.page.chat_door.settings.public_url)
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
async def at_deck(person_door: PersonDoor) -> AsyncIterator[AsyncSession]:
    """A transaction of a deck. Raises DeckAway; what the work itself raises stays as it is."""
    try:
        async with at_work(person_door) as session:
            yield session
    except Away:
        raise DeckAway from None
