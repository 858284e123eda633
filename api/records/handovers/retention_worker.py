"""The sweeper: beside everything else that the app does, sweeps now and then until the app ends."""

import asyncio
import logging

from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.retention import sweep
from api.web.clock import Clock
from api.web.database import Database

EVERY_SECONDS = 20.0
_log = logging.getLogger(__name__)


class RetentionWorker:
    """Any number of processes may each have one: what one has swept, the next leaves alone."""

    def __init__(self, database: Database, handover_context: HandoverContext, now: Clock) -> None:
        self._database, self._handover_context, self._now = database, handover_context, now
        self._trouble = ""

    async def walk(self) -> None:
        """Sweep after sweep, until it is cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.round()

    async def round(self) -> None:
        """One sweep. Never raises: a database that is away is swept next time."""
        try:
            # SQLite would make an empty file in place of one that is gone.
            self._database.must_exist()
            trouble = " ".join(dict.fromkeys((await sweep(self._database, self._handover_context, self._now())).faults))
        except Exception as error:  # noqa: BLE001 - whatever it is, the next sweep must come
            trouble = type(error).__name__
        if trouble and trouble != self._trouble:
            _log.warning("handovers are not swept until this has passed: %s", trouble)
        self._trouble = trouble
