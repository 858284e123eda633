"""Slows down whoever guesses at three words, by their origin. Right words are never slowed, nor refused.

The words are three of 7,776, so nobody guesses them in a lifetime of this; what a wrong try costs is only time.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from api.web.origin import Origin
from api.web.rate_limit import OriginLimit, Seconds

FREE = 10
"""How many wrong tries of one origin in WITHIN are told so at once: a whole school may stand behind one."""
WITHIN = 60.0
"""Seconds after which a wrong try counts no more."""
SLOWEST = 10.0
"""The most seconds that a wrong try waits for its answer."""
MOST_WAITING = 100
"""How many wrong tries wait at once in this process. Of more the next is answered at once, as it is known to be wrong:
waiting takes a connection, and these must not run out.
"""
_SLOWER_EACH = 0.5
_COUNTED = FREE + int(SLOWEST / _SLOWER_EACH)
_MOST_ORIGINS = 10_000


class WrongTries(OriginLimit):
    """The wrong tries of the last minute. They wait for their answer, and none is refused."""

    def __init__(
        self, seconds: Seconds = time.monotonic, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        super().__init__(_COUNTED, WITHIN, seconds, _MOST_ORIGINS)
        self._sleep = sleep
        self._waiting = 0

    async def wrong(self, origin: Origin) -> None:
        """A try was wrong: waits, the longer the more of this origin were. Nobody is to hold a transaction here."""
        over = self.count(origin) - FREE
        if over <= 0 or self._waiting >= MOST_WAITING:
            return
        self._waiting += 1
        try:
            await self._sleep(min(SLOWEST, over * _SLOWER_EACH))
        finally:
            self._waiting -= 1
