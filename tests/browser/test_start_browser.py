"""In a real Chromium: what stands in the first screen of the first page, of where somebody lives, and of a talk."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.chromium import WHOLE_CHROMIUM, with_and_without_script

CHROMIUM = WHOLE_CHROMIUM

pytestmark = pytest.mark.browser
SCREEN = {"width": 390, "height": 844}
ON_A_PHONE = pytest.mark.parametrize("context", [{"viewport": SCREEN}], indirect=True)
# A word that is broken in two stands on two lines.
BROKEN = """() => {
  const found = [];
  const looked = ".levels button, .tiles .choice, .doors .choice, .first-look .sample b";
  for (const $button of document.querySelectorAll(looked)) {
    const words = document.createTreeWalker($button, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
      for (const match of words.currentNode.data.matchAll(/\\S+/g)) {
        const range = document.createRange();
        range.setStart(words.currentNode, match.index);
        range.setEnd(words.currentNode, match.index + match[0].length);
        if (new Set([...range.getClientRects()].map((one) => Math.round(one.top))).size > 1) found.push(match[0]);
      }
    }
  }
  return found;
}"""


def above(one: Locator, edge: float) -> bool:
    """Whether all of it stands above this many pixels of the screen."""
    box = one.bounding_box()
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= edge


@ON_A_PHONE
def test_the_doors_and_who_helps_are_in_the_first_screen(page: Page, address: str) -> None:
    page.goto(address)
    for name in ("I have a question", "Something happened"):
        assert above(page.get_by_role("link", name=name), SCREEN["height"]), name
    main = page.get_by_role("main")
    assert above(main.get_by_role("button", name="I want a person"), SCREEN["height"])
    for name in ("In danger now? Call 999.", "Childline 0800 1111", "Find my police"):
        assert above(main.get_by_role("link", name=name), SCREEN["height"]), name


@with_and_without_script
def test_a_child_asks_without_saying_where_and_says_it_later(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="I have a question").click()
    page.get_by_role("button", name="Who will the police tell about me?").click()
    expect(page.locator("#latest")).to_have_attribute("data-kind", "card")
    page.get_by_role("button", name="Change the place").click()
    page.get_by_label("Type your town").fill("Newport")
    page.get_by_role("button", name="Find my police").click()
    page.get_by_role("button", name="Gwent Police").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Gwent")
    # What was on show is still on show.
    expect(page.locator("#latest h3")).to_contain_text("Who will the police tell about me?")


@pytest.mark.parametrize("reading", ["", "?reading=easy"])
@ON_A_PHONE
def test_a_talk_begins_with_what_can_be_pressed(page: Page, address: str, reading: str) -> None:
    # The second time the page has its letters: the first time it shows the device's, and this machine's are wide.
    for _ in range(2):
        page.goto(f"{address}/kent{reading}")
        page.wait_for_load_state("networkidle")
    box = page.locator(".composer").bounding_box()
    assert box
    assert above(page.get_by_text("Hello. I am a computer helper"), box["y"])
    tiles = page.locator(".tiles .choice").all()
    assert len(tiles) == 3
    assert all(above(tile, box["y"]) for tile in tiles)
    page.get_by_role("button", name="Hurt or scared").click()
    expect(page.locator("#latest")).to_have_attribute("data-kind", "choices")


@pytest.mark.parametrize("path", ["/", "/kent", "/kent?level=easy"])
@pytest.mark.parametrize("size", ["bigger", "much-bigger", "biggest"])
@pytest.mark.parametrize("width", [320, 390, 1100])
def test_no_word_is_broken_however_big_the_letters(page: Page, address: str, path: str, size: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{address}{path}{'&' if '?' in path else '?'}reading={size}")
    for summary in page.locator(".first-look > summary").all():
        summary.click()
    page.evaluate("document.fonts.ready")
    assert page.evaluate(BROKEN) == []


@pytest.mark.parametrize("screen", [SCREEN, {"width": 1100, "height": 900}])
def test_start_fresh_stays_in_sight_on_a_shared_screen(page: Page, address: str, screen: dict[str, int]) -> None:
    page.set_viewport_size({"width": screen["width"], "height": screen["height"]})
    page.goto(f"{address}/northmoor?reading=shared&card=fingerprints-dna")
    page.mouse.wheel(0, 1500)
    page.wait_for_function("window.scrollY > 300")
    for name in ("Start fresh", "Leave quickly"):
        button = page.get_by_role("button", name=name)
        assert above(button, screen["height"])
        button.click(trial=True)
