"""The database: one engine for a process, sessions for work, and the migrations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import DateTime, Dialect, TypeDecorator, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from api.hall.settings import Settings

MIGRATIONS = Path(__file__).parents[1] / "records" / "migrations"


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
        self.engine: AsyncEngine = create_async_engine(settings.database_url, pool_pre_ping=True)
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

    async def close(self) -> None:
        """Lets go of every connection."""
        await self.engine.dispose()


def _safe_sqlite(connection: Any, _record: object) -> None:
    # WAL lets readers go on while one writes; secure_delete overwrites what is deleted; without recursive triggers
    # REPLACE deletes rows behind the backs of those that refuse it.
    safe = ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", "busy_timeout=5000", "recursive_triggers=ON")
    for pragma in safe:
        connection.execute(f"PRAGMA {pragma}")


def migrate(settings: Settings) -> None:
    """Brings the tables up to date with this release."""
    if settings.sqlite_file:
        settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = settings.database_url
    command.upgrade(config, "head")
