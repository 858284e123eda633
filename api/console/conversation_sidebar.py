"""What stands around the words of a talk and changes by itself: the child's page, who watches, who else waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.console.console_door import ConsoleDoor
from api.console.plain_labels import length
from api.console.queue_view import force_name, page_open
from api.records.handovers.advocates import Advocate
from api.records.handovers.presence import here_since
from api.records.handovers.queue_order import BY_AGE, IN_LINE
from api.records.handovers.queue_overview import not_answered
from api.records.handovers.status import standing
from api.records.handovers.tables import Handover

THE_CHILD = "The child"
"""What a child is called who gave no name."""


@dataclass(frozen=True)
class OtherConversation:
    """Another talk of the same advocate, in the short list: whose it is, and how much of it is not answered."""

    ref: str
    name: str
    force: str
    unanswered: int
    calling: bool


@dataclass(frozen=True)
class Now:
    """What changes around the words: whether the child's page is open, who watches, who waits elsewhere."""

    page: str
    watchers: Sequence[str]
    here: bool
    mine: Sequence[OtherConversation]
    waiting: int
    in_danger: int


async def around(session: AsyncSession, console: ConsoleDoor, advocate: Advocate, handover: Handover) -> Now:
    """What changes around the words. Asked at every signal, so the database counts, and only what is shown is read."""
    now = console.now()
    line = select(func.count(), func.count().filter(Handover.danger))
    waiting, in_danger = (
        await session.execute(line.where(Handover.provider_id == advocate.provider.id, *IN_LINE))
    ).one()
    return Now(
        page=page_words(handover, now),
        watchers=(await standing(session, handover, now)).watchers,
        here=await here_since(session, advocate.id, now) is not None,
        mine=await _mine(session, console, advocate),
        waiting=waiting,
        in_danger=in_danger,
    )


def page_words(handover: Handover, now: datetime) -> str:
    """Whether the child's page is open, in words."""
    if page_open(handover, now):
        return "Their page is open."
    if handover.seen_at is None:
        return "Their page is not open."
    return f"Their page is not open. It was last open {length(now - handover.seen_at)} ago."


async def _mine(session: AsyncSession, console: ConsoleDoor, advocate: Advocate) -> Sequence[OtherConversation]:
    wanted = select(Handover).where(Handover.claimed_by == advocate.id, Handover.closed_at.is_(None))
    mine = list(await session.scalars(wanted.order_by(*BY_AGE)))
    unanswered = await not_answered(session, mine)
    return [
        OtherConversation(
            one.ref,
            console.handover_context.message_cipher.sent(one).name or THE_CHILD,
            force_name(console, one),
            unanswered.get(one.id, 0),
            one.wants == "call-back",
        )
        for one in mine
    ]
