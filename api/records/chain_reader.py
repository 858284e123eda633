"""Reading a chain that somebody may have tampered with: which rows are in their place, and what each says."""

import logging
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.hash_chain import FIRST, Chained, Link, Row, in_place, links
from api.records.marked_rows import Marked
from api.web.database import keys_of

_log = logging.getLogger(__name__)
_AT_ONCE = 200
Read = TypeVar("Read", bound=Chained | Marked)
# What a value that no program of ours can have written makes of reading it.
_UNREADABLE = (ValueError, TypeError, OverflowError)


@dataclass(frozen=True)
class Links:
    """The rows of a chain after one of them. `wrong` carry no right mark; `loose` do not follow the one before."""

    last: Link
    good: tuple[int, ...]
    wrong: frozenset[int]
    loose: tuple[int, ...]

    @property
    def altered(self) -> bool:
        """True when a row is wrong or loose."""
        return bool(self.wrong or self.loose)


async def links_after(session: AsyncSession, kind: type[Row], last: int = 0, row_hash: str = FIRST) -> Links:
    """Which rows after one with this number and hash are in their place. What they say is not looked at."""
    keys, end = keys_of(session), Link(last, "", row_hash, None)
    good, wrong, loose = list[int](), set[int](), list[int]()
    for link in await links(session, kind.links().where(kind.id > last).order_by(kind.id)):
        if not in_place(keys, kind.__tablename__, link):
            wrong.add(link.id)
            continue
        if link.previous != end.row_hash:
            loose.append(link.id)
        good.append(link.id)
        end = link
    return Links(end, tuple(good), frozenset(wrong), tuple(loose))


async def ours(session: AsyncSession, kind: type[Row], numbers: Collection[int]) -> AsyncIterator[tuple[int, Row]]:
    """The rows of these numbers that were added here and never altered, in order; others are logged and left out."""
    keys = keys_of(session)
    async for number, row in readable(session, kind, sorted(numbers)):
        if row is None or not row.ours(keys):
            tell(kind, number)
        else:
            yield number, row


def tell(kind: type[Row], number: int) -> None:
    """Says in the log that a row is not believed, and never what it says."""
    _log.error("row %d of %s was altered after signing, or put in by nobody here", number, kind.__tablename__)


async def readable(
    session: AsyncSession, kind: type[Read], numbers: Sequence[int]
) -> AsyncIterator[tuple[int, Read | None]]:
    """The rows of these numbers; None for one that is gone or holds what cannot be read, such as a day that is none."""
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        try:
            found = {row.id: row for row in await session.scalars(select(kind).where(kind.id.in_(some)))}
        except _UNREADABLE:
            found = {number: row for number in some if (row := await _one(session, kind, number))}
        for number in some:
            yield number, found.get(number)
        # Kept by whoever wants them, and not by the session.
        found.clear()


async def _one(session: AsyncSession, kind: type[Read], number: int) -> Read | None:
    try:
        return await session.scalar(select(kind).where(kind.id == number))
    except _UNREADABLE:
        return None
