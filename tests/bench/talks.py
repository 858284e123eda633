"""Talks under load: children and advocates who write to each other live, against two API processes on PostgreSQL."""

import asyncio
import json
import re
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.person.handover_token import HandoverToken, HandoverTokens
from api.records import sessions
from api.records.accounts import Account
from api.records.handovers.advocates import Advocate
from api.records.handovers.claims import claim
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import MessageCipher, Sent
from api.records.handovers.new_handover import Ask, ask
from api.records.handovers.presence import arrive
from api.records.handovers.pubsub import PubSub
from api.records.handovers.tables import Provider
from api.web.ciphers import Cipher
from api.web.csrf import COOKIE, form_mark
from api.web.database import Database
from api.web.settings import Settings
from tests.conftest import settings_for
from tests.served import served

TALKS, SECONDS, EVERY_SECONDS = 200, 60, 8.0
IDLE = 2_000
_EACH = 10
_TOKEN = re.compile(rb"m-(\d+)-([ca])-(\d+)-(\d+)")
_OPEN_SECONDS, _LAST_WORDS_SECONDS = 60, 5
_IDLE_SECONDS = 40


@dataclass
class Pair:
    """One talk: how each side writes and reads, and what each has heard of the other: number and seconds it took."""

    number: int
    here: str
    ref: str
    cookie: str
    mark: str
    heard: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: {"c": [], "a": []})
    sent: dict[str, int] = field(default_factory=lambda: {"c": 0, "a": 0})
    refused: int = 0


@dataclass(frozen=True)
class Figures:
    """What came of it: messages sent, lost, doubled, out of order, refused, and the delivery times in seconds."""

    sent: int
    lost: int
    doubled: int
    disordered: int
    refused: int
    seconds: tuple[float, ...]

    @property
    def p95(self) -> float:
        """The 95th percentile of delivery, in seconds."""
        ordered = sorted(self.seconds)
        return ordered[round(0.95 * (len(ordered) - 1))]


async def made(settings: Settings, handover_context: int) -> list[Pair]:
    """Children who asked, each claimed by an advocate who is here and has ten of them."""
    database, now = Database(settings), datetime.now(UTC)
    keeping = HandoverContext(MessageCipher.of(settings), PubSub(), settings.public_url)
    handover_tokens = HandoverTokens(Cipher.of(settings, "page of a handover"))
    pairs: list[Pair] = []
    async with database.begin() as session:
        provider = Provider(
            slug=f"load-{secrets.token_hex(3)}", name="Load (invented)", hours="{}", closed_days="[]", rota="[]",
            keep_days=7, keep_concern_days=7, most_open=_EACH, break_minutes=90, lead="", practice=True, made_at=now,
        )  # fmt: skip
        session.add(provider)
        await session.flush()
        for number in range(handover_context):
            if number % _EACH == 0:
                advocate, token = await _advocate(session, keeping, provider, number, now)
            asked = await ask(
                session,
                keeping,
                provider,
                Ask(secrets.token_hex(16), None, "easy", danger=False, wants="here", sent=Sent(), agreed={}),
                now,
            )
            await claim(session, keeping, advocate, asked.handover, now)
            here = handover_tokens.write(HandoverToken(asked.handover.ref, asked.secret), now)
            pairs.append(Pair(number, here, asked.handover.ref, token, form_mark(token)))
    await database.close()
    return pairs


async def _advocate(
    session: AsyncSession, keeping: HandoverContext, provider: Provider, number: int, now: datetime
) -> tuple[Advocate, str]:
    """An advocate who is here, and the token of their sign-in."""
    account = Account(
        layer=provider.layer, role="advocate", name=f"Advocate {number}", post="advocate (invented)",
        email=f"a{number}@{provider.slug}.example", made_at=now,
    )  # fmt: skip
    session.add(account)
    await session.flush()
    advocate = Advocate(account.id, account.name, provider, supervisor=False)
    await arrive(session, keeping, advocate, now)
    return advocate, await sessions.begin(session, account, now)


@dataclass(frozen=True)
class Line:
    """One keep-alive connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: str

    async def post(self, path: str, body: bytes, kind: str, extra: str = "") -> int:
        """Sends and reads the answer; gives its status."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: {kind}\r\nSec-Fetch-Site: same-origin\r\n"
            f"Content-Length: {len(body)}\r\n{extra}\r\n"
        )
        self.writer.write(head.encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", answer.lower())
        await self.reader.readexactly(int(length[1]) if length else 0)
        return int(answer.split(b" ", 2)[1])


@asynccontextmanager
async def line_to(address: str) -> AsyncIterator[Line]:
    """A connection to an API process."""
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)
    try:
        yield Line(reader, writer, parts.netloc)
    finally:
        writer.close()


async def follow(
    address: str, path: str, extra: str, heard: list[tuple[int, float]], side: bytes, opened: asyncio.Event
) -> None:
    """Reads an event stream until cancelled, and notes each message of the other side."""
    async with line_to(address) as line:
        line.writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {line.host}\r\nAccept: text/event-stream\r\n{extra}\r\n".encode()
        )
        while got := await line.reader.readline():
            now = time.perf_counter()
            if got.startswith(b"event"):
                opened.set()
            heard += [(int(said[3]), now - int(said[4]) / 1e9) for said in _TOKEN.finditer(got) if said[2] == side]


