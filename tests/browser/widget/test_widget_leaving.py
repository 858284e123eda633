"""Leaving quickly from the widget, in a real Chromium: the site goes along, at once, and its own Escape still works."""

from urllib.parse import urlencode, urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.widget.stage import (
    ANSWER,
    IN_FRAME,
    LEAVE_TO,
    Stage,
    answered,
    ask,
    button,
    chat,
    frame_of,
    has_left,
    is_ready,
    on_phone,
    opened,
    until,
    visit,
)

pytestmark = pytest.mark.browser
WATCH_THE_COVER = """() => {
  const $all = document.querySelector("know-widget").shadowRoot.querySelector("section");
  new MutationObserver(() => {
    const { width, height } = $all.getBoundingClientRect();
    const seen = document.elementFromPoint(innerWidth / 2, innerHeight / 2).localName;
    console.log(`covered by ${seen}, ${width} x ${height}, ${frames.length} frames`);
  }).observe($all, { attributes: true });
}"""


async def test_leaving_takes_the_site_along_at_once_and_back_shows_neither(page: Page, stage: Stage) -> None:
    await page.goto(f"{stage.sites.listed}/bare")
    await opened(page, stage.sites.listed)
    frame = await answered(page)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.text.startswith("cover") else None)
    await page.evaluate(WATCH_THE_COVER)
    async with page.expect_request("**/leave?within=northmoor") as telling:
        await frame.get_by_role("button", name="Leave quickly").click()
    assert "chat=" in ((await telling.value).post_data or "")
    await has_left(page)
    # Before the other page came, there was nothing else to be seen.
    assert said == ["covered by know-widget, 1280 x 900, 0 frames"]
    await page.go_back()
    await expect(page.locator("h1")).to_have_text("A site of a force")
    assert urlsplit(page.url).path == "/bare"
    await expect(page.locator("iframe")).to_have_count(0)


async def test_leaving_after_pages_in_the_frame_shows_no_talk_on_the_way_back(page: Page, stage: Stage) -> None:
    await page.goto(f"{stage.sites.listed}/bare")
    frame = await opened(page, stage.sites.listed)
    await answered(page)
    await frame.get_by_role("link", name="Be safe on this page").click()
    await expect(frame.locator("h1")).to_have_text("Be safe on this page")
    await frame.get_by_role("button", name="Leave quickly").click()
    await has_left(page)
    for _ in range(4):
        await page.go_back()
        await expect(page.locator("body")).not_to_contain_text(ANSWER)
        assert not [one for one in page.frames if one.url.startswith(stage.ours)]


@pytest.mark.parametrize(
    ("to", "lands"),
    [
        ("https://www.metoffice.gov.uk/", "https://www.metoffice.gov.uk/"),
        ("javascript:alert(1)", LEAVE_TO),
        ("//x", LEAVE_TO),
    ],
)
async def test_by_three_shifts_to_where_the_tag_says(page: Page, stage: Stage, to: str, lands: str) -> None:
    await opened(page, stage.sites.listed, leave_to=to)
    await until(page, IN_FRAME)
    for _ in range(3):
        await page.keyboard.press("ShiftLeft")
    await has_left(page, lands)


async def test_without_the_loader_the_frame_leaves_by_itself(page: Page, stage: Stage) -> None:
    await page.goto(f"{stage.sites.listed}/framing?{urlencode({'framed': f'{stage.ours}/northmoor?within=northmoor'})}")
    frame = page.frame_locator("iframe")
    await ask(frame, "fingerprints")
    await expect(frame.locator(".said")).to_have_count(1)
    await frame.get_by_role("button", name="Leave quickly").click()
    await has_left(page)


async def test_escape_leaves_a_site_that_leaves_on_it_and_closes_nothing(page: Page, stage: Stage) -> None:
    await opened(page, stage.sites.listed, "/escape", exit_key="escape")
    # Nobody leaves for the Escape of another page, or of a hand that is not there.
    await frame_of(page, stage).evaluate(
        "document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))"
    )
    await until(page, IN_FRAME)
    await page.keyboard.press("Escape")
    await page.wait_for_url("**/left")


