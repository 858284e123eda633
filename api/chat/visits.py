"""Visits: which talks of a device were ended on purpose, so that an old page of one cannot come back to life."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from api.hall.keeping import is_visit

CHANNEL = "know_visit"
"""The channel of PostgreSQL on which processes tell each other that a visit ended."""
_NAME_BYTES = 6
# So many ended visits fill 10 MB; whoever sends more of them has the oldest forgotten.
_MOST = 100_000


def new_visit() -> str:
    """The name of a visit: random, and it says nothing of who visits."""
    return secrets.token_urlsafe(_NAME_BYTES)


@dataclass
class Visits:
    """The visits that ended, for as long as a page of theirs could be opened. Nothing of it is on a disk.

    `seconds` is how long a page lives; `shared_seconds` how long one on a screen that others use too.
    """

    seconds: int
    shared_seconds: int
    clock: Callable[[], float] = time.time
    _over: dict[str, float] = field(default_factory=dict)
    _known_since: float = 0

    def __post_init__(self) -> None:
        self._known_since = self.clock()

    def end(self, visit: str | None) -> None:
        """From now on no page of this visit opens; nothing for what is no visit."""
        if visit is None or not is_visit(visit):
            return
        now = self.clock()
        self._over.pop(visit, None)
        self._over[visit] = now
        # Kept in the order in which they ended, so that the first ones are the oldest.
        oldest = list(islice(self._over.items(), max(2, len(self._over) - _MOST)))
        for name, ended in oldest:
            if now - ended > self.seconds:
                del self._over[name]
            elif len(self._over) > _MOST:
                del self._over[name]
                # It is forgotten too early, so no page of a shared screen from before then is believed any more.
                self._known_since = max(self._known_since, ended)

    def ended(self, visit: str) -> bool:
        """True when this visit was ended on purpose."""
        return visit in self._over

    def dead(self, visit: str, written: float, *, shared: bool) -> bool:
        """True when a page of this visit, written then, opens no more.

        On a shared screen that is also so after a while, and where this process cannot know whether it was ended.
        """
        too_old = self.clock() - written > self.shared_seconds or written < int(self._known_since)
        return self.ended(visit) or (shared and too_old)

    async def heard(self, visit: str) -> None:
        """What another process told; "" when something may have been missed."""
        if visit:
            self.end(visit)
        else:
            self._known_since = self.clock()
