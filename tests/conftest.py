"""What every test may ask for: a database with the practice words signed, the app over it, and a bot that is a fake."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from api.main import create_app
from api.records.practice import sign_practice
from api.web.database import Database
from api.web.migrate import migrate
from api.web.settings import Settings
from content.__main__ import training_of
from content.card import Card
from content.release import Release
from content.rendering import Renderer
from tests.fake_brain import FakeBrain
from tests.in_memory import use_memory

use_memory()
pytest_plugins = [
    "tests.bot_process",
    "tests.chromium",
    "tests.own_database",
    "tests.desk_app",
    "tests.person_app",
    "tests.child_conversation",
    "tests.served",
    "tests.suite_time",
    "tests.kept_objects",
    "tests.long_first",
    "tests.bounded",
    "tests.needs_database",
]

LIVE_SECRET = "an invented key: 7tq2-moss-9vane-lark"
"""A secret that a live installation accepts."""
_HEADS = Path(mkdtemp(prefix="know-heads-"))
_MACHINES = Path("/var/run/postgresql")
_TESTS_OWN = _MACHINES / "know"
"""Where `.ci/postgres` starts a PostgreSQL that waits for no disk."""
POSTGRES_SOCKET = (_TESTS_OWN if (_TESTS_OWN / ".s.PGSQL.5432").exists() else _MACHINES) / ".s.PGSQL.5432"
POSTGRES = os.environ.get("KNOW_TEST_POSTGRES", f"postgresql:///postgres?host={POSTGRES_SOCKET.parent}")


def settings_for(url: str, **others: object) -> Settings:
    """Settings for a test, nothing from the environment but what is named."""
    # Heads are kept beside SQLite's file, which is a test's own; those of a server's databases go with all else here.
    heads = {} if url.startswith("sqlite") else {"heads_folder": _HEADS / str(urlsplit(url).path.strip("/"))}
    given = {"DATABASE_URL": url, "bot_url": "http://127.0.0.1:9", "sound": "asked", **heads, **others}
    return Settings.model_validate(given)


def sign_everything(settings: Settings) -> None:
    """Migrates for real and signs the practice words through the same code as production."""
    migrate(settings)
    asyncio.run(_sign(settings))


async def _sign(settings: Settings) -> None:
    database = Database(settings)
    release = release_for(practice=True)
    async with database.begin() as session:
        await sign_practice(session, release.cards, release.vetting.renderer, date.today())
    await database.close()


@cache
def release_for(*, practice: bool) -> Release:
    """The files of this release, read once for all tests."""
    return Release.load(practice=practice)


@pytest.fixture(scope="session")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A SQLite database with the practice words signed."""
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('db') / 'know.db'}"
    sign_everything(settings_for(url))
    return url


async def in_postgres(act: str) -> None:
    connection = await asyncpg.connect(POSTGRES)
    await connection.execute(act)
    await connection.close()


def postgres_url_of(name: str) -> str:
    """The address of a database beside the one that KNOW_TEST_POSTGRES names."""
    return POSTGRES.replace("postgresql://", "postgresql+asyncpg://").replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL database of its own, with the practice words signed. In CI it must be there."""
    name = f"know_test_{secrets.token_hex(4)}"
    try:
        asyncio.run(in_postgres(f"CREATE DATABASE {name}"))
    except (OSError, asyncpg.PostgresError) as error:
        missing = f"PostgreSQL does not answer at KNOW_TEST_POSTGRES ({type(error).__name__})"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    url = postgres_url_of(name)
    sign_everything(settings_for(url))
    yield url
    asyncio.run(in_postgres(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each database in turn, with the practice words signed. The session shares it: never rely on how many rows."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def cards() -> dict[str, Card]:
    """Every card of this release."""
    return dict(release_for(practice=True).cards)


@pytest.fixture(scope="session")
def training(cards: dict[str, Card]) -> dict[str, str]:
    """The bot's training files by name, as they are written from this release: seconds of work."""
    return training_of(cards)


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    """Fills cards from this release's glossary, helplines and slots."""
    return release_for(practice=True).vetting.renderer


@pytest.fixture(scope="session")
async def running(sqlite_url: str) -> AsyncIterator[tuple[FastAPI, FakeBrain]]:
    """One app for all tests that only talk to it, started for real, in practice mode on SQLite, with its fake bot."""
    brain = FakeBrain()
    app = create_app(settings_for(sqlite_url), brain, release_for(practice=True))
    async with app.router.lifespan_context(app):
        yield app, brain


@pytest.fixture
def brain(running: tuple[FastAPI, FakeBrain]) -> FakeBrain:
    """The running app's bot: it says what this test tells it to, and forgets what others told it."""
    running[1].forget()
    return running[1]


@pytest.fixture
async def client(running: tuple[FastAPI, FakeBrain], brain: FakeBrain) -> AsyncIterator[httpx.AsyncClient]:
    """The running app, as a browser or another program reaches it."""
    async with httpx.AsyncClient(transport=_transport(running[0]), base_url="http://know.test") as found:
        yield found


def _transport(app: FastAPI) -> httpx.ASGITransport:
    return httpx.ASGITransport(app, raise_app_exceptions=False)


class started:  # noqa: N801 - used as a context manager, like a function
    """The app of these settings, started, as a client. Ends it afterwards."""

    def __init__(self, settings: Settings, brain: FakeBrain | None = None, **others: Any) -> None:
        self.app = create_app(settings, brain or FakeBrain(), release_for(practice=settings.practice), **others)

    async def __aenter__(self) -> httpx.AsyncClient:
        self._life = self.app.router.lifespan_context(self.app)
        await self._life.__aenter__()
        self._client = httpx.AsyncClient(transport=_transport(self.app), base_url="http://know.test")
        return self._client

    async def __aexit__(self, *_error: object) -> None:
        await self._client.aclose()
        await self._life.__aexit__(None, None, None)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the project that holds the house rules and measuring tools; only developers have it."""
    return Path(__file__).parents[2] / "shared"
