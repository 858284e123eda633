"""The widget on sites of another origin, in a real Chromium: opened, asked and closed; by keyboard, and on a phone."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.async_api import Page, expect

from accessibility.contrast import contrast
from api.web.widget_builds import newest
from tests.browser.widget.stage import (
    IN_FRAME,
    TYPED,
    Stage,
    answered,
    button,
    chat,
    is_ready,
    on_each,
    on_phone,
    opened,
    until,
    visit,
)

pytestmark = pytest.mark.browser
FOCUSED = """() => {
  const $one = document.activeElement;
  return ($one.shadowRoot?.activeElement ?? $one).className;
}"""


async def test_nothing_is_asked_for_before_somebody_presses(page: Page, stage: Stage) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await visit(page, stage.sites.listed)
    await button(page).hover()
    await button(page).focus()
    await page.mouse.wheel(0, 2000)
    await page.wait_for_load_state("networkidle")
    ours = [url for url in asked if url.startswith(stage.ours)]
    assert ours == [f"{stage.ours}/widget/v1/know.js"]
    await expect(page.locator("iframe")).to_have_count(0)
    await button(page).click()
    await is_ready(page)
    assert f"{stage.ours}/northmoor?within=northmoor" in asked
    # And then of us alone.
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(stage.ours).netloc, urlsplit(stage.sites.listed).netloc}


@on_each
async def test_it_is_opened_asked_closed_and_opened_again_as_it_was(page: Page, stage: Stage) -> None:
    await visit(page, stage.sites.listed, position="left")
    await expect(button(page)).to_have_attribute("aria-expanded", "false")
    await expect(button(page)).to_have_attribute("aria-haspopup", "dialog")
    await expect(page.locator(f"know-widget #{await button(page).get_attribute('aria-controls')}")).to_be_hidden()
    await button(page).click()
    await is_ready(page)
    await expect(button(page)).to_have_attribute("aria-expanded", "true")
    said = {name: await page.locator("iframe").get_attribute(name) for name in ("title", "referrerpolicy", "allow")}
    assert said == {"title": "Your questions and answers", "referrerpolicy": "strict-origin", "allow": ""}
    rights = (await page.locator("iframe").get_attribute("sandbox") or "").split()
    assert set(rights) == {
        *("allow-scripts", "allow-same-origin", "allow-forms", "allow-popups", "allow-popups-to-escape-sandbox"),
        "allow-top-navigation-by-user-activation",
    }
    frame = await answered(page)
    answer = await frame.locator("#latest").inner_text()
    await frame.get_by_label("Ask in your own words").fill(TYPED)
    await page.get_by_role("button", name="Close").click()
    await expect(page.locator("iframe")).to_be_hidden()
    await expect(button(page)).to_be_focused()
    await button(page).click()
    await expect(frame.locator("#latest")).to_be_visible()
    assert await frame.locator("#latest").inner_text() == answer
    assert await frame.get_by_label("Ask in your own words").input_value() == TYPED


@pytest.mark.parametrize("path", ["/strict", "/no-frame", "/late", "/twice", "/head", "/queued"])
async def test_it_works_however_it_was_put_there(page: Page, stage: Stage, path: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await visit(page, stage.sites.listed, path)
    await expect(page.locator("know-widget")).to_have_count(1)
    await expect(button(page)).to_have_text("Ask a question")
    # Styled, also where the site lets no style in.
    assert await button(page).evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgb(23, 50, 77)"
    if path != "/queued":
        await button(page).click()
    await is_ready(page)
    await answered(page)
    assert [one for one in said if "favicon" not in one and "404" not in one] == []


async def test_a_card_or_a_situation_to_begin_at(page: Page, stage: Stage) -> None:
    frame = await opened(page, stage.sites.listed, card="bodycam")
    await expect(frame.locator("#latest h3")).to_contain_text("filmed")
    await opened(page, stage.sites.listed, situation="arrested", card="&within=southmere#<script>")
    asked = parse_qs(urlsplit(await page.locator("iframe").get_attribute("src") or "").query)
    assert asked == {"within": ["northmoor"], "situation": ["arrested"], "card": ["&within=southmere#<script>"]}


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ({"greeting": "police"}, "Questions about the police?"),
        ({"greeting": "rights", "lang": "cy"}, "Dy hawliau di"),
        ({"greeting": "<b>x</b>", "lang": "xx", "position": "gone", "colour": "red;x"}, "Ask a question"),
        ({"greeting": "constructor"}, "Ask a question"),
    ],
)
async def test_what_the_tag_says(page: Page, stage: Stage, says: dict[str, str], shown: str) -> None:
    await visit(page, stage.sites.listed, **says)
    await expect(button(page)).to_have_text(shown)
    await expect(page.locator("know-widget section")).to_have_attribute(
        "lang", says.get("lang", "en").replace("xx", "en")
    )


@pytest.mark.parametrize("force", ["", "North Moor", "../desk", "//evil.example", "x" * 41])
async def test_a_tag_that_names_no_force_does_nothing(page: Page, stage: Stage, force: str) -> None:
    await page.goto(f"{stage.sites.listed}/plain?{urlencode({'force': force, 'x': ''})}")
    await page.wait_for_load_state("networkidle")
    await expect(page.locator("know-widget")).to_have_count(0 if force else 1)


async def test_words_on_every_colour_can_be_read(page: Page) -> None:
    found = re.search(r"function wordsOn\(colour\) \{.*?\n  \}", newest().content.decode(), re.DOTALL)
    assert found
    steps = [f"{step:02x}" for step in (*range(0, 256, 12), 255)]
    colours = [f"#{red}{green}{blue}" for red in steps for green in steps for blue in steps]
    words = await page.evaluate(f"(colours) => {{ {found[0]} return colours.map(wordsOn); }}", colours)
    whole = {"#000": "#000000", "#fff": "#ffffff"}
    assert min(contrast(colour, whole[word]) for colour, word in zip(colours, words, strict=True)) >= 4.5


async def test_closed_it_is_one_stop_of_the_keyboard(page: Page, stage: Stage) -> None:
    await opened(page, stage.sites.listed)
    await page.get_by_role("button", name="Close").click()
    await page.evaluate("document.activeElement.blur()")
    stops = []
    for _ in range(4):
        await page.keyboard.press("Tab")
        stops.append(await page.evaluate(FOCUSED))
        assert not await page.evaluate(IN_FRAME)
    assert stops.count("know") >= 1
    assert set(stops) <= {"know", ""}


async def test_by_keyboard_alone(page: Page, stage: Stage) -> None:
    await visit(page, stage.sites.listed)
    await page.keyboard.press("Tab")
    await expect(button(page)).to_be_focused()
    await page.keyboard.press("Enter")
    await is_ready(page)
    frame = chat(page)
    await expect(frame.locator("h1")).to_be_focused()
    for _ in range(60):
        if await frame.get_by_label("Ask in your own words").evaluate("(one) => one === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await page.keyboard.type("fingerprints")
    await page.keyboard.press("Enter")
    await expect(frame.locator(".said")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.locator("iframe")).to_be_hidden()
    await expect(button(page)).to_be_focused()
    # Nobody is caught inside: backwards from the frame is Close, and then the button and the page.
    await page.keyboard.press("Enter")
    await expect(page.locator("iframe")).to_be_visible()
    await until(page, IN_FRAME)
    stops = set()
    for _ in range(80):
        await page.keyboard.press("Shift+Tab")
        stops.add(await page.evaluate(FOCUSED))
        if "know" in stops:
            break
    assert {"close", "know"} <= stops


async def test_a_site_opens_it_without_taking_anybodys_place(page: Page, stage: Stage) -> None:
    await visit(page, stage.sites.listed)
    await page.evaluate("""() => {
      const box = document.body.appendChild(document.createElement("input"));
      box.id = "search";
      box.focus();
    }""")
    await page.evaluate("setTimeout(() => knowWidget.open())")
    await is_ready(page)
    await expect(page.locator("#search")).to_be_focused()
    await page.evaluate("knowWidget.close()")
    await expect(page.locator("iframe")).to_be_hidden()
    await expect(page.locator("#search")).to_be_focused()
    # By the press of somebody, the focus goes along.
    await page.evaluate("() => { document.querySelector('h1').onclick = () => knowWidget.open(); }")
    await page.locator("h1").click()
    await until(page, IN_FRAME)


@on_phone
async def test_no_phone_is_covered_without_a_press(page: Page, stage: Stage) -> None:
    await visit(page, stage.sites.listed)
    await page.evaluate("knowWidget.open()")
    await expect(page.locator("know-widget #panel")).to_be_hidden()
    await button(page).tap()
    await is_ready(page)
    panel = page.locator("know-widget #panel")
    assert await panel.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    await expect(panel).to_have_attribute("aria-modal", "true")
    # What is behind waits: neither the keyboard nor a reader goes there.
    assert await page.evaluate("document.body.inert")
    await page.get_by_role("button", name="Close").tap()
    assert not await page.evaluate("document.body.inert")
    await expect(button(page)).to_be_focused()


@on_phone
async def test_it_follows_the_keys_of_a_phone_and_not_a_hand_that_zooms(page: Page, stage: Stage) -> None:
    await opened(page, stage.sites.listed)
    see = """([height, top, scale]) => {
      const value = { height, offsetTop: top, scale };
      for (const name of Object.keys(value)) {
        Object.defineProperty(visualViewport, name, { value: value[name], configurable: true });
      }
      visualViewport.dispatchEvent(new Event("resize"));
    }"""
    await page.evaluate(see, [500, 40, 1])
    assert await page.locator("know-widget #panel").bounding_box() == {"x": 0, "y": 40, "width": 390, "height": 500}
    await page.evaluate(see, [300, 90, 2.5])
    assert await page.locator("know-widget #panel").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}


async def test_a_site_hears_of_opening_closing_and_leaving(page: Page, stage: Stage) -> None:
    await visit(page, stage.sites.listed, "/queued")
    await is_ready(page)
    assert await page.evaluate("heard") == ["open"]
    await page.evaluate("""() => {
      knowWidget.on("close", () => { throw new Error("theirs"); });
      knowWidget.on("close", () => heard.push("after"));
      knowWidget.push(["close"], ["nothing"], ["on", "nothing"]);
    }""")
    assert await page.evaluate("heard") == ["open", "close", "after"]


async def test_on_paper_it_is_not_there(page: Page, stage: Stage) -> None:
    await visit(page, stage.sites.listed)
    await page.emulate_media(media="print")
    await expect(button(page)).to_be_hidden()
