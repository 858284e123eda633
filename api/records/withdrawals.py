"""Withdrawals: a card taken off a layer at once, with a reason that the public can read. A chain of its own."""

from datetime import datetime

from sqlalchemy import Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.hall.database import Base, Moment
from api.records.chain import Chained


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


async def withdrawals(session: AsyncSession, *, practice: bool) -> list[Withdrawal]:
    """Every withdrawal in the order made: practice ones in practice mode, real ones otherwise."""
    found = await session.scalars(select(Withdrawal).where(Withdrawal.practice == practice).order_by(Withdrawal.id))
    return list(found)
