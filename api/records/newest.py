"""What this process knows of the ledger: the newest signatures, read on from where it stopped the last time."""

import gc
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.chain import FIRST, still_ends
from api.records.ledger import LedgerRow, shown
from api.records.withdrawals import Hidden
from content.language import Language
from content.signoff import SignOff, Withdrawn

Place = tuple[str, str, Language]
"""A layer, a card and a language: each signature there takes the place of the one before."""
# How words in another language begin; English ones begin otherwise.
_LANGUAGE_ENDS = len('{"language":"cy"')
_AT_ONCE = 200


@dataclass(frozen=True)
class Newest:
    """The newest signature of each card in each layer and language, up to the row `last` that carries `last_hash`."""

    practice: bool
    last: int = 0
    last_hash: str = FIRST
    signed: Mapping[Place, tuple[int, SignOff]] = field(default_factory=dict)

    async def read_on(self, session: AsyncSession) -> "Newest":
        """The same with everything that was signed since; this very object when nothing was.

        A row whose hash does not match is left out and its number logged; the signature before it counts then.
        """
        known = self if await still_ends(session, LedgerRow, self.last, self.last_hash) else Newest(self.practice)
        end = select(LedgerRow.id, LedgerRow.row_hash).order_by(LedgerRow.id.desc()).limit(1)
        last, last_hash = (await session.execute(end)).one_or_none() or (0, FIRST)
        if last == known.last:
            return known
        signed, altered = dict(known.signed), list[LedgerRow]()
        with _nothing_to_collect():
            async for row in _newest(session, known.last, last, practice=self.practice):
                if not _keep(signed, row):
                    altered.append(row)
        for row in altered:
            for earlier in await session.scalars(_before(row)):
                _keep(signed, earlier)
        return Newest(self.practice, last, last_hash, signed)


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """All that is read is kept, so a search for garbage finds none; it would be a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


async def _newest(session: AsyncSession, after: int, last: int, *, practice: bool) -> AsyncIterator[LedgerRow]:
    """The newest row of each card, layer and language among those after one row and up to another, in order."""
    head = func.substr(LedgerRow.words, 1, _LANGUAGE_ENDS)
    newest = (
        select(func.max(LedgerRow.id))
        .where(LedgerRow.practice == practice, LedgerRow.id > after, LedgerRow.id <= last)
        .group_by(LedgerRow.layer, LedgerRow.card, head)
    )
    wanted = select(LedgerRow).where(LedgerRow.id.in_(newest)).order_by(LedgerRow.id)
    async for row in await session.stream_scalars(wanted.execution_options(yield_per=_AT_ONCE)):
        yield row


def _keep(signed: dict[Place, tuple[int, SignOff]], row: LedgerRow) -> bool:
    """Takes a row's SignOff in, unless a later one has its place. False when the row may not be shown."""
    found = shown(row)
    if found is None:
        return False
    place = found.layer, found.card, found.words.language
    if place not in signed or signed[place][0] < row.id:
        signed[place] = row.id, found
    return True


def _before(row: LedgerRow) -> Select[LedgerRow]:
    """The rows of the same card in the same layer that are older than this one, oldest first."""
    same = (LedgerRow.layer == row.layer, LedgerRow.card == row.card, LedgerRow.practice == row.practice)
    return select(LedgerRow).where(*same, LedgerRow.id < row.id).order_by(LedgerRow.id)


def happened(newest: Newest, hidden: Hidden) -> list[SignOff | Withdrawn]:
    """What counts of signatures and withdrawals, in the order it happened."""
    events: list[tuple[int, int, SignOff | Withdrawn]] = [(row, 0, found) for row, found in newest.signed.values()]
    events.extend((row, 1, found) for row, found in hidden.happened())
    return [found for _, _, found in sorted(events, key=itemgetter(0, 1))]
