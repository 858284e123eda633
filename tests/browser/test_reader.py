"""A virtual screen reader (Guidepup) through a whole visit in a real Chromium: what it says, kept in `golden`.

What is meant to change: `WRITE_GOLDEN=1 .venv/bin/pytest tests/browser/test_reader.py`, then read the difference aloud.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_browser import ask
from tests.chromium import DESK, chromium
from tests.page_tools import tool

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).with_name("golden")
START = """async () => {
  const { virtual } = await import("/static/virtual-reader.js");
  window.reader = virtual;
  await virtual.start({ container: document.body });
}"""
READ = """async () => {
  await window.reader.stop();
  await window.reader.start({ container: document.body });
  for (let phrases = 0; phrases < 600 && (await window.reader.lastSpokenPhrase()) !== "end of document"; phrases += 1) {
    await window.reader.next();
  }
  return window.reader.spokenPhraseLog();
}"""
ANNOUNCED = """async () => (await window.reader.spokenPhraseLog()).filter((one) => /^(polite|assertive): /.test(one))"""
WAITING = ("polite: Getting your answer.", "polite: ")
_DATE = re.compile(r"\d{1,2} [A-Z][a-z]+ 20\d\d")


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    # In the file, the reader comes from our own address, which the page's rules allow.
    library = tool("@guidepup/virtual-screen-reader/lib/esm/index.browser.js").read_text("utf-8")
    with chromium() as browser:
        found = browser.new_page(viewport=DESK)
        found.route(
            "**/static/virtual-reader.js", lambda route: route.fulfill(body=library, content_type="text/javascript")
        )
        yield found


def read(page: Page) -> str:
    """The whole page as the reader says it, a phrase a line, with no day in it."""
    return _DATE.sub("(a day)", "\n".join(page.evaluate(READ))) + "\n"


def is_golden(name: str, said: str) -> None:
    """What was said must be what is kept under this name."""
    kept = GOLDEN / f"{name}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        kept.write_text(said, "utf-8")
    assert said == kept.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("start", "/"),
        ("where", "/where"),
        ("talk-easy", "/northmoor?reading=easy"),
        ("safety", "/safety"),
        ("looks", "/looks"),
        ("journey", "/northmoor/journey/arrested?reading=easy"),
        ("passport", "/passport"),
        ("ask-cards", "/northmoor/ask/fingerprints-dna"),
        ("on-paper", "/northmoor/sheet?cards=my-phone&level=easy"),
        ("alongside", "/northmoor?mode=alongside&card=fingerprints-dna"),
    ],
)
def test_a_page_is_read_as_it_was_meant(page: Page, address: str, name: str, path: str) -> None:
    page.goto(address + path)
    page.evaluate(START)
    is_golden(name, read(page))


def test_each_new_message_of_a_visit_is_announced_once_politely_and_never_the_childs_own(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/northmoor?reading=easy")
    page.evaluate(START)
    heard: list[str] = []

    def said_now() -> list[str]:
        """What was announced since it was last asked."""
        # A slow answer is also told, as "Getting your answer.", and that is taken back: no message, and only when slow.
        found: list[str] = [one for one in page.evaluate(ANNOUNCED) if one not in WAITING]
        fresh = found[len(heard) :]
        heard.extend(fresh)
        return fresh

    def press(name: str, *, more: bool = False) -> None:
        # What is not one of the four actions of an answer stands behind More.
        before = page.locator("#latest h3").first.get_attribute("id")
        latest = page.locator("#latest")
        if more:
            latest.locator(".more > summary").click()
        latest.get_by_role("button", name=name, exact=True).first.click()
        expect(page.locator("#latest h3").first).not_to_have_attribute("id", before or "")

    turns: list[list[str]] = []
    for name in ("Police or school", "I was arrested", "Can I talk to someone in private at the police station?"):
        press(name)
        turns.append(said_now())
    press("Go back", more=True)
    turns.append(said_now())
    ask(page, "zebrafish marmalade")
    expect(page.locator(".said")).to_have_count(1)
    turns.append(said_now())
    ask(page, "my dad is hitting me right now")
    expect(page.locator("#latest")).to_have_attribute("data-kind", "alarm")
    turns.append(said_now())
    for said in turns:
        assert len(said) == 1, turns
        assert said[0].startswith("polite: ")
    assert not any("zebrafish" in one or "hitting" in one for one in heard)
    is_golden("announcements", "\n".join(heard) + "\n")
