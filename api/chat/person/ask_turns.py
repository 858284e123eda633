"""Turns in which asks for a person are written: a flood waits behind itself, and not before others.

Without them, many asks at once of one place keep the database busy until somebody else's gives up waiting for it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

ORIGIN_SECONDS = 30.0
"""How long an ask waits for those of its own origin that came before it."""
ALL_SECONDS = 5.0
"""How long an ask waits for those of other origins, of each of which at most one is before it."""


class NoTurn(TimeoutError):
    """It did not come in time: the database hardly answers. The same may be sent again."""


class AskTurns:
    """One ask at a time in this process, origins in turn: each has a line of its own, and its first waits with theirs.

    Who waits here holds no connection to the database.
    """

    def __init__(self, origin_seconds: float = ORIGIN_SECONDS, all_seconds: float = ALL_SECONDS) -> None:
        self._origin_seconds, self._all_seconds = origin_seconds, all_seconds
        # Kept for as long as somebody is at it or waits.
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._writing = asyncio.Lock()

    @asynccontextmanager
    async def turn(self, origin: str) -> AsyncIterator[None]:
        """A turn of an origin, by its name. Raises NoTurn."""
        line = self._lines.setdefault(origin, asyncio.Lock())
        async with _held(line, self._origin_seconds), _held(self._writing, self._all_seconds):
            yield


@asynccontextmanager
async def _held(lock: asyncio.Lock, seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            await lock.acquire()
    except TimeoutError:
        raise NoTurn from None
    try:
        yield
    finally:
        lock.release()
