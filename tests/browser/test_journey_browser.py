"""In a real Chromium: a journey on a phone and at a desk, for those who see it otherwise, and on one page of paper."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from accessibility.rule_finding import LEVELS
from tests.chromium import DESK, TALL_PHONE

pytestmark = pytest.mark.browser

JOURNEY = "/northmoor/journey/arrested"
GAPS = """() => [...document.querySelectorAll(".journey-path svg")].slice(1).filter((one, at) => {
  const before = [...document.querySelectorAll(".journey-path svg")][at].getBoundingClientRect();
  return one.getBoundingClientRect().top > before.bottom + 0.5;
}).length"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def opened(browser: Browser, address: str, **shown: object) -> Page:
    page = browser.new_context(**shown).new_page()
    page.goto(address)
    page.wait_for_load_state()
    return page


@pytest.mark.parametrize("viewport", [DESK, TALL_PHONE], ids=["desk", "320px"])
def test_the_path_of_a_journey_is_unbroken(browser: Browser, address: str, viewport: dict[str, int]) -> None:
    page = opened(browser, f"{address}{JOURNEY}?level=easy&here=custody-record", viewport=viewport)
    assert page.evaluate(GAPS) == 0
    items = page.get_by_role("list").filter(has=page.locator(".journey-step")).get_by_role("listitem")
    expect(items.filter(has=page.get_by_role("heading", level=2))).to_have_count(7)
    page.context.close()


def test_words_twice_as_big_and_far_apart_stay_on_a_small_phone(browser: Browser, address: str) -> None:
    phone = {"viewport": {"width": 320, "height": 640}}
    page = opened(browser, f"{address}{JOURNEY}?reading=easy.biggest.wide", **phone)
    assert page.evaluate(SIDEWAYS) == 0
    assert page.evaluate(GAPS) == 0
    page.context.close()


def test_without_script_a_step_leads_to_its_card_and_back(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}{JOURNEY}?level=easy", viewport=DESK, java_script_enabled=False)
    page.get_by_role("button", name="More about this What is a custody record? Can I have a copy?").click()
    expect(page.locator("#latest h3")).to_contain_text("What is a custody record?")
    page.locator("#latest .more > summary").press("Enter")
    page.get_by_role("link", name="See the journey").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("You are here")
    page.context.close()


def test_a_journey_is_one_page_of_paper_at_every_level(browser: Browser, address: str) -> None:
    for level in LEVELS:
        page = opened(browser, f"{address}{JOURNEY}?level={level}", viewport=DESK)
        paper = page.pdf(format="A4", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
        page.context.close()
