"""The widget for everybody, in a real Chromium: axe around and inside, four times as big, forced colours, read out."""

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page, expect

from tests.browser.test_axe_everywhere import ALL, AXE, COLOURS, FORCED, HELD, SIDEWAYS
from tests.browser.widget.stage import PHONE, Stage, answered, ask, button, chat, frame_of, is_ready, opened, visit
from tests.chromium import DESK
from tests.page_tools import tool

pytestmark = pytest.mark.browser
SMALL = {"width": 320, "height": 256}
# What is set aside is the pages' own policy, which would refuse axe and the reader.
EXAMINED: dict[str, Any] = {"bypass_csp": True, "reduced_motion": "reduce"}
examined = pytest.mark.parametrize(
    "context", [{**EXAMINED, "viewport": DESK}, {**EXAMINED, **PHONE}], indirect=True, ids=["desk", "phone"]
)
examined_on_desk = pytest.mark.parametrize("context", [{**EXAMINED, "viewport": DESK}], indirect=True)
TARGETS = """() => [...document.querySelector("know-widget").shadowRoot.querySelectorAll("button, a")]
  .filter((one) => one.offsetParent !== null && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"""
READ = """async ([library, root]) => {
  const { virtual } = await import(URL.createObjectURL(new Blob([library], { type: "text/javascript" })));
  window.reader = virtual;
  const last = () => virtual.lastSpokenPhrase();
  await virtual.start({ container: eval(root) });
  for (let phrases = 0; phrases < 200 && !/^end of (region, In the Know|document)$/.test(await last()); phrases += 1) {
    await virtual.next();
  }
  return virtual.spokenPhraseLog();
}"""
SHADOW = "document.querySelector('know-widget').shadowRoot.querySelector('section')"


STILL = """() => new Promise((done) => {
  let last = "";
  const look = () => {
    const now = [window.scrollX, window.scrollY, document.documentElement.scrollHeight].join();
    if (now === last) done(); else { last = now; setTimeout(look, 100); }
  };
  look();
})"""


async def axe(where: Any, rules: Any = ALL) -> list[str]:
    """What axe finds in a page or a frame that has come and stands still, the element with each."""
    await where.wait_for_load_state()
    await where.evaluate(STILL)
    await where.evaluate(AXE_SCRIPT)
    kind = "tag" if rules is ALL else "rule"
    found: list[str] = await where.evaluate(AXE, {"type": kind, "values": list(rules)})
    return found


@examined
async def test_axe_finds_nothing_in_the_site_or_the_frame(page: Page, stage: Stage) -> None:
    await visit(page, stage.sites.listed, colour="#ffcc00", position="left")
    assert await axe(page) == []
    await button(page).click()
    await is_ready(page)
    await answered(page)
    assert await axe(page) == []
    assert await axe(frame_of(page, stage)) == []
    await ask(chat(page), "my dad is hitting me right now")
    await expect(chat(page).locator("#latest")).to_have_attribute("data-kind", "alarm")
    # Half of it may lie behind the box, which axe would take for a small button.
    await chat(page).get_by_role("button", name="Get help").evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    assert await axe(frame_of(page, stage)) == []
    await page.emulate_media(**FORCED)
    assert await axe(page, COLOURS) == []
    assert await axe(frame_of(page, stage), COLOURS) == []
    assert await page.evaluate(TARGETS) == []


@examined_on_desk
async def test_axe_finds_nothing_where_there_is_only_help(page: Page, stage: Stage) -> None:
    await visit(page, stage.sites.other)
    await button(page).click()
    await expect(page.locator("know-widget .told")).to_contain_text("Childline")
    assert await axe(page) == []
    assert await page.evaluate(TARGETS) == []


async def test_four_times_as_big_all_of_it_is_there(page: Page, stage: Stage) -> None:
    await page.set_viewport_size(SMALL)
    frame = await opened(page, stage.sites.listed)
    await answered(page)
    inside = frame_of(page, stage)
    assert await inside.evaluate(SIDEWAYS) <= 0
    assert await page.evaluate(SIDEWAYS) <= 0
    assert await inside.evaluate(HELD) <= 0.5
    leave, close = frame.get_by_role("button", name="Leave quickly"), page.get_by_role("button", name="Close")
    await frame.get_by_label("Ask in your own words").scroll_into_view_if_needed()
    await expect(leave).to_be_in_viewport()
    await expect(close).to_be_in_viewport()
    boxes = [await one.bounding_box() for one in (leave, close)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]


@pytest.mark.parametrize("reading", ["biggest.wide", "biggest.dark", "much-bigger.wide.contrast"])
async def test_what_closes_it_covers_nothing_that_leaves_however_big_the_words(
    page: Page, stage: Stage, reading: str
) -> None:
    for size in (SMALL, {"width": 320, "height": 640}):
        await page.set_viewport_size(size)
        frame = await opened(page, stage.sites.listed)
        inside = frame_of(page, stage)
        await inside.goto(f"{stage.ours}/northmoor?within=northmoor&reading={reading}")
        boxes = [
            await one.bounding_box()
            for one in (frame.get_by_role("button", name="Leave quickly"), page.get_by_role("button", name="Close"))
        ]
        assert boxes[0]
        assert boxes[1]
        assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
        assert await inside.evaluate(SIDEWAYS) <= 0


@examined_on_desk
async def test_a_reader_says_what_it_is_and_each_answer_once(page: Page, stage: Stage) -> None:
    """Guidepup's virtual reader on the site's side, closed and open, and in the frame while a child asks."""
    library = tool("@guidepup/virtual-screen-reader/lib/esm/index.browser.js").read_text("utf-8")
    await visit(page, stage.sites.listed)
    said = await page.evaluate(READ, [library, SHADOW])
    assert said[1] == "button, Ask a question, 1 control, not expanded, has popup dialog"
    assert not any("Close" in one for one in said)
    await page.evaluate("reader.stop()")
    await button(page).click()
    await is_ready(page)
    said = await page.evaluate(READ, [library, SHADOW])
    assert "button, Ask a question, 1 control, expanded, has popup dialog" in said
    assert any(one.startswith("dialog, In the Know") for one in said)
    assert "button, Close" in said
    assert any("Your questions and answers" in one for one in said)
    await page.evaluate("reader.stop()")
    inside = frame_of(page, stage)
    await inside.evaluate(READ, [library, "document.body"])
    heard = len(await inside.evaluate("reader.spokenPhraseLog()"))
    await answered(page)
    new = [one for one in (await inside.evaluate("reader.spokenPhraseLog()"))[heard:] if one.startswith("polite: ")]
    told = [one for one in new if one not in ("polite: Getting your answer.", "polite: ")]
    assert len(told) == 2
    assert "finger prins" not in "".join(new)
    await page.evaluate("reader.stop()")
    await page.get_by_role("button", name="Close").click()
    said = await page.evaluate(READ, [library, SHADOW])
    assert not any("Close" in one or one.startswith("dialog") for one in said)
