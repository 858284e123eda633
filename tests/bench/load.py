"""A small load: keep-alive connections that ask one after the other, bounded in count, on loopback only."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    """One POST with a JSON body."""

    address: str
    path: str
    body: object

    @property
    def host(self) -> tuple[str, int]:
        """Where to connect."""
        parts = urlsplit(self.address)
        return parts.hostname or "127.0.0.1", parts.port or 80

    def wire(self) -> bytes:
        """The request as it goes over the wire."""
        body = json.dumps(self.body).encode()
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: {self.host[0]}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass
class Run:
    """What came of a run: seconds for each answer, how many failed, and the time it all took."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0
    took: float = 0.0

    @property
    def count(self) -> int:
        """How many were asked."""
        return len(self.seconds)

    @property
    def p95(self) -> float:
        """The 95th percentile, in seconds."""
        ordered = sorted(self.seconds)
        return ordered[round(0.95 * (len(ordered) - 1))]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.count / self.took


async def run(requests: Sequence[Request], at_once: int, count: int) -> Run:
    """Asks `count` times over `at_once` connections, the requests in turn."""
    result, left = Run(), iter(range(count))
    wires = [request.wire() for request in requests]
    start = time.perf_counter()
    await asyncio.gather(*(_one(requests[0], wires, left, result) for _ in range(at_once)))
    result.took = time.perf_counter() - start
    return result


async def _one(first: Request, wires: Sequence[bytes], left: "asyncio.Future[int] | object", result: Run) -> None:
    reader, writer = await asyncio.open_connection(*first.host)
    for number in left:  # type: ignore[attr-defined]
        begun = time.perf_counter()
        writer.write(wires[number % len(wires)])
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        await reader.readexactly(length)
        result.seconds.append(time.perf_counter() - begun)
        result.failed += not head.startswith(b"HTTP/1.1 200")
    writer.close()
