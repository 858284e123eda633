"""A school behind one address, and one who floods beside others: who is refused, and how long the others wait."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

CHATS, MINUTE = 500, 60.0
"""So many children of one school, all within so many seconds."""
ORDINARY, SECONDS, EVERY_SECONDS, READ_SECONDS = 20, 20.0, 2.5, 4.0
FLOOD_A_SECOND = 100
_LINES = 100
_PRESSES = ("bodycam", "see-my-record")
_WORDS = ("how long do they keep my finger prins", "will my mum find out", "can they take my phone", "i got searched")


@dataclass
class Figures:
    """What came of it: the seconds of each answer, how many had each status, and what kinds of reply there were."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def p95(self) -> float:
        """The 95th percentile, in milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[round(0.95 * (len(ordered) - 1))] * 1000

    @property
    def refused(self) -> int:
        """Answers other than good ones."""
        return sum(count for status, count in self.statuses.items() if status >= 400)

    @property
    def without_bot(self) -> str:
        """The share of typed messages for which there was no time to ask the bot."""
        away = self.kinds["bot-away"]
        return f"{100 * away / max(1, sum(self.kinds.values()) - self.kinds['act']):.0f}%"


@dataclass(frozen=True)
class Line:
    """One keep-alive connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    figures: Figures

    async def post(self, path: str, body: object) -> dict[str, Any]:
        """Sends, and reads the answer."""
        sent, begun = json.dumps(body).encode(), time.perf_counter()
        head = f"POST {path} HTTP/1.1\r\nHost: know.test\r\nContent-Type: application/json\r\n"
        self.writer.write(f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.partition(b"content-length:")[2].partition(b"\r\n")[0])
        found: dict[str, Any] = json.loads(await self.reader.readexactly(length))
        self.figures.seconds.append(time.perf_counter() - begun)
        self.figures.statuses[int(answer.split(b" ", 2)[1])] += 1
        self.figures.kinds[found.get("reply", {}).get("kind", "none")] += 1
        return found

    async def start(self) -> str:
        """A new chat's token."""
        return str((await self.post("/api/v1/chats", {"force": "northmoor", "level": "simple"}))["chat"])

    async def say(self, chat: str, **said: str) -> None:
        """One message or press."""
        await self.post("/api/v1/chats/say", {"chat": chat, **said})


@asynccontextmanager
async def line(address: str, figures: Figures) -> AsyncIterator[Line]:
    """A connection of one child's own, from 127.0.0.1 like all others."""
    host = urlsplit(address)
    reader, writer = await asyncio.open_connection(host.hostname, host.port)
    try:
        yield Line(reader, writer, figures)
    finally:
        writer.close()


async def school(address: str, chats: int = CHATS, seconds: float = MINUTE) -> Figures:
    """Children of one school, evenly over a minute: each starts a chat, types twice and presses twice."""
    figures = Figures()

    async def child(number: int) -> None:
        await asyncio.sleep(number / chats * (seconds - 8))
        async with line(address, figures) as mine:
            chat = await mine.start()
            for turn in range(2):
                await asyncio.sleep(2)
                await mine.say(chat, text=_WORDS[(number + turn) % len(_WORDS)])
                await asyncio.sleep(2)
                await mine.say(chat, card=_PRESSES[turn])

    await asyncio.gather(*(child(number) for number in range(chats)))
    return figures


async def ordinary(address: str) -> Figures:
    """Children who read before they type, as children do, over connections of their own."""
    figures = Figures()

    async def child(number: int) -> None:
        await asyncio.sleep(number / ORDINARY * EVERY_SECONDS)
        async with line(address, figures) as mine:
            chat = await mine.start()
            await asyncio.sleep(READ_SECONDS)
            for turn in range(round(SECONDS / EVERY_SECONDS)):
                await mine.say(chat, text=_WORDS[(number + turn) % len(_WORDS)])
                await asyncio.sleep(EVERY_SECONDS)

    await asyncio.gather(*(child(number) for number in range(ORDINARY)))
    return figures


async def flood(address: str, figures: Figures, *, new_chats: bool) -> None:
    """One client that sends many a second, all on one chat, or each on a new one. Ends when it is cancelled."""
    async with line(address, Figures()) as first:
        chat = await first.start()

    async def one(number: int) -> None:
        await asyncio.sleep(number / FLOOD_A_SECOND)
        async with line(address, figures) as mine:
            while True:
                begun = time.perf_counter()
                await mine.say(await mine.start() if new_chats else chat, text=_WORDS[0])
                # Each line keeps its time, however slow the answers are, as far as it can.
                await asyncio.sleep(max(0, _LINES / FLOOD_A_SECOND - (time.perf_counter() - begun)))

    await asyncio.gather(*(one(number) for number in range(_LINES)))


async def beside(address: str, *, new_chats: bool) -> tuple[Figures, Figures]:
    """Ordinary children while one client floods: their figures, and the client's."""
    theirs = Figures()
    flooding = asyncio.create_task(flood(address, theirs, new_chats=new_chats))
    await asyncio.sleep(1)
    figures = await ordinary(address)
    flooding.cancel()
    await asyncio.wait([flooding])
    return figures, theirs


def school_rows(address: str) -> Iterator[tuple[str, str, str]]:
    """The school, and the others beside one who floods."""
    found = asyncio.run(school(address))
    asked = len(found.seconds)
    yield f"{CHATS} children behind one address in a minute, refused", f"{found.refused} of {asked}", "0"
    yield "the same, p95", f"{found.p95:.0f} ms; bot not asked in time for {found.without_bot}", ""
    alone = asyncio.run(ordinary(address))
    yield f"{ORDINARY} children alone, p95", f"{alone.p95:.0f} ms; no bot for {alone.without_bot}", ""
    for name, new_chats in (("on one chat", False), ("each on a new chat", True)):
        figures, theirs = asyncio.run(beside(address, new_chats=new_chats))
        yield (
            f"the same beside {FLOOD_A_SECOND} a second {name}, p95",
            f"{figures.p95:.0f} ms; {figures.refused} refused; no bot for {figures.without_bot}; "
            f"of the flood {theirs.statuses[429]} of {len(theirs.seconds)} slowed",
            "slowed, others unharmed",
        )
