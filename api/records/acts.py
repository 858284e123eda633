"""Everything done to a card's words at the desk, in order: edits, reviews, signatures, withdrawals, recalls."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Text, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.web.column_types import Moment
from api.web.database import Base
from content.review import Act, ActKind, Actor, NotAllowed

BEATEN = "Somebody else did something to these words just now. Look at them again; what you typed is still here."


class ActRow(Base):
    """One act. `number` counts a card's acts in a layer from 1; it is unique, so two acts at once cannot both be next.

    `text` is the whole card file of a force's own wording, where the act is an edit that changed it.
    """

    __tablename__ = "act"
    __table_args__ = (UniqueConstraint("layer", "card", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str]
    card: Mapped[str]
    number: Mapped[int]
    kind: Mapped[ActKind]
    account_id: Mapped[int]
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
    fingerprint: Mapped[str]
    text: Mapped[str | None] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text)

    def act(self) -> Act:
        """The act that this row keeps."""
        return Act(self.kind, self.account_id, self.fingerprint, self.comment)


async def acts_of(session: AsyncSession, layer: str, card: str | None = None) -> dict[str, list[ActRow]]:
    """Every act of a layer by card, in order; of one card where it is named."""
    wanted = select(ActRow).where(ActRow.layer == layer).order_by(ActRow.card, ActRow.number)
    found: dict[str, list[ActRow]] = {}
    for row in await session.scalars(wanted.where(ActRow.card == card) if card else wanted):
        found.setdefault(row.card, []).append(row)
    return found


async def add_act(
    session: AsyncSession,
    before: Sequence[ActRow],
    actor: Actor,
    kind: ActKind,
    *,
    layer: str,
    card: str,
    fingerprint: str,
    at: datetime,
    text: str | None = None,
    comment: str = "",
) -> ActRow:
    """Adds the next act after those that the actor has seen.

    Raises NotAllowed when somebody else's act came between; nothing is kept then.
    """
    row = ActRow(
        layer=layer,
        card=card,
        number=(before[-1].number if before else 0) + 1,
        kind=kind,
        account_id=actor.id,
        who=actor.name,
        at=at,
        fingerprint=fingerprint,
        text=text,
        comment=comment,
    )
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        raise NotAllowed([BEATEN]) from error
    return row
