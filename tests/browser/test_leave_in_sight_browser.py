"""In a real Chromium: the way to leave is in sight on every page of a child, at every size, zoom and place of it."""

# ruff: noqa: F811 - the fixtures are those of tests/browser/test_axe_everywhere.py

from collections.abc import Sequence

import pytest
from playwright.async_api import Page

from tests.browser.child_pages import PAGES, Child, asks, at
from tests.browser.test_axe_everywhere import SIDEWAYS, child, page, show  # noqa: F401 - fixtures

pytestmark = pytest.mark.browser

# A desk, one at 200% and one at 400%; a phone held up, the same on its side, and a small one under its keyboard.
SIZES = ((1366, 768), (683, 384), (320, 256), (390, 844), (844, 390), (320, 300))
_CARDS = "fingerprints-dna,my-phone"
DECKS = {
    "deck, planned": "/northmoor/deck?situation=stopped&cards=bail,bodycam",
    "deck, in order": f"/northmoor/deck?cards={_CARDS}",
    "deck": f"/northmoor/deck/show?cards={_CARDS}",
    "deck, joined": "/join",
    "deck, over": "/northmoor/deck/over",
    "register": "/register",
    "register, force": "/register/northmoor",
}
EVERY = {**PAGES, **{name: (at(address), None) for name, address in DECKS.items()}}
# Whether the whole button lies in what is seen, is on top there, and is large enough to press.
IN_SIGHT = """(to) => {
  window.scrollTo(0, to * document.documentElement.scrollHeight);
  const $leave = document.querySelector("button.leave");
  if (!$leave) return "there is none";
  const { left, right, top, bottom, width, height } = $leave.getBoundingClientRect();
  const { offsetLeft, offsetTop, scale } = visualViewport;
  const seen = { left: offsetLeft, top: offsetTop };
  Object.assign(seen, { right: offsetLeft + visualViewport.width, bottom: offsetTop + visualViewport.height });
  if (left < seen.left - 1 || right > seen.right + 1 || top < seen.top - 1 || bottom > seen.bottom + 1) {
    return `at ${Math.round(left)}, ${Math.round(top)} of ${JSON.stringify(seen)}`;
  }
  const $there = document.elementFromPoint(left + width / 2, top + height / 2);
  if ($there !== $leave) return `under ${$there?.outerHTML.slice(0, 80)}`;
  return Math.min(width, height) * scale < 43.5 ? `only ${width} x ${height}` : "";
}"""
# What has the focus and lies, in part, under the bar with the way to leave.
UNDER = """() => {
  const [$one, $bar] = [document.activeElement, document.querySelector(".top")];
  if ($one === document.body || $bar.contains($one)) return "";
  const [one, bar] = [$one.getBoundingClientRect(), $bar.getBoundingClientRect()];
  const [from, to] = [Math.max(one.top, bar.top), Math.min(one.bottom, bar.bottom)];
  const isTall = one.height > innerHeight - bar.height;
  if (from >= to || isTall) return "";
  if (!$bar.contains(document.elementFromPoint(one.left + one.width / 2, (from + to) / 2))) return "";
  return $one.outerHTML.slice(0, 120);
}"""


async def out_of_sight(page: Page, sizes: Sequence[tuple[int, int]] = SIZES) -> list[str]:
    """What is wrong with the way to leave at the top, the middle and the end of the page, at each size."""
    wrong = []
    for width, height in sizes:
        await page.set_viewport_size({"width": width, "height": height})
        for to in (0, 0.5, 1):
            found = await page.evaluate(IN_SIGHT, to)
            wrong += [f"{width}x{height}, {to}: {found}"] if found else []
    return wrong


@pytest.mark.parametrize("name", EVERY)
async def test_it_is_in_sight_on_every_page_at_every_size(page: Page, child: Child, name: str) -> None:
    way, act = EVERY[name]
    await show(page, await way(child, "easy"), act)
    assert await out_of_sight(page) == []


@pytest.mark.parametrize("reading", ["easy.biggest.wide", "easy.shared", "easy.alongside", "simple.contrast"])
async def test_however_big_the_words_are_and_whoever_looks_too(page: Page, child: Child, reading: str) -> None:
    level, _, mode = reading.partition(".")
    await show(page, await child.said(level, {"text": "my dad is hitting me right now"}, mode=mode), None)
    assert await out_of_sight(page) == []


async def test_it_is_in_sight_after_a_reply_to_danger_and_without_script(page: Page, child: Child) -> None:
    await show(page, await child.said("easy"), asks)
    await page.get_by_label("Ask in your own words").fill("my dad is hitting me right now")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await page.locator("#latest[data-kind=alarm]").wait_for()
    assert await out_of_sight(page) == []
    browser = page.context.browser
    assert browser
    shown = await child.said("easy", {"text": "my dad is hitting me right now"})
    bare = await browser.new_page(java_script_enabled=False)
    await bare.goto(f"{child.address}/northmoor")
    await bare.route(shown.url, lambda route: route.fulfill(body=shown.html, content_type="text/html"))
    await bare.goto(shown.url)
    wrong = []
    for width, height in SIZES:
        await bare.set_viewport_size({"width": width, "height": height})
        for key in ("Home", "PageDown", "End"):
            await bare.keyboard.press(key)
            box = await bare.locator("button.leave").bounding_box()
            assert box
            if box["y"] < 0 or box["y"] + box["height"] > height or box["x"] + box["width"] > width:
                wrong.append((width, height, key, box))
    await bare.close()
    assert wrong == []


@pytest.mark.parametrize("size", [(844, 390), (320, 256)])
async def test_it_covers_nothing_that_has_the_focus(page: Page, child: Child, size: tuple[int, int]) -> None:
    await show(page, await child.said("easy", {"card": "fingerprints-dna"}), None)
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    covered = []
    for key in ("Tab",) * 40 + ("Shift+Tab",) * 40:
        await page.keyboard.press(key)
        covered += [found] if (found := await page.evaluate(UNDER)) else []
    assert covered == []
    assert await page.evaluate(SIDEWAYS) <= 0


async def test_it_is_in_sight_where_a_phone_is_pinched(page: Page, child: Child) -> None:
    browser = page.context.browser
    assert browser
    phone = await browser.new_page(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    await phone.goto(f"{child.address}/northmoor?reading=easy")
    line = await phone.context.new_cdp_session(phone)
    wrong = []
    for x, y in ((50, 700), (300, 300), (380, 830)):
        await line.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 1})
        pinch = {"x": x, "y": y, "scaleFactor": 2.5, "relativeSpeed": 4000}
        await line.send("Input.synthesizePinchGesture", pinch)
        await phone.wait_for_function("visualViewport.scale > 1.5")
        await phone.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        wrong += [found] if (found := await phone.evaluate(IN_SIGHT_AS_IT_IS)) else []
    await phone.close()
    assert wrong == []


IN_SIGHT_AS_IT_IS = IN_SIGHT.replace("window.scrollTo(0, to * document.documentElement.scrollHeight);", "")
