"""Sealing again: what an older key sealed is sealed with the newest, while children and advocates talk."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from api.records.accounts import Account
from api.records.handovers.message_cipher import DATA_KEY, with_data_keys
from api.records.handovers.tables import Concern, DataKey, Handover, Message, Provider
from api.records.handovers.webhooks import PURPOSE as HOOK
from api.records.marked_rows import Marked, give_mark, is_ours
from api.web.ciphers import BrokenCipherText, Cipher
from api.web.database import Database, keys_of
from api.web.settings import Settings

BATCH = 300
"""How many rows are read at once."""


@dataclass(frozen=True)
class Drawer:
    """One column that holds sealed text: what people call its rows, and the purpose that they are sealed for."""

    name: str
    table: type[Account | Handover | Message | Concern | Provider | DataKey]
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
    purpose: str
    owner: tuple[InstrumentedAttribute[int], InstrumentedAttribute[int | None]] | None = None
    """Where rows need a key of their own too: the number of what it belongs to, here and beside the key."""


DRAWERS = (
    Drawer("code apps", Account, Account.totp_sealed, "code app"),
    Drawer("keys of handovers and records", DataKey, DataKey.sealed, DATA_KEY),
    Drawer("handovers", Handover, Handover.sealed, "handover", (Handover.id, DataKey.handover_id)),
    Drawer("messages", Message, Message.sealed, "handover", (Message.handover_id, DataKey.handover_id)),
    Drawer("records of concern", Concern, Concern.sealed, "concern", (Concern.id, DataKey.concern_id)),
    Drawer("secrets of providers' own systems", Provider, Provider.hook_secret, HOOK),
)
"""Everything sealed that the database keeps. What pages hold, sealed too, is not here: it grows too old by itself."""


@dataclass(frozen=True)
class Resealed:
    """How far it is in one drawer: rows looked at, rows sealed again, and the numbers of those that no key opens."""

    looked: int = 0
    renewed: int = 0
    lost: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Row:
    """What a row holds, and what that is sealed with."""

    number: int
    sealed: str
    cipher: Cipher


async def reseal(database: Database, drawer: Drawer, settings: Settings) -> AsyncIterator[Resealed]:
    """Seals again what is in a drawer, and says how far it is after every few hundred rows.

    May be ended half-way and run again. Each row is changed in a transaction of its own, and only while it holds what
    was read: nothing that somebody writes meanwhile is overwritten, and nobody waits for more than one row.
    """
    at_it, done, last = _Resealing(database, drawer, settings), Resealed(), 0
    while rows := await at_it.read(drawer.table.id > last):
        for row in rows:
            done = await at_it.renewed(done, row)
        last = rows[-1].number
        yield done


class _Resealing:
    """The sealing again of one drawer."""

    def __init__(self, database: Database, drawer: Drawer, settings: Settings) -> None:
        self._database, self._drawer = database, drawer
        self._seal, self._wrapping = Cipher.of(settings, drawer.purpose), Cipher.of(settings, DATA_KEY)

    async def read(self, which: ColumnElement[bool]) -> list[_Row]:
        """The next of these that hold anything sealed; a line that only says what happened holds nothing."""
        table, column = self._drawer.table, self._drawer.column
        owner = self._drawer.owner[0] if self._drawer.owner else table.id
        wanted = select(table.id, column, owner).where(which, column != "").order_by(table.id).limit(BATCH)
        async with self._database.begin() as session:
            found = [(number, str(sealed), whose) for number, sealed, whose in await session.execute(wanted)]
            # Read after the rows, because a row may just have been given a key of its own.
            keys = await self._keys(session, {whose for _, _, whose in found})
        return [_Row(number, sealed, self._seal_with(keys[whose])) for number, sealed, whose in found]

    async def renewed(self, done: Resealed, row: _Row | None) -> Resealed:
        """One row, sealed with the newest key."""
        while row and row.cipher.is_old(row.sealed):
            try:
                newer = row.cipher.renew(row.sealed)
            except BrokenCipherText:
                return Resealed(done.looked + 1, done.renewed, (*done.lost, row.number))
            if await self._changed(row, newer):
                return Resealed(done.looked + 1, done.renewed + 1, done.lost)
            # Somebody was quicker, perhaps a process that does not know the newest key yet.
            row = next(iter(await self.read(self._drawer.table.id == row.number)), None)
        return Resealed(done.looked + 1, done.renewed, done.lost)

    async def _changed(self, row: _Row, newer: str) -> bool:
        """Puts what is sealed anew into a row, if that still holds what was read."""
        table, column = self._drawer.table, self._drawer.column
        same = update(table).where(table.id == row.number, column == row.sealed).values({column: newer})
        async with self._database.begin() as session:
            # Read before it changes: only a row that was ours gets a mark of ours again.
            marked = await session.get(table, row.number) if issubclass(table, Marked) else None
            if isinstance(marked, Marked) and is_ours(keys_of(session), marked):
                same = same.where(type(marked).mark == marked.mark)
            else:
                marked = None
            if await session.scalar(same.returning(table.id)) is None:
                return False
            if marked is not None:
                await give_mark(session, marked)
        return True

    async def _keys(self, session: AsyncSession, owners: Collection[int]) -> Mapping[int, Sequence[DataKey]]:
        keys: defaultdict[int, list[DataKey]] = defaultdict(list)
        if self._drawer.owner:
            beside = self._drawer.owner[1]
            found = await session.execute(select(beside, DataKey).where(beside.in_(owners)).order_by(DataKey.id))
            for owner, key in found:
                keys[owner or 0].append(key)
        return keys

    def _seal_with(self, keys: Sequence[DataKey]) -> Cipher:
        return with_data_keys(self._seal, self._wrapping, keys)
