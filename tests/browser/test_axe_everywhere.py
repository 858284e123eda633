"""Every page of a child, at every level, in every look: axe, reflow, sizes to press, and words four times as big."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

from accessibility.rule_finding import LEVELS
from tests.browser.child_pages import PAGES, Act, Child, Shown
from tests.browser.test_browser import SMALL_TARGETS, WCAG, WIDE_SPACING
from tests.child_conversation import Stage
from tests.chromium import TALL_DESK, TALL_PHONE, async_chromium
from tests.listening import listening

pytestmark = pytest.mark.browser

# The longest page, with every part of it open, would still be under the bars of a 6000 px one.
TALLER_PHONE = {**TALL_PHONE, "height": 12_000}
FOUR_TIMES_AS_BIG = {"width": 320, "height": 256}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What stays on the screen while the page moves, as a part of its height.
HELD = """() => [...document.querySelectorAll("body *")]
  .filter((one) => ["sticky", "fixed"].includes(getComputedStyle(one).position) && one.offsetParent)
  .reduce((sum, one) => sum + one.getBoundingClientRect().height, 0) / window.innerHeight"""
AXE = """(rules) => axe.run({ runOnly: rules, resultTypes: ["violations"] }).then((found) => found.violations
  .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html} ${node.failureSummary}`)))"""
# The whole set once; after that only what a look can change.
ALL = WCAG["runOnly"]
COLOURS = ("color-contrast",)
SIZES = ("color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block")
DARK: dict[str, Any] = {"color_scheme": "dark", "forced_colors": "none"}
FORCED: dict[str, Any] = {"color_scheme": "light", "forced_colors": "active"}
LIGHT: dict[str, Any] = {"color_scheme": "light", "forced_colors": "none"}
# A page that shows the same at another level is looked at once. Nobody sees these, or they differ from visit to visit.
UNSEEN = re.compile(r'<input type="hidden"[^>]*>|(?:reading|visit)=[\w.%-]+|gAAAA[\w%=.-]+|\b[0-9a-f]{16,}\b')


@pytest.fixture(scope="module")
async def child(on_one: Stage) -> AsyncIterator[Child]:
    """The app, served in this process, so that its bot, its doors and an adult are at hand."""
    await on_one.person_app.provider("mere-voices", ("southmere",), hours="")
    async with listening(on_one.app) as address:
        yield Child(on_one, address)


@pytest.fixture(scope="module")
async def page() -> AsyncIterator[Page]:
    """One page for all: looks are changed in place. The page's own policy would refuse axe, so it is set aside."""
    async with async_chromium() as browser:
        # Without movement, a colour is its last one at once.
        context = await browser.new_context(bypass_csp=True, viewport=TALL_DESK, reduced_motion="reduce")
        yield await context.new_page()


async def show(page: Page, shown: Shown, act: Act) -> None:
    """Opens a page, with what is done on it, in its first look."""
    await page.set_viewport_size(TALL_DESK)
    await page.emulate_media(**LIGHT)
    if shown.html:
        await page.route(shown.url, lambda route: route.fulfill(body=shown.html, content_type="text/html"))
    await page.goto(shown.url)
    if shown.html:
        await page.unroute(shown.url)
    if isinstance(act, str):
        await page.evaluate(act)
    elif act:
        await act(page)
    await page.evaluate(AXE_SCRIPT)


async def axe(page: Page, rules: Sequence[str]) -> list[str]:
    """What axe finds by these rules or sets of rules, the element with each."""
    kind = "tag" if rules is ALL else "rule"
    found: list[str] = await page.evaluate(AXE, {"type": kind, "values": list(rules)})
    return found


async def looked_at(page: Page) -> AsyncIterator[tuple[str, list[str]]]:
    """Each look in turn, with what is wrong in it."""
    yield "desk", await axe(page, ALL)
    for name, media in (("dark desk", DARK), ("forced desk", FORCED)):
        await page.emulate_media(**media)
        yield name, await axe(page, COLOURS)
    await page.set_viewport_size(TALLER_PHONE)
    await page.evaluate(WIDE_SPACING)
    yield "forced phone", await axe(page, COLOURS)
    await page.emulate_media(**DARK)
    yield "dark phone", await axe(page, COLOURS)
    await page.emulate_media(**LIGHT)
    yield "phone", await axe(page, SIZES) + await page.evaluate(SMALL_TARGETS)
    if await page.evaluate(SIDEWAYS) > 0:
        yield "phone", ["must be scrolled sideways"]
    await page.set_viewport_size(FOUR_TIMES_AS_BIG)
    if await page.evaluate(SIDEWAYS) > 0:
        yield "400%", ["must be scrolled sideways"]
    if await page.evaluate(HELD) > 0.5:
        yield "400%", ["bars that stay cover half of the page"]


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_for_everybody_at_every_level_in_every_look(page: Page, child: Child, name: str) -> None:
    way, act = PAGES[name]
    seen: set[str] = set()
    wrong = []
    for level in LEVELS:
        shown = await way(child, level)
        html = shown.html or (await _html(shown.url))
        words = UNSEEN.sub("", html)
        if words in seen:
            continue
        seen.add(words)
        await show(page, shown, act)
        async for look, found in looked_at(page):
            wrong += [f"{level}, {look}: {one}" for one in found]
    assert wrong == []


async def _html(url: str) -> str:
    async with httpx.AsyncClient() as browser:
        return (await browser.get(url)).text
