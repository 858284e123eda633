"""Turns at the bot: never more at once than it takes, the newest first, and nobody who gives up takes a turn along."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx
import pytest
from anyio import CancelScope

from api.chat.bot_queue import BotQueue
from api.chat.dialogue.understand import BotAway
from api.chat.rasa_client import AT_ONCE, RasaBrain
from api.main import rasa
from tests.conftest import settings_for

GOOD = json.dumps({"intent_ranking": [{"name": "bodycam", "confidence": 0.7}], "entities": []}).encode()


class Seconds:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("waited", "order"), [(0.9, [2, 3, 4, 5]), (1.1, [5, 4, 3, 2])])
async def test_so_many_at_once_in_turn_and_in_a_rush_who_came_last_goes_first(waited: float, order: list[int]) -> None:
    seconds, went, going = Seconds(), list[int](), asyncio.Event()
    turns = BotQueue(2, seconds)

    async def one(number: int) -> None:
        async with turns.turn():
            went.append(number)
            await going.wait()

    tasks = [asyncio.create_task(one(number)) for number in range(6)]
    await asyncio.sleep(0)
    assert went == [0, 1]
    seconds.now = waited
    going.set()
    await asyncio.gather(*tasks)
    assert went == [0, 1, *order]


async def test_many_who_ask_again_as_soon_as_they_are_answered_are_all_answered() -> None:
    turns, answered, ahead = BotQueue(4), [0] * 20, list[int]()

    async def one(number: int) -> None:
        for _ in range(10):
            async with turns.turn():
                await asyncio.sleep(0.001)
            answered[number] += 1
            ahead.append(max(answered) - min(answered))

    await asyncio.gather(*(one(number) for number in range(20)))
    # Nobody is passed over by those who ask again.
    assert max(ahead) <= 2


async def test_nobody_of_a_new_chat_goes_before_anybody_in_the_middle_of_one() -> None:
    turns, went, going = BotQueue(1), list[str](), asyncio.Event()

    async def one(name: str, *, new: bool) -> None:
        async with turns.turn(new=new):
            went.append(name)
            await going.wait()

    tasks = [asyncio.create_task(one("first", new=True))]
    for name in ("a", "b", "c"):
        tasks += [asyncio.create_task(one(name, new=False)), asyncio.create_task(one(f"new {name}", new=True))]
    await asyncio.sleep(0)
    going.set()
    await asyncio.gather(*tasks)
    assert went == ["first", "a", "b", "c", "new a", "new b", "new c"]


@pytest.mark.parametrize("new", [True, False])
async def test_in_a_rush_who_comes_is_told_soon_that_there_is_no_turn(new: bool) -> None:
    seconds, going = Seconds(), asyncio.Event()
    turns = BotQueue(1, seconds)

    async def one(*, new: bool) -> float:
        begun = time.perf_counter()
        with suppress(TimeoutError):
            async with turns.turn(new=new):
                await going.wait()
                return 0
        return time.perf_counter() - begun

    early = [asyncio.create_task(one(new=new)) for _ in range(3)]
    await asyncio.sleep(0)
    seconds.now = 1.1
    late, other = asyncio.create_task(one(new=new)), asyncio.create_task(one(new=not new))
    assert 0.1 < await late < 1
    # Who came before the rush still waits, and so does who stands in the other line.
    assert not any(task.done() for task in (*early, other))
    going.set()
    assert await asyncio.gather(*early, other) == [0] * 4
    # The lines were empty, so the rush is over.
    going.clear()
    again = [asyncio.create_task(one(new=new)) for _ in range(2)]
    await asyncio.sleep(0.3)
    assert not any(task.done() for task in again)
    going.set()
    assert await asyncio.gather(*again) == [0, 0]


@pytest.mark.parametrize("given_up", [{2}, {3}, {2, 3, 4}, {0, 3}])
async def test_who_gives_up_loses_nobodys_turn(given_up: set[int]) -> None:
    turns, going, through = BotQueue(1), asyncio.Event(), list[int]()

    async def one(number: int) -> None:
        async with turns.turn():
            await going.wait()
            through.append(number)

    tasks = [asyncio.create_task(one(number)) for number in range(5)]
    await asyncio.sleep(0)
    # In the same moment: one comes out, so that the next is given its turn, and others give up.
    going.set()
    for number in given_up:
        tasks[number].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert set(through) == set(range(5)) - given_up
    async with asyncio.timeout(1), turns.turn():
        through.append(99)
    assert through[-1] == 99


async def test_given_its_turn_and_cancelled_at_once_it_hands_the_turn_on() -> None:
    turns = BotQueue(1)

    async def one() -> None:
        async with turns.turn():
            pass

    async with turns.turn():
        first, second = asyncio.create_task(one()), asyncio.create_task(one())
        await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert not first.cancelled()
    async with asyncio.timeout(1), turns.turn():
        pass


async def test_after_a_rush_at_a_slow_bot_it_is_asked_again() -> None:
    slow = asyncio.Event()

    async def bot(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
                await slow.wait()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(GOOD) + GOOD)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(bot, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    brain = rasa(settings_for("sqlite+aiosqlite:///none.db", bot_url=url, bot_seconds=0.2))
    assert await _asked(brain, 60) == 0
    slow.set()
    assert await _asked(brain, 10) == 10
    await brain.close()
    server.close()
    await server.wait_closed()


class _SlowToClose(httpx.AsyncByteStream):
    """An answer whose connection takes its time to close, shielded as httpx shields it."""

    def __init__(self) -> None:
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield GOOD

    async def aclose(self) -> None:
        with CancelScope(shield=True):
            await asyncio.sleep(0.1)
            self.closed = True


async def test_a_connection_that_is_being_closed_is_closed_whole_also_when_time_is_up() -> None:
    streams: list[_SlowToClose] = []

    class Line(httpx.AsyncBaseTransport):
        async def handle_async_request(self, _request: httpx.Request) -> httpx.Response:
            streams.append(_SlowToClose())
            return httpx.Response(200, stream=streams[-1])

    brain = RasaBrain(Line(), "http://bot", "", 0.05)
    with suppress(BotAway):
        await brain.parse("hello")
    assert [one.closed for one in streams] == [True]


async def _asked(brain: RasaBrain, times: int) -> int:
    """How many of so many at once are answered."""

    async def one() -> int:
        try:
            await brain.parse("hello", 0.2 if times > AT_ONCE * 3 else 5)
        except BotAway:
            return 0
        return 1

    return sum(await asyncio.gather(*(one() for _ in range(times))))
