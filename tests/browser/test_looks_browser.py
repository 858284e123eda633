"""In a real Chromium: every look can be used on a small phone, follows the device, and fetches only its own letters."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accessibility.preferences import CHOICES
from api.web.fonts import have_fonts
from tests.accessibility.test_contrast import PALETTES
from tests.browser.test_browser import SMALL_TARGETS
from tests.chromium import DESK, PHONE, WHOLE_CHROMIUM

CHROMIUM = WHOLE_CHROMIUM

pytestmark = pytest.mark.browser
PAPER = "getComputedStyle(document.body).backgroundColor"
COLOURS = """(names) => {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}"""
DARK, CREAM = "rgb(21, 26, 34)", "rgb(255, 247, 232)"


WORN = "all => all.map((one) => getComputedStyle(one).backgroundColor)"


def rgb(colour: str) -> str:
    """A colour as a browser writes it."""
    return f"rgb({', '.join(str(part) for part in bytes.fromhex(colour[1:]))})"


def test_a_choice_shows_at_once_and_goes_on_to_the_talk(page: Page, context: BrowserContext, address: str) -> None:
    page.goto(f"{address}/northmoor?level=easy")
    page.get_by_role("button", name="How it looks").click()
    page.wait_for_url("**/looks*")
    page.get_by_label("Dark", exact=True).check()
    assert page.evaluate(PAPER) == DARK
    page.get_by_label("Biggest").check()
    page.get_by_role("button", name="Use this").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Northmoor")
    page.wait_for_load_state()
    assert page.evaluate(PAPER) == DARK
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    assert context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


@pytest.mark.parametrize("context", [{"viewport": DESK, "java_script_enabled": False}], indirect=True)
def test_without_script_too_and_the_device_remembers_until_the_reader_leaves(
    page: Page, context: BrowserContext, address: str
) -> None:
    page.goto(f"{address}/looks?to=/northmoor")
    page.get_by_label("Blue").check()
    page.get_by_role("button", name="Show me").click()
    expect(page.locator("html")).to_have_attribute("data-paper", "blue")
    page.get_by_role("button", name="Remember on this device").click()
    expect(page.get_by_role("button", name="Forget on this device")).to_be_visible()
    assert [(one["name"], one["value"]) for one in context.cookies()] == [("reading", "simple.blue")]
    page.goto(f"{address}/kent")
    expect(page.locator("html")).to_have_attribute("data-paper", "blue")
    context.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="<h1>Weather</h1>"))
    page.get_by_role("button", name="Leave quickly").click()
    expect(page.get_by_role("heading")).to_have_text("Weather")
    assert context.cookies() == []


def test_the_first_question_goes_once_the_talk_begins(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor")
    look = page.locator("main .first-look")
    expect(look).to_be_visible()
    expect(page.get_by_role("button", name="Easy words")).to_be_hidden()
    page.get_by_label("Ask in your own words").fill("who sees it")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".said")).to_have_count(1)
    expect(look).to_be_hidden()
    page.locator("#latest .more > summary").click()
    expect(page.get_by_role("button", name="Easy words").locator("visible=true")).to_have_count(1)


@pytest.mark.parametrize("context", [{"viewport": {"width": 390, "height": 844}}], indirect=True)
def test_the_first_answer_begins_above_the_box_on_a_phone(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor")
    answer, composer = page.locator("#latest").bounding_box(), page.locator(".composer").bounding_box()
    assert answer
    assert composer
    assert answer["y"] + 40 <= composer["y"]


def test_the_page_follows_the_device_until_the_reader_chooses(browser: Browser, address: str) -> None:
    context = browser.new_context(color_scheme="dark", reduced_motion="reduce", contrast="more")
    page = context.new_page()
    page.goto(f"{address}/northmoor")
    assert page.evaluate(PAPER) == DARK
    assert page.evaluate("getComputedStyle(document.querySelector('.bubble')).borderColor") == "rgb(243, 236, 221)"
    page.goto(f"{address}/northmoor?reading=cream")
    assert page.evaluate(PAPER) == CREAM
    context.close()


@pytest.mark.parametrize("device", ["light", "dark"])
def test_every_colour_is_that_of_the_choice_whatever_the_device_is_set_to(
    browser: Browser, address: str, device: Literal["light", "dark"]
) -> None:
    of_the_device = PALETTES["dark" if device == "dark" else "cream"]
    palettes = {paper: PALETTES.get(paper, of_the_device) for paper in CHOICES["paper"]}
    context = browser.new_context(color_scheme=device)
    page = context.new_page()
    for paper in palettes:
        page.goto(f"{address}/looks?reading={paper}")
        assert page.evaluate(COLOURS, list(palettes[paper])) == palettes[paper], paper
        # Each choice wears its own background, on whichever page.
        assert page.locator(".sample-paper").evaluate_all(WORN) == [rgb(each["paper"]) for each in palettes.values()]
    context.close()


@pytest.mark.parametrize("path", ["/", "/looks", "/northmoor", "/northmoor?level=easy", "/northmoor/person"])
def test_nothing_goes_sideways_at_the_biggest_size_on_a_small_phone(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(f"{address}{path}{'&' if '?' in path else '?'}reading=biggest.wide.dyslexic")
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate(SMALL_TARGETS) == []
    context.close()


@pytest.mark.skipif(not have_fonts(), reason="the letters were not fetched: make fonts")
@pytest.mark.parametrize(("reading", "names"), [("own", set()), ("cream", {"atkinson"}), ("lexend", {"lexend"})])
def test_a_page_fetches_only_the_letters_that_it_shows(
    page: Page, context: BrowserContext, address: str, reading: str, names: set[str]
) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url) if "/fonts/" in request.url else None)
    page.goto(f"{address}/safety?reading={reading}")
    page.evaluate("document.fonts.ready")
    assert {url.rpartition("/")[2].removesuffix(".woff2") for url in asked} == names
