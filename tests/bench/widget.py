"""The widget on a force's own site: what it weighs, what it asks for, and how long a slow phone waits."""

import asyncio
import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import httpx
from playwright.sync_api import Browser, sync_playwright

from api.records.embeds import Looks, decide
from api.records.people import operator
from api.web.database import Database
from api.web.widget_builds import newest
from tests.bench.phone import BYTES_A_SECOND, CPU, LATENCY_MS, MOST_SECONDS, PHONE, ROUNDS
from tests.chromium import BROWSER, FLAGS
from tests.conftest import settings_for
from tests.served import served
from tests.widget_hosts import bound, hosts, origin_of

LOADER, FRAME = 4_000, 60_000
OTHERS = "RasaHQ chat-widget 52750, Botpress 188983, Typebot 196487, rasa-webchat 210903"
"""Bytes of JavaScript, compressed, that peers load before anything is pressed."""
# In one process, so that the frame is as slow as the page around it.
ONE_PROCESS = ["--disable-site-isolation-trials", "--disable-features=IsolateOrigins,site-per-process"]
WHEN_READABLE = """() => {
  const look = () => {
    const $one = document.querySelector("#latest .bubble");
    if ($one && $one.getBoundingClientRect().height > 0) requestAnimationFrame(() => { window.readable = Date.now(); });
    else requestAnimationFrame(look);
  };
  if (window.top !== window) requestAnimationFrame(look);
}"""
READABLE = """() => new Promise((done) => {
  const look = () => (window.readable ? done(window.readable) : requestAnimationFrame(look));
  look();
})"""
PRESS = """() => {
  document.querySelector("know-widget").shadowRoot.querySelector("button").click();
  return Date.now();
}"""


def widget_rows(database: str, folder: Path) -> Iterator[tuple[str, str, str]]:
    """All of it, from a site on another port that Northmoor lists in this database."""
    server = bound()
    asyncio.run(_list(database, origin_of(server)))
    yield "widget, loader", f"{len(gzip.compress(newest().content, 9))} B gzip", f"at most {LOADER} ({OTHERS})"
    with served(database, folder / "widget.log") as ours, hosts(ours, server) as sites:
        yield "widget, the frame's first page and all it loads", f"{_weight(ours)} B gzip", f"at most {FRAME}"
        found = BROWSER
        if not found:
            yield "widget, slow phone", "not measured: no chromium", f"under {MOST_SECONDS:.0f} s"
            return
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=found, args=[*FLAGS, *ONE_PROCESS])
            _visit(browser, sites.listed, ours)
            visits = [_visit(browser, sites.listed, ours) for _ in range(ROUNDS)]
            browser.close()
    yield "widget, requests to us before it is opened, its tag's own aside", f"{max(one[0] for one in visits)}", "0"
    seconds = [one[1] for one in visits]
    yield (
        "widget, slow phone, from the press to the first card",
        f"{median(seconds):.2f} s ({max(seconds):.2f} s at most of {ROUNDS} first visits)",
        f"under {MOST_SECONDS:.0f} s",
    )


async def _list(url: str, site: str) -> None:
    database = Database(settings_for(url))
    async with database.begin() as session:
        await decide(session, operator("bench"), "northmoor", Looks(sites=site), datetime.now(UTC), practice=True)
    await database.close()


def _weight(address: str) -> int:
    with httpx.Client(base_url=address) as client:
        page = client.get("/northmoor?within=northmoor&card=bodycam")
        loaded = sorted(set(re.findall(r'<(?:img|script|link)[^>]+(?:src|href)="(/[^"]+)"', page.text)))
        return sum(len(gzip.compress(part, 9)) for part in (page.content, *(client.get(one).content for one in loaded)))


def _visit(browser: Browser, site: str, ours: str) -> tuple[int, float]:
    """A first visit: the requests to us before the press, and the seconds from the press to a card that can be read."""
    context = browser.new_context(**PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(f"({WHEN_READABLE})()")
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    speeds = {"latency": LATENCY_MS, "downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
    line.send("Network.emulateNetworkConditions", {"offline": False, **speeds})
    line.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
    page.goto(f"{site}/plain?card=bodycam", timeout=60_000)
    page.locator("know-widget button").first.wait_for()
    page.wait_for_load_state("networkidle")
    before = len([one for one in asked if one.startswith(ours)]) - 1
    pressed = float(page.evaluate(PRESS))
    frame = page.wait_for_event("frameattached") if len(page.frames) == 1 else page.frames[1]
    frame.wait_for_selector("#latest .bubble", timeout=60_000)
    readable = float(frame.evaluate(READABLE))
    context.close()
    return before, (readable - pressed) / 1000
