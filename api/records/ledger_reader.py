"""Reads the ledger as it grows: the newest signatures, read on from where it stopped the last time."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.chain_reader import Links, links_after, ours, tell
from api.records.hash_chain import FIRST, still_ends
from api.records.ledger import LedgerRow, said
from api.records.withdrawals import Hidden
from content.language import Language
from content.signoff import SignOff, Withdrawn

Place = tuple[str, str, Language]
"""A layer, a card and a language: each signature there takes the place of the one before."""
_NAMED = 10
# How words in another language begin; English ones begin otherwise.
_LANGUAGE_ENDS = len('{"language":"cy"')


@dataclass(frozen=True)
class LedgerReader:
    """The newest signature of each card in each layer and language, up to the row `last` that carries `last_hash`.

    `doubtful` are the numbers of rows that nobody signed here, or that were altered after. They count for nothing.
    """

    practice: bool
    last: int = 0
    last_hash: str = FIRST
    signed: Mapping[Place, tuple[int, SignOff]] = field(default_factory=dict)
    doubtful: frozenset[int] = frozenset()

    async def read_on(self, session: AsyncSession) -> "LedgerReader":
        """The same with everything that was signed since; this very object when nothing was.

        A row that was altered or that nobody signed here is left out and its number logged; the signature before it
        counts then.
        """
        known = self if await still_ends(session, LedgerRow, self.last, self.last_hash) else LedgerReader(self.practice)
        found = await links_after(session, LedgerRow, known.last, known.last_hash)
        doubtful = known.doubtful | found.wrong
        if not found.good and doubtful == known.doubtful:
            return known
        for number in sorted(found.wrong - known.doubtful)[:_NAMED]:
            tell(LedgerRow, number)
        signed = dict(known.signed)
        if found.good:
            with _nothing_to_collect():
                doubtful |= await _take_in(session, signed, known, found)
        return LedgerReader(self.practice, found.last.id, found.last.row_hash, signed, doubtful)


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


async def _take_in(
    session: AsyncSession, signed: dict[Place, tuple[int, SignOff]], known: LedgerReader, found: Links
) -> frozenset[int]:
    """Takes in the newest good row of each card, layer and language; gives the numbers of those that were altered."""
    head = func.substr(LedgerRow.words, 1, _LANGUAGE_ENDS)
    place = (LedgerRow.layer, LedgerRow.card, head)
    here = (LedgerRow.practice == known.practice, LedgerRow.id > known.last, LedgerRow.id <= found.last.id)
    newest = set(await session.scalars(select(func.max(LedgerRow.id)).where(*here).group_by(*place)))
    kept = {number: _keep(signed, row) async for number, row in ours(session, LedgerRow, newest - found.wrong)}
    # What the database says of a row that was altered leads only to rows that are good themselves.
    for number in sorted(number for number in newest if not kept.get(number)):
        groups = (await session.execute(select(*place).where(LedgerRow.id == number))).all()
        for layer, card, begins in groups:
            same = (LedgerRow.layer == layer, LedgerRow.card == card, head == begins, LedgerRow.id < number)
            earlier = select(LedgerRow.id).where(*here, *same).order_by(LedgerRow.id.desc())
            await _take_last(session, signed, [one for one in await session.scalars(earlier) if one not in found.wrong])
    return frozenset(newest - kept.keys())


async def _take_last(session: AsyncSession, signed: dict[Place, tuple[int, SignOff]], numbers: Sequence[int]) -> None:
    """Takes in the first of these rows that can be shown."""
    for number in numbers:
        async for _, row in ours(session, LedgerRow, [number]):
            if _keep(signed, row):
                return


def _keep(signed: dict[Place, tuple[int, SignOff]], row: LedgerRow) -> bool:
    """Takes a row's SignOff in, unless a later one has its place. False when this release cannot read it."""
    found = said(row)
    if found is None:
        return False
    place = found.layer, found.card, found.words.language
    if place not in signed or signed[place][0] < row.id:
        signed[place] = row.id, found
    return True


def happened(newest: LedgerReader, hidden: Hidden) -> list[SignOff | Withdrawn]:
    """What counts of signatures and withdrawals, in the order it happened."""
    events: list[tuple[int, int, SignOff | Withdrawn]] = [(row, 0, found) for row, found in newest.signed.values()]
    events.extend((row, 1, found) for row, found in hidden.happened())
    return [found for _, _, found in sorted(events, key=itemgetter(0, 1))]
