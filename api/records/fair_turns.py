"""Fair turns: who does work that takes a processor when many want to at once; origins take turns, not requests."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FairTurns:
    """Lets `at_once` through; of those who wait, each origin's first goes, in the order in which origins came.

    Whoever sends a thousand requests from one network keeps anybody of another waiting for one of them, not for all.
    Origins go by whatever name they are given. Whoever gives up waiting takes no turn.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, origin: str) -> AsyncIterator[None]:
        """A turn of this origin, once it comes."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(origin)
        try:
            yield
        finally:
            self._next()

    async def _wait(self, origin: str) -> None:
        mine = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(origin, deque()).append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():
                # It was this one's turn in the very moment in which it gave up.
                self._next()
            raise

    def _next(self) -> None:
        while self._waiting:
            origin = next(iter(self._waiting))
            line = self._waiting.pop(origin)
            going = line.popleft()
            if line:
                # Behind every other origin that waits.
                self._waiting[origin] = line
            if not going.done():
                going.set_result(None)
                return
        self._free += 1
