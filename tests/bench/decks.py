"""Decks on two devices: how long after a press on one the other has the card, over 200 turns. Also run by itself."""

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx

from tests.bench.talks import line_to
from tests.conftest import settings_for, sign_everything
from tests.served import served

TURNS = 200
CARDS = ("bodycam", "bail", "stop-search-record", "my-phone", "custody-photo", "dna-family")
# Two people who press in turn, each slower than a device may be.
_EVERY_SECONDS = 0.2
_PATIENCE_SECONDS = 30
_CODE = re.compile(r'<span class="unseen">([\d, ]+)</span>')


async def turned(first: str, second: str) -> tuple[int, list[float]]:
    """A deck on a device at each of these addresses: how many cards never came, and the seconds that each took."""
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        data = {"cards": ",".join(CARDS), "at": "1"}
        page = await browser.post(f"{first}/northmoor/deck/together", data=data)
        found = _CODE.search(page.text)
        assert found, page.text
        other = await browser.post(f"{second}/join", data={"code": found[1].replace(", ", "")})
        pages = [(first, str(page.url)), (second, str(other.url))]
        heard: list[dict[int, float]] = [{}, {}]
        opened = [asyncio.Event(), asyncio.Event()]
        readers = [asyncio.create_task(_follow(*pages[side], heard[side], opened[side])) for side in (0, 1)]
        await asyncio.wait_for(asyncio.gather(*(one.wait() for one in opened)), _PATIENCE_SECONDS)
        begun = await _press(browser, pages)
        await asyncio.sleep(2)
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    # Who was told of a newer card instead has the right one too.
    came = {change: [at for one, at in heard[1 - change % 2].items() if one >= change] for change in begun}
    took = [min(times) - begun[change] for change, times in came.items() if times]
    return len(begun) - len(took), took


async def _press(browser: httpx.AsyncClient, pages: list[tuple[str, str]]) -> dict[int, float]:
    """Turns the card from either side in turn; when each press began, by the change that it makes."""
    begun: dict[int, float] = {}
    for change in range(1, TURNS + 1):
        # Odd changes are made by the second device, and heard by the first one.
        address, page = pages[change % 2]
        here = httpx.URL(page).params["here"]
        data = {"here": here, "seen": str(change - 1), "turn": "next" if change % 2 else "back"}
        begun[change] = time.perf_counter()
        answer = await browser.post(f"{address}/northmoor/deck/turn", data=data, headers={"X-Fragment": "1"})
        answer.raise_for_status()
        await asyncio.sleep(max(0.0, _EVERY_SECONDS - (time.perf_counter() - begun[change])))
    return begun


async def _follow(address: str, page: str, heard: dict[int, float], opened: asyncio.Event) -> None:
    """Reads the stream of a device until cancelled, and notes when each change came."""
    query = urlencode({"here": httpx.URL(unescape(page)).params["here"]})
    async with line_to(address) as line:
        line.writer.write(
            f"GET /northmoor/deck/stream?{query} HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\n\r\n".encode()
        )
        while got := await line.reader.readline():
            opened.set() if got.startswith(b"event") else None
            if got.startswith(b"id: "):
                heard[int(got[4:])] = time.perf_counter()


def deck_rows(first: str, second: str, over: str) -> Iterator[tuple[str, str, str]]:
    """The figures, as rows of the bench; `over` says what is between the two devices."""
    lost, took = asyncio.run(turned(first, second))
    p95 = sorted(took)[round(0.95 * (len(took) - 1))] * 1000
    yield f"a card turned on the other device, p95, {TURNS} turns, {over}", f"{p95:.0f} ms, {lost} lost", "300 ms, none"


def deck_pair_rows(postgres: str, folder: Path) -> Iterator[tuple[str, str, str]]:
    """The same over two processes on PostgreSQL."""
    with ExitStack() as stack:
        first, second = (stack.enter_context(served(postgres, folder / f"deck-{name}.log")) for name in "ab")
        yield from deck_rows(first, second, "2 processes on PostgreSQL")


def main() -> None:
    """One process on SQLite; and two on the PostgreSQL database that is named, which must have words signed in it."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/know.db"
        sign_everything(settings_for(url))
        with served(url, Path(folder) / "log") as address:
            rows = list(deck_rows(address, address, "1 process on SQLite"))
        if len(sys.argv) > 1:
            rows += deck_pair_rows(sys.argv[1], Path(folder))
    for row in rows:
        print(*row, sep="  ")


if __name__ == "__main__":
    main()
