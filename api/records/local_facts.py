"""Local facts: what only a force can say, who said it and when. The newest of each slot counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.web.column_types import Moment
from api.web.database import Base


class LocalFact(Base):
    """What a force said of a slot, once. An empty value takes the fact back."""

    __tablename__ = "local_fact"

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str]
    slot: Mapped[str]
    value: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int]
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)


async def facts_of(session: AsyncSession, layer: str) -> dict[str, list[LocalFact]]:
    """Every slot's facts of a layer in the order said; the last of each is the one that counts."""
    found: dict[str, list[LocalFact]] = {}
    for fact in await session.scalars(select(LocalFact).where(LocalFact.layer == layer).order_by(LocalFact.id)):
        found.setdefault(fact.slot, []).append(fact)
    return found


def newest(facts: Mapping[str, Sequence[LocalFact]]) -> dict[str, str]:
    """What counts now, slot by slot; slots that are empty or were taken back are left out."""
    return {slot: said[-1].value for slot, said in facts.items() if said[-1].value}


def history(facts: Mapping[str, Sequence[LocalFact]], slot: str) -> Sequence[LocalFact]:
    """Everything ever said of a slot, newest first."""
    return facts.get(slot, [])[::-1]
