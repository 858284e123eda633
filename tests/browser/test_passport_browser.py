"""My passport in a real Chromium: made, shown and printed with script and without, and gone when the page is left."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from content.passport import passport
from tests.chromium import NO_SCRIPT, PHONE, with_and_without_script

pytestmark = pytest.mark.browser
PICKED = ("more-time", "bsl", "touch")
EIGHT = (*PICKED, "one-thing", "look-away", "breaks", "loud", "ask-first")
SENTENCES = {sentence.id: sentence for sentence in passport().sentences}


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    found = context.new_page()
    found.goto(f"{address}/passport")
    return found


def pick(page: Page, ids: tuple[str, ...]) -> None:
    for one in ids:
        page.get_by_text(SENTENCES[one].says, exact=True).click()


def make(page: Page) -> None:
    page.get_by_role("link", name="Make my page").click()
    expect(page.get_by_role("link", name="Change my page")).to_be_visible()


def shown(page: Page) -> set[str]:
    """The ids of the sentences that can be seen."""
    return {one for one in SENTENCES if page.get_by_text(SENTENCES[one].says, exact=True).is_visible()}


def helped(page: Page) -> set[str]:
    """The ids of the sentences whose help can be seen."""
    return {one for one in SENTENCES if page.get_by_text(SENTENCES[one].help).is_visible()}


def sideways(page: Page) -> int:
    """How many pixels a page must be scrolled sideways to be read; counted without script by what stands out."""
    widths = (page.locator("main"), page.locator(".bar"), page.locator(".groups"))
    boxes = [box for box in (one.bounding_box() for one in widths) if box]
    return max(0, int(max(box["x"] + box["width"] for box in boxes)) - PHONE["width"])


@pytest.mark.parametrize("context", [NO_SCRIPT], indirect=True)
def test_without_script_it_is_made_shown_and_printed(page: Page) -> None:
    assert shown(page) == set(SENTENCES)
    assert helped(page) == set()
    page.get_by_label("Call me").fill("Robin")
    pick(page, PICKED)
    make(page)
    assert shown(page) == helped(page) == set(PICKED)
    expect(page.get_by_label("Call me")).to_have_value("Robin")
    expect(page.get_by_label("A person who can help me")).to_be_hidden()
    expect(page.get_by_role("checkbox")).to_have_count(0)
    assert sideways(page) == 0
    page.get_by_role("link", name="Change my page").click()
    assert shown(page) == set(SENTENCES)
    assert sideways(page) == 0
    # On paper it is the made page, whatever the screen shows.
    page.emulate_media(media="print")
    assert shown(page) == helped(page) == set(PICKED)
    for other in (page.locator(".top"), page.locator("aside"), page.locator(".foot"), page.locator(".bar")):
        expect(other).to_be_hidden()


@with_and_without_script
def test_who_comes_back_finds_nothing_picked(page: Page, address: str) -> None:
    page.get_by_label("Call me").fill("Robin")
    pick(page, PICKED)
    make(page)
    page.goto(f"{address}/safety")
    page.go_back()
    expect(page.get_by_text("You have not picked a sentence yet.")).to_be_visible()
    assert shown(page) == set()
    expect(page.get_by_text("Robin")).to_have_count(0)
    page.go_back()
    assert page.locator(":checked").count() == 0
    assert page.get_by_label("Call me").input_value() == ""


def test_eight_are_one_sheet_and_nothing_is_asked_of_the_server(page: Page, context: BrowserContext) -> None:
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    pick(page, EIGHT)
    page.get_by_label("Call me").fill("Robin")
    page.get_by_label("A person who can help me").fill("My aunt Jo, or my teacher")
    make(page)
    page.get_by_role("button", name="Full screen").click()
    expect(page.get_by_role("button", name="Small again")).to_be_visible()
    expect(page.get_by_role("button", name="Leave quickly")).to_be_visible()
    page.get_by_role("button", name="Small again").click()
    expect(page.get_by_role("button", name="Full screen")).to_be_visible()
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert len(sheets) == 1
    page.get_by_role("link", name="Change my page").click()
    page.get_by_role("button", name="Clear all").click()
    assert page.locator(":checked").count() == 0
    # Chromium looks at the icon of a page again whenever its address gets another place.
    assert [url for url in asked if not url.endswith("/static/frame/icon.svg")] == []
    assert context.cookies() == []
    assert page.evaluate("() => localStorage.length + sessionStorage.length") == 0
