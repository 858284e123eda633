"""PostgreSQL's LISTEN and NOTIFY: tells every process of this installation, at once, that something has changed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from api.web.database import Database

_log = logging.getLogger(__name__)
CHANGED = "know_changed"
"""The channel that tells of words, facts and doors: what every child sees."""
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
        await session.execute(select(func.pg_notify(CHANGED, "")))


Heard = Callable[[str], Awaitable[None]]
"""What is done at a ring, given what was said with it. "" when the line was opened: anything may have been missed."""


async def listen(database: Database, heard: Mapping[str, Heard], lost: Heard | None = None) -> None:
    """Calls what belongs to a channel at every ring until cancelled, and all whenever the line was opened.

    A line that drops, or a database that is away, is tried again for as long as it takes. Returns at once on SQLite.
    """
    if database.engine.dialect.name != "postgresql":
        return
    told = ""
    while True:
        open_line = False
        try:
            async with _line(database) as line:
                told, open_line = "", True
                await _hear(line, heard)
        except Exception as error:  # noqa: BLE001 - whatever it is, changes must be heard of again when it has passed
            if told != type(error).__name__:
                told = type(error).__name__
                _log.warning("changes are not heard of until the database answers again: %s", told)
        if open_line and lost:
            # Whoever waits for news is told at once that there may be none for a while.
            await lost("")
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


async def _hear(line: Any, heard: Mapping[str, Heard]) -> None:
    # Told again and again of the same before there was time to listen, it is done once.
    rung: dict[tuple[str, str], None] = {(channel, ""): None for channel in heard}
    woken = asyncio.Event()

    def ringing(_line: object, _process: int, channel: str, said: str) -> None:
        rung[channel, said] = None
        woken.set()

    line.add_termination_listener(lambda *_: woken.set())
    for channel in heard:
        await line.add_listener(channel, ringing)
    while not line.is_closed():
        if rung:
            channel, said = next(iter(rung))
            del rung[channel, said]
            await heard[channel](said)
            continue
        woken.clear()
        if await _quiet(woken):
            await _ask(line)


async def _quiet(woken: asyncio.Event) -> bool:
    """Waits for a ring; True when there was none for a while."""
    try:
        async with asyncio.timeout(_QUIET_SECONDS):
            await woken.wait()
    except TimeoutError:
        return True
    return False


async def _ask(line: Any) -> None:
    """Raises when the line is dead."""
    async with asyncio.timeout(_ANSWER_SECONDS):
        await line.execute("SELECT 1")
