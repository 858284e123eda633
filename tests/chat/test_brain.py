"""The bot over HTTP: whatever goes wrong becomes BotAway, within the time a child waits."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from api.chat.dialogue.understand import BotAway
from api.chat.rasa_client import RasaBrain
from api.web.settings import Settings

PATIENCE = 0.25
"""Seconds these tests wait for a bot that does not answer; a child waits `bot_seconds`."""

GOOD = {
    "intent_ranking": [{"name": "bodycam", "confidence": 0.7}],
    "entities": [{"entity": "subject", "value": "bodycam"}],
}


def brain(handler: Callable[[httpx.Request], httpx.Response]) -> RasaBrain:
    return RasaBrain(httpx.MockTransport(handler), "http://bot", "a-token", 1.5)


async def test_a_good_answer() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.params["token"] == "a-token"
        assert request.read() == b'{"text":"hello"}'
        return httpx.Response(200, json=GOOD)

    understood = await brain(answer).parse("hello")
    assert (understood.intent, understood.confidence, understood.entities) == ("bodycam", 0.7, {"subject": "bodycam"})


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(401),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"intent_ranking": [], "entities": []}),
        httpx.Response(200, json={"intent_ranking": 3}),
        httpx.Response(200, json={"intent_ranking": [{"name": "x"}], "entities": []}),
        httpx.Response(200, content=b"\xff"),
        httpx.Response(200, content=b"[" * 60_000),
        httpx.Response(200, json={"intent_ranking": [{"name": None, "confidence": 1}], "entities": []}),
        httpx.Response(200, json={"intent_ranking": [{"name": "x", "confidence": 7}], "entities": []}),
    ],
)
async def test_bad_answers_are_bot_away(answer: httpx.Response) -> None:
    with pytest.raises(BotAway) as caught:
        await brain(lambda _request: answer).parse("my own words")
    assert "my own words" not in str(caught.value)


@asynccontextmanager
async def _server(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    served: list[asyncio.Task[None]] = []

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())  # type: ignore[arg-type]
        await handle(reader, writer)

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await asyncio.wait(served, timeout=6)


async def _end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def test_a_silent_server_is_bot_away_in_time() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        await reader.read()
        await _end(writer)

    async with _server(silent) as url, httpx.AsyncHTTPTransport() as client:
        start = time.monotonic()
        with pytest.raises(BotAway):
            await RasaBrain(client, url, "", PATIENCE).parse("hello")
        assert time.monotonic() - start < 2 * PATIENCE


async def test_a_dripping_server_is_bot_away_in_time() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(5):
            if reader.at_eof():
                break
            writer.write(b" ")
            await asyncio.sleep(0.1)
        await _end(writer)

    async with _server(drip) as url, httpx.AsyncHTTPTransport() as client:
        start = time.monotonic()
        with pytest.raises(BotAway):
            await RasaBrain(client, url, "", PATIENCE).parse("hello")
        assert time.monotonic() - start < 2 * PATIENCE


async def test_no_server_is_bot_away_and_waking_until_it_was_awake() -> None:
    async with httpx.AsyncHTTPTransport() as client:
        away = RasaBrain(client, "http://127.0.0.1:9", "", 1.5)
        with pytest.raises(BotAway):
            await away.parse("hello")
        assert await away.state() == "waking"


async def test_state_after_it_was_awake() -> None:
    up = [True]

    def answer(_request: httpx.Request) -> httpx.Response:
        if not up[0]:
            raise httpx.ConnectError("gone")
        return httpx.Response(200, json=GOOD)

    rasa = brain(answer)
    assert await rasa.state() == "ok"
    up[0] = False
    assert await rasa.state() == "away"


def test_a_child_waits_at_most_a_second_and_a_half() -> None:
    assert Settings().bot_seconds <= 1.5
