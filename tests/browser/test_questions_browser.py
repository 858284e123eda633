"""In a real Chromium: all questions on a phone, by keyboard and without script, found, opened and come back to."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_journey_browser import SIDEWAYS, opened
from tests.chromium import DESK, TALL_PHONE

pytestmark = pytest.mark.browser

ALL = "/kent/questions?level=easy"
# What lies on top at the first line of the part that an address leads to.
ON_TOP = """(id) => {
  const { left, top } = document.getElementById(id).getBoundingClientRect();
  return document.elementFromPoint(left + 5, top + 5)?.closest(`#${id}, .top`)?.id ?? "";
}"""


def search(page: Page, text: str) -> None:
    """Types into the search box and presses Enter, as on a phone."""
    page.get_by_label("Type what you want to know").fill(text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("viewport", [DESK, {"width": 320, "height": 640}, {"width": 844, "height": 390}])
@pytest.mark.parametrize("script", [True, False])
def test_what_was_found_is_in_sight_and_back_leads_to_it_again(
    browser: Browser, address: str, viewport: dict[str, int], *, script: bool
) -> None:
    page = opened(browser, f"{address}{ALL}", viewport=viewport, java_script_enabled=script)
    search(page, "body worn video")
    found = page.locator("#found")
    expect(found.get_by_role("heading")).to_be_in_viewport()
    if script:
        assert page.evaluate(ON_TOP, "found") == "found"
    assert "body" not in page.url.replace("questions", "")
    found.get_by_text("An officer filmed me. Do the police keep the film?").click()
    expect(page.locator("#latest h3")).to_contain_text("An officer filmed me.")
    page.go_back()
    expect(found).to_contain_text("An officer filmed me. Do the police keep the film?")
    expect(page.get_by_label("Type what you want to know")).to_have_value("")
    page.context.close()


def test_a_cry_typed_here_is_answered_with_help(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}{ALL}", viewport=TALL_PHONE, java_script_enabled=False)
    search(page, "my dad is hitting me right now")
    expect(page.locator("#latest")).to_have_attribute("data-kind", "alarm")
    expect(page.locator(".pinned")).to_be_visible()
    page.context.close()


def test_by_keyboard_a_letter_is_two_presses_away(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}{ALL}", viewport=DESK)
    skip = page.get_by_role("link", name="Go to the letters")
    skip.focus()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="A", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="A", exact=True)).to_be_in_viewport()
    assert page.evaluate(ON_TOP, "letter-a") == "letter-a"
    page.context.close()


def test_the_newest_answer_of_a_talk_goes_along_and_is_come_back_to(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/kent?level=easy", viewport=DESK)
    page.locator("#latest").get_by_role("button", name="Police or school").click()
    expect(page.locator("#latest")).to_contain_text("I was arrested")
    page.get_by_role("button", name="All questions").click()
    expect(page.get_by_role("heading", name="All questions", exact=True)).to_be_visible()
    page.locator("#situation-arrested summary").click()
    expect(page.locator("#situation-arrested").get_by_role("button").first).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Back to the chat").click()
    expect(page.locator("#latest")).to_contain_text("I was arrested")
    page.context.close()


@pytest.mark.parametrize("reading", ["easy", "easy.biggest.wide", "easy.biggest.dyslexic"])
def test_nothing_runs_out_of_a_small_phone(browser: Browser, address: str, reading: str) -> None:
    page = opened(browser, f"{address}/kent/questions?reading={reading}", viewport={"width": 320, "height": 640})
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate(SIDEWAYS) == 0
    page.context.close()


def test_on_paper_every_question_stands_once(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}{ALL}", viewport=DESK)
    page.emulate_media(media="print")
    expect(page.get_by_text("Do I have to give the police my phone?").locator("visible=true")).to_have_count(1)
    expect(page.get_by_role("search")).to_be_hidden()
    page.context.close()
