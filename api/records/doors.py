"""What an admin decided for a force: whether its door is open, and who answers when a child asks for a person."""

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Mapped, mapped_column

from api.hall.database import Base, Moment

Name = Literal["closed", "provider"]


class ForceSetting(Base):
    """One decision; the newest of each name counts, an empty value takes it back.

    `closed` holds the name of the interface string that children read while the door is shut: only vetted words are
    ever shown. `provider` holds the name of the advocacy organisation.
    """

    __tablename__ = "force_setting"

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str]
    name: Mapped[str]
    value: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
