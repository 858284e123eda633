"""Preparing brings the tables up to date in a process of its own: serving never waits for the tool that does it."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from api.__main__ import cli
from api.web.database import Base, Database
from api.web.settings import settings
from tests.conftest import settings_for
from tests.own_database import tables_of
from tests.served import ROOT

pytestmark = pytest.mark.database


@pytest.fixture
def prepare(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator["Prepare"]:
    monkeypatch.setenv("KNOW_MODE", "live")
    monkeypatch.setenv("KNOW_SECRET", "a secret of this test's own, long enough")
    yield Prepare(monkeypatch, capfd)
    settings.cache_clear()


class Prepare:
    """Runs `python -m api prepare` over a database, in live mode, which signs nothing."""

    def __init__(self, environment: pytest.MonkeyPatch, heard: pytest.CaptureFixture[str]) -> None:
        self._environment, self._heard = environment, heard

    def __call__(self, url: str) -> tuple[int, str, str]:
        """How it ended, what it said, and what it and its own process said was wrong."""
        self._environment.setenv("DATABASE_URL", url)
        settings.cache_clear()
        told = CliRunner().invoke(cli, ["prepare"])
        return told.exit_code, told.stdout, self._heard.readouterr().err


def test_a_new_database_gets_every_table_and_again_changes_nothing(prepare: Prepare, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'deep' / 'know.db'}"
    for _ in range(2):
        assert prepare(url) == (0, "Database: up to date\n", "")
        assert tables_of(url) >= set(Base.metadata.tables)


@pytest.mark.parametrize(
    "url",
    ["postgresql+asyncpg://know:hunter2@127.0.0.1:9/know", "sqlite+aiosqlite:////", "nonsense", "sqlite+nothing:///x"],
)
def test_a_database_that_cannot_be_used_ends_in_one_clear_line(prepare: Prepare, url: str) -> None:
    ended, told, wrong = prepare(url)
    assert ended == 1
    assert told == ""
    assert wrong.startswith("Cannot start: the database cannot be used (")
    assert wrong.endswith("Is DATABASE_URL right?\n")
    assert wrong.count("\n") == 1
    assert "hunter2" not in wrong


def test_a_database_of_a_newer_release_is_said_and_left(prepare: Prepare, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'know.db'}"
    prepare(url)

    async def make_newer() -> None:
        database = Database(settings_for(url))
        async with database.begin() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await database.close()

    asyncio.run(make_newer())
    ended, told, wrong = prepare(url)
    assert (ended, told, wrong.count("\n")) == (1, "", 1)
    assert "newer release?" in wrong


def test_serving_does_not_load_what_only_preparing_needs() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, api.__main__, api.main; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"alembic", "mako", "api.web.migrate"} & set(loaded)
