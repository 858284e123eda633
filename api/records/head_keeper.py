"""Keeps heads: at the start, once a day and after each sitting, and tells when the ledger does not go on from one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from api.records.head_comparison import AllWalked, altered, differs, head_of, may_go_on, walk_all
from api.records.heads import BrokenHead, Head, HeadFolder
from api.records.marking_people import Looked, look_at_people
from api.web.clock import Clock
from api.web.database import AWAY, Database

_log = logging.getLogger(__name__)
DAY = timedelta(days=1)
_TOGETHER_SECONDS = 2.0
_AGAIN_SECONDS = 30.0
_NAMED = 10
Stamp = Callable[[Head, Path], Awaitable[None]]


class HeadKeeper:
    """Makes a head when something was signed or hidden, and daily. Never one that does not go on from the last.

    `changed` is set when there is something new. `together` is how long (in seconds) it waits for more of a sitting,
    `again` for a database that is away. `stamp` is told of each head that was kept.
    """

    def __init__(
        self,
        database: Database,
        folder: HeadFolder,
        changed: asyncio.Event,
        now: Clock,
        *,
        practice: bool,
        stamp: Stamp | None = None,
        together: float = _TOGETHER_SECONDS,
        again: float = _AGAIN_SECONDS,
    ) -> None:
        self._database, self._folder, self._changed, self._now = database, folder, changed, now
        self._mode, self._stamp = "practice" if practice else "live", stamp
        self._together, self._again = together, again
        self.head: Head | None = None
        """The head made or found last."""
        self._altered = self._people_altered = False

    async def state(self) -> Literal["ok", "altered"]:
        """Whether every row is as it was added, none is missing that a head counts, and nobody was put in as one who
        may sign."""
        return "altered" if self._altered or self._people_altered else "ok"

    async def walk(self) -> None:
        """Keeps heads until cancelled. Whatever goes wrong, no signature and no child waits for it."""
        deep = True
        while True:
            pause = DAY.total_seconds()
            try:
                await self.look(deep=deep)
            except AWAY as error:
                _log.warning("no head of the ledger can be made now: %s", type(error).__name__)
                pause = self._again
            except Exception as error:  # noqa: BLE001 - whatever it is, the next head must be tried when it has passed
                # Never what it says: that may be words.
                _log.error("no head of the ledger can be made: %s", type(error).__name__)
            deep = not await self._woken(pause)

    async def look(self, *, deep: bool) -> None:
        """Walks the chains, compares them with the last head, and makes a new one where they go on from it.

        Raises what the database raises, and OSError where the folder cannot be used.
        """
        self._changed.clear()
        now = self._now()
        last = self._last()
        async with self._database.begin() as session:
            walked = await walk_all(session, last, deep=deep)
            if deep:
                self._people_altered = _any_altered(await look_at_people(session))
        self._altered = self._told(last, walked)
        if may_go_on(last, walked) and _is_new(last, walked, now):
            await self._make(head_of(self._database.keys, now, self._mode, last, walked))

    def _last(self) -> Head | None:
        try:
            self.head = self._folder.newest() or self.head
        except BrokenHead as error:
            # Nothing is made in its place: what was kept before it would be as good as gone.
            self._altered = True
            _log.error("the last head of the ledger cannot be used: %s", error)
            raise
        return self.head

    async def _make(self, head: Head) -> None:
        file = await asyncio.to_thread(self._folder.keep, head)
        self.head = head
        if self._stamp:
            await self._stamp(head, file)

    def _told(self, last: Head | None, walked: AllWalked) -> bool:
        """Says in the log what is wrong, by number alone; True when something is."""
        for chain, found in walked.items():
            for fault in found.faults[:_NAMED]:
                _log.error("%s: row %d is %s", chain.name, fault.number, fault.what)
            if len(found.faults) > _NAMED:
                _log.error("%s: %d rows in all are not as they were added", chain.name, len(found.faults))
            if wrong := differs(last, chain, found):
                _log.error("%s: %s", chain.name, wrong)
        return altered(last, walked)

    async def _woken(self, seconds: float) -> bool:
        """Waits for something new, and then for the rest of the sitting. False when there was nothing for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        await asyncio.sleep(self._together)
        return True


def _any_altered(people: Mapping[str, Looked]) -> bool:
    """Says in the log which rows that let people in were altered, by number alone; True when any was."""
    altered = {name: looked.altered for name, looked in people.items() if looked.altered}
    for name, numbers in altered.items():
        _log.error("%s: %d rows were altered, or put in by nobody here: %s", name, len(numbers), numbers[:_NAMED])
    return bool(altered)


def _is_new(last: Head | None, walked: AllWalked, now: datetime) -> bool:
    """True when a chain has grown since the last head, or a day has passed."""
    if last is None or now - last.made_at >= DAY:
        return True
    return any(found.count != last.chains[chain.key].count for chain, found in walked.items())
