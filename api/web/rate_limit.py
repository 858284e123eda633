"""Limits on how often: what all limiters share. They count how often and never what, and name nobody by an address.

| limited                                          | by                | counted by    | its numbers            |
|--------------------------------------------------|-------------------|---------------|------------------------|
| messages and presses of a chat, messages at once | visit             | each process  | chat_door              |
| chats of an app and what they ask; all new chats | key; all together | each process  | chat_door              |
| turns of a deck on two devices                   | visit             | each process  | deck_session           |
| decks begun; wrong codes of decks                | origin            | each process  | deck_code_rate_limit   |
| wrong three words                                | origin            | each process  | three_words_rate_limit |
| tries to sign in                                 | origin and e-mail | all processes | sign_in_rate_limit     |

What children do is counted in the memory of each process: nothing of a child is kept, no answer waits for the
database, and every bound is wide enough to hold with each process letting as many through. Tries to sign in are counted
in the database: there a few guesses more matter, counts last a day, and a restart must not forget them.
"""

import asyncio
import hashlib
import hmac
import math
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import islice
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from fastapi import Request
from fastapi.responses import Response

from api.web.origin import Origin
from api.web.security_headers import HELP, problem

TOO_MANY = 429
_MOST_NAMES = 50_000
_PATIENCE_SECONDS = 2.0
Seconds = Callable[[], float]
"""A clock that is never put back."""
T = TypeVar("T")


class TooFast(Exception):
    """More was asked at once than anybody asks by hand. The same may be asked again after `seconds`, a whole number."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))
        super().__init__(self.seconds)


class _Recent(ABC, Generic[T]):
    """What is known of each name, in the order in which they came last, for as long as it matters.

    At most `names` of them: of more, those that came longest ago may go on as if they were new.
    """

    def __init__(self, clock: Seconds, names: int) -> None:
        self._clock, self._names = clock, names
        self._of: dict[str, T] = {}

    def __len__(self) -> int:
        """How many names are held."""
        return len(self._of)

    def __contains__(self, name: str) -> bool:
        """True for one that came just now."""
        return name in self._of

    def _hold(self, name: str, known: T) -> None:
        """Puts this name last, and lets go of the oldest that are over, two at a time, so that none stay."""
        self._of.pop(name, None)
        for oldest, its in list(islice(self._of.items(), 2)):
            if self._is_over(its) or len(self._of) >= self._names:
                del self._of[oldest]
        self._of[name] = known

    @abstractmethod
    def _is_over(self, known: T) -> bool:
        """Whether what is known of a name matters no more."""


class RateLimit(_Recent[float]):
    """How fast whoever has a name may go: `at_once` times without a pause, and from then on `a_second` times a second.

    What is known of a name is when it will have made up for all that it did.
    """

    def __init__(
        self, at_once: int, a_second: float, clock: Seconds = time.monotonic, names: int = _MOST_NAMES
    ) -> None:
        super().__init__(clock, names)
        self.at_once, self.a_second = at_once, a_second
        self._each, self._ahead = 1 / a_second, (at_once - 1) / a_second

    def step(self, name: str) -> None:
        """Goes on once. Raises TooFast, and then it does not count: who waits that long gets on."""
        now = self._clock()
        even = max(now, self._of.get(name, now))
        wait = even - now - self._ahead
        # What floating point cannot hold is no reason to wait.
        if wait > self._each / 1_000:
            raise TooFast(wait)
        self._hold(name, even + self._each)

    def _is_over(self, known: float) -> bool:
        return known <= self._clock()


class OriginLimit(_Recent[list[float]]):
    """How often each origin may do something: `most` times in any `within` seconds.

    Origins are held as hashes by a key that this process makes and never shows, so they are nowhere to be read.
    """

    def __init__(self, most: int, within: float, clock: Seconds = time.monotonic, names: int = _MOST_NAMES) -> None:
        super().__init__(clock, names)
        self._most, self._within = most, within
        self._key = secrets.token_bytes(32)

    def step(self, origin: Origin) -> None:
        """Goes on once. Raises TooFast, and then it does not count."""
        times = self._lately(self.name(origin))
        if len(times) >= self._most:
            raise TooFast(self._within - (self._clock() - times[0]))
        self.count(origin)

    def count(self, origin: Origin) -> int:
        """Goes on once, however often it did; how often that was of late, of which no more than the most is known."""
        name = self.name(origin)
        times = [*self._lately(name), self._clock()][-self._most :]
        self._hold(name, times)
        return len(times)

    def take_back(self, origin: Origin) -> None:
        """The last time of this origin does not count."""
        name = self.name(origin)
        times = self._of.pop(name, [])[:-1]
        if times:
            self._hold(name, times)

    def name(self, origin: Origin) -> str:
        """What an origin is held by."""
        return hmac.digest(self._key, origin.place.encode(), hashlib.sha256).hex()

    def _lately(self, name: str) -> list[float]:
        now = self._clock()
        return [at for at in self._of.get(name, ()) if now - at < self._within]

    def _is_over(self, known: list[float]) -> bool:
        return self._clock() - known[-1] >= self._within


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


async def told(_request: Request, error: Exception) -> Response:
    """TooFast, as a program is told of it."""
    assert isinstance(error, TooFast)  # noqa: S101 - registered for it alone
    wait = "1 second" if error.seconds == 1 else f"{error.seconds} seconds"
    answer = problem(TOO_MANY, f"That was very fast. Please wait {wait}, then send the same again. {HELP}")
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


ANSWERS: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {TooFast: told}
"""How a program is answered that goes too fast."""
