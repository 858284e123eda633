"""Listen in a real Chromium: nothing sounds by itself; pressed, it plays, marks words, stops, and goes by sentences."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_browser import SMALL_TARGETS
from tests.hearing import must_have_voice
from tests.served import served

pytestmark = pytest.mark.browser

PHONE = {"width": 320, "height": 640}
MARKED = """() => [...(CSS.highlights.get("reading-word") ?? [])].map((range) => range.toString()).join(" ")"""
NOW = """() => document.querySelector("#latest audio").currentTime"""
# A voice that sends the words away, and one of the device; each notes what it is given to say.
VOICES = """(local) => {
  window.said = [];
  const voices = [{ lang: "en-GB", localService: false, name: "remote" }];
  if (local) voices.push({ lang: "en-GB", localService: true, name: "own" });
  const speech = new EventTarget();
  speech.getVoices = () => voices;
  speech.speak = (one) => { window.said.push([one.voice.name, one.text]); };
  speech.cancel = () => {};
  Object.defineProperty(window, "speechSynthesis", { value: speech });
  // As on a telephone that cannot play Opus.
  HTMLMediaElement.prototype.canPlayType = () => "";
  window.SpeechSynthesisUtterance = function (text) { this.text = text; };
}"""


def until(page: Page, told: str) -> None:
    """Waits for what a script says; the page lets nobody else evaluate strings."""
    assert page.evaluate(
        """async () => {
          for (const end = Date.now() + 30000; Date.now() < end; await new Promise(requestAnimationFrame)) {
            if (TOLD) return true;
          }
          return false;
        }""".replace("TOLD", told)
    ), told


@pytest.fixture(scope="module")
def address(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    must_have_voice()
    with served(sqlite_url, tmp_path_factory.mktemp("served") / "log") as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    # Machines are shared: what is waited for here is that it happens, not how fast.
    page.set_default_timeout(20_000)
    yield page
    context.close()


def test_an_answer_is_read_with_its_words_marked(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/northmoor?level=easy&reading=easy.all-at-once")
    answer = page.locator("#latest")
    listen = answer.get_by_role("button", name="Listen", exact=True)
    expect(listen).to_be_visible()
    # Nothing is fetched, and nothing sounds, before it is pressed.
    assert not any("/sound/" in url for url in asked)
    assert page.evaluate("[...document.querySelectorAll('audio')].every((one) => one.paused)")
    listen.click()
    until(page, f"({NOW})() > 0.3")
    until(page, f"['this?', 'Hello,'].includes(({MARKED})())")
    assert page.evaluate(SMALL_TARGETS) == []
    answer.get_by_role("button", name="Next sentence").click()
    until(page, f"({NOW})() > 1.5")
    answer.get_by_role("button", name="Faster").click()
    expect(answer.get_by_role("button", name="Faster")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.querySelector('#latest audio').playbackRate") == 1.25
    answer.get_by_role("button", name="Stop", exact=True).click()
    expect(listen).to_be_visible()
    assert page.evaluate("document.querySelector('#latest audio').paused")
    assert page.evaluate(MARKED) == ""
    # Screen readers are told nothing of it.
    expect(page.locator("#new-messages")).to_be_empty()


def test_another_answer_stops_it_and_hidden_ideas_are_opened(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?level=easy&reading=easy.one-at-a-time")
    page.evaluate("window.first = document.querySelector('#latest audio')")
    page.locator("#latest").get_by_role("button", name="Listen", exact=True).click()
    until(page, "!window.first.paused")
    page.get_by_label("Ask in your own words").fill("how long do they keep my fingerprints")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#latest")).to_have_attribute("data-kind", "bot-away")
    assert page.evaluate("window.first.paused")
    page.locator("#latest button[value=fingerprints-dna]").click()
    answer = page.locator("#latest[data-kind=card]")
    answer.get_by_role("button", name="Listen", exact=True).click()
    hidden = answer.locator("details.pace").first
    expect(hidden).not_to_have_attribute("open", "")
    until(page, f"({MARKED})() !== ''")
    for _ in range(4):
        answer.get_by_role("button", name="Next sentence").click()
    expect(hidden).to_have_attribute("open", "", timeout=20_000)
    # Whoever listens stays on the button they pressed, and is told nothing besides.
    expect(answer.get_by_role("button", name="Next sentence")).to_be_focused()
    expect(page.locator("#new-messages")).to_be_empty()
    page.locator("#latest").get_by_role("button", name="Stop", exact=True).click()


@pytest.mark.parametrize("local", [True, False])
def test_a_device_reads_with_its_own_voice_or_not_at_all(page: Page, address: str, local: bool) -> None:
    page.add_init_script(f"({VOICES})({str(local).lower()})")
    page.goto(f"{address}/northmoor?level=easy")
    listen = page.locator("#latest").get_by_role("button", name="Listen", exact=True)
    if not local:
        expect(page.locator("#latest .listen")).to_be_hidden()
        return
    listen.click()
    until(page, "window.said.length > 0")
    assert page.evaluate("window.said") == [["own", "What is this?"]]
    until(page, f"({MARKED})() === 'What is this?'")


def test_without_script_the_browsers_own_player_is_there(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/northmoor?level=easy")
    player = page.locator("#latest audio")
    expect(player).to_be_hidden()
    page.locator("#latest summary", has_text="Listen").click()
    expect(player).to_be_visible()
    assert player.get_attribute("preload") == "none"
    assert player.get_attribute("autoplay") is None
    context.close()
