"""What was left stays left: across restarts, crashes and processes, and with the database away."""

import asyncio
import re
import secrets
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
from sqlalchemy import select

from api.chat.chat_token import VISIT_PURPOSE, EndedVisits
from api.records.handovers.retention import sweep
from api.records.revoked_visits import RevokedVisit
from api.web.ciphers import Hashes
from api.web.database import Database
from tests.chat.test_shared_screen import ANSWER, Screen, in_the_middle_of_a_talk, until
from tests.conftest import settings_for, started
from tests.doors import doors
from tests.own_database import sqlite_copy
from tests.served import start

PLACES = ("/northmoor", "/northmoor?mode=shared", "/northmoor?within=northmoor", "/northmoor?mode=alongside")
TYPED = "zebrafish in my kitchen"


@asynccontextmanager
async def running(url: str) -> AsyncIterator[Screen]:
    """A process of the app over a database, and a browser without script."""
    async with started(settings_for(url)) as client:
        yield Screen(client)


async def rows(url: str) -> list[RevokedVisit]:
    """What is kept of visits."""
    database = Database(settings_for(url))
    async with database.begin() as session:
        found = list(await session.scalars(select(RevokedVisit)))
    await database.close()
    return found


def raw(folder: Path) -> bytes:
    """The database as it lies on the disk."""
    return b"".join((folder / f"know.db{end}").read_bytes() for end in ("", "-wal"))


async def is_shut(screen: Screen, page: str) -> bool:
    """True when an old page opens nothing of the talk, and says so."""
    answer = await screen.go(page)
    assert answer.status_code in (200, 409)
    assert (ANSWER in answer.text) is (answer.status_code == 200)
    return answer.status_code == 409


@pytest.mark.parametrize("place", PLACES)
async def test_a_restart_brings_no_page_back_that_was_left(signed_url: str, place: str) -> None:
    async with running(signed_url) as screen:
        await in_the_middle_of_a_talk(screen, place)
        left, html = screen.been[-1], screen.html
        await screen.post("/leave")
    async with running(signed_url) as screen:
        assert await is_shut(screen, left)
        screen.html = html
        assert ANSWER not in (await screen.post("/northmoor/say", act="again")).text


async def test_a_restart_shuts_no_page_that_was_not_left(signed_url: str) -> None:
    async with running(signed_url) as screen:
        await in_the_middle_of_a_talk(screen, "/northmoor")
        open_page = screen.been[-1]
    async with running(signed_url) as screen:
        assert not await is_shut(screen, open_page)


async def test_every_process_that_runs_or_begins_knows_at_once(postgres_url: str) -> None:
    async with running(postgres_url) as here, running(postgres_url) as there:
        await in_the_middle_of_a_talk(here, "/northmoor")
        left = here.been[-1]
        assert not await is_shut(there, left)
        await here.post("/leave")

        async def known() -> None:
            while not await is_shut(there, left):  # noqa: ASYNC110 - another process has no event for it
                await asyncio.sleep(0.02)

        await asyncio.wait_for(known(), 15)
        async with running(postgres_url) as later:
            assert await is_shut(later, left)


async def test_a_crash_right_after_leaving_brings_nothing_back(sqlite_url: str, tmp_path: Path) -> None:
    url = sqlite_copy(sqlite_url, tmp_path)
    process, address = start(url, tmp_path / "log")
    async with httpx.AsyncClient(base_url=address) as client:
        screen = Screen(client)
        await in_the_middle_of_a_talk(screen, "/northmoor")
        left = screen.been[-1]
        await screen.post("/leave")
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait)
    async with running(url) as screen:
        assert await is_shut(screen, re.sub(r"^http://[^/]+", "", left))


async def test_leaving_waits_for_no_database_and_is_kept_once_that_is_back(sqlite_url: str, tmp_path: Path) -> None:
    url = sqlite_copy(sqlite_url, tmp_path)
    file, away = tmp_path / "know.db", tmp_path / "away.db"
    async with running(url) as screen:
        await in_the_middle_of_a_talk(screen, "/northmoor")
        left = screen.been[-1]
        file.rename(away)
        began = time.monotonic()
        await screen.post("/leave")
        assert time.monotonic() - began < 1
        assert await is_shut(screen, left)
        assert not file.exists()
        away.rename(file)
        async with asyncio.timeout(15):
            while not await rows(url):  # noqa: ASYNC110 - the app has no event for it
                await asyncio.sleep(0.1)
    async with running(url) as screen:
        assert await is_shut(screen, left)


