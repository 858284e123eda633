"""A database of a test's own, with its tables and nothing in them: migrated once for all tests, then copied."""

import asyncio
import secrets
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import inspect

from api.web.database import Database
from api.web.migrate import migrate
from tests.conftest import in_postgres, postgres_url_of, settings_for

Kind = Literal["sqlite", "postgres"]


def sqlite_copy(url: str, folder: Path) -> str:
    """The address of a copy, in this folder, of a SQLite database that may be in use.

    Copied by SQLite itself: a file of a database that this process has open must not be opened and closed by anything
    else, because that lets go of the locks that tell other processes that somebody is at work.
    """
    copy = folder / "know.db"
    with closing(sqlite3.connect(url.partition("///")[2])) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return f"sqlite+aiosqlite:///{copy}"


def tables_of(url: str) -> set[str]:
    """The names of the tables that a database has."""

    async def look() -> set[str]:
        database = Database(settings_for(url))
        async with database.engine.connect() as connection:
            found = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
        await database.close()
        return found

    return asyncio.run(look())


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with its tables and nothing in them."""
    file = tmp_path_factory.mktemp("empty") / "know.db"
    migrate(settings_for(f"sqlite+aiosqlite:///{file}"))
    # Read and written by nobody after this, so that a copy of it is whole.
    with closing(sqlite3.connect(file)) as emptied:
        emptied.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@pytest.fixture(scope="session")
def empty_postgres(postgres_url: str) -> Iterator[str]:
    """The name of a PostgreSQL database with its tables and nothing in them. The fixture it asks for says if so."""
    name = f"know_test_{secrets.token_hex(4)}"
    asyncio.run(in_postgres(f"CREATE DATABASE {name}"))
    migrate(settings_for(postgres_url_of(name)))
    yield name
    asyncio.run(in_postgres(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def own_copy(kind: Kind, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The address of a database of a test's own, empty, copied because that is quicker than making it."""
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), folder / "own.db")
        yield f"sqlite+aiosqlite:///{folder / 'own.db'}"
        return
    empty, name = request.getfixturevalue("empty_postgres"), f"know_test_{secrets.token_hex(4)}"
    asyncio.run(in_postgres(f"CREATE DATABASE {name} TEMPLATE {empty}"))
    yield postgres_url_of(name)
    asyncio.run(in_postgres(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgres"])
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of each database in turn."""
    with own_copy(request.param, request, tmp_path) as url:
        yield url


@pytest.fixture
def own_sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same, on SQLite alone."""
    with own_copy("sqlite", request, tmp_path) as url:
        yield url


@pytest.fixture
def own_postgres(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same, on PostgreSQL alone."""
    with own_copy("postgres", request, tmp_path) as url:
        yield url


@pytest.fixture
async def own_database(own_url: str) -> AsyncIterator[Database]:
    """Each database in turn, open."""
    found = Database(settings_for(own_url))
    yield found
    await found.close()
