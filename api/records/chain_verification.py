"""Walking a chain from its first row: how many rows are in their place, and every fault on the way."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.chain_reader import readable
from api.records.hash_chain import FIRST, Chained, Link, Row, in_place, links
from api.web.database import keys_of

_AT_ONCE = 200
What = Literal["altered", "not ours", "loose"]
"""What is wrong with a row: a column was changed; it carries no mark of ours, or not in this place; or it does not
follow the row that stands before it, so that one was taken out."""
Found = TypeVar("Found", bound=Chained)


@dataclass(frozen=True)
class Fault(Generic[Found]):
    """A row that is not as it was added. `row` is what stands there now; None where that cannot be read."""

    number: int
    what: What
    before: int
    """How many rows were in their place before it."""
    row: Found | None


@dataclass(frozen=True)
class VerifiedChain(Generic[Found]):
    """How many rows of a chain are in their place, the last of them, the hash of the one asked for, and the faults."""

    count: int
    last: Link
    passed: str | None
    faults: tuple[Fault[Found], ...]

    def beyond(self, known: Sequence[int]) -> tuple[Fault[Found], ...]:
        """The faults in rows other than those."""
        return tuple(fault for fault in self.faults if fault.number not in known)


async def walk(session: AsyncSession, kind: type[Row], *, deep: bool, at: int = 0) -> VerifiedChain[Row]:
    """Walks a chain. `at` asks for the hash of the row that is that many-th in its place.

    Without `deep` only numbers, hashes and marks are read, which is quick; what rows say is then not looked at.
    """
    keys, last, count, read_to = keys_of(session), Link(0, "", FIRST, None), 0, None
    passed: str | None = FIRST if at == 0 else None
    faults: list[Fault[Row]] = []
    while some := await links(session, _page(kind, read_to)):
        read_to = some[-1].id
        found: dict[int, Row | None] = {}
        if deep:
            found = {number: row async for number, row in readable(session, kind, [link.id for link in some])}
        # Children are answered while many hashes are worked out.
        whole = await asyncio.to_thread(
            lambda rows: {number for number, row in rows if row and row.whole()}, found.items()
        )
        for link in some:
            if not in_place(keys, kind.__tablename__, link):
                faults.append(Fault(link.id, "not ours", count, found.get(link.id)))
                continue
            if deep and link.id not in whole:
                faults.append(Fault(link.id, "altered", count, found.get(link.id)))
            elif link.previous != last.row_hash:
                faults.append(Fault(link.id, "loose", count, found.get(link.id)))
            last, count = link, count + 1
            passed = link.row_hash if count == at else passed
        session.expunge_all()
    return VerifiedChain(count, last, passed, tuple(faults))


async def first_altered(session: AsyncSession, kind: type[Row]) -> tuple[int, int | None]:
    """Walks a chain: how many rows were whole, and the number of the first that is not (None when all are)."""
    walked = await walk(session, kind, deep=True)
    if not walked.faults:
        return walked.count, None
    return walked.faults[0].before, walked.faults[0].number


def _page(kind: type[Chained], after: int | None) -> Select[int, str, str, str | None]:
    wanted = kind.links().order_by(kind.id).limit(_AT_ONCE)
    return wanted if after is None else wanted.where(kind.id > after)
