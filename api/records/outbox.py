"""The outbox: what letters and webhook calls share, so that each is sent, tried again if that fails, and never lost."""

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Update, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.web.column_types import Moment

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, *(60,) * 71))
"""How long until the next try, after the first, the second ...: within three days it is tried 75 times."""
IN_HAND = timedelta(minutes=5)
"""How long whoever took something has for it, far longer than sending may take. Then somebody else takes it."""
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When something is tried next that has been tried often enough: only when somebody asks for it."""
_FAULT_LONGEST = 255
_LATEST = 2 * max(WAITS)


class OutboxRow:
    """Something that waits in the database until it is sent.

    `try_at` is when it is tried next, `tries` how often it was, `fault` what went wrong the last time: empty before the
    first try, and while a try is under way.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    try_at: Mapped[datetime] = mapped_column(Moment)
    tries: Mapped[int]
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    fault: Mapped[str]

    @property
    def in_hand(self) -> bool:
        """True while somebody is sending it."""
        return self.sent_at is None and self.tries > 0 and not self.fault

    @property
    def given_up(self) -> bool:
        """True when it was tried often enough, and is tried again only when somebody asks for it."""
        return self.sent_at is None and self.try_at >= NEVER


Sent = TypeVar("Sent", bound=OutboxRow)


async def take(session: AsyncSession, kind: type[Sent], now: datetime) -> Sent | None:
    """Takes what has been due longest, by one guarded UPDATE, so that nobody else sends it; None for none.

    Whoever ends before they say what became of it leaves it to be taken again after IN_HAND: it may be sent twice, but
    never not at all.
    """
    # Nothing is put off for so long, save by a clock that was ahead and has been put back.
    ahead = (kind.try_at > now + _LATEST) & (kind.try_at < NEVER)
    due = (kind.sent_at.is_(None), (kind.try_at <= now) | ahead)
    if not await session.scalar(select(exists().where(*due))):
        # Most rounds find nothing, and an UPDATE of nothing still makes everybody else wait to write.
        return None
    first = select(kind.id).where(*due).order_by(kind.try_at, kind.id).limit(1).with_for_update(skip_locked=True)
    taken = (
        update(kind)
        .where(kind.id == first.scalar_subquery(), *due)
        .values(tries=kind.tries + 1, try_at=now + IN_HAND, fault="")
        .returning(kind)
        .execution_options(synchronize_session=False)
    )
    found: Sent | None = await session.scalar(taken)
    return found


async def sent(session: AsyncSession, one: OutboxRow, now: datetime, **emptied: str) -> None:
    """Says that it was sent, and empties what it names."""
    await session.execute(_this(one, type(one).sent_at.is_(None)).values(sent_at=now, fault="", **emptied))


async def failed(session: AsyncSession, one: OutboxRow, fault: str, now: datetime) -> None:
    """Says why it was not sent, and when it is tried next. Somebody who took it meanwhile is left alone."""
    wait = WAITS[one.tries - 1] if one.tries <= len(WAITS) else None
    ours = _this(one, type(one).sent_at.is_(None), type(one).tries == one.tries)
    await session.execute(ours.values(try_at=now + wait if wait else NEVER, fault=fault[:_FAULT_LONGEST]))


def _this(one: OutboxRow, *still: ColumnElement[bool]) -> Update:
    kind = type(one)
    return update(kind).where(kind.id == one.id, *still).execution_options(synchronize_session=False)
