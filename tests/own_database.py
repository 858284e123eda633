"""A migrated database of a test's own, on SQLite and on PostgreSQL, with nothing in it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from api.hall.database import Database, migrate
from tests.conftest import in_postgres, postgres_url_of, settings_for


@pytest.fixture(params=["sqlite", "postgres"])
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of each database in turn."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'own.db'}"
        migrate(settings_for(url))
        yield url
        return
    request.getfixturevalue("postgres_url")
    name = f"know_test_{secrets.token_hex(4)}"
    asyncio.run(in_postgres(f"CREATE DATABASE {name}"))
    url = postgres_url_of(name)
    migrate(settings_for(url))
    yield url
    asyncio.run(in_postgres(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def own_database(own_url: str) -> AsyncIterator[Database]:
    """Each database in turn, open."""
    found = Database(settings_for(own_url))
    yield found
    await found.close()
