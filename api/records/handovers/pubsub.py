"""Publish and subscribe: wakes the pages that wait for news of a talk or a queue, in this process and every other."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

LOOKS_AT_ONCE = 6
"""How many pages of a process look at once. Thousands that come back together wait their turn, and the database's
connections are left for those who write."""
CHANNEL = "know_talk"
"""The channel of PostgreSQL on which processes tell each other what was rung."""


def talk(handover_id: int) -> str:
    """The channel of one handover."""
    return f"talk {handover_id}"


def queue(provider_id: int) -> str:
    """The channel of a provider's queue."""
    return f"queue {provider_id}"


class PubSub:
    """Who waits for what. A signal that nobody hears is no loss: whoever waits also looks now and then."""

    def __init__(self) -> None:
        self.looking = asyncio.Semaphore(LOOKS_AT_ONCE)
        """Turns for pages to look at the database."""
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def hearing(self, *pubsub: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever one of these channels signals, until the end of the block."""
        rung = asyncio.Event()
        for bell in pubsub:
            self._waiting[bell].add(rung)
        try:
            yield rung
        finally:
            for bell in pubsub:
                self._waiting[bell].discard(rung)
                if not self._waiting[bell]:
                    del self._waiting[bell]

    def ring(self, bell: str) -> None:
        """Wakes everybody in this process who waits for it."""
        for rung in self._waiting.get(bell, ()):
            rung.set()

    async def heard(self, bell: str) -> None:
        """What another process rang; "" when something may have been missed, so everybody is woken."""
        for one in [bell] if bell else list(self._waiting):
            self.ring(one)

    async def tell(self, session: AsyncSession, *pubsub: str) -> None:
        """Rings once this transaction is kept, here and in every other process; never if it is not."""
        if session.get_bind().dialect.name == "postgresql":
            for bell in pubsub:
                await session.execute(select(func.pg_notify(CHANNEL, bell)))
        told: set[str] = session.info.setdefault(self, set())
        if not told:
            event.listen(session.sync_session, "after_commit", self._kept, once=True)
        told.update(pubsub)

    def _kept(self, session: Session) -> None:
        for bell in session.info.pop(self, ()):
            self.ring(bell)


async def rings(rung: asyncio.Event, seconds: float) -> None:
    """Waits until the event is set, at most so many seconds, and clears it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await rung.wait()
    rung.clear()