async def test_escape_where_the_site_leaves_on_it_never_closes_the_chat(page: Page, stage: Stage) -> None:
    await opened(page, stage.sites.listed, exit_key="escape")
    await page.evaluate("""() => {
      window.keys = [];
      for (const name of ["keydown", "keyup"]) {
        addEventListener(name, (event) => keys.push([name, event.key, event.code, event.keyCode].join()));
      }
    }""")
    await until(page, IN_FRAME)
    await page.keyboard.press("Escape")
    await until(page, "keys.length === 2")
    assert await page.evaluate("keys") == ["keydown,Escape,Escape,27", "keyup,Escape,Escape,27"]
    await page.get_by_role("button", name="Close").focus()
    await page.keyboard.press("Escape")
    await expect(page.locator("iframe")).to_be_visible()


async def test_escape_closes_what_is_open_inside_first(page: Page, stage: Stage) -> None:
    frame = await opened(page, stage.sites.listed, card="bodycam")
    await frame.locator(".word").first.click()
    await expect(frame.locator(".word-panel")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(frame.locator(".word-panel")).to_have_count(0)
    await expect(page.locator("iframe")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("iframe")).to_be_hidden()


async def test_a_page_in_a_frame_of_a_listed_site_takes_that_along(page: Page, stage: Stage) -> None:
    await page.goto(f"{stage.sites.listed}/framing?{urlencode({'framed': f'{stage.sites.listed}/plain'})}")
    inside = page.frame_locator("iframe[title='A page']")
    await inside.locator("know-widget .know").click()
    frame = inside.frame_locator("know-widget iframe")
    await expect(frame.locator("h1")).to_be_visible()
    await until(page, "frames[0].document.querySelector('know-widget').ready")
    await frame.get_by_role("button", name="Leave quickly").click()
    await has_left(page)


SEEN = """() => {
  const { offsetLeft, offsetTop, width, height, scale } = visualViewport;
  return { left: offsetLeft, top: offsetTop, right: offsetLeft + width, bottom: offsetTop + height, scale };
}"""


async def in_sight(page: Page, stage: Stage) -> str:
    """What is wrong with the way to leave on the glass of a phone, whatever the page around; "" for nothing."""
    seen = await page.evaluate(SEEN)
    around = await page.evaluate("""() => {
      const $frame = document.querySelector("know-widget").shadowRoot.querySelector("iframe");
      const { left, top, width } = $frame.getBoundingClientRect();
      return { left, top, drawn: width / $frame.clientWidth };
    }""")
    inside = (
        await frame_of(page, stage)
        .locator("button.leave")
        .evaluate("""(one) => {
      const { left, top, right, bottom } = one.getBoundingClientRect();
      return { left, top, right, bottom };
    }""")
    )
    box = {
        side: around["left" if side in ("left", "right") else "top"] + at * around["drawn"]
        for side, at in inside.items()
    }
    whole = box["left"] >= seen["left"] - 1 and box["right"] <= seen["right"] + 1
    whole = whole and box["top"] >= seen["top"] - 1 and box["bottom"] <= seen["bottom"] + 1
    pressed = (box["bottom"] - box["top"]) * seen["scale"] >= 43.5
    return "" if whole and pressed else f"{box} of {seen}"


@on_phone
@pytest.mark.parametrize("path", ["/plain", "/wide", "/old"])
@pytest.mark.parametrize("size", [(390, 844), (844, 390)])
async def test_the_way_to_leave_is_in_sight_on_a_page_wider_than_the_phone(
    page: Page, stage: Stage, path: str, size: tuple[int, int]
) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await visit(page, stage.sites.listed, path)
    # Pressed by script: where a page is wider than the glass, the driver aims beside what it wants to press.
    await button(page).evaluate("(one) => one.click()")
    await is_ready(page)
    frame = chat(page)
    assert await in_sight(page, stage) == ""
    await frame.get_by_label("Ask in your own words").fill("my dad is hitting me right now")
    await page.keyboard.press("Enter")
    await expect(frame.locator("#latest")).to_have_attribute("data-kind", "alarm")
    wrong = []
    for to in (0, 0.5, 1):
        await frame_of(page, stage).evaluate("(to) => window.scrollTo(0, to * document.body.scrollHeight)", to)
        wrong += [found] if (found := await in_sight(page, stage)) else []
    line = await page.context.new_cdp_session(page)
    for distance in (-300, 300):
        await line.send("Input.synthesizeScrollGesture", {"x": 200, "y": 300, "xDistance": distance, "yDistance": 0})
        wrong += [found] if (found := await in_sight(page, stage)) else []
    assert wrong == []
    await page.touchscreen.tap(40, 26)
    await has_left(page)
