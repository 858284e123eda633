"""Slows down a chat, or a force's app, that asks too fast: counted in memory, by its visit or key, never by an address.

Each process counts for itself. It counts how often, never what, and what it counted is forgotten as others go on.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from weakref import WeakValueDictionary

from fastapi import Request
from fastapi.responses import Response

from api.chat.token import NEW_SECONDS
from api.hall.guard import problem
from api.hall.sharing import HELP

_MOST = 50_000
_PATIENCE_SECONDS = 2.0
TOO_MANY = 429


class TooFast(Exception):
    """More was asked at once than anybody asks by hand. The same may be asked again after `seconds`, a whole number."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))
        super().__init__(self.seconds)


class Pace:
    """How fast whoever has a name may go: `at_once` times without a pause, and from then on `a_second` times a second.

    Holds the names that went just now, at most `most` of them: of more, those that went longest ago may go on as if
    they were new. `clock` gives seconds and is never put back.
    """

    def __init__(
        self, at_once: int, a_second: float, clock: Callable[[], float] = time.monotonic, most: int = _MOST
    ) -> None:
        self.at_once, self.a_second = at_once, a_second
        self._each, self._ahead = 1 / a_second, (at_once - 1) / a_second
        self._clock, self._most = clock, most
        # When each will have made up for all that it did; in the order in which they went last.
        self._even: dict[str, float] = {}

    def step(self, name: str) -> None:
        """Goes on once. Raises TooFast, and then it does not count: who waits that long gets on."""
        now = self._clock()
        self._forget(now)
        even = max(now, self._even.get(name, now))
        wait = even - now - self._ahead
        # What floating point cannot hold is no reason to wait.
        if wait > self._each / 1_000:
            raise TooFast(wait)
        self._even.pop(name, None)
        self._even[name] = even + self._each

    def __len__(self) -> int:
        """How many names are held."""
        return len(self._even)

    def __contains__(self, name: str) -> bool:
        """True for one that went just now."""
        return name in self._even

    def _forget(self, now: float) -> None:
        """Lets go of the oldest that are even, two a step, so that none stay; and of any above the most."""
        for name, even in list(islice(self._even.items(), 2)):
            if even <= now or len(self._even) >= self._most:
                del self._even[name]


class OneAtATime:
    """Lets each who has a name do one thing at a time. What comes meanwhile waits, at most `patience` seconds."""

    def __init__(self, patience: float = _PATIENCE_SECONDS) -> None:
        self._patience = patience
        # Kept for as long as somebody is at it or waits.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def busy(self, name: str) -> bool:
        """True while one of this name is at it."""
        turn = self._turns.get(name)
        return turn is not None and turn.locked()

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """A turn of this name. Raises TooFast when it does not come in time."""
        turn = self._turns.setdefault(name, asyncio.Lock())
        try:
            async with asyncio.timeout(self._patience):
                await turn.acquire()
        except TimeoutError:
            raise TooFast(self._patience) from None
        try:
            yield
        finally:
            turn.release()


@dataclass(frozen=True)
class Paces:
    """How fast one chat may go and how fast one force's app may, in this process.

    Nobody comes near it by hand. What a chat types goes to the bot one message at a time, so that a program that sends
    without waiting for answers takes one turn among all others, however fast it is. `new_chats` is for the
    first message in each chat too new for anybody to have typed it: beyond it, each is asked to wait until it is not.
    """

    typing: OneAtATime = field(default_factory=OneAtATime)
    messages: Pace = field(default_factory=lambda: Pace(600, 20))
    presses: Pace = field(default_factory=lambda: Pace(20_000, 100))
    key_asks: Pace = field(default_factory=lambda: Pace(2_000, 200))
    key_starts: Pace = field(default_factory=lambda: Pace(600, 20))
    new_chats: Pace = field(default_factory=lambda: Pace(1_500, 25))

    def go_on(self, visit: str, key: str, *, typed: bool, new: bool = False) -> None:
        """A chat, perhaps a `new` one, goes on, by words that were `typed` or by a press. Raises TooFast.

        `key` is that of the app it comes from, "" for none. One fast chat uses up little of what its app may.
        """
        if typed and new and visit not in self.messages:
            self._begin_to_type()
        if visit:
            (self.messages if typed else self.presses).step(visit)
        if key:
            self.key_asks.step(key)

    def _begin_to_type(self) -> None:
        try:
            self.new_chats.step("all")
        except TooFast:
            raise TooFast(NEW_SECONDS) from None

    def start(self, key: str) -> None:
        """A chat begins in the app of this key; without one, nothing is counted. Raises TooFast."""
        if key:
            self.key_starts.step(key)


async def told(_request: Request, error: Exception) -> Response:
    """TooFast, as a program is told of it."""
    assert isinstance(error, TooFast)  # noqa: S101 - registered for it alone
    answer = problem(
        TOO_MANY, f"That was very fast. Please wait {_seconds(error.seconds)}, then send the same again. {HELP}"
    )
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _seconds(number: int) -> str:
    return "1 second" if number == 1 else f"{number} seconds"


ANSWERS: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {TooFast: told}
"""How a program is answered that goes too fast."""
