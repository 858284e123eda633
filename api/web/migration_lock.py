"""One at a time: whoever does a piece of work for a database waits until nobody else does the same."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Literal

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from api.web.settings import Settings

Work = Literal["preparing", "checking-sources"]
# Any numbers will do, as long as nothing else in the database takes its turns by them.
_TURNS: dict[Work, int] = {"preparing": 74_032, "checking-sources": 74_033}


@asynccontextmanager
async def only_one(settings: Settings, work: Work = "preparing") -> AsyncIterator[None]:
    """Nobody else does this work for this database while the block runs. A process that dies gives its turn away.

    A database that cannot be reached is nobody's turn: what comes next says what is wrong with it.
    """
    async with AsyncExitStack() as stack:
        try:
            file = settings.sqlite_file
            turn = _of_file(file, work) if file else _of_server(settings.database_url, _TURNS[work])
            await stack.enter_async_context(turn)
        except (SQLAlchemyError, OSError, ValueError):
            await stack.aclose()
        yield


@asynccontextmanager
async def _of_file(file: Path, work: Work) -> AsyncIterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Beside the database, never the file itself: to close that would let go of the locks of SQLite.
    with file.with_name(f"{file.name}.{work}").open("w") as held:
        await asyncio.to_thread(fcntl.flock, held, fcntl.LOCK_EX)
        yield


@asynccontextmanager
async def _of_server(url: str, turn: int) -> AsyncIterator[None]:
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(f"SELECT pg_advisory_lock({turn})"))
            yield
    finally:
        await engine.dispose()
