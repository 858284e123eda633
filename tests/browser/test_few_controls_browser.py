"""In a real Chromium: an answer has few controls, each at most once, and an earlier answer keeps none that is over."""

import pytest
from playwright.sync_api import Page, expect

from tests.chromium import with_and_without_script

pytestmark = pytest.mark.browser

MOST = {"standard": 14, "simple": 14, "easy": 12}
ANSWERS = ("my-phone", "fingerprints-dna", "bail", "tell-parents", "sarc", "how-long-kept", "bodycam", "case-dropped")
# All that can be pressed or typed into: but for the header, the footer, numbers to call, and what is folded away.
CONTROLS = """() => {
  const open = ($one) => {
    const $fold = $one.closest("details:not([open])");
    return !$fold || ($one.matches("summary") && $one.parentElement === $fold && open($fold.parentElement));
  };
  const named = "a[href], button, summary, select, textarea, input:not([type=hidden]), [tabindex='0'], audio[controls]";
  return [...document.querySelectorAll(named)]
    .filter(($one) => !$one.closest("header, footer, .skip, [href^='tel:']") && open($one) && $one.checkVisibility())
    .map(($one) => ($one.textContent.trim() || $one.name || $one.tagName).replace(/\\s+/g, " "));
}"""
ON_ONE_LINE = """() => new Set([...document.querySelectorAll("#latest .row .quiet")]
  .filter(($one) => !$one.closest(".row-rest, .word-list") && $one.checkVisibility())
  .map(($one) => Math.round($one.getBoundingClientRect().top))).size"""


def controls(page: Page) -> list[str]:
    found: list[str] = page.evaluate(CONTROLS)
    return found


@with_and_without_script
@pytest.mark.parametrize("level", MOST)
def test_an_answer_has_few_controls_and_none_of_help_is_folded(page: Page, address: str, level: str) -> None:
    for card in ANSWERS:
        page.goto(f"{address}/northmoor?level={level}&card={card}")
        expect(page.locator("#latest")).to_have_attribute("data-kind", "card")
        found = controls(page)
        assert len(found) <= MOST[level], (card, found)
        assert found.count("Talk to a person") == 1
        assert page.get_by_role("button", name="Talk to a person").count() == 1
        asked = page.locator("#latest .ways-on > .next button").all_text_contents()
        assert 1 <= len(asked) <= (2 if level == "easy" else 3)
        assert all(question.strip().endswith("?") for question in asked)
        for help_ in page.locator("#latest .offer, .pinned, button.leave, .first-help").all():
            assert help_.evaluate("one => !one.closest('details')")


@pytest.mark.parametrize("level", MOST)
def test_after_more_questions_only_the_newest_answer_has_its_buttons(page: Page, address: str, level: str) -> None:
    page.goto(f"{address}/northmoor?level={level}&card=my-phone")
    for turns in (2, 3):
        page.locator("#latest .ways-on > .next button").last.click()
        expect(page.locator(".answer")).to_have_count(turns)
    for old in page.locator(".answer:not(#latest)").all():
        # Reading on is still meant there, and nothing else.
        left = old.locator("a, button, summary").locator("visible=true").all_text_contents()
        assert [one for one in left if "Part" not in one and one != "999" and "0800" not in one] == []
    expect(page.locator(".offer:visible")).to_have_count(1)
    assert len(controls(page)) <= MOST[level] + page.locator(".answer:not(#latest) .pace > summary:visible").count()


def test_help_that_was_offered_stays_when_the_next_answer_offers_none(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?level=simple&card=my-phone")
    page.locator("#latest .offer").wait_for()
    page.get_by_label("Ask in your own words").fill("what does bail mean")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".answer")).to_have_count(2)
    expect(page.locator("#latest .offer")).to_have_count(0)
    expect(page.locator(".offer:visible").get_by_role("button", name="Get help")).to_have_count(1)


@pytest.mark.parametrize(("width", "lines"), [(390, 1), (844, 1), (1100, 1), (320, 2)])
def test_the_four_actions_stand_in_one_row_and_two_by_two_where_that_is_narrow(
    page: Page, address: str, width: int, lines: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/northmoor?level=simple&card=my-phone")
    expect(page.locator("#latest .row")).to_contain_text("Say it simpler")
    assert page.evaluate(ON_ONE_LINE) == lines


@with_and_without_script
def test_simpler_at_the_last_step_leads_on_and_back(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?level=easy&card=my-phone")
    page.locator("#latest").get_by_role("button", name="Say it simpler").click()
    newest = page.locator("#latest")
    expect(newest.locator("h3")).to_contain_text("What can help if the words are hard?")
    expect(newest.get_by_role("button", name="Say it simpler")).to_have_count(0)
    # The words to look up are those of the answer before.
    newest.locator(".hard-words > summary").click()
    expect(newest.locator(".word-list")).to_contain_text("Passcode")
    newest.get_by_role("button", name="Go back").click()
    expect(page.locator("#latest h3")).to_contain_text("Do I have to give the police my phone?")
