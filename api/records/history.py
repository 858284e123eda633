"""History: what the register reads of the ledger beyond what is shown today, and what forces said of themselves."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api.hall.database import Database
from api.records.facts import LocalFact
from api.records.ledger import LedgerRow
from api.records.withdrawals import Withdrawal
from content.signoff import SignOff, Withdrawn

_log = logging.getLogger(__name__)
_ANSWER_SECONDS = 1.5
_READ_SECONDS = 60.0
# A row is about 20 kB, and checking one takes a processor half a millisecond.
_ROWS_AT_ONCE = 100


@dataclass(frozen=True)
class Signature:
    """An English signature on an answer, without its words. `row` is its number in the ledger."""

    row: int
    layer: str
    card: str
    signed_on: date
    review_by: date


@dataclass(frozen=True)
class TakenOff:
    """A withdrawal. `after_row` is the newest ledger row then: a signature with a higher number shows it again."""

    what: Withdrawn
    after_row: int


@dataclass(frozen=True)
class Step:
    """One thing that happened to a card: it was signed, or taken off."""

    signed: SignOff | None = None
    withdrawn: Withdrawn | None = None


@dataclass(frozen=True)
class Past:
    """Everything that was ever signed and withdrawn, in order, and every value that a force ever gave a slot.

    A value is not public as it is: it counts only where it stands in words that were signed.
    """

    signatures: tuple[Signature, ...] = ()
    taken_off: tuple[TakenOff, ...] = ()
    said: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=lambda: MappingProxyType({}))


class History:
    """Holds the Past, and reads what was added since. The tables are only added to, so nothing is read twice."""

    def __init__(self, database: Database, *, practice: bool) -> None:
        self._database, self._practice = database, practice
        self._past: Past | None = None
        self._read_to = (0, 0, 0)
        self._turn = asyncio.Lock()

    async def past(self) -> Past | None:
        """The Past as it is now. While the database is away: as it was last read, None when it never was."""
        if self._past and self._turn.locked():
            return self._past
        try:
            async with asyncio.timeout(_ANSWER_SECONDS) as limit, self._turn, self._database.begin() as session:
                newest = await _newest(session)
                # It has answered. The first time there may be thousands of rows to check.
                limit.reschedule(asyncio.get_running_loop().time() + _READ_SECONDS)
                await self._read(session, newest)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("the history cannot be read now: %s", type(error).__name__)
        return self._past

    async def of_card(self, card: str, layers: Collection[str]) -> list[Step]:
        """Everything that happened to a card in some layers, newest first. Raises what the database raises."""
        here, there = LedgerRow.layer.in_(layers), Withdrawal.layer.in_(layers)
        signed = select(LedgerRow).where(LedgerRow.card == card, here, LedgerRow.practice == self._practice)
        gone = select(Withdrawal).where(Withdrawal.card == card, there, Withdrawal.practice == self._practice)
        async with self._database.begin() as session:
            steps = [((number, 0), Step(signoff)) for number, signoff in _whole(await session.scalars(signed))]
            steps += [
                ((off.after_row, number), Step(None, off.what)) for number, off in _off(await session.scalars(gone))
            ]
        return [step for _, step in sorted(steps, key=lambda placed: placed[0], reverse=True)]

    async def _read(self, session: AsyncSession, newest: tuple[int, int, int]) -> None:
        """Reads the rows that were added since last time, up to the newest of each table."""
        if self._past and self._read_to == newest:
            return
        # Numbers that went down are those of another database, put back from a copy.
        if any(now < then for now, then in zip(newest, self._read_to, strict=True)):
            self._past, self._read_to = None, (0, 0, 0)
        before = self._past or Past()
        added = await self._signatures(session, self._read_to[0], newest[0])
        gone = select(Withdrawal).where(Withdrawal.id > self._read_to[1], Withdrawal.id <= newest[1])
        gone = gone.where(Withdrawal.practice == self._practice).order_by(Withdrawal.id)
        taken_off = [off for _, off in _off(await session.scalars(gone))]
        # Facts are no chain: one with a lower number may be added later, so all of them are read again.
        self._past = Past((*before.signatures, *added), (*before.taken_off, *taken_off), await _said(session))
        self._read_to = newest

    async def _signatures(self, session: AsyncSession, after: int, to: int) -> list[Signature]:
        """The signatures of the ledger's rows after one number, up to another."""
        rows = select(LedgerRow).where(LedgerRow.practice == self._practice).order_by(LedgerRow.id)
        found: list[Signature] = []
        for start in range(after, to, _ROWS_AT_ONCE):
            end = min(start + _ROWS_AT_ONCE, to)
            some = list(await session.scalars(rows.where(LedgerRow.id > start, LedgerRow.id <= end)))
            # Children are answered while the hashes of many rows are checked.
            found += await asyncio.to_thread(_answers, some)
            session.expunge_all()
        return found


async def _newest(session: AsyncSession) -> tuple[int, int, int]:
    """The highest number in the ledger, among the withdrawals and among the facts; 0 for an empty table."""
    ids = (LedgerRow.id, Withdrawal.id, LocalFact.id)
    highest = select(*(select(func.coalesce(func.max(number), 0)).scalar_subquery() for number in ids))
    signed, off, said = (await session.execute(highest)).one()
    return signed, off, said


def _answers(rows: Iterable[LedgerRow]) -> list[Signature]:
    return [
        Signature(row, signed.layer, signed.card, signed.signed_on, signed.review_by)
        for row, signed in _whole(rows)
        if signed.words.kind == "card" and signed.words.language == "en"
    ]


def _whole(rows: Iterable[LedgerRow]) -> Iterator[tuple[int, SignOff]]:
    """What the rows keep, with their numbers. One that was altered, or that this release cannot read, is left out."""
    for row in rows:
        with suppress(KeyError, TypeError, ValueError):
            if row.whole():
                yield row.id, row.signoff()


def _off(rows: Iterable[Withdrawal]) -> Iterator[tuple[int, TakenOff]]:
    for row in rows:
        if row.whole():
            yield row.id, TakenOff(row.withdrawn(), row.after_row)


async def _said(session: AsyncSession) -> Mapping[str, Mapping[str, frozenset[str]]]:
    found: dict[str, dict[str, frozenset[str]]] = {}
    for layer, slot, value in await session.execute(select(LocalFact.layer, LocalFact.slot, LocalFact.value)):
        slots = found.setdefault(layer, {})
        if value.strip():
            slots[slot] = slots.get(slot, frozenset()) | {" ".join(value.split())}
    return found
