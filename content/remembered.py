"""Keeps what slow work gave last time, up to a number of results, for threads that share it."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")


class Remembered(Generic[Key, Kept]):
    """The newest results by what they were made from; what was kept first goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def get(self, key: Key) -> Kept | None:
        """What was kept, or None."""
        return self._kept.get(key)

    def keep(self, key: Key, found: Kept) -> None:
        """Keeps a result."""
        # Threads share this: what another has thrown out meanwhile must not be looked up again.
        self._kept[key] = found
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
