"""Letters: e-mail that waits in the database until it is sent, so that none is lost and a failure is visible."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Text, UniqueConstraint, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.records import outbox
from api.records.outbox import OutboxRow
from api.web.database import Base

_SUBJECT_LONGEST = 160


class Letter(OutboxRow, Base):
    """One letter to one person. The body is emptied once it is sent: it may hold a link that works once."""

    __tablename__ = "letter"

    layer: Mapped[str]
    email: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str] = mapped_column(Text)

    @property
    def name(self) -> str:
        """What makes this letter one of its kind, so that a mail program shows it once even if it was sent twice."""
        return f"{self.id}.{self.made_at:%Y%m%d%H%M%S%f}"


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
    """Takes the letter that has been due longest, so that nobody else sends it; None for none."""
    return await outbox.take(session, Letter, now)


async def sent(session: AsyncSession, letter: Letter, now: datetime) -> None:
    """Says that a letter was sent, and empties it."""
    await outbox.sent(session, letter, now, body="")


async def failed(session: AsyncSession, letter: Letter, fault: str, now: datetime) -> None:
    """Says why a letter was not sent, and when it is tried next. Somebody who took it meanwhile is left alone."""
    await outbox.failed(session, letter, fault, now)


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
