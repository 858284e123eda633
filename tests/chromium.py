"""A real Chromium, for tests of what people see: one for a file of tests, a context and a page for each test."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

# Machines are shared: what is waited for here is that it happens, not how fast.
expect.set_options(timeout=15_000)

PHONE = {"width": 320, "height": 640}
# Tall enough that nothing is scrolled half under the bars, which axe would take for a small target.
TALL_PHONE = {"width": 320, "height": 6000}
TALL_DESK = {"width": 1280, "height": 6000}
DESK = {"width": 1280, "height": 900}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """At the size of a desk, or as a test parametrizes it: `new_context` takes it all."""
    found = browser.new_context(**getattr(request, "param", {"viewport": DESK}))
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
