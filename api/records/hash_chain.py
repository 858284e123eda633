"""A chain: rows that are only added, each carrying the hash of the one before and a mark that no database can make."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from sqlalchemy import FromClause, Select, String, false, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.web.database import keys_of
from api.web.ledger_keys import LedgerKeys

FIRST = "0" * 64
"""What the first row of a chain follows."""
_LOOKED_AT = 50
# Any number will do, as long as nothing else in the database takes its turns by it.
_TURN = 74_031


class Linked(Protocol):
    """What a mark is over: a row's number, its hash, that of the row before, and the mark itself."""

    @property
    def id(self) -> Any: ...
    @property
    def previous(self) -> Any: ...
    @property
    def row_hash(self) -> Any: ...
    @property
    def mark(self) -> Any: ...


class Link(NamedTuple):
    """A row without what it says: enough to know its place, and quick to read."""

    id: int
    previous: str
    row_hash: str
    mark: str | None


class Chained:
    """The columns of a row in a chain.

    `previous` is not unique in the database: whoever can write there could otherwise take the place of the next row,
    and nobody could sign any more. The number of a row is its place, and is inside its mark.
    """

    __tablename__: Any
    __table__: ClassVar[FromClause]

    id: Mapped[int] = mapped_column(primary_key=True)
    previous: Mapped[str] = mapped_column(index=True)
    row_hash: Mapped[str] = mapped_column(index=True)
    mark: Mapped[str | None] = mapped_column(String(80))

    def sealed(self) -> list[str]:
        """Every other column as text: what the hash is over."""
        raise NotImplementedError

    def expected_hash(self) -> str:
        """The hash that this row must carry."""
        parts = [*self.sealed(), self.previous]
        # Text from a database that was tampered with may hold anything.
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()

    def whole(self) -> bool:
        """True when no column was altered since the row was added, as far as its hash tells."""
        try:
            return self.row_hash == self.expected_hash()
        except (AttributeError, TypeError, ValueError):
            return False

    def ours(self, keys: LedgerKeys) -> bool:
        """True when this very row was added here by who holds the keys, and stands where it was put."""
        return in_place(keys, type(self).__tablename__, self) and self.whole()

    @classmethod
    def links(cls) -> Select[int, str, str, str | None]:
        """Every row as a Link."""
        return select(cls.id, cls.previous, cls.row_hash, cls.mark)


Row = TypeVar("Row", bound=Chained)


def in_place(keys: LedgerKeys, chain: str, row: Linked) -> bool:
    """True when a row with this number, this hash and this row before it was marked in this chain (named by table).

    What the row says is inside its hash: whoever has read the whole row asks `whole` as well.
    """
    return keys.marked(row.mark, *_place(chain, row))


def mark_of(keys: LedgerKeys, chain: str, row: Linked) -> str:
    """The mark that the newest key gives this row."""
    return keys.mark(*_place(chain, row))


async def append(session: AsyncSession, row: Row, beyond: int = 0) -> Row:
    """Adds a row to the end of its chain. Whoever else adds to a chain meanwhile waits until this transaction ends.

    It follows the last row that carries a right mark; what else stands in the table is not followed and takes no place.
    Its number is higher than that of any such row, and than `beyond`.
    """
    await append_all(session, [row], beyond)
    return row


async def append_all(session: AsyncSession, rows: Sequence[Row], beyond: int = 0) -> None:
    """Adds rows to the end of their chain, one after the other, as `append` adds each; quicker for hundreds of them."""
    if not rows:
        return
    kind, keys = type(rows[0]), keys_of(session)
    await _my_turn(session, kind)
    last = await last_in_place(session, kind)
    numbers, before = await _free_after(session, kind, max(last.id, beyond)), last.row_hash
    for row in rows:
        row.id, row.previous = next(numbers), before
        row.row_hash = before = row.expected_hash()
        row.mark = mark_of(keys, kind.__tablename__, row)
    session.add_all(rows)
    await session.flush()
    if session.get_bind().dialect.name == "postgresql":
        # Nothing of ours asks for the next number, but nobody who does shall be given one that is taken.
        named = func.setval(func.pg_get_serial_sequence(kind.__tablename__, "id"), rows[-1].id)
        await session.execute(select(named))


async def last_in_place(session: AsyncSession, kind: type[Chained]) -> Link:
    """The last row of a chain that carries a right mark; number 0 where there is none."""
    keys, before = keys_of(session), None
    while True:
        some = kind.links().order_by(kind.id.desc()).limit(_LOOKED_AT if before is not None else 1)
        found = await links(session, some if before is None else some.where(kind.id < before))
        for link in found:
            if in_place(keys, kind.__tablename__, link):
                return link
        if not found:
            return Link(0, "", FIRST, None)
        before = found[-1].id


async def links(session: AsyncSession, wanted: Select[int, str, str, str | None]) -> Sequence[Link]:
    """Rows as Links."""
    return [Link(*row) for row in await session.execute(wanted)]


async def _free_after(session: AsyncSession, kind: type[Chained], last: int) -> Iterator[int]:
    """The numbers after the last row that nobody has taken, however far off rows were put that are not ours."""
    taken = set(await session.scalars(select(kind.id).where(kind.id > last)))
    return (number for number in count(last + 1) if number not in taken)


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


def _place(chain: str, row: Linked) -> tuple[str, str, str, str]:
    # Whatever stands in the columns, even what no text is: it is then no text of ours.
    return chain, str(row.id), str(row.previous), str(row.row_hash)
