"""Sealing again: what an older key sealed is sealed with the newest, while children and advocates talk."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute

from api.hall.database import Database
from api.hall.sealing import BrokenSeal, Seal
from api.hall.settings import Settings
from api.records.accounts import Account
from api.records.handovers.hooks import PURPOSE as HOOK
from api.records.handovers.tables import Concern, Handover, Message, Provider

BATCH = 300
"""How many rows are read at once."""


@dataclass(frozen=True)
class Drawer:
    """One column that holds sealed text: what people call its rows, and the purpose that they are sealed for."""

    name: str
    table: type[Account | Handover | Message | Concern | Provider]
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
    purpose: str


DRAWERS = (
    Drawer("code apps", Account, Account.totp_sealed, "code app"),
    Drawer("handovers", Handover, Handover.sealed, "handover"),
    Drawer("messages", Message, Message.sealed, "handover"),
    Drawer("records of concern", Concern, Concern.sealed, "concern"),
    Drawer("secrets of providers' own systems", Provider, Provider.hook_secret, HOOK),
)
"""Everything sealed that the database keeps. What pages hold, sealed too, is not here: it grows too old by itself."""


@dataclass(frozen=True)
class Resealed:
    """How far it is in one drawer: rows looked at, rows sealed again, and the numbers of those that no key opens."""

    looked: int = 0
    renewed: int = 0
    lost: tuple[int, ...] = ()


async def reseal(database: Database, drawer: Drawer, settings: Settings) -> AsyncIterator[Resealed]:
    """Seals again what is in a drawer, and says how far it is after every few hundred rows.

    May be ended half-way and run again. Each row is changed in a transaction of its own, and only while it holds what
    was read: nothing that somebody writes meanwhile is overwritten, and nobody waits for more than one row.
    """
    seal, done, last = Seal.of(settings, drawer.purpose), Resealed(), 0
    while rows := await _after(database, drawer, last):
        for number, sealed in rows:
            done = await _renewed(database, drawer, seal, done, number, sealed)
        last = rows[-1][0]
        yield done


async def _after(database: Database, drawer: Drawer, last: int) -> list[tuple[int, str]]:
    """The next rows that hold anything sealed; a line that only says what happened holds nothing."""
    table, column = drawer.table, drawer.column
    wanted = select(table.id, column).where(table.id > last, column != "").order_by(table.id).limit(BATCH)
    async with database.begin() as session:
        return [(number, str(sealed)) for number, sealed in await session.execute(wanted)]


async def _renewed(
    database: Database, drawer: Drawer, seal: Seal, done: Resealed, number: int, sealed: str | None
) -> Resealed:
    """One row, sealed with the newest key."""
    table, column = drawer.table, drawer.column
    while sealed and seal.is_old(sealed):
        try:
            newer = seal.renew(sealed)
        except BrokenSeal:
            return Resealed(done.looked + 1, done.renewed, (*done.lost, number))
        same = update(table).where(table.id == number, column == sealed)
        async with database.begin() as session:
            if await session.scalar(same.values({column: newer}).returning(table.id)):
                return Resealed(done.looked + 1, done.renewed + 1, done.lost)
            # Somebody was quicker, perhaps a process that does not know the newest key yet.
            sealed = await session.scalar(select(column).where(table.id == number))
    return Resealed(done.looked + 1, done.renewed, done.lost)
