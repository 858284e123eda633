"""In a real Chromium: questions to show, on small screens in the biggest words, and on one page of paper."""

import pytest
from playwright.sync_api import Browser, expect

from tests.chromium import PHONE, TALL_PHONE

pytestmark = pytest.mark.browser

ASK = "/northmoor/ask/fingerprints-dna"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TARGETS = """() => [...document.querySelectorAll("main a, main button")]
  .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"""


def test_questions_in_the_biggest_words_fit_a_phone_and_one_page_of_paper(browser: Browser, address: str) -> None:
    page = browser.new_context(viewport=TALL_PHONE).new_page()
    for path in (f"{ASK}?reading=dark.biggest", f"{ASK}?big=1&reading=biggest.wide"):
        page.goto(f"{address}{path}")
        expect(page.locator(".show-question").first).to_be_visible()
        assert page.evaluate(SIDEWAYS) == 0, path
        assert page.evaluate(TARGETS) == [], path
    page.goto(f"{address}{ASK}")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    paper = page.pdf(format="A4")
    assert paper.count(b"/Type /Page\n") == 1
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Show it big").first).to_be_hidden()
    expect(page.get_by_text("How long will you keep my fingerprints and DNA?").first).to_be_visible()
    page.context.close()


def test_without_script_one_question_fills_the_screen_and_the_way_back_is_there(browser: Browser, address: str) -> None:
    page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto(f"{address}{ASK}")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    page.get_by_role("link", name="Show it big").nth(1).click()
    expect(page.locator(".show-question")).to_have_text("Who can see my fingerprints and DNA?")
    expect(page.locator(".foot")).to_be_hidden()
    expect(page.get_by_role("button", name="Leave quickly").last).to_be_visible()
    page.get_by_role("link", name="Go back").click()
    expect(page.locator(".show-question")).to_have_count(3)
    page.get_by_role("link", name="Back to the chat").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Northmoor")
    page.context.close()
