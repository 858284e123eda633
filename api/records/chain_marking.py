"""Marking rows that carry no mark, or one of an older key: once after the upgrade, and when keys change."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.all_chains import CHAINS, Chain
from api.records.chain_reader import readable
from api.records.hash_chain import FIRST, Chained, Link, in_place, mark_of
from api.records.heads import Head
from api.web.database import keys_of

_AT_ONCE = 200


@dataclass(frozen=True)
class Numbers:
    """Numbers of rows that the operator has decided on, from one to another."""

    ranges: tuple[range, ...] = ()

    def __contains__(self, number: object) -> bool:
        return any(number in one for one in self.ranges)


Told = Mapping[str, Numbers]
"""By the key of a chain, or the name of a table, the rows that the operator has decided on."""


@dataclass
class Marks:
    """What marking a chain would do: the new marks by row, how many of those rows had an older one, and the rest.

    `refused` are rows that would not be believed: altered, or following none that stands before them.
    """

    new: dict[int, str] = field(default_factory=dict)
    older: int = 0
    refused: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class _Walker:
    """Looks at the rows of one chain in turn. Before the first marks a row is believed by its hash and the one before.

    `ends` are the hashes that the next row may follow: of the last row that is believed, and of one after it that was
    altered where it stands, since the next was added to that in good faith. What follows a row put in is not believed.
    """

    session: AsyncSession
    chain: Chain
    first_time: bool
    believe: Numbers
    leave: Numbers

    async def look(self) -> Marks:
        done, ends, keys, table = Marks(), (FIRST, FIRST), keys_of(self.session), self.chain.rows.__tablename__
        numbers = list(await self.session.scalars(select(self.chain.rows.id).order_by(self.chain.rows.id)))
        async for number, row in readable(self.session, self.chain.rows, numbers):
            if row is not None and row.ours(keys):
                if keys.is_old(row.mark):
                    done.new[number], done.older = mark_of(keys, table, row), done.older + 1
            elif row is not None and self._is_believed(row, ends):
                done.new[number] = mark_of(keys, table, row)
            elif number not in self.leave:
                done.refused.append(number)
            if row is not None and (number not in done.refused or row.previous in ends):
                ends = (ends[0] if number in done.refused else row.row_hash, row.row_hash)
        return done

    def _is_believed(self, row: Chained, ends: tuple[str, str]) -> bool:
        if row.id in self.leave or not row.whole():
            return False
        return row.id in self.believe or (self.first_time and row.previous in ends)


async def look_through(session: AsyncSession, head: Head | None, believe: Told, leave: Told) -> dict[Chain, Marks]:
    """What marking would do to each chain, walked by its hashes. Nothing is changed yet."""
    first_time = (head is None or not any(end.count for end in head.chains.values())) and not await _any_marked(session)
    none = Numbers()
    return {
        chain: await _Walker(
            session, chain, first_time, believe.get(chain.key, none), leave.get(chain.key, none)
        ).look()
        for chain in CHAINS
    }


async def keep(session: AsyncSession, chain: Chain, marks: Marks) -> None:
    """Writes the marks down."""
    kind = chain.rows
    one = update(kind).where(kind.id == bindparam("number")).values(mark=bindparam("new"))
    rows = [{"number": number, "new": mark} for number, mark in marks.new.items()]
    for start in range(0, len(rows), _AT_ONCE):
        await (await session.connection()).execute(one, rows[start : start + _AT_ONCE])


async def _any_marked(session: AsyncSession) -> bool:
    """True when a row of any chain carries a right mark: this is then not the first time."""
    keys = keys_of(session)
    for chain in CHAINS:
        for row in await session.execute(chain.rows.links().where(chain.rows.mark.is_not(None))):
            if in_place(keys, chain.rows.__tablename__, Link(*row)):
                return True
    return False
