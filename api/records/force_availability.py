"""What was decided for a force: whether its door is open, and who answers when a child asks for a person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.records.audit import note
from api.records.handovers.tables import Provider
from api.records.people import Mistaken
from api.records.roles import is_admin, is_providers, roles_given_by
from api.web.column_types import Moment
from api.web.database import Base
from api.web.pg_listen import ring
from content.force import Force
from content.review import Actor, NotAllowed
from content.signoff import NATIONAL

Name = Literal["closed", "provider"]
MESSAGES = ("door_checking", "door_mending", "door_changing")
"""What children may be told while a door is shut: names of interface strings, so that only vetted words are shown."""
_PRACTICE = (
    "This is a practice version, so an invented organisation answers for invented forces and the national layer only: "
    "nothing that is tried out here may ever look like a real force's. Run with KNOW_MODE=live for real forces."
)


class ForceSetting(Base):
    """One decision; the newest of each name counts, an empty value takes it back.

    `closed` holds the name of the interface string that children read while the door is shut: only vetted words are
    ever shown. `provider` holds the slug of the advocacy organisation.
    """

    __tablename__ = "force_setting"

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str]
    name: Mapped[str]
    value: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)


async def decided(session: AsyncSession, layer: str) -> dict[str, ForceSetting]:
    """The newest decision of each name for a layer; those taken back are left out."""
    rows = await session.scalars(select(ForceSetting).where(ForceSetting.layer == layer).order_by(ForceSetting.id))
    return {name: row for name, row in {row.name: row for row in rows}.items() if row.value}


async def closed_doors(session: AsyncSession) -> dict[str, str]:
    """Every force whose door is shut, with the name of what its children are told; always one of MESSAGES."""
    newest = select(func.max(ForceSetting.id)).where(ForceSetting.name == "closed").group_by(ForceSetting.layer)
    rows = await session.scalars(select(ForceSetting).where(ForceSetting.id.in_(newest)))
    return {row.layer: row.value if row.value in MESSAGES else MESSAGES[0] for row in rows if row.value}


async def close_door(session: AsyncSession, by: Actor, layer: str, message: str, now: datetime) -> None:
    """Shuts the door of a force to children, with a message. Raises NotAllowed, and Mistaken for the message."""
    _must_decide(by, layer)
    if message not in MESSAGES:
        raise Mistaken({"message": "Choose what children are told while the door is shut."})
    await _decide(session, by, layer, "closed", message, "close door", now)


async def open_door(session: AsyncSession, by: Actor, layer: str, now: datetime) -> None:
    """Opens the door of a force again. Raises NotAllowed."""
    _must_decide(by, layer)
    if "closed" not in await decided(session, layer):
        raise NotAllowed(["The door is open already."])
    await _decide(session, by, layer, "closed", "", "open door", now)


async def name_provider(
    session: AsyncSession,
    by: Actor,
    layer: str,
    provider: Provider | None,
    *,
    forces: Mapping[str, Force],
    practice: bool,
    now: datetime,
) -> None:
    """Says which independent organisation answers for a force, or for the national layer; None takes it back.

    Only a national admin: a force does not choose who stands up to it. Raises NotAllowed.
    """
    if not may_name_provider(by):
        raise NotAllowed(["Only a national admin names the advocacy organisation: it is independent of the force."])
    force = forces.get(layer)
    if layer != NATIONAL and (force is None or force.kind == "hand-over"):
        raise NotAllowed([f'There is no force "{layer}" with words of its own.'])
    if provider and practice and force and not force.practice:
        raise NotAllowed([_PRACTICE])
    await _decide(session, by, layer, "provider", provider.slug if provider else "", "name provider", now)


def may_decide(actor: Actor, layer: str) -> bool:
    """True for those who shut and open the door of a force: its lead, and the national admins."""
    return layer != NATIONAL and not is_providers(layer) and bool(roles_given_by(actor, layer))


def may_name_provider(actor: Actor) -> bool:
    """True for those who say which organisation answers for a force: the national admins."""
    return is_admin(actor)


def _must_decide(by: Actor, layer: str) -> None:
    if layer == NATIONAL:
        raise NotAllowed(["The national words have no door: withdraw or recall the cards that are wrong."])
    if not may_decide(by, layer):
        raise NotAllowed(["Only the lead of the force, or a national admin, decides this. Ask one of them."])


async def _decide(
    session: AsyncSession, by: Actor, layer: str, name: Name, value: str, what: str, now: datetime
) -> None:
    session.add(ForceSetting(layer=layer, name=name, value=value, who=by.name, at=now))
    await note(session, now, layer, by.name, what, value, by.id or None)
    await ring(session)
