"""Letters: e-mail that waits in the database until it is sent, so that none is lost and a failure is visible."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, Text, UniqueConstraint, Update, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.hall.database import Base, Moment

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, *(60,) * 71))
"""How long until the next try, after the first, the second ...: within three days a letter is tried 75 times."""
IN_HAND = timedelta(minutes=5)
"""How long whoever took a letter has for it, far longer than sending may take. Then somebody else takes it."""
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When a letter is tried next that has been tried often enough: only when somebody asks for it."""
_SUBJECT_LONGEST = 160
_FAULT_LONGEST = 255


class Letter(Base):
    """One letter to one person. The body is emptied once it is sent: it may hold a link that works once.

    `try_at` is when it is tried next, `tries` how often it was, `fault` what went wrong the last time: empty before the
    first try, and while a try is under way.
    """

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str]
    email: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment)
    try_at: Mapped[datetime] = mapped_column(Moment)
    tries: Mapped[int]
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    fault: Mapped[str]

    @property
    def name(self) -> str:
        """What makes this letter one of its kind, so that a mail program shows it once even if it was sent twice."""
        return f"{self.id}.{self.made_at:%Y%m%d%H%M%S%f}"

    @property
    def in_hand(self) -> bool:
        """True while somebody is sending it."""
        return self.sent_at is None and self.tries > 0 and not self.fault

    @property
    def given_up(self) -> bool:
        """True when it was tried often enough, and is tried again only when somebody asks for it."""
        return self.sent_at is None and self.try_at >= NEVER


class Reminder(Base):
    """That people were reminded of a card's review date so many days before it; unique, so nobody is told twice."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("layer", "card", "review_by", "days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str]
    card: Mapped[str]
    review_by: Mapped[date]
    days: Mapped[int]


async def post(session: AsyncSession, *, layer: str, email: str, subject: str, body: str, now: datetime) -> Letter:
    """Writes a letter that is sent once this transaction is kept. Its subject is one line, 160 letters at most."""
    line = " ".join(subject.split())
    letter = Letter(
        layer=layer,
        email=email,
        subject=line if len(line) <= _SUBJECT_LONGEST else f"{line[: _SUBJECT_LONGEST - 1]}…",
        body=body,
        made_at=now,
        try_at=now,
        tries=0,
        fault="",
    )
    session.add(letter)
    await session.flush()
    return letter


async def take(session: AsyncSession, now: datetime) -> Letter | None:
    """Takes the letter that has been due longest, by one guarded UPDATE, so that nobody else sends it; None for none.

    Whoever ends before they say what became of it leaves it to be taken again after IN_HAND: a letter may come twice,
    but never not at all.
    """
    due = (Letter.sent_at.is_(None), Letter.try_at <= now)
    first = select(Letter.id).where(*due).order_by(Letter.try_at, Letter.id).limit(1).with_for_update(skip_locked=True)
    taken = (
        update(Letter)
        .where(Letter.id == first.scalar_subquery(), *due)
        .values(tries=Letter.tries + 1, try_at=now + IN_HAND, fault="")
        .returning(Letter)
        .execution_options(synchronize_session=False)
    )
    found: Letter | None = await session.scalar(taken)
    return found


async def sent(session: AsyncSession, letter: Letter, now: datetime) -> None:
    """Says that a letter was sent, and empties it."""
    await session.execute(_this(letter, Letter.sent_at.is_(None)).values(sent_at=now, body="", fault=""))


async def failed(session: AsyncSession, letter: Letter, fault: str, now: datetime) -> None:
    """Says why a letter was not sent, and when it is tried next. Somebody who took it meanwhile is left alone."""
    wait = WAITS[letter.tries - 1] if letter.tries <= len(WAITS) else None
    ours = _this(letter, Letter.sent_at.is_(None), Letter.tries == letter.tries)
    await session.execute(ours.values(try_at=now + wait if wait else NEVER, fault=fault[:_FAULT_LONGEST]))


async def try_again(session: AsyncSession, layer: str, number: int, now: datetime) -> bool:
    """Makes a letter of a layer due now. False when it was sent or is being sent, or is no letter of this layer."""
    idle = or_(Letter.tries == 0, Letter.fault != "")
    again = (
        update(Letter)
        .where(Letter.id == number, Letter.layer == layer, Letter.sent_at.is_(None), idle)
        .values(try_at=now)
        .returning(Letter.id)
    )
    return await session.scalar(again) is not None


async def known(session: AsyncSession, layer: str, number: int) -> bool:
    """True for the number of a letter of this layer, sent or not."""
    return await session.scalar(select(Letter.id).where(Letter.id == number, Letter.layer == layer)) is not None


async def letters_of(session: AsyncSession, layer: str, newest: int = 200) -> tuple[Sequence[Letter], Sequence[Letter]]:
    """The letters of a layer that were not sent, every one, and the newest of those that were; newest first."""
    wanted = select(Letter).where(Letter.layer == layer).order_by(Letter.id.desc())
    waiting = await session.scalars(wanted.where(Letter.sent_at.is_(None)))
    gone = await session.scalars(wanted.where(Letter.sent_at.is_not(None)).limit(newest))
    return list(waiting), list(gone)


def _this(letter: Letter, *still: ColumnElement[bool]) -> Update:
    return update(Letter).where(Letter.id == letter.id, *still).execution_options(synchronize_session=False)