async def write(pair: Pair, address: str, side: str, ends: float, every: float) -> None:
    """Writes a message every so many seconds until the end."""
    await asyncio.sleep(every * (pair.number % 97) / 97)
    while time.perf_counter() < ends:
        number, begun = pair.sent[side], time.perf_counter()
        text = f"m-{pair.number}-{side}-{number}-{int(begun * 1e9)}"
        pair.sent[side] += 1
        # A connection each: phones and browsers do not keep one open between two messages of a talk.
        async with line_to(address) as line:
            pair.refused += await _say(line, pair, side, text, number) >= 400
        await asyncio.sleep(max(0.0, every - (time.perf_counter() - begun)))


async def _say(line: Line, pair: Pair, side: str, text: str, number: int) -> int:
    if side == "c":
        body = json.dumps({"text": text, "client_id": f"child-{number:05d}"}).encode()
        bearer = f"Authorization: Bearer {pair.here}\r\n"
        return await line.post("/api/v1/handovers/say", body, "application/json", bearer)
    body = urlencode({"mark": pair.mark, "text": text, "client_id": f"advocate-{number:05d}"}).encode()
    cookie = f"Cookie: {COOKIE}={pair.cookie}\r\n"
    return await line.post(f"/console/talk/{pair.ref}/say", body, "application/x-www-form-urlencoded", cookie)


async def talk_all(pairs: list[Pair], first: str, second: str, seconds: float, every: float) -> Figures:
    """Everybody at once. A child is at one process and their advocate at the other, so every message crosses over."""
    readers, writes, opened = [], [], [asyncio.Event() for _ in range(2 * len(pairs))]
    for pair in pairs:
        child_at, advocate_at = (first, second) if pair.number % 2 else (second, first)
        child = "/api/v1/handovers/events", f"Authorization: Bearer {pair.here}\r\n"
        advocate = f"/console/talk/{pair.ref}/stream", f"Cookie: {COOKIE}={pair.cookie}\r\n"
        readers += [
            asyncio.create_task(follow(child_at, *child, pair.heard["a"], b"a", opened[2 * pair.number])),
            asyncio.create_task(follow(advocate_at, *advocate, pair.heard["c"], b"c", opened[2 * pair.number + 1])),
        ]
        writes += [(pair, child_at, "c"), (pair, advocate_at, "a")]
    await asyncio.wait_for(asyncio.gather(*(stream.wait() for stream in opened)), _OPEN_SECONDS)
    ends = time.perf_counter() + seconds
    await asyncio.gather(*(write(*one, ends, every) for one in writes))
    await asyncio.sleep(_LAST_WORDS_SECONDS)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    return _figures(pairs)


def _figures(pairs: list[Pair]) -> Figures:
    heard = [(pair.heard[side], pair.sent[side]) for pair in pairs for side in ("c", "a")]
    return Figures(
        sent=sum(sent for _, sent in heard),
        lost=sum(sent - len({number for number, _ in got}) for got, sent in heard),
        doubled=sum(len(got) - len({number for number, _ in got}) for got, _ in heard),
        disordered=sum([number for number, _ in got] != sorted(number for number, _ in got) for got, _ in heard),
        refused=sum(pair.refused for pair in pairs),
        seconds=tuple(took for got, _ in heard for _, took in got),
    )


async def idle(address: str, pairs: list[Pair], count: int) -> tuple[int, float]:
    """Opens so many streams of children's pages and leaves them open; how many, and the process's megabytes."""
    async with AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(line_to(address)) for _ in range(count)]
        for number, line in enumerate(lines):
            bearer = f"Authorization: Bearer {pairs[number % len(pairs)].here}"
            line.writer.write(
                f"GET /api/v1/handovers/events HTTP/1.1\r\nHost: {line.host}\r\n{bearer}\r\n\r\n".encode()
            )
        async with asyncio.timeout(_OPEN_SECONDS):
            heads = [await line.reader.readuntil(b"event: looked") for line in lines]
        # Through two rounds of looking by themselves, reading what comes as a page would.
        readers = [asyncio.create_task(_drain(line)) for line in lines]
        await asyncio.sleep(_IDLE_SECONDS)
        memory = megabytes(pid_at(urlsplit(address).port or 0))
        for reader in readers:
            reader.cancel()
        return sum(head.startswith(b"HTTP/1.1 200") for head in heads), memory


async def _drain(line: Line) -> None:
    while await line.reader.read(2**16):
        pass


def pid_at(port: int) -> int:
    """The process of ours that was started with this port."""
    mark = f"KNOW_PORT={port}".encode()
    # By each thread of ours that may have started it.
    ours = " ".join(path.read_text("utf-8") for path in Path("/proc/self/task").glob("*/children")).split()
    return next(int(pid) for pid in ours if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"))


def megabytes(pid: int) -> float:
    """The memory that a process has in use."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]


def talk_rows(postgres: str, folder: Path) -> list[tuple[str, str, str]]:
    """The figures, as rows of the bench: talks over two processes, and idle streams on one."""
    settings = settings_for(postgres)
    pairs = asyncio.run(made(settings, TALKS))
    with ExitStack() as stack:
        first, second = (stack.enter_context(served(postgres, folder / f"api-{name}.log")) for name in "ab")
        got = asyncio.run(talk_all(pairs, first, second, SECONDS, EVERY_SECONDS))
    with served(postgres, folder / "api-idle.log") as address:
        open_streams, memory = asyncio.run(idle(address, pairs, IDLE))
    faults = f"{got.lost} lost, {got.doubled} doubled, {got.disordered} out of order, {got.refused} refused"
    return [
        (f"{TALKS} talks, {SECONDS} s, 2 processes: {got.sent} messages", faults, "none of each"),
        ("p95 from writing to the other's page", f"{got.p95 * 1000:.0f} ms", "300 ms"),
        (f"memory of a process with {open_streams} idle streams", f"{memory:.0f} MB", f"400 MB with {IDLE}"),
    ]
