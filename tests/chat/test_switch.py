"""Two switches, one to go on and one to press, as Tab and Enter: from the first page of a chat to an answer."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

MOST = 12
NAME = """() => document.activeElement.getAttribute("aria-label")
  || document.activeElement.innerText.trim().replace(/\\s+/g, " ")"""
STOPS = [
    "Go to the main part",
    "999",
    "0800 1111",
    "Hurt or scared",
    "Someone hurt me",
    "Will the police tell my parents or carers?",
]


def test_two_switches_reach_the_first_answer_in_few_stops(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?reading=easy")
    stops: list[str] = []

    def stop() -> str:
        page.keyboard.press("Tab")
        stops.append(page.evaluate(NAME))
        assert len(stops) <= MOST, stops
        return stops[-1]

    assert stop() == "Go to the main part"
    page.keyboard.press("Enter")
    for choice in ("Hurt or scared", "Someone hurt me", "Will the police tell my parents or carers?"):
        while stop() != choice:
            pass
        before = page.locator("#latest h3").first.get_attribute("id")
        page.keyboard.press("Enter")
        expect(page.locator("#latest h3").first).not_to_have_attribute("id", before or "")
    expect(page.locator("#latest")).to_have_attribute("data-kind", "card")
    # The focus has gone to the answer, so nobody has to look for it.
    expect(page.locator("#latest h3").first).to_be_focused()
    assert stops == STOPS
