"""The database: one engine for a process, and sessions for work."""

import asyncio
import errno
import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

from asyncpg import InterfaceError, PostgresError
from sqlalchemy import event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Session

from api.web.ledger_keys import LedgerKeys
from api.web.settings import Settings

ANSWER_SECONDS = 5.0
"""How long anybody who opens a page waits for the database, whatever is wrong with it."""
# Less than that, so that a page that waits for another writer can still say so.
_BUSY_MILLISECONDS = 4000
# So long the driver for PostgreSQL tries to say goodbye on a line that is dead, after a transaction was given up.
_GOODBYE_SECONDS = 2.0
# So long nobody is answered by a database that is silent, and not only busy: less than the driver waits for each.
_SILENCE_SECONDS = 2.0
_OWNER_ONLY = 0o600
_ROOM_BYTES = 4 * 1024 * 1024
# What PostgreSQL calls it.
_DISK_FULL = "53100"
_KEYS = "keys of the ledger"
_LOGGED = "what was said in the log"
_MOST_LOGGED = 10_000
Found = TypeVar("Found")

AWAY = (SQLAlchemyError, PostgresError, InterfaceError, OSError, TimeoutError)
"""What is raised when the database does not answer, or no more: by the toolkit, by the driver alone, or by waiting."""


class Base(DeclarativeBase):
    """The base of every table."""


class DatabaseUnavailable(TimeoutError):
    """The database cannot be reached, or did not answer in time. Nothing of the transaction is known to be kept."""


class Database:
    """An engine and the sessions made from it. Connections are opened when first needed, not before.

    `answer_seconds` is how long whoever uses it waits for a database that is silent; None for work that nobody sits in
    front of.
    """

    def __init__(self, settings: Settings, answer_seconds: float | None = None) -> None:
        if settings.sqlite_file:
            settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
        how = {"factory": _LettingGo} if settings.sqlite_file else _no_longer_than(answer_seconds)
        self.engine: AsyncEngine = create_async_engine(settings.database_url, pool_pre_ping=True, connect_args=how)
        self._file = settings.sqlite_file
        if self._file:
            event.listen(self.engine.sync_engine, "do_connect", lambda *_: owner_only(settings.sqlite_file))
            event.listen(self.engine.sync_engine, "connect", _safe_sqlite)
        self.keys = LedgerKeys.of(settings)
        """What marks the rows of the ledger; every session has them too."""
        self._sessions = async_sessionmaker(
            self.engine, expire_on_commit=False, info={_KEYS: self.keys, _LOGGED: LogOnce()}
        )
        self._line = _Line()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction: all of it happens, or none. Raises DatabaseUnavailable when it is silent."""
        try:
            async with self._sessions.begin() as session:
                async with self._line.waiting():
                    await session.connection()
                yield session
        except TimeoutError as error:
            self._line.silence()
            raise DatabaseUnavailable("the database did not answer in time") from error
        self._line.answered()

    def must_exist(self) -> None:
        """Raises FileNotFoundError when the database is a file that is gone, though connections to it still work."""
        # Asked before connecting: a connection that fails at once leaves a thread behind that outlives the event loop.
        if self._file and not self._file.is_file():
            raise FileNotFoundError(self._file)

    async def has_room(self) -> bool:
        """False when the disk is full: nothing more can be kept. Raises what the database raises when it is away."""
        if self._file and not await asyncio.to_thread(_room_beside, self._file):
            return False
        try:
            async with self.begin() as session:
                # Really written, because a full disk is found out by nothing less. It changes nothing.
                await session.execute(text("UPDATE alembic_version SET version_num = version_num"))
                if session.get_bind().dialect.name == "postgresql":
                    # That row has its place already. This needs a file to grow by 3 MB, in the database's own folder.
                    await session.execute(text("SET LOCAL work_mem = '64kB'"))
                    await session.execute(text("SELECT count(*) FROM generate_series(1, 200000)"))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") == _DISK_FULL or "disk is full" in str(error.orig):
                return False
            raise
        return True

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


class _Line:
    """Those who wait for a connection. While the database is busy they wait; once it is silent all of them are told.

    Otherwise whoever comes when every connection waits for a silent database would first wait for those before them.
    """

    def __init__(self) -> None:
        self._waiting: set[asyncio.Timeout] = set()
        self._answered = 0.0

    @asynccontextmanager
    async def waiting(self) -> AsyncIterator[None]:
        """Somebody waits in the block for a connection that works. Raises TimeoutError once the database is silent."""
        async with asyncio.timeout(None) as limit:
            self._waiting.add(limit)
            try:
                yield
            finally:
                self._waiting.discard(limit)
        self.answered()

    def answered(self) -> None:
        """Somebody was answered."""
        self._answered = asyncio.get_running_loop().time()

    def silence(self) -> None:
        """Somebody was not answered in time. One who waits for a row that is locked is no silence."""
        now = asyncio.get_running_loop().time()
        if now - self._answered > _SILENCE_SECONDS:
            while self._waiting:
                self._waiting.pop().reschedule(now)


class LogOnce:
    """What a process has said in its log, so that it says each thing once, however often it is met."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def is_new(self, what: str) -> bool:
        """True the first time; so whoever puts in thousands of rows does not fill the log, nor our memory."""
        if what in self._said or len(self._said) >= _MOST_LOGGED:
            return False
        self._said.add(what)
        return True


def keys_of(session: AsyncSession | Session) -> LedgerKeys:
    """The keys of the ledger that came with this session."""
    return _came_with(session, _KEYS, LedgerKeys)


def log_once_of(session: AsyncSession) -> LogOnce:
    """What this session's process has said in its log."""
    return _came_with(session, _LOGGED, LogOnce)


def _came_with(session: AsyncSession | Session, name: str, kind: type[Found]) -> Found:
    found = session.info[name]
    if not isinstance(found, kind):
        raise TypeError(name)
    return found


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


def _no_longer_than(seconds: float | None) -> dict[str, Any]:
    """How long the driver for PostgreSQL waits for a connection, and for each answer."""
    if seconds is None:
        return {}
    return dict.fromkeys(("timeout", "command_timeout"), seconds - _GOODBYE_SECONDS)


def owner_only(file: Path | None) -> None:
    """Makes a SQLite file, and what SQLite keeps beside it, readable by nobody but the user it is served by."""
    if not file:
        return
    # Never one that is there: to close it here would let go of the locks by which SQLite keeps writers apart.
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))
    if not file.is_file():
        return
    for kept in (file, *(file.with_name(f"{file.name}-{beside}") for beside in ("wal", "shm"))):
        if kept.is_file() and kept.stat().st_uid == os.geteuid() and kept.stat().st_mode & 0o077:
            kept.chmod(_OWNER_ONLY)


def _room_beside(file: Path) -> bool:
    """Whether so much as a busy hour writes could still be written where the file is."""
    try:
        with tempfile.TemporaryFile(dir=file.parent) as tried:
            os.posix_fallocate(tried.fileno(), 0, _ROOM_BYTES)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return False
        raise
    return True


def _safe_sqlite(connection: Any, _record: object) -> None:
    # WAL lets readers go on while one writes; secure_delete overwrites what is deleted; without recursive triggers
    # REPLACE deletes rows behind the backs of those that refuse it.
    safe = ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", "recursive_triggers=ON")
    for pragma in (*safe, f"busy_timeout={_BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {pragma}")
    # One value that is no text, put in by whoever can, must not keep every row beside it from being read.
    connection.driver_connection.text_factory = _as_text


def _as_text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
