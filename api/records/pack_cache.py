"""The pack cache: every force's Pack in memory, filled from the ledger, so that reading waits for no database."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Literal

from fastapi import Depends
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.records.embeds import Embed, embeds, live_keys
from api.records.force_availability import closed_doors
from api.records.ledger_reader import LedgerReader, happened
from api.records.withdrawals import Hidden
from api.web.database import Database
from api.web.handed import from_door
from content.force import Force
from content.language import Language
from content.pack import Pack, Packs

_log = logging.getLogger(__name__)
_RETRY_SECONDS = 0.5
_ANSWER_SECONDS = 1.5


class PackCache:
    """Holds the forces and their Packs. They stay as they are while the database is away. `today` is the clock."""

    def __init__(
        self, database: Database, forces: Mapping[str, Force], *, practice: bool, today: Callable[[], date] = date.today
    ) -> None:
        self.forces, self.today = forces, today
        self._packs = Packs()
        self.closed: Mapping[str, str] = {}
        """Every force whose door is shut, with the name of the interface string that says why."""
        self.embeds: Mapping[str, Embed] = {}
        """How each force that decided anything embeds the widget."""
        self.keys: Mapping[str, str] = {}
        """Every key of forces' own apps that is good now, and whose it is."""
        self._database = database
        self._newest, self._hidden = LedgerReader(practice), Hidden(practice)
        self._reading = asyncio.Lock()
        self.asked = asyncio.Event()
        """Set once the ledger has answered, or failed to, for the first time."""
        self.changed = asyncio.Event()
        """Set whenever something was signed or hidden, or is in doubt. Whoever waits for it clears it."""

    def pack(self, force: str | None, language: Language = "en") -> Pack:
        """The Pack of a force; the national one for a force that has signed nothing, or for no force.

        In another language each card is in English where nobody has signed a translation of it.

        A force outside the law of England and Wales gets no answers about that law.
        """
        pack = self._packs.of(force, language)
        return pack.general if force and self.forces[force].kind == "hand-over" else pack

    def is_open(self, force: str) -> bool:
        """True while the door of a force is open and its Pack has what a chat needs; never for one we do not know."""
        return force in self.forces and force not in self.closed and self.pack(force).open(self.today())

    def sites(self, force: str) -> tuple[str, ...]:
        """The sites that may show the pages of a force in a frame; none for one that has listed none."""
        return self.embeds[force].listed if force in self.embeds else ()

    async def refresh(self) -> None:
        """Reads what is new in the ledger. Raises what the database raises, and then leaves the Packs as they were."""
        async with self._reading:
            async with self._database.begin() as session:
                newest = await self._newest.read_on(session)
                hidden = await self._hidden.read_on(session)
                closed = await closed_doors(session)
                embedded, keys = await embeds(session), await live_keys(session)
            # Once the connection is given back: who sees the Packs may close the database.
            if newest is not self._newest or hidden is not self._hidden:
                self._packs = Packs(happened(newest, hidden))
                self.changed.set()
            self._newest, self._hidden, self.closed = newest, hidden, closed
            self.embeds, self.keys = embedded, keys

    async def fill(self) -> None:
        """Refreshes until the ledger has answered once."""
        while True:
            try:
                await self.refresh()
            except Exception as error:  # noqa: BLE001 - whatever it is, the door must open when it has passed
                self.asked.set()
                _log.warning("the ledger cannot be read yet: %s", type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self.asked.set()
                return

    async def database_state(self) -> Literal["ok", "full", "away"]:
        """Whether the database answers now, and can still keep something."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS), self._database.begin() as session:
                await session.execute(text("SELECT 1 FROM sign_off LIMIT 1"))
            self._database.must_exist()
            async with asyncio.timeout(_ANSWER_SECONDS):
                has_room = await self._database.has_room()
        except (SQLAlchemyError, OSError, TimeoutError):
            return "away"
        return "ok" if has_room else "full"


OnShelf = Annotated[PackCache, Depends(from_door(PackCache))]
