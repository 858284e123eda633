"""A line on loopback that can be cut, slowed, silenced and made to drop, between a program and what it talks to."""

import asyncio
import getpass
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.conftest import POSTGRES_SOCKET, in_postgres, postgres_url_of, settings_for, sign_everything

Open = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
_PIECE = 1_024


@dataclass
class CutLine:
    """Passes all on to the other end. `a_second` is how many bytes, `wait` how long each piece takes at least."""

    to: Open
    a_second: float = float("inf")
    wait: float = 0.0
    port: int = 0
    dropped: int = 0
    whole: bool = True
    _speaks: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._speaks.set()

    def silence(self) -> None:
        """Keeps every connection open and lets nothing through, until `speak`."""
        self._speaks.clear()

    def speak(self) -> None:
        """Lets everything through again, what was held back first."""
        self._speaks.set()

    def drop(self) -> None:
        """Breaks off every connection, in the middle of whatever it was saying."""
        for writer in list(self._writers):
            writer.transport.abort()
            self.dropped += 1

    def cut(self) -> None:
        """Breaks off every connection and lets no new one through, until `mend`."""
        self.whole = False
        self.drop()

    def mend(self) -> None:
        """Lets connections through again."""
        self.whole = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        if not self.whole:
            writer.transport.abort()
            return
        await self._speaks.wait()
        there, back = await self.to()
        self._writers |= {writer, back}
        with suppress(OSError):
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        self._writers -= {writer, back}
        # One that broke off has left the other open.
        writer.transport.abort()
        back.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(_PIECE):
            await asyncio.sleep(self.wait + len(piece) / self.a_second)
            await self._speaks.wait()
            writer.write(piece)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def cut_line(to: Open, **how: float) -> AsyncIterator[CutLine]:
    """A line that listens on a free port of loopback."""
    line = CutLine(to, **how)  # type: ignore[arg-type]
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        line.cut()


@asynccontextmanager
async def postgres_line() -> AsyncIterator[tuple[CutLine, str, str]]:
    """A PostgreSQL database with the practice words signed: the line that leads to it, its address over that line, and
    its own address.
    """
    name = f"know_test_{secrets.token_hex(4)}"
    await in_postgres(f"CREATE DATABASE {name}")
    straight = postgres_url_of(name)
    await asyncio.to_thread(sign_everything, settings_for(straight))
    async with cut_line(lambda: asyncio.open_unix_connection(POSTGRES_SOCKET)) as line:
        user = os.environ.get("PGUSER", getpass.getuser())
        yield line, f"postgresql+asyncpg://{user}@127.0.0.1:{line.port}/{name}", straight
    await in_postgres(f"DROP DATABASE {name} WITH (FORCE)")
