"""Asking for a person: one transaction makes the handover, keeps its first message sealed, and rings the provider."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.hall.database import inserting
from api.records.handovers.bells import queue, talk
from api.records.handovers.counts import count
from api.records.handovers.finding import why_not
from api.records.handovers.ringing import ring
from api.records.handovers.safe import CallBack, Safe, Sent
from api.records.handovers.states import Wants, must_be_allowed
from api.records.handovers.tables import Handover, Provider
from api.records.handovers.talk import say_as_child, tell
from api.records.handovers.talks import Talks
from api.records.handovers.three_words import three_words

_REF_LENGTH = 22
_FIRST = "first"
_SECRET_LENGTH = 32


@dataclass(frozen=True)
class Window:
    """From when until when a call is safe."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Ask:
    """What a child asks for, as they saw it before it was sent.

    `once` is the secret of the page they sent it from, at least 128 bits: sent twice, it makes one handover.
    `agreed` are the fingerprints of the consent cards that were on show, by their keys.
    """

    once: str
    force: str | None
    level: str
    danger: bool
    wants: Wants
    sent: Sent
    agreed: Mapping[str, str]
    window: Window | None = None


@dataclass(frozen=True)
class Asked:
    """A handover that was asked for, and what only the child has: the page's secret and the three words."""

    handover: Handover
    secret: str
    words: str


async def asked_before(session: AsyncSession, talks: Talks, once: str) -> Asked | None:
    """What was asked for from this page already, whatever has changed since; None before it was sent."""
    ref, secret, words = _own(talks.safe, once)
    known = await session.scalar(select(Handover).where(Handover.ref == ref))
    return Asked(known, secret, words) if known else None


async def ask(session: AsyncSession, talks: Talks, provider: Provider, new: Ask, now: datetime) -> Asked:
    """Makes the handover. Sent twice from the same page, it is the one that was made first, with the same words."""
    ref, secret, words = _own(talks.safe, new.once)
    row = inserting(session, Handover).values(
        ref=ref,
        provider_id=provider.id,
        force=new.force or "",
        level=new.level,
        danger=new.danger,
        wants=new.wants,
        agreed=json.dumps(dict(new.agreed)),
        sealed=talks.safe.close_sent(new.sent),
        code_hash=talks.safe.hashes.of(words),
        key_hash=talks.safe.hashes.of(secret),
        changes=0,
        asked_at=now,
        due_from=new.window.starts if new.window else None,
        due_until=new.window.ends if new.window else None,
        seen_at=now,
    )
    # Sent twice at once, the second waits here for the first, and then has nothing to insert.
    handover = await session.scalar(row.on_conflict_do_nothing().returning(Handover))
    if handover is None:
        return Asked((await session.scalars(select(Handover).where(Handover.ref == ref))).one(), secret, words)
    if new.sent.question:
        await say_as_child(session, talks, handover, new.sent.question, _FIRST, now)
    await count(session, provider.id, "asked", now)
    await count(session, provider.id, f"asked-{new.wants}", now)
    await ring(session, talks, provider, handover, now)
    return Asked(handover, secret, words)


async def call_me(
    session: AsyncSession, talks: Talks, handover: Handover, call: CallBack, window: Window, now: datetime
) -> None:
    """The child wants to be called instead of waiting here, or at another time. The first ask stays the first."""
    if handover.state not in ("call-back", "calling"):
        must_be_allowed("call-back", "child", handover.state)
    sent = talks.safe.sent(handover)
    sealed = talks.safe.close_sent(replace(sent, call=call))
    await _wants(session, handover, "call-back", sealed=sealed, due_from=window.starts, due_until=window.ends)
    await tell(session, talks, handover, "wants-call", now)
    await talks.bells.tell(session, queue(handover.provider_id), talk(handover.id))


async def wait_here(session: AsyncSession, talks: Talks, handover: Handover, now: datetime) -> None:
    """The child is back on the page and wants to be answered here."""
    must_be_allowed("here", "child", handover.state)
    await _wants(session, handover, "here", due_from=None, due_until=None)
    await tell(session, talks, handover, "wants-here", now)
    await talks.bells.tell(session, queue(handover.provider_id), talk(handover.id))


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


def _own(safe: Safe, once: str) -> tuple[str, str, str]:
    """What a page's secret makes: the name of its handover, the secret of the pages after, and the three words.

    Nobody can work them out without this installation's key, nor one from another.
    """
    ref, secret, words = (safe.hashes.of(f"{name} {once}") for name in ("ref", "secret", "words"))
    return ref[:_REF_LENGTH], secret[:_SECRET_LENGTH], three_words(sha256(words.encode()).digest())
