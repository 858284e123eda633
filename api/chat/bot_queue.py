"""The bot's queue: who may ask the bot now, when more want to than it answers at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_RUSH_SECONDS = 1.0
_PATIENCE_IN_A_RUSH = 0.15


@dataclass(frozen=True, eq=False)
class _Waiting:
    """One who waits, and since when."""

    since: float
    turn: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass
class _Line:
    """Those who wait, in the order in which they came.

    It is in a rush from when somebody has waited too long until nobody waits any more.
    """

    waiting: list[_Waiting] = field(default_factory=list)
    rush: bool = False

    def join(self, now: float) -> _Waiting:
        """A place at the end."""
        mine = _Waiting(now)
        self.waiting.append(mine)
        self.look(now)
        return mine

    def leave(self, one: _Waiting) -> None:
        """Takes one out of the line."""
        self.waiting.remove(one)
        self.rush = self.rush and bool(self.waiting)

    def look(self, now: float) -> None:
        """Sees whether it is in a rush."""
        self.rush = self.rush or (bool(self.waiting) and now - self.waiting[0].since > _RUSH_SECONDS)

    def going(self, now: float) -> _Waiting | None:
        """Whose turn it is. Whoever gave up in this moment still stands here, and takes itself out."""
        self.look(now)
        order = reversed(self.waiting) if self.rush else self.waiting
        return next((one for one in order if not one.turn.done()), None)


class BotQueue:
    """Lets `at_once` through, and as many more as come out again, in the order in which they came, but for a rush.

    When more come than can be answered, some are not answered in time whatever the order. In the order in which they
    came, each would be asked just before its time is up, and nobody would be answered. So in a rush who came last goes
    first, and who comes is told soon that there is no turn, to get the next best answer at once instead of late.

    There are two lines, and nobody in the `new` one goes before anybody in the other: a program that begins a chat for
    every message takes no turn of a child who is in the middle of one.
    """

    def __init__(self, at_once: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free, self._clock = at_once, clock
        self._settled, self._new = _Line(), _Line()

    @asynccontextmanager
    async def turn(self, *, new: bool = False) -> AsyncIterator[None]:
        """A turn. Raises TimeoutError when none comes soon enough in a rush."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(self._new if new else self._settled)
        try:
            yield
        finally:
            self._next()

    async def _wait(self, line: _Line) -> None:
        mine = line.join(self._clock())
        try:
            async with asyncio.timeout(_PATIENCE_IN_A_RUSH if line.rush else None):
                await mine.turn
        except (asyncio.CancelledError, TimeoutError):
            if mine.turn.cancelled():
                line.leave(mine)
            else:
                # It was this one's turn in the very moment in which it gave up.
                self._next()
            raise

    def _next(self) -> None:
        for line in (self._settled, self._new):
            going = line.going(self._clock())
            if going:
                line.leave(going)
                going.turn.set_result(None)
                return
        self._free += 1
