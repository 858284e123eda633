"""Withdrawals: a card taken off a layer at once, with a reason that the public can read. A chain of its own."""

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.records.acts import ActRow
from api.records.card_decisions import DECISIONS, Decisions
from api.records.chain_reader import links_after, ours
from api.records.hash_chain import FIRST, Chained, still_ends
from api.web.column_types import Flag, Moment
from api.web.database import Base
from content.signoff import Withdrawn

ALTERED = "The record of why was changed after it was written. The answer stays hidden until it is signed again."
"""The reason shown where the true one cannot be told."""
_FOR_EVER = 2**62
Made = tuple[str, str, datetime]
"""A withdrawal that is there: its layer, its card and its moment."""
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
    practice: Mapped[bool] = mapped_column(Flag)

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


@dataclass(frozen=True)
class Hidden:
    """What this process knows of the withdrawals, up to the row `last` that carries `last_hash`.

    A withdrawal that was altered or taken out does not say any more what it withdrew. The log of the desk, a chain of
    its own, then says it instead: `doubtful` are the cards whose withdrawal it tells of and is not there, and they stay
    hidden until somebody signs them at the desk again. While a row is `altered`, what the acts of the desk say is
    believed too, where it hides more.
    """

    practice: bool
    last: int = 0
    last_hash: str = FIRST
    newest: Mapping[tuple[str, str], Withdrawal] = field(default_factory=dict)
    made: frozenset[Made] = frozenset()
    altered: bool = False
    logged: Decisions = field(default_factory=Decisions)
    doubtful: tuple[Withdrawn, ...] = ()

    async def read_on(self, session: AsyncSession) -> "Hidden":
        """The same with everything that came since; this very object when nothing did."""
        known = self if await still_ends(session, Withdrawal, self.last, self.last_hash) else Hidden(self.practice)
        found = await links_after(session, Withdrawal, known.last, known.last_hash)
        newest, made, good = dict(known.newest), set(known.made), 0
        async for _, row in ours(session, Withdrawal, found.good):
            good += 1
            made.add((row.layer, row.card, row.at))
            if row.practice == self.practice:
                newest[row.layer, row.card] = row
        altered = known.altered or found.altered or good < len(found.good)
        logged = await self.logged.read_on(session)
        doubtful = await _doubtful(session, logged, made, altered=altered)
        if altered and not known.altered:
            _log.error("a withdrawal was altered or taken out; what was last withdrawn or recalled stays hidden")
        if (
            known is self
            and not found.good
            and (altered, logged, doubtful)
            == (
                self.altered,
                self.logged,
                self.doubtful,
            )
        ):
            return self
        return Hidden(
            self.practice, found.last.id, found.last.row_hash, newest, frozenset(made), altered, logged, doubtful
        )

    def happened(self) -> Iterator[tuple[int, Withdrawn]]:
        """Each withdrawal with the ledger row that it came after."""
        for row in self.newest.values():
            yield row.after_row, row.withdrawn()
        for hidden in self.doubtful:
            yield _FOR_EVER, hidden


async def _doubtful(
    session: AsyncSession, logged: Decisions, made: Collection[Made], *, altered: bool
) -> tuple[Withdrawn, ...]:
    """The cards that were withdrawn since they were last signed, and that no whole withdrawal hides.

    While a withdrawal is altered those that were recalled too: some are hidden by it.
    """
    found = {
        place: line.at
        for place, line in logged.last.items()
        if (*place, line.at) not in made and (line.what == "withdraw" or (altered and line.what == "recall"))
    }
    if altered:
        # Anybody who can write there can add an act, so none shows again what the log hides.
        for place, act in (await _acts(session)).items():
            line = logged.last.get(place)
            signed_since = line is not None and line.what == "sign" and line.at >= act.at
            if act.kind != "sign" and (*place, act.at) not in made and not signed_since:
                found[place] = act.at
    return tuple(Withdrawn(*place, ALTERED, "the desk", at.date()) for place, at in sorted(found.items()))


async def _acts(session: AsyncSession) -> dict[tuple[str, str], ActRow]:
    """The last act of the desk that showed or hid each card."""
    decided = select(ActRow).where(ActRow.kind.in_(DECISIONS)).order_by(ActRow.id)
    return {(act.layer, act.card): act for act in await session.scalars(decided)}
