"""The audit log: every act at the desk, who, what and when, as a chain. Never the content of a chat."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.records.hash_chain import Chained, append
from api.web.column_types import Moment
from api.web.database import Base


class AuditRow(Chained, Base):
    """One thing that somebody did for a layer: `what` is a verb a person would say, `about` what it was done to."""

    __tablename__ = "audit"

    at: Mapped[datetime] = mapped_column(Moment)
    layer: Mapped[str]
    account_id: Mapped[int | None]
    who: Mapped[str]
    what: Mapped[str]
    about: Mapped[str]

    def sealed(self) -> list[str]:
        """Every column."""
        return [self.at.isoformat(), self.layer, str(self.account_id), self.who, self.what, self.about]


async def note(
    session: AsyncSession, at: datetime, layer: str, who: str, what: str, about: str, account_id: int | None = None
) -> AuditRow:
    """Writes one line into the log, in the transaction of what it is about: neither is kept without the other."""
    return await append(session, AuditRow(at=at, layer=layer, account_id=account_id, who=who, what=what, about=about))


async def log_of(
    session: AsyncSession, layer: str | None, newest: int = 500, before: int | None = None
) -> Sequence[AuditRow]:
    """The newest lines of a layer, newest first; of every layer for None. `before` leaves out that line and later."""
    wanted = select(AuditRow).order_by(AuditRow.id.desc()).limit(newest)
    wanted = wanted.where(AuditRow.id < before) if before else wanted
    return list(await session.scalars(wanted.where(AuditRow.layer == layer) if layer else wanted))
