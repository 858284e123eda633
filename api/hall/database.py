"""The database: one engine for a process, and sessions for work."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from weakref import WeakSet

from asyncpg import InterfaceError, PostgresError
from sqlalchemy import DateTime, Dialect, TypeDecorator, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from api.hall.settings import Settings

_BUSY_MILLISECONDS = 5000


AWAY = (SQLAlchemyError, PostgresError, InterfaceError, OSError, TimeoutError)
"""What is raised when the database does not answer, or no more: by the toolkit, by the driver alone, or by waiting."""


class Base(DeclarativeBase):
    """The base of every table."""


class Moment(TypeDecorator[datetime]):
    """A moment, kept in UTC on every database and always handed back with its zone. Refuses one without a zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To the database: in UTC, without the zone that SQLite cannot keep."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database: in UTC, and saying so."""
        return value.replace(tzinfo=UTC) if value else None


class Database:
    """An engine and the sessions made from it. Connections are opened when first needed, not before."""

    def __init__(self, settings: Settings) -> None:
        if settings.sqlite_file:
            settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
        how = {"factory": _LettingGo} if settings.sqlite_file else {}
        self.engine: AsyncEngine = create_async_engine(settings.database_url, pool_pre_ping=True, connect_args=how)
        if settings.sqlite_file:
            event.listen(self.engine.sync_engine, "connect", _safe_sqlite)
        self._file = settings.sqlite_file
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction: all of it happens, or none."""
        async with self._sessions.begin() as session:
            yield session

    def must_exist(self) -> None:
        """Raises FileNotFoundError when the database is a file that is gone, though connections to it still work."""
        # Asked before connecting: a connection that fails at once leaves a thread behind that outlives the event loop.
        if self._file and not self._file.is_file():
            raise FileNotFoundError(self._file)

    async def empty_log(self) -> bool:
        """On SQLite, takes copies of what was deleted out of the write-ahead log. False while somebody still reads it.

        Nobody waits for it long: it is tried again another time.
        """
        if not self._file:
            return True
        async with self.engine.connect() as connection:
            try:
                await connection.exec_driver_sql("PRAGMA busy_timeout=100")
                busy = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).scalar_one()
                await connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
            except BaseException:
                # Never given back with so little patience: whoever writes with it next would be refused.
                await connection.invalidate()
                raise
        return not busy

    async def close(self) -> None:
        """Lets go of every connection."""
        await self.engine.dispose()


def inserting(session: AsyncSession, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that may say what to do when such a row is there already, for this session's kind of database."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


class _LettingGo(sqlite3.Connection):
    """Lets go of the database when it is closed, not only when Python collects what is left of it.

    A request that is cancelled in the middle of a statement (a child closes the page) leaves its cursor behind.
    SQLite puts off closing while such a cursor lives, and its lock would keep everybody else from writing.
    """

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, *args: Any, **how: Any) -> Any:
        made = super().cursor(*args, **how)
        self._cursors.add(made)
        return made

    def close(self) -> None:
        for cursor in list(self._cursors):
            cursor.close()
        if self.in_transaction:
            self.rollback()
        super().close()


def _safe_sqlite(connection: Any, _record: object) -> None:
    # WAL lets readers go on while one writes; secure_delete overwrites what is deleted; without recursive triggers
    # REPLACE deletes rows behind the backs of those that refuse it.
    safe = ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", "recursive_triggers=ON")
    for pragma in (*safe, f"busy_timeout={_BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {pragma}")
