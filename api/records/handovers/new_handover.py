"""Asking for a person: one transaction makes the handover, keeps its first message sealed, and rings the provider."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.conversation import say_as_child, tell
from api.records.handovers.data_keys import keep_key, keys_to_close
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import CallBack, MessageCipher, Sent
from api.records.handovers.monthly_counts import count
from api.records.handovers.notify_provider import ring
from api.records.handovers.pubsub import queue, talk
from api.records.handovers.queries import why_not
from api.records.handovers.states import Wants, must_be_allowed
from api.records.handovers.tables import Handover, Provider
from api.records.handovers.three_words import three_words
from api.web.database import inserting

_REF_LENGTH = 22
_FIRST = "first"
_SECRET_LENGTH = 32


@dataclass(frozen=True)
class CallWindow:
    """From when until when a call is safe."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Ask:
    """What a child asks for, as they saw it before it was sent.

    `once` is the secret of the page they sent it from, at least 128 bits: sent twice, it makes one handover.
    `agreed` are the fingerprints of the consent cards that were on show, by their keys. `origin` is the keyed name of
    where it comes from; None counts as alone.
    """

    once: str
    force: str | None
    level: str
    danger: bool
    wants: Wants
    sent: Sent
    agreed: Mapping[str, str]
    window: CallWindow | None = None
    origin: str | None = None


@dataclass(frozen=True)
class NewHandover:
    """A handover that was asked for, and what only the child has: the page's secret and the three words."""

    handover: Handover
    secret: str
    words: str


async def asked_before(session: AsyncSession, handover_context: HandoverContext, once: str) -> NewHandover | None:
    """What was asked for from this page already, whatever has changed since; None before it was sent."""
    ref, secret, words = _own(handover_context.message_cipher, once)
    known = await session.scalar(select(Handover).where(Handover.ref == ref))
    return NewHandover(known, secret, words) if known else None


async def ask(
    session: AsyncSession, handover_context: HandoverContext, provider: Provider, new: Ask, now: datetime
) -> NewHandover:
    """Makes the handover. Sent twice from the same page, it is the one that was made first, with the same words."""
    ref, secret, words = _own(handover_context.message_cipher, new.once)
    key = handover_context.message_cipher.new_key()
    row = inserting(session, Handover).values(
        ref=ref,
        provider_id=provider.id,
        force=new.force or "",
        level=new.level,
        danger=new.danger,
        wants=new.wants,
        agreed=json.dumps(dict(new.agreed)),
        sealed=handover_context.message_cipher.close_sent(new.sent, [key]),
        code_hash=handover_context.message_cipher.hashes.of(words),
        key_hash=handover_context.message_cipher.hashes.of(secret),
        changes=0,
        asked_at=now,
        due_from=new.window.starts if new.window else None,
        due_until=new.window.ends if new.window else None,
        seen_at=now,
        origin=new.origin,
        turns=0,
    )
    # Sent twice at once, the second waits here for the first, and then has nothing to insert.
    handover = await session.scalar(row.on_conflict_do_nothing().returning(Handover))
    if handover is None:
        return NewHandover((await session.scalars(select(Handover).where(Handover.ref == ref))).one(), secret, words)
    await keep_key(session, handover, key)
    if new.sent.question:
        await say_as_child(session, handover_context, handover, new.sent.question, _FIRST, now)
    await count(session, provider.id, "asked", now)
    await count(session, provider.id, f"asked-{new.wants}", now)
    await ring(session, handover_context, provider, handover, now)
    return NewHandover(handover, secret, words)


async def call_me(
    session: AsyncSession,
    handover_context: HandoverContext,
    handover: Handover,
    call: CallBack,
    window: CallWindow,
    now: datetime,
) -> None:
    """The child wants to be called instead of waiting here, or at another time. The first ask stays the first."""
    if handover.state not in ("call-back", "calling"):
        must_be_allowed("call-back", "child", handover.state)
    sent, keys = (
        handover_context.message_cipher.sent(handover),
        await keys_to_close(session, handover_context.message_cipher, handover),
    )
    sealed = handover_context.message_cipher.close_sent(replace(sent, call=call), keys)
    await _wants(session, handover, "call-back", sealed=sealed, due_from=window.starts, due_until=window.ends)
    await tell(session, handover_context, handover, "wants-call", now)
    await handover_context.pubsub.tell(session, queue(handover.provider_id), talk(handover.id))


async def wait_here(
    session: AsyncSession, handover_context: HandoverContext, handover: Handover, now: datetime
) -> None:
    """The child is back on the page and wants to be answered here."""
    must_be_allowed("here", "child", handover.state)
    await _wants(session, handover, "here", due_from=None, due_until=None)
    await tell(session, handover_context, handover, "wants-here", now)
    await handover_context.pubsub.tell(session, queue(handover.provider_id), talk(handover.id))


async def _wants(session: AsyncSession, handover: Handover, wants: Wants, **values: object) -> None:
    changed = await session.scalar(
        update(Handover)
        .where(Handover.id == handover.id, Handover.closed_at.is_(None))
        .values(wants=wants, **values)
        .returning(Handover)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if changed is None:
        raise await why_not(session, handover)


def _own(message_cipher: MessageCipher, once: str) -> tuple[str, str, str]:
    """What a page's secret makes: the name of its handover, the secret of the pages after, and the three words.

    Nobody can work them out without this installation's key, nor one from another.
    """
    ref, secret, words = (message_cipher.hashes.of(f"{name} {once}") for name in ("ref", "secret", "words"))
    return ref[:_REF_LENGTH], secret[:_SECRET_LENGTH], three_words(sha256(words.encode()).digest())
