"""Notifies a provider: a letter to the rota and a call of its own system, without a word of the child."""

import json
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.pubsub import queue
from api.records.handovers.tables import Handover, Provider, WebhookCall
from api.records.letters import Letter, post

AGAIN_SOONEST = timedelta(minutes=3)
AGAIN_LATEST = timedelta(minutes=30)
_A_PART_OF_THE_WAIT = 3
QUIET = timedelta(minutes=2)
"""How long a rota has no second letter, however many wait: a thousand letters would bury the one that matters."""
_SUBJECT = "A child is waiting for an answer"
_IN_DANGER = "A child who may be in danger is waiting"
_BODY = """Hello,

a child has asked {name} for a person{danger}, and nobody has answered yet.

Sign in and press "I am here": {address}/console

{since}. This letter holds nothing that the child wrote.
"""


async def ring(
    session: AsyncSession, handover_context: HandoverContext, provider: Provider, handover: Handover, now: datetime
) -> None:
    """Tells the provider that somebody waits, in the transaction that makes it so.

    A rota that had such a letter within QUIET has no other now: whoever comes for the one sees everybody who waits.
    """
    handover.rung_at = now
    await session.flush()
    await handover_context.pubsub.tell(session, queue(provider.id))
    if not await _written_lately(session, provider, handover, now):
        await _write(session, handover_context, provider, handover, now)
    if provider.hook_url:
        session.add(
            WebhookCall(
                provider_id=provider.id, body=_knock(provider, handover), made_at=now, try_at=now, tries=0, fault=""
            )
        )
        await session.flush()


def again_at(handover: Handover) -> datetime:
    """When a provider is rung again for somebody who still waits: soon at first, then ever more rarely."""
    last = handover.rung_at or handover.asked_at
    wait = (last - handover.asked_at) / _A_PART_OF_THE_WAIT
    return last + max(AGAIN_SOONEST, min(AGAIN_LATEST, wait))


def due_again(handover: Handover, now: datetime) -> bool:
    """True when the provider of a handover that nobody has is rung for it now; for a call-back not before it is due."""
    due = handover.wants == "here" or handover.due_from is None or handover.due_from <= now
    return due and again_at(handover) <= now


async def ring_again(
    session: AsyncSession, handover_context: HandoverContext, handover: Handover, now: datetime
) -> None:
    """Rings the provider of a handover that still waits."""
    await ring(session, handover_context, await session.get_one(Provider, handover.provider_id), handover, now)


async def _written_lately(session: AsyncSession, provider: Provider, handover: Handover, now: datetime) -> bool:
    """True when the rota knows: of a child who may be in danger only by a letter that said so."""
    told = (_IN_DANGER,) if handover.danger else (_SUBJECT, _IN_DANGER)
    newest = select(Letter.made_at).where(Letter.layer == provider.layer, Letter.subject.in_(told))
    last = await session.scalar(newest.order_by(Letter.id.desc()).limit(1))
    # A letter from a time yet to come was written before the clock was put back.
    return last is not None and last <= now < last + QUIET


async def _write(
    session: AsyncSession, handover_context: HandoverContext, provider: Provider, handover: Handover, now: datetime
) -> None:
    subject, body = (
        _IN_DANGER if handover.danger else _SUBJECT,
        _letter(provider, handover, handover_context.address, now),
    )
    for email in json.loads(provider.rota):
        await post(session, layer=provider.layer, email=email, subject=subject, body=body, now=now)


def _letter(provider: Provider, handover: Handover, address: str, now: datetime) -> str:
    minutes = max(0, int((now - handover.asked_at).total_seconds() // 60))
    ago = f"{minutes} {'minute' if minutes == 1 else 'minutes'} ago"
    since = f"They asked {ago if minutes else 'just now'}"
    danger = " and may be in danger" if handover.danger else ""
    return _BODY.format(name=provider.name, danger=danger, since=since, address=address)


def _knock(provider: Provider, handover: Handover) -> str:
    return json.dumps(
        {
            "event": "handover.waiting",
            "provider": provider.slug,
            "handover": handover.ref,
            "wants": handover.wants,
            "danger": handover.danger,
            "asked_at": handover.asked_at.isoformat(),
        }
    )
