"""What was left stays left: keeps which visits ended, and knows them again after a restart and in other processes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from api.chat.chat_token import EndedVisits
from api.records.revoked_visits import keep_revoked, revoked
from api.web.database import Database

_log = logging.getLogger(__name__)
# A child who leaves waits no longer than this for it to be kept; it counts in this process from the first moment.
_LEAVING_SECONDS = 0.25
_ANSWER_SECONDS = 2
_AGAIN_SECONDS = 0.5


class RevocationStore:
    """Leaving counts in memory at once, and in the database as soon as that answers, however long it is away."""

    def __init__(self, database: Database, visits: EndedVisits) -> None:
        self._database, self.visits = database, visits
        self._writing = asyncio.Lock()
        self._under_way: set[asyncio.Task[bool]] = set()
        self._waiting = asyncio.Event()
        self._trouble = ""
        self.asked = asyncio.Event()
        """Set once the database has answered, or failed to, for the first time."""

    async def walk(self) -> None:
        """Until it is cancelled: reads the list once, then writes what could not be written when it ended."""
        while not await self._tried(self.load):
            self.asked.set()
            await self._pause()
        self.asked.set()
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            while not await self._tried(self._write):
                await self._pause()

    async def load(self) -> None:
        """Reads which visits ended. Raises what the database raises, and then leaves the list as it was."""
        self._database.must_exist()
        async with asyncio.timeout(_ANSWER_SECONDS), self._database.begin() as session:
            found = await revoked(session)
        lives = timedelta(seconds=self.visits.seconds)
        self.visits.know({name: (until - lives).timestamp() for name, until in found.items()})

    async def heard(self, name: str) -> None:
        """What another process told; "" when something may have been missed, so all of it is read again."""
        if name:
            self.visits.revoke(name)
        else:
            self.visits.missed()
            await self.load()

    async def keep_soon(self) -> None:
        """Keeps those that ended just now, and comes back within a moment whether or not that is done."""
        writing = asyncio.create_task(self._tried(self._write))
        self._under_way.add(writing)
        writing.add_done_callback(self._done)
        await asyncio.wait({writing}, timeout=_LEAVING_SECONDS)

    def _done(self, writing: "asyncio.Task[bool]") -> None:
        self._under_way.discard(writing)
        if writing.cancelled() or not writing.result():
            self._waiting.set()

    async def _write(self) -> None:
        async with self._writing:
            ended = dict(self.visits.unkept)
            if not ended:
                return
            self._database.must_exist()
            kept = {name: self._until(at) for name, at in ended.items()}
            async with asyncio.timeout(_ANSWER_SECONDS), self._database.begin() as session:
                await keep_revoked(session, kept)
            for name in ended:
                self.visits.unkept.pop(name, None)

    async def _pause(self) -> None:
        await asyncio.sleep(_AGAIN_SECONDS)

    def _until(self, ended: float) -> datetime:
        """The first full hour at which no page of a visit that ended then can be opened any more."""
        last = datetime.fromtimestamp(ended + self.visits.seconds, UTC)
        return last.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    async def _tried(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether the database did it. Never raises: it is tried again."""
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - whatever it is, what was left must be kept when it has passed
            if self._trouble != type(error).__name__:
                self._trouble = type(error).__name__
                _log.warning("which visits were left cannot be read or kept yet: %s", self._trouble)
            return False
        self._trouble = ""
        return True
