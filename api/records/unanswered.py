"""How often children of a force asked what we could not answer: a count a month, and never what they asked."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.hall.database import Base


class Unanswered(Base):
    """How many messages of a month ended in "we do not know". `month` is written 2026-11."""

    __tablename__ = "unanswered"
    __table_args__ = (UniqueConstraint("force", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    force: Mapped[str]
    month: Mapped[str]
    count: Mapped[int]
