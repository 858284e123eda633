"""What a visit leaves behind, in a real Chromium: nothing from elsewhere is asked for, and nothing is stored."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.neutral import neutral
from tests.browser.test_browser import ask, press
from tests.chromium import PHONE
from tests.served import served

pytestmark = pytest.mark.browser
WORDS = "zebrafish in my kitchen"
STORED = """async () => ({
  cookie: document.cookie,
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
NOTHING = {"cookie": "", "local": 0, "session": 0, "databases": 0, "caches": 0, "workers": 0}


@pytest.fixture(scope="module")
def away() -> Iterator[str]:
    with neutral() as found:
        yield found


@pytest.fixture(scope="module")
def address(sqlite_url: str, away: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(sqlite_url, tmp_path_factory.mktemp("served") / "log", {"KNOW_LEAVE_TO": away}) as found:
        yield found


def a_whole_visit(page: Page, address: str) -> None:
    """From the first page to the last one before leaving."""
    page.goto(address)
    page.get_by_role("link", name="Find my police").click()
    page.get_by_label("Type your town").fill("northmoor")
    page.get_by_role("button", name="Find my police").click()
    page.wait_for_url("**/northmoor*")
    ask(page, WORDS)
    expect(page.locator(".said")).to_have_count(1)
    ask(page, "how long do they keep my finger prins")
    press(page, "fingerprints-dna")
    expect(page.locator("#latest")).to_contain_text("6 months")
    page.locator("#latest").get_by_role("button", name="Say it simpler").click()
    expect(page.locator("#latest")).to_have_attribute("data-level", "easy")
    page.goto(f"{address}/northmoor/person")
    for path in ("/looks", "/safety", "/register", "/credits"):
        page.goto(address + path)
        assert page.evaluate(STORED) == NOTHING
        assert page.title() in {"Information help", "Who has checked the answers?"}


def leave(page: Page, away: str) -> None:
    page.get_by_role("button", name="Leave quickly").click()
    expect(page.get_by_role("heading")).to_have_text("Weather")
    assert page.url == away


def test_a_whole_visit_asks_nobody_else_and_stores_nothing(
    browser: Browser, address: str, away: str, tmp_path: Path
) -> None:
    har = tmp_path / "visit.har"
    context = browser.new_context(viewport=PHONE, record_har_path=har)
    page = context.new_page()
    a_whole_visit(page, address)
    leave(page, away)
    assert context.cookies() == []
    page.goto(f"{address}/safety")
    assert page.evaluate(STORED) == NOTHING
    context.close()
    entries = json.loads(har.read_text("utf-8"))["log"]["entries"]
    assert len(entries) > 20
    allowed = {urlsplit(address).netloc, urlsplit(away).netloc}
    assert {urlsplit(entry["request"]["url"]).netloc for entry in entries} == allowed
    for entry in entries:
        names = {header["name"].lower() for header in [*entry["request"]["headers"], *entry["response"]["headers"]]}
        assert not names & {"set-cookie", "cookie"}, entry["request"]["url"]
        assert "zebrafish" not in entry["request"]["url"]


def test_what_was_remembered_on_purpose_is_one_cookie_and_leaving_deletes_it(
    browser: Browser, address: str, away: str
) -> None:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(f"{address}/looks?paper=dark&reading=dark")
    page.get_by_role("button", name="Remember on this device").click()
    page.goto(f"{address}/safety")
    assert [cookie["name"] for cookie in context.cookies()] == ["reading"]
    leave(page, away)
    wait_for_no_cookie(context, page)
    context.close()


def wait_for_no_cookie(context: BrowserContext, page: Page) -> None:
    """Leaving waits for nobody, so its answer may come after the other page."""
    for _ in range(100):
        if not context.cookies():
            return
        page.wait_for_timeout(50)
    assert context.cookies() == []
