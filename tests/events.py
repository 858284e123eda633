"""A page's event stream, read as a browser reads it, straight from the app and without a network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Event:
    """One event: its name, what it says, and its id."""

    name: str
    data: str
    id: str


@dataclass
class Stream:
    """An open stream: its status, its headers, and the events as they come."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    _heard: "asyncio.Queue[Event | None]" = field(default_factory=asyncio.Queue)
    _begun: asyncio.Event = field(default_factory=asyncio.Event)
    _rest: str = ""

    async def next(self, *names: str) -> Event:
        """The next event of one of these names, or of any; others are passed over. Fails when the stream ends first."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                event = await self._heard.get()
                assert event is not None, "the stream has ended"
                if not names or event.name in names:
                    return event

    async def end(self) -> list[str]:
        """Waits until the server ends the stream; the names of the events that came before."""
        found: list[str] = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (event := await self._heard.get()) is not None:
                found.append(event.name)
        return found

    def take(self, message: dict[str, Any]) -> None:
        """What the app sends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            self._begun.set()
            return
        self._rest += message.get("body", b"").decode()
        *whole, self._rest = self._rest.split("\n\n")
        for text in whole:
            lines = [line.partition(": ") for line in text.split("\n") if not line.startswith(":")]
            if lines:
                said = {name: [value for key, _, value in lines if key == name] for name in ("event", "data", "id")}
                self._heard.put_nowait(Event("".join(said["event"]), "\n".join(said["data"]), "".join(said["id"])))
        if not message.get("more_body"):
            self._heard.put_nowait(None)

    async def begun(self) -> None:
        """Waits until there is an answer."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._begun.wait()


@asynccontextmanager
async def stream(app: FastAPI, address: str, **headers: str) -> AsyncIterator[Stream]:
    """The stream at an address, until the end of the block: then the browser has gone away."""
    path, _, query = address.partition("?")
    found, gone = Stream(), asyncio.Event()
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        found.take(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "http",
        "server": ("know.test", 80),
        "client": ("127.0.0.1", 1),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    task = asyncio.create_task(app(scope, receive, send))
    try:
        await found.begun()
        yield found
    finally:
        gone.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.wait([task])
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
            raise AssertionError("the app went on with a stream that nobody reads")
        task.result()
