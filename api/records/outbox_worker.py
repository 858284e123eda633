"""The outbox worker: beside everything else that the app does, writes reminders and sends letters and webhook calls."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from api.records import letters
from api.records.handovers.webhook_delivery import WebhookDelivery
from api.records.reminders import Reminders
from api.web.clock import Clock
from api.web.database import Database
from api.web.mail import MailServer, NotPosted

_log = logging.getLogger(__name__)
ROUND_SECONDS = 3.0
"""How long the worker rests between two rounds."""
_REMIND_EVERY = timedelta(hours=1)


class OutboxWorker:
    """Goes round until the app ends. Any number of processes may each have one: every letter is taken by one of them.

    Without a mail server no letter is taken; they wait, and the desk shows them. Without `webhooks` nobody is called.
    """

    def __init__(
        self,
        database: Database,
        server: MailServer | None,
        reminders: Reminders,
        now: Clock,
        webhook_delivery: WebhookDelivery | None = None,
    ) -> None:
        self._database, self._server, self._reminders, self._now = database, server, reminders, now
        self._webhooks = webhook_delivery
        self._reminded_at: datetime | None = None
        self._trouble = ""

    async def walk(self) -> None:
        """Round after round, until it is cancelled."""
        while True:
            await self.round()
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> None:
        """One round. Never raises: a database that is away is tried again on the next round."""
        trouble = [kind for work in (self._remind, self._deliver, self._knock) if (kind := await self._try(work))]
        told = " ".join(dict.fromkeys(trouble))
        if told and told != self._trouble:
            _log.warning("reminders, letters and webhook calls wait for the next round: %s", told)
        self._trouble = told

    async def _try(self, work: Callable[[], Awaitable[None]]) -> str:
        """Does one part of a round; the name of what went wrong, if anything did."""
        try:
            # SQLite would make an empty file in place of one that is gone.
            self._database.must_exist()
            await work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next round must come
            return type(error).__name__
        return ""

    async def _remind(self) -> None:
        now = self._now()
        if self._reminded_at is None or abs(now - self._reminded_at) >= _REMIND_EVERY:
            await self._reminders.write(now)
            self._reminded_at = now

    async def _deliver(self) -> None:
        while self._server and await self._deliver_one(self._server):
            pass

    async def _knock(self) -> None:
        if self._webhooks:
            await self._webhooks.round()

    async def _deliver_one(self, server: MailServer) -> bool:
        """Sends the letter that has been due longest; False when none is. No transaction waits for the mail server."""
        async with self._database.begin() as session:
            letter = await letters.take(session, self._now())
        if letter is None:
            return False
        fault = ""
        try:
            await server.send(letter.email, letter.subject, letter.body, letter.name, self._now())
        except NotPosted as no:
            fault = str(no)
        async with self._database.begin() as session:
            if fault:
                await letters.failed(session, letter, fault, self._now())
            else:
                await letters.sent(session, letter, self._now())
        return True