@asynccontextmanager
async def table_held(url: str) -> AsyncIterator[None]:
    """Inside the block nobody can read or write which visits were left."""
    line = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        async with line.transaction():
            await line.execute("LOCK TABLE revoked_visit IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await line.close()


async def test_while_nobody_can_know_an_old_page_opens_nothing_and_a_child_is_answered(postgres_url: str) -> None:
    async with running(postgres_url) as screen:
        await in_the_middle_of_a_talk(screen, "/northmoor")
        kept_open, html = screen.been[-1], screen.html
        await screen.go("/northmoor")
        await in_the_middle_of_a_talk(screen, "/northmoor")
        left = screen.been[-1]
        await screen.post("/leave")
    # A page of the very second in which a process began is one of before it.
    await asyncio.sleep(1)
    async with table_held(postgres_url):
        app = running(postgres_url)
        screen = await app.__aenter__()
        for page in (left, kept_open):
            assert await is_shut(screen, page)
            assert "999" in screen.html
        screen.html = html
        answer = await screen.post("/northmoor/say", text="my dad hits me")
        assert "0800 1111" in answer.text
        screen.html = html
        answer = await screen.post("/northmoor/say", card="who-gets-told")
        assert answer.status_code == 200
        assert ANSWER not in answer.text
        # What was begun since is believed, and leaving waits for nothing.
        assert (await screen.go(str(answer.url))).status_code == 200
        began = time.monotonic()
        await screen.post("/leave")
        assert time.monotonic() - began < 1
    visits = doors(screen._client._transport.app).chat.tokens.visits
    await until(lambda: visits.listed)
    assert await is_shut(screen, left)
    assert not await is_shut(screen, kept_open)
    await app.__aexit__(None, None, None)


async def test_all_that_is_kept_is_a_hash_and_an_hour(sqlite_url: str, tmp_path: Path) -> None:
    url = sqlite_copy(sqlite_url, tmp_path)
    async with running(url) as screen:
        await in_the_middle_of_a_talk(screen, "/northmoor")
        await screen.post("/northmoor/say", text=TYPED)
        visits = doors(screen._client._transport.app).chat.tokens
        token = re.findall(r'name="chat" value="([^"]+)"', screen.html)[0]
        visit = visits.visit_of(token)
        assert visit
        # The database is a copy of one that other tests have left visits in.
        others = {row.hash for row in await rows(url)}
        before = datetime.now(UTC)
        await screen.post("/leave")
        (row,) = [row for row in await rows(url) if row.hash not in others]
        assert re.fullmatch("[0-9a-f]{64}", row.hash)
        assert row.until.replace(minute=0, second=0, microsecond=0) == row.until
        assert timedelta(hours=24) < row.until - before <= timedelta(hours=25)
        assert {column.name for column in RevokedVisit.__table__.columns} == {"hash", "until"}
        kept = raw(tmp_path)
        assert row.hash.encode() in kept
        for planted in (visit, token, TYPED):
            assert planted.encode() not in kept


async def test_it_goes_with_the_chat_and_not_before(signed_url: str) -> None:
    async with running(signed_url) as screen:
        await in_the_middle_of_a_talk(screen, "/northmoor")
        others = {row.hash for row in await rows(signed_url)}
        await screen.post("/leave")
        (row,) = [row for row in await rows(signed_url) if row.hash not in others]
        person_door = doors(screen._client._transport.app).person_door
        await sweep(person_door.database, person_door.handover_context, row.until - timedelta(seconds=1))
        assert row.hash in {row.hash for row in await rows(signed_url)}
        await sweep(person_door.database, person_door.handover_context, row.until)
        assert await rows(signed_url) == []


def test_without_the_key_a_hash_names_nobody_and_an_older_key_still_does() -> None:
    name, older, newer = "Vi5it-_8", secrets.token_hex(), secrets.token_hex()
    kept = Hashes((older,), VISIT_PURPOSE).of(name)
    for keys, known in (((older,), True), ((newer, older), True), ((newer,), False)):
        visits = EndedVisits(3600, 300, hashes=Hashes(keys, VISIT_PURPOSE))
        visits.know({kept: time.time()})
        assert visits.ended(name) is known
