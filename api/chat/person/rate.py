"""Slows down whoever guesses at three words: wrong tries are counted in memory, by nobody's address."""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import cast

from fastapi import Request

MOST = 30
"""How many wrong tries one address has in WITHIN: a whole school may stand behind one."""
MOST_OF_ALL = 300
"""From how many wrong tries of everybody in WITHIN on every try is slowed, but none refused."""
WITHIN = 60.0
"""Seconds after which a wrong try counts no more."""
_SLOWEST = 3.0
_SLOWER_EACH = 0.01


class TooManyTries(Exception):
    """Too many wrong tries from one address. It may try again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(round(seconds))
        self.seconds = seconds


class Tries:
    """The wrong tries of the last minute.

    Addresses are held as hashes by a key that this process makes and never shows, so they are nowhere to be read.
    `seconds` is a clock that is never put back.
    """

    def __init__(
        self, seconds: Callable[[], float] = time.monotonic, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._seconds, self._sleep = seconds, sleep
        self._key = secrets.token_bytes(32)
        self._of: defaultdict[bytes, deque[float]] = defaultdict(deque)
        self._all: deque[tuple[float, bytes]] = deque()

    async def begin(self, address: str) -> None:
        """A try begins, and counts as wrong until `right` is called. Raises TooManyTries."""
        now, name = self._seconds(), self._name(address)
        self._forget(now)
        mine = self._of.get(name)
        if mine and len(mine) >= MOST:
            raise TooManyTries(WITHIN - (now - mine[0]))
        self._of[name].append(now)
        self._all.append((now, name))
        over = len(self._all) - MOST_OF_ALL
        if over > 0:
            await self._sleep(min(_SLOWEST, over * _SLOWER_EACH))

    def right(self, address: str) -> None:
        """The last try of this address was right, so it does not count."""
        name = self._name(address)
        if self._of.get(name):
            self._drop(self._of[name].pop(), name)

    def _drop(self, at: float, name: bytes) -> None:
        self._all.remove((at, name))
        if not self._of[name]:
            del self._of[name]

    def _forget(self, now: float) -> None:
        while self._all and now - self._all[0][0] >= WITHIN:
            _, name = self._all.popleft()
            self._of[name].popleft()
            if not self._of[name]:
                del self._of[name]

    def _name(self, address: str) -> bytes:
        return hmac.digest(self._key, address.encode(), hashlib.sha256)


def tries(request: Request) -> Tries:
    """The wrong tries of this app."""
    return cast(Tries, request.app.state.tries)


def address_of(request: Request) -> str:
    """Where a request comes from, for counting alone. One line has 2^64 addresses of IPv6, which count as one."""
    host = request.client.host if request.client else ""
    try:
        found = ip_address(host)
    except ValueError:
        return host
    if isinstance(found, IPv4Address):
        return host
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False))
