"""Slows down whoever guesses at codes of decks, by their origin. Who guesses from elsewhere slows nobody."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from api.web.origin import Origin
from api.web.rate_limit import OriginLimit, Seconds, TooFast

MOST = 30
"""How many wrong tries one origin has in WITHIN before its tries take turns: a whole school may stand behind one."""
WITHIN = 60.0
"""Seconds after which a wrong try counts no more."""
MOST_WAITING = 20
"""How many tries of an origin may wait for their turn at once; whoever comes then is asked to come again."""
SECONDS_BETWEEN = 1.0
"""How far apart the slowed tries of an origin are: 7,200 in the life of a deck, of a million codes."""


class Guesses(OriginLimit):
    """The tries at codes. An origin with many wrong ones is not shut out: its tries take turns.

    A school may stand behind that origin, and a child in it may have the right code. Unlike three words, six digits can
    be guessed by whoever may try as often as they like, so of those who wait too many are asked to come again.
    """

    def __init__(
        self, seconds: Seconds = time.monotonic, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        super().__init__(MOST, WITHIN, seconds)
        self._sleep = sleep
        self._waiting = Counter[str]()
        self._next: dict[str, float] = {}

    async def begin(self, origin: Origin) -> bool:
        """A try begins; True when it counts as wrong until it is taken back. Raises TooFast."""
        try:
            self.step(origin)
        except TooFast:
            await self._turn(self.name(origin))
            return False
        return True

    async def _turn(self, name: str) -> None:
        if self._waiting[name] >= MOST_WAITING:
            raise TooFast(MOST_WAITING * SECONDS_BETWEEN)
        self._waiting[name] += 1
        try:
            now = self._clock()
            self._next = {one: turn for one, turn in self._next.items() if turn > now - SECONDS_BETWEEN}
            self._next[name] = max(now, self._next.get(name, 0.0) + SECONDS_BETWEEN)
            await self._sleep(self._next[name] - now)
        finally:
            self._waiting[name] -= 1
            self._waiting += Counter()
