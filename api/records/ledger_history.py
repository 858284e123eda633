"""History: what the register reads of the ledger beyond what is shown today, and what forces said of themselves."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from sqlalchemy import Select, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.chain_reader import ours, readable
from api.records.hash_chain import Row, last_in_place
from api.records.ledger import LedgerRow
from api.records.local_facts import LocalFact
from api.records.withdrawals import Withdrawal
from api.web.database import Database, keys_of
from api.web.ledger_keys import LedgerKeys
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
class LedgerHistory:
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
        self._past: LedgerHistory | None = None
        self._read_to = (0, 0, 0)
        self._turn = asyncio.Lock()

    async def past(self) -> LedgerHistory | None:
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
        signed = select(LedgerRow.id).where(LedgerRow.card == card, here, LedgerRow.practice == self._practice)
        gone = select(Withdrawal.id).where(Withdrawal.card == card, there, Withdrawal.practice == self._practice)
        async with self._database.begin() as session:
            steps = [
                ((number, 0), Step(signoff)) for number, signoff in _signed(await _all(session, LedgerRow, signed))
            ]
            steps += [
                ((off.after_row, number), Step(None, off.what))
                for number, off in _off(await _all(session, Withdrawal, gone))
            ]
        return [step for _, step in sorted(steps, key=lambda placed: placed[0], reverse=True)]

    async def _read(self, session: AsyncSession, newest: tuple[int, int, int]) -> None:
        """Reads the rows that were added since last time, up to the newest of each table."""
        if self._past and self._read_to == newest:
            return
        # Numbers that went down are those of another database, put back from a copy.
        if any(now < then for now, then in zip(newest, self._read_to, strict=True)):
            self._past, self._read_to = None, (0, 0, 0)
        before = self._past or LedgerHistory()
        added = await self._signatures(session, self._read_to[0], newest[0])
        gone = select(Withdrawal.id).where(Withdrawal.id > self._read_to[1], Withdrawal.id <= newest[1])
        gone = gone.where(Withdrawal.practice == self._practice)
        taken_off = [off for _, off in _off(await _all(session, Withdrawal, gone))]
        # Facts are no chain: one with a lower number may be added later, so all of them are read again.
        self._past = LedgerHistory((*before.signatures, *added), (*before.taken_off, *taken_off), await _said(session))
        self._read_to = newest

    async def _signatures(self, session: AsyncSession, after: int, to: int) -> list[Signature]:
        """The signatures of the ledger's rows after one number, up to another."""
        here = (LedgerRow.practice == self._practice, LedgerRow.id > after, LedgerRow.id <= to)
        numbers = list(await session.scalars(select(LedgerRow.id).where(*here).order_by(LedgerRow.id)))
        found: list[Signature] = []
        for start in range(0, len(numbers), _ROWS_AT_ONCE):
            some = [row async for _, row in readable(session, LedgerRow, numbers[start : start + _ROWS_AT_ONCE])]
            # Children are answered while the hashes of many rows are checked.
            found += await asyncio.to_thread(_answers, [row for row in some if row], keys_of(session))
            session.expunge_all()
        return found


async def _newest(session: AsyncSession) -> tuple[int, int, int]:
    """The number of the last row that is ours in the ledger and among the withdrawals, and of the last fact; or 0."""
    said = await session.scalar(select(func.coalesce(func.max(LocalFact.id), 0)))
    signed, off = await last_in_place(session, LedgerRow), await last_in_place(session, Withdrawal)
    return signed.id, off.id, said or 0


def _answers(rows: Iterable[LedgerRow], keys: LedgerKeys) -> list[Signature]:
    return [
        Signature(row, signed.layer, signed.card, signed.signed_on, signed.review_by)
        for row, signed in _signed(row for row in rows if row.ours(keys))
        if signed.words.kind == "card" and signed.words.language == "en"
    ]


async def _all(session: AsyncSession, kind: type[Row], numbers: Select[int]) -> list[Row]:
    """The rows of these numbers that are ours and whole, in order."""
    return [row async for _, row in ours(session, kind, list(await session.scalars(numbers)))]


def _signed(rows: Iterable[LedgerRow]) -> Iterator[tuple[int, SignOff]]:
    """What the rows keep, with their numbers. One that this release cannot read is left out."""
    for row in rows:
        with suppress(KeyError, TypeError, ValueError):
            yield row.id, row.signoff()


def _off(rows: Iterable[Withdrawal]) -> Iterator[tuple[int, TakenOff]]:
    for row in rows:
        yield row.id, TakenOff(row.withdrawn(), row.after_row)


async def _said(session: AsyncSession) -> Mapping[str, Mapping[str, frozenset[str]]]:
    found: dict[str, dict[str, frozenset[str]]] = {}
    for layer, slot, value in await session.execute(select(LocalFact.layer, LocalFact.slot, LocalFact.value)):
        slots = found.setdefault(layer, {})
        if value.strip():
            slots[slot] = slots.get(slot, frozenset()) | {" ".join(value.split())}
    return found
