"""A child who may be in danger, as every page of their handover says so: what was heard, and whom to ring."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.console.console_door import ConsoleDoor
from api.records.handovers.advocates import Advocate
from api.records.handovers.claims import may_read, watching
from api.records.handovers.tables import Handover, Message

HEARD: Mapping[str, str] = MappingProxyType(
    {
        "danger-now": "they are in danger now",
        "emergency": "somebody is ill or hurt now",
        "suicide": "they think of ending their life",
        "self-harm": "they hurt themselves",
        "hurt-others": "they might hurt somebody",
        "harm-now": "somebody hurts them",
        "exploited": "somebody uses them",
        "own-behaviour": "they worry about their own sexual thoughts, or about what they did",
        "harm-past": "somebody hurt them before",
        "someone-else": "somebody else is hurt or not safe",
    }
)
"""What the alarm hears, by its kind, as an advocate reads it after "Their words sound like this:"."""
# So many of the newest messages are looked through: a talk goes on long after the one that rang.
_NEWEST = 20


@dataclass(frozen=True)
class Danger:
    """What stands in sight on a page of a handover whose child may be in danger.

    `heard` is what their words sound like, "" where this advocate may not read them, or where the alarm rang at words
    that nobody kept; `lead` says who at the provider is rung, "" where nobody is named.
    """

    ref: str
    heard: str
    lead: str
    may_read: bool


async def danger_of(
    session: AsyncSession, console: ConsoleDoor, advocate: Advocate, handover: Handover | None
) -> Danger | None:
    """The danger that a handover is marked with; None where it is not, or is forgotten."""
    if handover is None or not handover.danger:
        return None
    watches = advocate.supervisor and await watching(session, handover, advocate.id)
    reads = may_read(advocate, handover, watches=watches)
    heard = await _heard(session, console, handover) if reads else ""
    return Danger(handover.ref, heard, advocate.provider.lead, may_read=reads)


async def _heard(session: AsyncSession, console: ConsoleDoor, handover: Handover) -> str:
    """What the newest words that ring sound like. Nothing of it is kept: the words that may be read are heard again."""
    theirs = select(Message).where(Message.handover_id == handover.id, Message.writer == "child")
    message_cipher = console.handover_context.message_cipher
    newest = await session.scalars(theirs.order_by(Message.number.desc()).limit(_NEWEST))
    for text in (*(message_cipher.said(message).text for message in newest), message_cipher.sent(handover).question):
        kind = console.alarm.hear(text)
        if kind:
            return HEARD.get(kind, "")
    return ""
