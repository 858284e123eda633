"""Several processes that start at once prepare the same database; a disk that is full; who may read the file."""

import asyncio
import os
import secrets
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import func, select

from api.records.ledger import LedgerRow
from api.web.database import Database
from api.web.migrate import migrate
from tests.conftest import in_postgres, postgres_url_of, settings_for, started
from tests.json_child import Child
from tests.office import empty_database
from tests.own_database import sqlite_copy
from tests.served import ROOT

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_three_that_prepare_at_once_all_succeed_and_sign_each_card_once(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if kind == "postgres":
        request.getfixturevalue("postgres_url")
    with empty_database(kind, tmp_path) as url:
        environment = {**os.environ, "DATABASE_URL": url}
        command = [sys.executable, "-m", "api", "prepare"]
        three = [
            subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            for _ in range(3)
        ]
        told = [one.communicate(timeout=120)[0].decode() for one in three]
        assert [one.returncode for one in three] == [0, 0, 0], told
        assert sum(": 0 new signatures" in one for one in told) == 2
        assert asyncio.run(signed_twice(url)) == []


async def signed_twice(url: str) -> list[str]:
    database = Database(settings_for(url))
    place = (LedgerRow.layer, LedgerRow.card, LedgerRow.fingerprint)
    async with database.begin() as session:
        found = await session.scalars(select(LedgerRow.card).group_by(*place).having(func.count() > 1))
        twice = list(found)
    await database.close()
    return twice


def test_the_file_of_the_database_is_for_its_user_alone(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'know.db'}"
    # One that an older release made, which anybody could read.
    (tmp_path / "know.db").touch(0o644)
    (tmp_path / "know.db").chmod(0o644)
    told = subprocess.run(
        [sys.executable, "-m", "api", "prepare"], cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=False
    )
    assert told.returncode == 0
    asyncio.run(signed_twice(url))
    modes = modes_beside(tmp_path)
    assert modes["know.db"] == 0o600
    assert {mode for name, mode in modes.items() if name.endswith(("-wal", "-shm"))} <= {0o600}


def modes_beside(folder: Path) -> dict[str, int]:
    """Who may do what with each file of the database."""
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.glob("know.db*")}


async def test_a_new_file_is_for_its_user_alone_from_its_first_moment(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        database = Database(settings_for(f"sqlite+aiosqlite:///{tmp_path / 'know.db'}"))
        async with database.engine.connect():
            modes = list(modes_beside(tmp_path).values())
        await database.close()
    finally:
        os.umask(before)
    assert modes
    assert set(modes) == {0o600}


@contextmanager
def disk_of(megabytes: int, folder: Path) -> Iterator[Path]:
    """A disk of so many MB, in memory."""
    size = f"size={megabytes}m"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    with disk_of(24, tmp_path) as folder:
        yield folder


@pytest.fixture
def on_small_disk(postgres_url: str) -> Iterator[tuple[Path, str]]:
    """Another, and the address of a PostgreSQL database that lies on it."""
    # Not in tmp_path, which is closed to the user that PostgreSQL runs as.
    with TemporaryDirectory() as made, disk_of(40, Path(made)) as folder:
        folder.chmod(0o711)
        data, name = folder / "data", f"know_test_{secrets.token_hex(4)}"
        data.mkdir(0o700)
        shutil.chown(data, "postgres")
        asyncio.run(in_postgres(f"CREATE TABLESPACE {name} LOCATION '{data}'"))
        asyncio.run(in_postgres(f"CREATE DATABASE {name} TABLESPACE {name}"))
        migrate(settings_for(postgres_url_of(name)))
        yield folder, postgres_url_of(name)
        asyncio.run(in_postgres(f"DROP DATABASE {name} WITH (FORCE)"))
        asyncio.run(in_postgres(f"DROP TABLESPACE {name}"))


async def test_postgres_on_a_full_disk_has_no_room_though_a_row_that_has_its_place_can_change(
    on_small_disk: tuple[Path, str],
) -> None:
    folder, url = on_small_disk
    database = Database(settings_for(url))
    assert await database.has_room()
    filler = folder / "filler"
    with filler.open("wb") as out:
        room = os.statvfs(folder)
        os.posix_fallocate(out.fileno(), 0, room.f_bavail * room.f_frsize)
    assert not await database.has_room()
    filler.unlink()
    assert await database.has_room()
    await database.close()


async def test_a_full_disk_is_said_and_children_are_answered_all_the_same(small_disk: Path, sqlite_url: str) -> None:
    async with started(settings_for(sqlite_copy(sqlite_url, small_disk))) as client:
        assert (await client.get("/readyz")).json()["database"] == "ok"
        filler = small_disk / "filler"
        with filler.open("wb") as out:
            room = os.statvfs(small_disk)
            os.posix_fallocate(out.fileno(), 0, room.f_bavail * room.f_frsize - 64 * 1024)
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (200, "full")
        child = Child(client)
        await child.start()
        assert (await child.say("my dad is hitting me right now"))["alarm"] == "danger-now"
        filler.unlink()
        assert (await client.get("/readyz")).json()["database"] == "ok"
