"""What runs beside the pages from the app's start to its end: the bot's line, letters, heads, ended visits."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import httpx
from fastapi import FastAPI

from api.chat.chat_token import VISIT_PURPOSE, EndedVisits
from api.chat.dialogue.understand import Brain
from api.chat.phrases_ahead import PhrasesAhead
from api.chat.rasa_client import AT_ONCE, RasaBrain
from api.chat.revocation_store import RevocationStore
from api.chat.sound_prerender import SoundsAhead
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.pubsub import CHANNEL
from api.records.handovers.retention_worker import RetentionWorker
from api.records.handovers.webhook_delivery import WebhookDelivery
from api.records.handovers.webhooks import PURPOSE
from api.records.head_keeper import HeadKeeper
from api.records.heads import HeadFolder
from api.records.outbox_worker import OutboxWorker
from api.records.pack_cache import PackCache
from api.records.reminders import Reminders
from api.records.revoked_visits import CHANNEL as REVOKED
from api.records.timestamps import Timestamps
from api.records.unanswered_counts import Tally
from api.records.wiring import Services
from api.web.ciphers import Cipher, Hashes
from api.web.database import Database
from api.web.mail import MailServer
from api.web.pg_listen import CHANGED, listen
from api.web.settings import Settings

# Long enough for a ledger that answers on a busy machine, short enough that a silent one does not hold up the alarm.
# One that is known to be away holds up nothing.
FILL_SECONDS = 5.0
_AGAIN_SECONDS = 1.0
Walkers = tuple[OutboxWorker | RetentionWorker | SoundsAhead | PhrasesAhead | HeadKeeper, ...]
"""Who goes round from the app's start to its end."""


def life(
    database: Database,
    pack_cache: PackCache,
    bot: Brain,
    tally: Tally,
    handover_context: HandoverContext,
    revocations: RevocationStore,
    walkers: Walkers,
    fill_seconds: float = FILL_SECONDS,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What runs beside the pages from the app's start to its end. The ledger has `fill_seconds` to answer first."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        filling, listing = asyncio.create_task(pack_cache.fill()), asyncio.create_task(revocations.walk())
        with suppress(TimeoutError):
            async with asyncio.timeout(fill_seconds):
                await pack_cache.asked.wait()
                await revocations.asked.wait()
        walking = [asyncio.create_task(walker.walk()) for walker in walkers]
        channels = {
            CHANGED: lambda _said: pack_cache.refresh(),
            CHANNEL: handover_context.pubsub.heard,
            REVOKED: revocations.heard,
        }
        listening = asyncio.create_task(listen(database, channels, handover_context.pubsub.heard))
        ended = asyncio.Event()
        counting = asyncio.create_task(tally.keep(ended))
        yield
        ended.set()
        await stop(filling, listing, *walking, listening)
        await counting
        await revocations.keep_soon()
        await bot.close()
        await database.close()

    return lifespan


async def stop(*tasks: asyncio.Task[None]) -> None:
    """Cancels them until each has ended.

    Once is not always enough: a cancellation that comes while the database's driver opens or closes a line can be lost
    in it, and the app would then wait for ever for a task that goes round as before.
    """
    going = {*tasks}
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=_AGAIN_SECONDS)


def revocation(chosen: Settings, database: Database) -> RevocationStore:
    """Which visits ended. Until the list is read, no page of before this process is believed."""
    hashes = Hashes.of_settings(chosen, VISIT_PURPOSE)
    visits = EndedVisits(chosen.chat_hours * 3600, chosen.shared_minutes * 60, hashes=hashes, listed=False)
    return RevocationStore(database, visits)


def rasa(chosen: Settings) -> RasaBrain:
    """The bot, as the settings name it."""
    transport = httpx.AsyncHTTPTransport(
        limits=httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    )
    return RasaBrain(transport, chosen.bot_url, chosen.bot_token.get_secret_value(), chosen.bot_seconds)


def outbox_worker(services: Services) -> OutboxWorker:
    """Who sends the letters and reminders, as the settings say."""
    chosen, database = services.settings, services.database
    names = {key: force.name for key, force in services.pack_cache.forces.items()}
    reminders = Reminders(database, names, chosen.public_url, chosen.practice)
    webhook_delivery = WebhookDelivery(database, Cipher.of(chosen, PURPOSE), chosen.practice, services.now)
    return OutboxWorker(database, MailServer.of(chosen), reminders, services.now, webhook_delivery)


def head_keeper(services: Services) -> HeadKeeper:
    """Who keeps the ledger's heads, as the settings say."""
    chosen, folder = services.settings, HeadFolder.of(services.settings)
    stamp = Timestamps(chosen.timestamp_url, folder).stamp if chosen.timestamp_url else None
    changed = services.pack_cache.changed
    return HeadKeeper(services.database, folder, changed, services.now, practice=chosen.practice, stamp=stamp)
