"""In a real Chromium: on no page of the desk or console is a word to decide on out of sight, or danger forgotten."""

from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page, expect

from tests.browser.test_axe_everywhere import ALL, AXE
from tests.child_conversation import Stage
from tests.chromium import async_chromium
from tests.staff_pages import LEAD, NO_PAGES, PAGES, Look, Staff, page_routes, served_staff, signed_in

pytestmark = pytest.mark.browser

SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
OPEN_ALL = '() => document.querySelectorAll("details").forEach((one) => { one.open = true; })'
# Each run of words, and each field and button, scrolled to and then looked for at the middle of where it stands.
OUT_OF_SIGHT = r"""() => {
  const wrong = [];
  const skipped = ".unseen, .skip, template, script, style, noscript, option, [aria-hidden='true']";
  const roots = [...document.querySelectorAll("main, .danger-bar")];
  const named = ($one) => `<${$one?.tagName.toLowerCase()} class="${$one?.className}">`;
  const say = ($one, why, words) => wrong.push(`${why}: ${words.trim().slice(0, 60)} in ${named($one)}`);
  const shown = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true };
  const isInView = ({ left, top, width, height }) => left + width / 2 >= 0 && left + width / 2 <= innerWidth
    && top + height / 2 >= 0 && top + height / 2 <= innerHeight;
  const inSight = ($one, boxOf, words) => {
    if (!$one.checkVisibility(shown)) return say($one, "not shown", words);
    const size = boxOf();
    if (!size || size.width < 2 || size.height < 2) return say($one, "no room", words);
    // What is wider or taller than the screen shows its words at one of its ends, and lies under a bar at another.
    const isUncovered = ({ left, top, width, height }) => {
      const $there = document.elementFromPoint(left + width / 2, top + height / 2);
      return !$there || $one === $there || $one.contains($there) || $there.closest("label")?.contains($one);
    };
    let isHere = false;
    const isSeen = ["center", "start", "end"].some((to) => {
      $one.scrollIntoView({ block: to, inline: to, behavior: "instant" });
      isHere ||= isInView(boxOf());
      return isInView(boxOf()) && isUncovered(boxOf());
    });
    for (let $up = $one.parentElement; $up; $up = $up.parentElement) {
      const { overflowX, overflowY } = getComputedStyle($up);
      const isHeld = (overflow, by) => /hidden|clip/.test(overflow) && by !== 0;
      if (!isHeld(overflowY, $up.scrollTop) && !isHeld(overflowX, $up.scrollLeft)) continue;
      $up.scrollTo(0, 0);
      return say($one, "behind a fold that does not scroll", words);
    }
    if (!isHere) return say($one, "cannot be scrolled to", words);
    const { left, top, width, height } = boxOf();
    if (!isSeen) say($one, `covered by ${named(document.elementFromPoint(left + width / 2, top + height / 2))}`, words);
  };
  for (const $root of roots) {
    const walk = document.createTreeWalker($root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const node = walk.currentNode;
      const $one = node.parentElement;
      const isHidden = $one.closest("[hidden]") && !$one.closest("[data-decide]");
      if (!node.data.trim() || $one.closest(skipped) || isHidden || $one.closest("textarea")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      inSight($one, () => [...range.getClientRects()].find((box) => box.width > 1), node.data);
    }
    for (const $one of $root.querySelectorAll("input:not([type=hidden]), textarea, select, button")) {
      if (!$one.closest("[hidden], template")) inSight($one, () => $one.getBoundingClientRect(), $one.name || "field");
    }
  }
  return wrong;
}"""
# A page on which something is sent says, in words that are marked as such, what about.
UNMARKED = """() => {
  const forms = [...document.querySelectorAll("main form[method=post]")];
  const decides = forms.some(($one) => !$one.action.endsWith("/sign-out"));
  const marked = [...document.querySelectorAll("[data-decide]")].some(($one) => $one.innerText.trim().length > 10);
  return decides && !marked;
}"""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_chromium() as found:
        yield found


@pytest.fixture(scope="module")
async def staff(on_one: Stage) -> AsyncIterator[Staff]:
    await on_one.person_app.as_new(on_one.clock())
    on_one.provider = await on_one.person_app.provider(lead=LEAD)
    async with served_staff(on_one) as found:
        yield found


async def opened(browser: Browser, staff: Staff, look: Look, size: dict[str, int]) -> Page:
    """A page in a browser of its own, with what is done on it done."""
    context = await browser.new_context(viewport=size, bypass_csp=True, reduced_motion="reduce")
    await context.add_cookies(signed_in(staff, look))
    page = await context.new_page()
    answer = await page.goto(staff.address + look.path.format(**staff.names))
    assert answer
    assert answer.status in (200, 404, 409), f"{look.path} answered {answer.status}"
    if look.act:
        await look.act(page, staff)
    return page


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<p style='display: none'>Words</p>", "not shown"),
        ("<div style='visibility: hidden'><p>Words</p></div>", "not shown"),
        ("<div style='opacity: 0'><p>Words</p></div>", "not shown"),
        ("<p style='font-size: 0'>Words</p>", "no room"),
        ("<p style='clip-path: inset(50%)'>Words</p>", "covered"),
        ("<p>Words</p><div style='position: fixed; inset: 0; background: red'></div>", "covered"),
        ("<div style='height: 60px; overflow: hidden'><div style='height: 90px'></div><p>Words</p></div>", "a fold"),
        ("<p style='position: absolute; left: -900px'>Words</p>", "cannot be scrolled to"),
        ("<table class='with-answer'><tr><td>Words</td></tr></table>", ""),
        ("<div style='height: 60px; overflow: auto'><div style='height: 9000px'></div><p>Words</p></div>", ""),
        ("<div style='height: 9000px'></div><p>Words</p>", ""),
    ],
)
async def test_what_is_out_of_sight_is_found(browser: Browser, html: str, why: str) -> None:
    page = await browser.new_page()
    await page.set_content(f"<main data-decide>{html}</main>")
    wrong = await page.evaluate(OUT_OF_SIGHT)
    await page.close()
    assert [why in one for one in wrong] == ([True] if why else [])


