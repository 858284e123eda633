"""Visits: which talks of a device were ended on purpose, so that an old page of one cannot come back to life."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from api.records.revoked_visits import MOST
from api.web.ciphers import Hashes
from api.web.page_state import is_visit

PURPOSE = "visit"
"""What the hashes of visits are for, apart from all other hashes."""


def _own_hashes() -> Hashes:
    return Hashes((secrets.token_hex(),), PURPOSE)


@dataclass
class EndedVisits:
    """The visits that ended, by keyed hashes, for as long as a page of theirs could be opened.

    `seconds` is how long a page lives; `shared_seconds` how long one on a screen that others use too. `listed` is False
    until those that ended before this process began are known: till then no page of before is believed.
    """

    seconds: int
    shared_seconds: int
    clock: Callable[[], float] = time.time
    hashes: Hashes = field(default_factory=_own_hashes)
    listed: bool = True
    unkept: OrderedDict[str, float] = field(default_factory=OrderedDict)
    """Those that ended here and are not in the database yet, by hash, and when."""
    _over: dict[str, float] = field(default_factory=dict)
    _known_since: float = 0

    def __post_init__(self) -> None:
        self._known_since = self._began = self.clock()

    def end(self, visit: str | None) -> None:
        """From now on no page of this visit opens; nothing for what is no visit."""
        if visit is None or not is_visit(visit):
            return
        name = self.hashes.of(visit)
        self.unkept.setdefault(name, self.clock())
        self.revoke(name)
        if len(self.unkept) > MOST:
            self.unkept.popitem(last=False)

    def revoke(self, name: str) -> None:
        """The same for a visit whose hash another process told."""
        now = self.clock()
        self._over.pop(name, None)
        self._over[name] = now
        # Kept in the order in which they ended, so that the first ones are the oldest.
        oldest = list(islice(self._over.items(), max(2, len(self._over) - MOST)))
        for one, ended in oldest:
            if now - ended > self.seconds:
                del self._over[one]
            elif len(self._over) > MOST:
                del self._over[one]
                # It is forgotten too early, so no page of a shared screen from before then is believed any more.
                self._known_since = max(self._known_since, ended)

    def know(self, ended: Mapping[str, float]) -> None:
        """Those that are kept, by hash and when they ended at the latest: from now on the list is whole."""
        known = {name: at for name, at in ended.items() if name not in self._over}
        self._over = dict(sorted({**known, **self._over}.items(), key=lambda one: one[1]))
        self.listed = True

    def missed(self) -> None:
        """Something may not have been heard until now."""
        self._known_since = self.clock()

    def ended(self, visit: str) -> bool:
        """True when this visit was ended on purpose."""
        return any(name in self._over for name in self.hashes.all_of(visit))

    def unsure(self, written: float) -> bool:
        """True for a page of before this process began, while nobody knows which of those were left."""
        return not self.listed and written <= int(self._began)

    def dead(self, visit: str, written: float, *, shared: bool) -> bool:
        """True when a page of this visit, written then, opens no more.

        On a shared screen that is also so after a while, and where this process cannot know whether it was ended.
        """
        too_old = self.clock() - written > self.shared_seconds or written < int(self._known_since)
        return self.ended(visit) or (shared and too_old)
