"""A key that has ended is dead everywhere: in every process, and for streams that it opened before."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.doors import doors
from tests.events import stream
from tests.own_database import sqlite_copy
from tests.person_app import PersonApp, person_app, signed_copy
from tests.served import served
from tests.web.test_own_apps import ended, key_of, refused


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Asks until it is so; a minute at most."""
    async with asyncio.timeout(60):
        while not await true():
            continue


@pytest.fixture
async def talking(sqlite_url: str, tmp_path: Path) -> AsyncIterator[PersonApp]:
    async with person_app(sqlite_copy(sqlite_url, tmp_path)) as found:
        yield found


async def test_a_stream_of_a_talk_ends_with_its_key_and_nothing_more_comes(talking: PersonApp) -> None:
    await talking.provider()
    child, key = talking.json_child(), await key_of(talking, "northmoor")
    await child.ask()
    bearing, path = {"authorization": f"Bearer {child.here}"}, "/api/v1/handovers/events"
    async with (
        stream(talking.app, path, **bearing, x_know_key=key) as apps,
        stream(talking.app, path, **bearing) as own,
    ):
        for heard in (apps, own):
            await heard.next("looked")
        await ended(talking, "northmoor")
        await doors(talking.app).pack_cache.refresh()
        words = {"text": "zebrafish", "client_id": "12345678"}
        kept = await child.browser.post("/api/v1/handovers/say", json=words, headers=bearing)
        assert kept.status_code == 201
        assert "zebrafish" in (await own.next("line")).data
        assert await apps.end() == []
    refused(await child.browser.get(path, headers={**bearing, "X-Know-Key": key}))


@pytest.fixture
def both(postgres_url: str, tmp_path: Path) -> Iterator[tuple[str, str, str]]:
    """A PostgreSQL database of the test's own, and the addresses of two processes on it."""
    with (
        signed_copy(postgres_url, tmp_path) as url,
        served(url, tmp_path / "a") as one,
        served(url, tmp_path / "b") as two,
    ):
        yield url, one, two


@pytest.mark.faults
async def test_a_key_that_ended_is_dead_in_every_process_within_a_minute(both: tuple[str, str, str]) -> None:
    url, *processes = both
    async with person_app(url) as desk, httpx.AsyncClient() as browser:
        key = await key_of(desk, "northmoor")

        async def say(status: int) -> bool:
            answers = [await browser.get(f"{one}/api/v1/forces", headers={"X-Know-Key": key}) for one in processes]
            return all(answer.status_code == status for answer in answers)

        await until(lambda: say(200))
        begun = time.monotonic()
        await ended(desk, "northmoor")
        await until(lambda: say(403))
        assert time.monotonic() - begun < 60
