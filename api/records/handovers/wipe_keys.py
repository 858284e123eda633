"""Wiping: what is left of destroyed keys in the files of the database goes, so that nothing opens with them again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asyncpg import LockNotAvailableError
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.tables import DataKey
from api.web.database import Database

NOT_WIPED = "KeysNotWiped"
"""What a sweep that could not wipe calls that."""
LOCK_MILLISECONDS = 200
"""How long a rewriting waits for those who read. So long, at most, does everybody else wait behind it."""
_PAUSE_SECONDS = 0.1
_LONGEST_MILLISECONDS = 5000
_MOVED_MILLISECONDS = 1000
_DESTROYED = DataKey.sealed == ""
# PostgreSQL leaves deleted and changed rows in its files, for anybody who reads them there. TRUNCATE gives the table
# new files and cuts the old ones to nothing when the transaction is kept, as soon as nobody is in the table; VACUUM
# FULL would carry along what some older transaction, a backup for instance, might still want to see. The keys that stay
# are held in memory alone: with less of it PostgreSQL would put them into a temporary file.
_REWRITE = """
DO $$ DECLARE kept data_key[]; BEGIN
    LOCK TABLE data_key IN ACCESS EXCLUSIVE MODE;
    IF NOT EXISTS (SELECT FROM data_key WHERE sealed = '') THEN
        RETURN;
    END IF;
    SET LOCAL work_mem = '256MB';
    SELECT array_agg(one) INTO kept FROM data_key one WHERE one.sealed <> '';
    TRUNCATE data_key;
    INSERT INTO data_key SELECT * FROM unnest(kept);
END $$
"""


async def wipe(database: Database, tries: int = 1) -> bool:
    """Wipes what is left of destroyed keys. False while somebody else is in the way: the next sweep tries again.

    True is true for everything whose end was kept before this was called, whichever process wipes it.
    """
    if database.engine.dialect.name == "postgresql":
        return await _rewritten(database, tries)
    async with database.begin() as session:
        await session.execute(delete(DataKey).where(_DESTROYED))
    # SQLite overwrites what it deletes, and keeps copies in its log until that is emptied.
    return await database.empty_log()


async def _rewritten(database: Database, tries: int) -> bool:
    for _ in range(tries):
        try:
            await _rewrite(database)
        except DBAPIError as error:
            if not _somebody_is_there(error):
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return True
    return False


async def _rewrite(database: Database) -> None:
    async with _hasty(database) as session:
        # Whoever rewrites at this moment is waited for here.
        if await session.scalar(select(DataKey.id).where(_DESTROYED).limit(1)) is None:
            return
    # Another transaction: two that had looked could not both have the table to themselves.
    async with _hasty(database) as session:
        await (await session.connection()).exec_driver_sql(_REWRITE)


@asynccontextmanager
async def _hasty(database: Database) -> AsyncIterator[AsyncSession]:
    """A transaction that does not wait long for others, nor keeps them waiting."""
    async with database.begin() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}")
        await connection.exec_driver_sql(f"SET LOCAL statement_timeout = {_LONGEST_MILLISECONDS}")
        yield session


async def rewrite_table(database: Database, table: str) -> bool:
    """On PostgreSQL, takes what was deleted or changed out of a table's files: rows kept before they had keys, say.

    Nobody reads or writes the table meanwhile. False when somebody is in the way, or it is not this role's table. On
    SQLite there is nothing to do.
    """
    if database.engine.dialect.name != "postgresql":
        return True
    async with database.engine.connect() as connection:
        # No VACUUM in a transaction. The settings go with the connection.
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql(f"SET lock_timeout = {_MOVED_MILLISECONDS}")
        try:
            file = text("SELECT pg_relation_filenode(CAST(:name AS regclass))")
            before = await connection.scalar(file, {"name": table})
            await connection.exec_driver_sql(f'VACUUM FULL "{table}"')
            return bool(await connection.scalar(file, {"name": table}) != before)
        except DBAPIError as error:
            if not _somebody_is_there(error):
                raise
            return False
        finally:
            await connection.invalidate()


def _somebody_is_there(error: DBAPIError) -> bool:
    return bool(getattr(error.orig, "sqlstate", None) == LockNotAvailableError.sqlstate)
