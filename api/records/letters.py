"""Letters: e-mail that waits in the database until it is sent, so that none is lost and a failure is visible."""

from datetime import date, datetime

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.hall.database import Base, Moment


class Letter(Base):
    """One letter to one person. The body is emptied once it is sent: it may hold a link that works once.

    `try_at` is when it is tried next, `tries` how often it was, `fault` what went wrong the last time.
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


class Reminder(Base):
    """That people were reminded of a card's review date so many days before it; unique, so nobody is told twice."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("layer", "card", "review_by", "days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str]
    card: Mapped[str]
    review_by: Mapped[date]
    days: Mapped[int]
