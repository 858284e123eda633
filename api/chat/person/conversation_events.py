"""The events of an open talk, for pages and for programs alike: what is told of each look, and nothing twice."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Protocol

from api.chat.person.conversation_view import minutes_since
from api.chat.person.live_page import Live
from api.records.handovers.status import HandoverStatus, Snapshot
from api.web.clock import Clock
from api.web.server_sent_events import event

STALE = event("stale")
AWAY = event("away")
CLOSED = event("closed")
LOOKED = event("looked")
"""Sent at every look: a page that hears none for a while opens the stream again."""


class EventRenderer(Protocol):
    """How a reader is told of a look."""

    def lines(self, seen: Snapshot) -> list[tuple[int, str]]:
        """Each line under its change."""
        ...

    def status(self, seen: Snapshot) -> str:
        """How the talk stands."""
        ...

    def handle(self, here: str) -> str:
        """A new handle."""
        ...


async def told_live(live: Live, reader: EventRenderer, now: Clock) -> AsyncIterator[bytes]:
    """`line` under its change, `status` where it differs, `handle`, `looked`, `away`; last `closed` or `stale`."""
    told: tuple[object, ...] = ()
    async for look in live.looks():
        if isinstance(look, str):
            # Whatever the page says meanwhile, it is told again how things stand.
            told = ()
            yield STALE if look == "stale" else AWAY
            continue
        for one in _lines(live, reader, look):
            yield one
        now_told = _told_of(look.standing, now())
        if now_told != told:
            told = now_told
            yield event("status", reader.status(look))
        new = live.handle()
        if new:
            yield event("handle", reader.handle(new))
        yield CLOSED if look.handover.closed_at else LOOKED


def _lines(live: Live, reader: EventRenderer, look: Snapshot) -> Iterator[bytes]:
    # By changes, as each is the place from which a page that was cut off goes on.
    for change, said in sorted(reader.lines(look)):
        live.after = max(live.after, change)
        yield event("line", said, str(change))


def _told_of(stands: HandoverStatus, now: datetime) -> tuple[object, ...]:
    """What changes whenever a page has something new to say."""
    handover = stands.handover
    ticking = (minutes_since(handover.asked_at, now), stands.place, stands.full) if handover.state == "waiting" else ()
    changed = (handover.changes, handover.claimed_by, handover.wants, handover.danger, handover.closed_at)
    return (*changed, *ticking)
