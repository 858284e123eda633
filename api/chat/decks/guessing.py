"""Slows down whoever guesses at codes, in memory alone. Who has the right one gets in, whoever else guesses."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from api.chat.person.rate import TooManyTries, Tries

MOST_WAITING = 20
"""How many tries may wait for their turn at once; whoever comes then is asked to come again."""
SECONDS_BETWEEN = 1.0
"""How far apart the slowed tries of a process are: 7,200 in the life of a deck, of a million codes."""


class Guesses:
    """The tries at codes. An address with many wrong ones is not shut out, as three words would: its tries take turns.

    A school may stand behind that address, and a child in it may have the right code.
    """

    def __init__(
        self,
        tries: Tries | None = None,
        seconds: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._tries = tries or Tries(seconds, sleep)
        self._seconds, self._sleep = seconds, sleep
        self._waiting, self._next = 0, 0.0

    async def begin(self, address: str) -> bool:
        """A try begins; True when it counts as wrong until `right` is called. Raises TooManyTries."""
        try:
            await self._tries.begin(address)
        except TooManyTries:
            await self._turn()
            return False
        return True

    def right(self, address: str) -> None:
        """The last try of this address that counts was right."""
        self._tries.right(address)

    async def _turn(self) -> None:
        if self._waiting >= MOST_WAITING:
            raise TooManyTries(MOST_WAITING * SECONDS_BETWEEN)
        self._waiting += 1
        try:
            now = self._seconds()
            self._next = max(now, self._next + SECONDS_BETWEEN)
            await self._sleep(self._next - now)
        finally:
            self._waiting -= 1
