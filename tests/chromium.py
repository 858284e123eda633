"""A real Chromium, for tests of what people see: one for a file of tests, a context and a page for each test."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import pytest
from playwright import async_api
from playwright.async_api import async_playwright
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

# Machines are shared: what is waited for here is that it happens, not how fast.
expect.set_options(timeout=15_000)

WHOLE_CHROMIUM = shutil.which("chromium")
"""The browser as people have it. A file of tests that needs it says `CHROMIUM = WHOLE_CHROMIUM`."""
BROWSER = shutil.which("chromium-headless-shell") or WHOLE_CHROMIUM
"""The same engine; its shell without a window opens a page in a third of the time. In it a test cannot answer for the
site that a redirect of ours leads to, and nothing has the focus where scripts are off."""

PHONE = {"width": 320, "height": 640}
# Tall enough that nothing is scrolled half under the bars, which axe would take for a small target.
TALL_PHONE = {"width": 320, "height": 6000}
TALL_DESK = {"width": 1280, "height": 6000}
DESK = {"width": 1280, "height": 900}
NO_SCRIPT = {"viewport": PHONE, "java_script_enabled": False}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
with_and_without_script = pytest.mark.parametrize(
    "context", [{"viewport": DESK}, NO_SCRIPT], indirect=True, ids=["script", "no-script-on-a-phone"]
)
T = TypeVar("T")


@contextmanager
def chromium(program: str | None = BROWSER) -> Iterator[Browser]:
    """A Chromium until the end of the block."""
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=program, args=FLAGS)
        yield found
        found.close()


@asynccontextmanager
async def async_chromium(program: str | None = BROWSER) -> AsyncIterator[async_api.Browser]:
    """The same for a test that awaits."""
    async with async_playwright() as driver:
        found = await driver.chromium.launch(executable_path=program, args=FLAGS)
        yield found
        await found.close()


@asynccontextmanager
async def looking(browser: async_api.Browser, **looks: Any) -> AsyncIterator[async_api.BrowserContext]:
    """A browser window; whatever its script complains of fails the test."""
    context = await browser.new_context(**{"viewport": DESK, **looks})
    faults: list[str] = []
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield context
    # A request that a route still holds is no fault of the page: a poll may be under way when the test ends.
    for routed in (*context.pages, context):
        await routed.unroute_all(behavior="ignoreErrors")
    await context.close()
    assert faults == []


def beside_the_driver(work: Coroutine[Any, Any, T]) -> T:
    """What this comes to. It runs in a thread of its own, because the loop of Playwright's driver runs in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """The one that the file of the tests names, else the quick one."""
    with chromium(getattr(request.module, "CHROMIUM", BROWSER)) as found:
        yield found


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """At the size of a desk, or as a test parametrizes it: `new_context` takes it all."""
    found = browser.new_context(**getattr(request, "param", {"viewport": DESK}))
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
