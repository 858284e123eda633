"""A chain: rows that are only added, each carrying the hash of the one before, so that an altered one is found."""

import hashlib
import json
from typing import TypeVar

from sqlalchemy import false, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

FIRST = "0" * 64
"""What the first row of a chain follows."""
_AT_ONCE = 500
# Any number will do, as long as nothing else in the database takes its turns by it.
_TURN = 74_031


class Chained:
    """The two columns of a row in a chain. `previous` is unique, so two rows can never follow the same one."""

    id: Mapped[int] = mapped_column(primary_key=True)
    previous: Mapped[str] = mapped_column(unique=True)
    row_hash: Mapped[str] = mapped_column(unique=True)

    def sealed(self) -> list[str]:
        """Every other column as text: what the hash is over."""
        raise NotImplementedError

    def expected_hash(self) -> str:
        """The hash that this row must carry."""
        parts = [*self.sealed(), self.previous]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()

    def whole(self) -> bool:
        """True when no column was altered since the row was added."""
        return self.row_hash == self.expected_hash()


Row = TypeVar("Row", bound=Chained)


async def append(session: AsyncSession, row: Row) -> Row:
    """Adds a row to the end of its chain. Whoever else adds to a chain meanwhile waits until this transaction ends."""
    kind = type(row)
    await _my_turn(session, kind)
    last = await session.scalar(select(kind.row_hash).order_by(kind.id.desc()).limit(1))
    row.previous = last or FIRST
    row.row_hash = row.expected_hash()
    session.add(row)
    await session.flush()
    return row


async def _my_turn(session: AsyncSession, kind: type[Chained]) -> None:
    """Waits until nobody else is adding to a chain: two rows that follow the same one would undo a whole transaction.

    One turn for all chains, so that two transactions can never wait for each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(_TURN)))
    else:
        # SQLite has one writer at a time; a write of nothing makes us the writer before we read.
        await session.execute(update(kind).where(false()).values(previous=FIRST))


async def still_ends(session: AsyncSession, kind: type[Chained], last: int, row_hash: str) -> bool:
    """True while a chain holds the row read last as it was: not so when an older copy of the database was put back."""
    return last == 0 or row_hash == await session.scalar(select(kind.row_hash).where(kind.id == last))


async def first_altered(session: AsyncSession, kind: type[Row]) -> tuple[int, Row | None]:
    """Walks a chain from its first row: how many rows were whole, and the first that is not (None when all are).

    A row is not whole when a column of it was changed, or when it does not follow the row before it: one was taken
    out, put in or moved.
    """
    whole, before, last = 0, FIRST, 0
    # In pages, not as a stream: whoever stops in the middle of a stream leaves it open behind them.
    while rows := list(await session.scalars(select(kind).where(kind.id > last).order_by(kind.id).limit(_AT_ONCE))):
        for row in rows:
            if not row.whole() or row.previous != before:
                return whole, row
            whole, before, last = whole + 1, row.row_hash, row.id
    return whole, None
