"""How often children of a force asked what we could not answer: a count a month, and never what they asked."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.web.database import Base, Database

FEWEST = 10
"""A smaller count is never told: few children asked, and somebody may know who."""
EVERYWHERE = "england-and-wales"
"""What a message counts for when the child has not said where they live."""
_EVERY_SECONDS = 60.0
_WRITE_SECONDS = 5.0
_ANSWER_SECONDS = 1.5
_log = logging.getLogger(__name__)


class Unanswered(Base):
    """How many messages of a month ended in "we do not know". `month` is written 2026-11."""

    __tablename__ = "unanswered"
    __table_args__ = (UniqueConstraint("force", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    force: Mapped[str]
    month: Mapped[str]
    count: Mapped[int]


class Tally:
    """Counts in memory, so that no answer ever waits for the database. `today` is the clock."""

    def __init__(self, database: Database, today: Callable[[], date]) -> None:
        self._database, self._today = database, today
        self._counted = Counter[tuple[str, str]]()

    def add(self, force: str | None) -> None:
        """One more message that we could not answer. Takes the force and nothing of the message."""
        self._counted[force or EVERYWHERE, month_of(self._today())] += 1

    async def write(self) -> None:
        """Adds what was counted to the table, where the counts of every process add up.

        Raises what the database raises; what was counted is then kept for the next time.
        """
        counted = dict(self._counted)
        if not counted:
            return
        async with self._database.begin() as session:
            # Always in one order, so that two processes never wait for each other.
            for (force, month), count in sorted(counted.items()):
                await _add(session, force, month, count)
        self._counted -= Counter(counted)

    async def told(self, force: str) -> Mapping[str, int] | None:
        """The counts of a force by month that may be told; None while the database is away.

        A month that is not among them has fewer than FEWEST, or none.
        """
        enough = select(Unanswered).where(Unanswered.force == force, Unanswered.count >= FEWEST)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS), self._database.begin() as session:
                return {row.month: row.count for row in await session.scalars(enough)}
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("the counts cannot be read now: %s", type(error).__name__)
            return None

    async def keep(self, ended: asyncio.Event, every: float = _EVERY_SECONDS) -> None:
        """Writes every so many seconds, and once more when the app has ended. What cannot be written is tried again."""
        while not ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), every)
            try:
                async with asyncio.timeout(_WRITE_SECONDS):
                    await self.write()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next minute may be better
                _log.warning("the counts are kept for later: %s", type(error).__name__)


def month_of(day: date) -> str:
    """The month of a day as the table has it: 2026-11."""
    return f"{day:%Y-%m}"


async def _add(session: AsyncSession, force: str, month: str, count: int) -> None:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = dialect.insert(Unanswered).values(force=force, month=month, count=count)
    more = Unanswered.count + row.excluded.count
    await session.execute(row.on_conflict_do_update(index_elements=["force", "month"], set_={"count": more}))
