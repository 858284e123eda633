"""Wake-ups: tells every process of this installation, at once, that something a child sees has changed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from api.hall.database import Database

_log = logging.getLogger(__name__)
_CHANNEL = "know_changed"
_AGAIN_SECONDS = 0.5
_ANSWER_SECONDS = 5
# A line that is cut without a word looks like a quiet one, so a quiet one is asked now and then.
_QUIET_SECONDS = 20


async def ring(session: AsyncSession) -> None:
    """Wakes every process once this transaction is kept, and nobody if it is not.

    Call it inside the transaction that changes what children see; afterwards `await shelf.refresh()`, so that the next
    page of this process shows it too. SQLite serves one process, so there is nobody else to wake.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_notify(_CHANNEL, "")))


async def listen(database: Database, heard: Callable[[], Awaitable[None]]) -> None:
    """Calls `heard` at every ring until cancelled, and whenever the line was opened: something may have been missed.

    A line that drops, or a database that is away, is tried again for as long as it takes. Returns at once on SQLite.
    """
    if database.engine.dialect.name != "postgresql":
        return
    told = ""
    while True:
        try:
            async with _line(database) as line:
                told = ""
                await _hear(line, heard)
        except Exception as error:  # noqa: BLE001 - whatever it is, changes must be heard of again when it has passed
            if told != type(error).__name__:
                told = type(error).__name__
                _log.warning("changes are not heard of until the database answers again: %s", told)
        await asyncio.sleep(_AGAIN_SECONDS)


@asynccontextmanager
async def _line(database: Database) -> AsyncIterator[Any]:
    """A connection of its own, as the driver knows it; never one of those that answers wait for."""
    # Nothing is ever asked in a transaction here, so there is none to undo when a dead line is put away.
    engine = create_async_engine(
        database.engine.url,
        poolclass=NullPool,
        pool_reset_on_return=None,
        connect_args={"timeout": _ANSWER_SECONDS},
    )
    try:
        async with engine.connect() as connection:
            yield (await connection.get_raw_connection()).driver_connection
    finally:
        await engine.dispose()


async def _hear(line: Any, heard: Callable[[], Awaitable[None]]) -> None:
    woken = asyncio.Event()
    line.add_termination_listener(lambda *_: woken.set())
    await line.add_listener(_CHANNEL, lambda *_: woken.set())
    woken.set()
    while not line.is_closed():
        if woken.is_set():
            woken.clear()
            await heard()
        else:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await line.execute("SELECT 1")
        with suppress(TimeoutError):
            async with asyncio.timeout(_QUIET_SECONDS):
                await woken.wait()