def test_every_page_of_the_desk_and_the_console_is_looked_at() -> None:
    routes = page_routes()
    looked = {next(one.path for one in routes if one.path_regex.match(_path(look))) for look in PAGES.values()}
    assert {route.path for route in routes} == looked | set(NO_PAGES)


def _path(look: Look) -> str:
    return look.path.partition("?")[0].replace("{", "").replace("}", "")


@pytest.mark.parametrize("name", PAGES)
async def test_no_word_to_decide_on_is_out_of_sight(browser: Browser, staff: Staff, name: str) -> None:
    page = await opened(browser, staff, PAGES[name], SIZES["desk"])
    assert not await page.evaluate(UNMARKED), "something is sent here, and no words are marked that say what about"
    await page.evaluate(OPEN_ALL)
    wrong = []
    for size, viewport in SIZES.items():
        await page.set_viewport_size(viewport)
        wrong += [f"{size}: {one}" for one in await page.evaluate(OUT_OF_SIGHT)]
    await page.context.close()
    assert wrong == []


# In the talk, while it is written in and while the browser has no script, and on every other page of the handover.
IN_DANGER = ("talk", "call", "call, number", "pass on", "safety", "close", "concern", "concern, opened")
DANGER_SIZES = ((1100, 900), (1366, 768), (390, 844), (844, 390), (320, 256))
STAYS = """(to) => {
  window.scrollTo(0, to * document.documentElement.scrollHeight);
  document.querySelectorAll(".talk-lines").forEach(($one) => { $one.scrollTop = -to * $one.scrollHeight; });
  const $bar = document.querySelector(".danger-bar");
  const box = $bar.getBoundingClientRect();
  const $there = document.elementFromPoint(box.left + box.width / 2, box.top + 8);
  const isWhole = box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth;
  return isWhole && box.height <= innerHeight / 2 && $bar.contains($there);
}"""
# What has the focus and is under the banner. What is taller than the rest of the screen may begin there.
UNDER = """() => {
  const $one = document.activeElement;
  const $bar = document.querySelector(".danger-bar");
  const [one, bar] = [$one.getBoundingClientRect(), $bar.getBoundingClientRect()];
  const [from, to] = [Math.max(one.top, bar.top), Math.min(one.bottom, bar.bottom)];
  if ($one === document.body || from >= to || one.height > innerHeight - bar.height) return "";
  return $bar.contains(document.elementFromPoint(one.left + one.width / 2, (from + to) / 2)) && !$bar.contains($one)
    ? $one.outerHTML.slice(0, 120) : "";
}"""


@pytest.mark.parametrize("name", IN_DANGER)
async def test_danger_and_what_to_do_stay_in_sight(browser: Browser, staff: Staff, name: str) -> None:
    page = await opened(browser, staff, PAGES[name], SIZES["desk"])
    bar = page.locator(".danger-bar")
    said = await bar.inner_text()
    assert "May be in danger" in said
    assert LEAD in said
    assert await bar.get_by_role("link", name="999").get_attribute("href") == "tel:999"
    gone = []
    for width, height in DANGER_SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        gone += [f"{width}x{height} at {to}" for to in (0, 0.5, 1) if not await page.evaluate(STAYS, to)]
    await page.context.close()
    assert gone == []


@pytest.mark.parametrize("size", [(1366, 768), (390, 844), (844, 390)])
async def test_the_banner_covers_nothing_that_has_the_focus(
    browser: Browser, staff: Staff, size: tuple[int, int]
) -> None:
    page = await opened(browser, staff, PAGES["talk"], {"width": size[0], "height": size[1]})
    covered = []
    for key in ("Tab",) * 40 + ("Shift+Tab",) * 40:
        await page.keyboard.press(key)
        covered += [found] if (found := await page.evaluate(UNDER)) else []
    await page.context.close()
    assert covered == []


@pytest.mark.parametrize("name", ["talk", "call", "safety"])
async def test_axe_finds_nothing_beside_the_banner(browser: Browser, staff: Staff, name: str) -> None:
    found = []
    # Tall, so that nothing is half under the banner, which axe would take for a small target.
    for width in (1366, 390):
        page = await opened(browser, staff, PAGES[name], {"width": width, "height": 6000})
        await page.evaluate(AXE_SCRIPT)
        found += await page.evaluate(AXE, {"type": "tag", "values": list(ALL)})
        await page.context.close()
    assert found == []


async def test_danger_that_comes_up_while_they_talk_stands_there_at_once(browser: Browser, staff: Staff) -> None:
    child = await staff.on.child("Who sees it?")
    await child.open()
    ref = staff.on.handle(child).ref
    assert (await staff.people["supervisor"].post(f"/console/queue/{ref}/claim")).status_code == 303
    page = await opened(browser, staff, Look("supervisor", f"/console/talk/{ref}"), SIZES["phone"])
    await expect(page.locator("#around-page")).to_be_visible()
    assert await page.locator(".danger-bar").count() == 0
    await child.say("my dad hits me and i am scared")
    await expect(page.locator(".danger-bar")).to_contain_text("somebody hurts them")
    await expect(page.locator("#new-lines")).to_contain_text("May be in danger")
    assert await page.evaluate(STAYS, 1)
    await page.context.close()
