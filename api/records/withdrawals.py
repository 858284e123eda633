"""Withdrawals: a card taken off a layer at once, with a reason that the public can read. A chain of its own."""

import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.hall.database import Base, Moment
from api.records.acts import ActRow
from api.records.chain import FIRST, Chained, still_ends
from content.signoff import Withdrawn

ALTERED = "The record of why was changed after it was written. The answer stays hidden until it is signed again."
"""The reason shown where the true one cannot be told."""
_FOR_EVER = 2**62
_log = logging.getLogger(__name__)


class Withdrawal(Chained, Base):
    """A card that a layer's children are not shown until it is signed again.

    `after_row` is the newest ledger row when it was withdrawn: a signature with a higher number shows it again.
    """

    __tablename__ = "withdrawal"

    layer: Mapped[str]
    card: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    who: Mapped[str]
    post: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
    after_row: Mapped[int]
    practice: Mapped[bool]

    def sealed(self) -> list[str]:
        """Every column."""
        return [
            self.layer,
            self.card,
            self.reason,
            self.who,
            self.post,
            self.at.isoformat(),
            str(self.after_row),
            "practice" if self.practice else "real",
        ]

    def withdrawn(self) -> Withdrawn:
        """The withdrawal as everybody may see it."""
        return Withdrawn(self.layer, self.card, self.reason, self.post, self.at.date())


async def withdrawals(session: AsyncSession, *, practice: bool) -> list[Withdrawal]:
    """Every withdrawal in the order made: practice ones in practice mode, real ones otherwise."""
    found = await session.scalars(select(Withdrawal).where(Withdrawal.practice == practice).order_by(Withdrawal.id))
    return list(found)


@dataclass(frozen=True)
class Hidden:
    """What this process knows of the withdrawals, up to the row `last` that carries `last_hash`.

    An altered row does not say any more what it withdrew, nor that the card it names ever was. While there is one,
    the acts of the desk are asked instead: `by_acts` are the cards that were withdrawn or recalled last, and they stay
    hidden whatever the row says now.
    """

    practice: bool
    last: int = 0
    last_hash: str = FIRST
    newest: Mapping[tuple[str, str], Withdrawal] = field(default_factory=dict)
    altered: bool = False
    by_acts: tuple[Withdrawn, ...] = ()

    async def read_on(self, session: AsyncSession) -> "Hidden":
        """The same with everything that came since; this very object when nothing did."""
        known = self if await still_ends(session, Withdrawal, self.last, self.last_hash) else Hidden(self.practice)
        last, last_hash, newest, altered = known.last, known.last_hash, dict(known.newest), known.altered
        for row in await session.scalars(select(Withdrawal).where(Withdrawal.id > last).order_by(Withdrawal.id)):
            whole = row.whole()
            if not whole or row.previous != last_hash:
                _log.error("withdrawal %d was altered; what was last withdrawn or recalled stays hidden", row.id)
                altered = True
            if whole and row.practice == self.practice:
                newest[row.layer, row.card] = row
            last, last_hash = row.id, row.row_hash
        by_acts = tuple([hidden async for hidden in _by_acts(session, newest)]) if altered else ()
        if known is self and (last, by_acts) == (self.last, self.by_acts):
            return self
        return Hidden(self.practice, last, last_hash, newest, altered, by_acts)

    def happened(self) -> Iterator[tuple[int, Withdrawn]]:
        """Each withdrawal with the ledger row that it came after."""
        for row in self.newest.values():
            yield row.after_row, row.withdrawn()
        for hidden in self.by_acts:
            yield _FOR_EVER, hidden


async def _by_acts(session: AsyncSession, known: Mapping[tuple[str, str], Withdrawal]) -> AsyncIterator[Withdrawn]:
    """The cards that were withdrawn or recalled since they were last signed, and that no whole withdrawal hides."""
    decided = select(ActRow).where(ActRow.kind.in_(("sign", "withdraw", "recall"))).order_by(ActRow.id)
    for place, act in {(act.layer, act.card): act for act in await session.scalars(decided)}.items():
        row = known.get(place)
        if act.kind != "sign" and (row is None or row.at != act.at):
            yield Withdrawn(*place, ALTERED, "the desk", act.at.date())
