"""Faults in the middle of a talk: the process killed, the database gone, a bad line. Nothing is lost or doubled."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from api.bot_process import free_port
from api.web.csrf import COOKIE
from tests.bench.talks import Pair, made, pid_at
from tests.conftest import POSTGRES, POSTGRES_SOCKET, settings_for, sign_everything
from tests.cut_line import CutLine, cut_line, postgres_line
from tests.served import served

pytestmark = pytest.mark.faults

MESSAGES, EVERY_SECONDS, PATIENCE_SECONDS, AWAY_SECONDS = 40, 0.15, 90.0, 10.0


@dataclass
class Side:
    """A child or an advocate who keeps trying: what they have heard of the other, in order, and what they were told."""

    address: str
    stream: str
    headers: dict[str, str]
    say: Callable[[httpx.AsyncClient, int], Awaitable[httpx.Response]]
    other: str
    heard: list[int] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    retried: int = 0
    all_heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Follows the stream until cancelled, and goes on from the last id after every cut, as a browser does."""
        last = ""
        async with httpx.AsyncClient(base_url=self.address, timeout=httpx.Timeout(5, read=30)) as browser:
            while True:
                try:
                    headers = self.headers | ({"Last-Event-ID": last} if last else {})
                    async with browser.stream("GET", self.stream, headers=headers) as answer:
                        last = await self._hear(answer, last)
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.2)

    async def _hear(self, answer: httpx.Response, last: str) -> str:
        fields: dict[str, list[str]] = {}
        try:
            async for line in answer.aiter_lines():
                name, _, value = line.partition(":")
                if line:
                    fields.setdefault(name, []).append(value.strip())
                    continue
                # Only a whole event counts: half of one is sent again.
                last = "".join(fields.get("id", [])) or last
                self.events += fields.get("event", [])
                self.heard += [
                    int(number) for number in re.findall(rf"{self.other}-(\d+)-said", "".join(fields.get("data", [])))
                ]
                fields = {}
                if len(self.heard) >= MESSAGES:
                    self.all_heard.set()
        except httpx.TransportError:
            pass
        return last

    async def write(self) -> None:
        """Says every message, each again under the same name until the server has it."""
        async with httpx.AsyncClient(base_url=self.address, timeout=4) as browser:
            for number in range(MESSAGES):
                while not await self._said(browser, number):
                    self.retried += 1
                    await asyncio.sleep(0.3)
                await asyncio.sleep(EVERY_SECONDS)

    async def _said(self, browser: httpx.AsyncClient, number: int) -> bool:
        try:
            return (await self.say(browser, number)).status_code < 400
        except httpx.TransportError:
            return False


def child_of(pair: Pair, address: str) -> Side:
    bearer = {"Authorization": f"Bearer {pair.here}"}

    async def say(browser: httpx.AsyncClient, number: int) -> httpx.Response:
        body = {"text": f"child-{number}-said", "client_id": f"child-{number:04}"}
        return await browser.post("/api/v1/handovers/say", json=body, headers=bearer)

    return Side(address, "/api/v1/handovers/events", bearer, say, "advocate")


def advocate_of(pair: Pair, address: str) -> Side:
    cookie = {"Cookie": f"{COOKIE}={pair.cookie}", "Sec-Fetch-Site": "same-origin"}

    async def say(browser: httpx.AsyncClient, number: int) -> httpx.Response:
        form = {"mark": pair.mark, "text": f"advocate-{number}-said", "client_id": f"advocate-{number:04}"}
        return await browser.post(f"/console/talk/{pair.ref}/say", data=form, headers=cookie)

    return Side(address, f"/console/talk/{pair.ref}/stream", cookie, say, "child")


async def talk_through(sides: Sequence[Side], fault: Callable[[], Awaitable[None]]) -> None:
    """Both write to each other while the fault happens. Each must hear all of the other, once, in order."""
    listening = [asyncio.create_task(side.listen()) for side in sides]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(side.write() for side in sides), fault())
            await asyncio.gather(*(side.all_heard.wait() for side in sides))
        # Long enough for what would come twice.
        await asyncio.sleep(1)
    finally:
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    for side in sides:
        assert side.heard == list(range(MESSAGES))


@asynccontextmanager
async def serving(url: str, log: Path, **others: str) -> AsyncIterator[str]:
    """The app in a process of its own, started while this one goes on."""
    process = served(url, log, others)
    address = await asyncio.to_thread(process.__enter__)
    try:
        yield address
    finally:
        await asyncio.to_thread(process.__exit__, None, None, None)


@pytest.fixture
async def own_sqlite(tmp_path: Path) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path / 'know.db'}"
    await asyncio.to_thread(sign_everything, settings_for(url))
    return url


async def test_a_process_killed_in_the_middle_of_a_talk_loses_and_doubles_nothing(
    own_sqlite: str, tmp_path: Path
) -> None:
    (pair,) = await made(settings_for(own_sqlite), 1)
    port = free_port()
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serving(own_sqlite, tmp_path / "1.log", KNOW_PORT=str(port)))
        sides = child_of(pair, address), advocate_of(pair, address)

        async def killed() -> None:
            await asyncio.sleep(2)
            os.kill(pid_at(port), signal.SIGKILL)
            await stack.enter_async_context(serving(own_sqlite, tmp_path / "2.log", KNOW_PORT=str(port)))

        await talk_through(sides, killed)
    assert all(side.retried for side in sides)


@asynccontextmanager
async def postgres_on_a_line(postgres_url: str) -> AsyncIterator[tuple[CutLine, str, str]]:
    """A database of its own: the line that leads to it, its address over that line, and its own address."""
    async with postgres_line() as found:
        yield found


@pytest.mark.skipif(str(POSTGRES_SOCKET.parent) not in POSTGRES, reason="the database is not on this machine's socket")
async def test_the_database_away_for_ten_seconds_is_said_and_loses_nothing(postgres_url: str, tmp_path: Path) -> None:
    async with postgres_on_a_line(postgres_url) as (line, over_the_line, straight):
        (pair,) = await made(settings_for(straight), 1)
        async with serving(over_the_line, tmp_path / "api.log") as address:
            sides = child_of(pair, address), advocate_of(pair, address)

            async def away() -> None:
                await asyncio.sleep(2)
                line.cut()
                await asyncio.sleep(AWAY_SECONDS)
                line.mend()

            await talk_through(sides, away)
        for side in sides:
            # Both were told the truth while it was away, and asked to send again; then it was taken back.
            assert "away" in side.events
            assert side.retried
            assert set(side.events[side.events.index("away") :]) & {"line", "lines", "status", "around"}


async def test_a_slow_line_that_drops_every_few_seconds_loses_and_doubles_nothing(
    own_sqlite: str, tmp_path: Path
) -> None:
    (pair,) = await made(settings_for(own_sqlite), 1)
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serving(own_sqlite, tmp_path / "api.log"))
        port = int(address.rpartition(":")[2])
        # 2G: a third of a second for everything, and 30 kB a second.
        there = cut_line(lambda: asyncio.open_connection("127.0.0.1", port), a_second=30_000, wait=0.15)
        line = await stack.enter_async_context(there)
        sides = tuple(side(pair, f"http://127.0.0.1:{line.port}") for side in (child_of, advocate_of))

        async def dropping() -> None:
            for _ in range(6):
                await asyncio.sleep(2.5)
                line.drop()

        await talk_through(sides, dropping)
        assert line.dropped > 0
