"""The widget where the chat cannot come, in a real Chromium: not listed, no network, or the force's door is shut."""

import asyncio
from urllib.parse import urlencode

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect

from tests.browser.widget.stage import TYPED, Stage, answered, ask, button, is_ready, opened, visit

pytestmark = pytest.mark.browser
BACK = """async () => {
  for (;;) {
    try { return (await fetch("/healthz")).ok; } catch { await new Promise((again) => setTimeout(again, 100)); }
  }
}"""

COMPLETE = """() => new Promise((done) => {
  if (document.readyState === "complete") done(); else window.addEventListener("load", done);
})"""


async def help_stands_there(page: Page) -> None:
    told = page.locator("know-widget .told")
    await expect(told).to_contain_text("The chat does not open now.")
    await expect(told.get_by_role("link", name="In danger now? Call 999.")).to_have_attribute("href", "tel:999")
    await expect(told.get_by_role("link", name="Childline on 0800 1111")).to_have_attribute("href", "tel:08001111")


async def test_a_site_that_is_not_listed_shows_help_and_no_chat(page: Page, stage: Stage) -> None:
    await visit(page, stage.sites.other)
    await button(page).click()
    await help_stands_there(page)
    assert not [one for one in page.frames if one.url.startswith(stage.ours)]
    await page.get_by_role("button", name="Close").click()
    await expect(page.locator("know-widget #panel")).to_be_hidden()


async def test_in_a_frame_every_site_around_must_be_listed(page: Page, stage: Stage) -> None:
    inner = urlencode({"framed": f"{stage.sites.listed}/plain"})
    await page.goto(f"{stage.sites.listed}/framing?{inner}")
    inside = page.frame_locator("iframe[title='A page']")
    await inside.locator("know-widget .know").click()
    await expect(inside.frame_locator("know-widget iframe").locator("h1")).to_be_visible()
    await page.goto(f"{stage.sites.other}/framing?{inner}")
    await inside.locator("know-widget .know").click()
    await expect(inside.locator("know-widget .told")).to_contain_text("Childline")
    assert not [one for one in page.frames if one.url.startswith(stage.ours)]


async def test_with_the_network_gone_there_is_help_and_it_can_be_tried_again(page: Page, stage: Stage) -> None:
    await page.clock.install()
    await visit(page, stage.sites.listed)
    held: list[Route] = []
    await page.route(f"{stage.ours}/northmoor*", lambda route: held.append(route))
    await button(page).click()
    await expect(page.locator("know-widget .told")).to_have_text("One moment.")
    await page.clock.fast_forward(10_500)
    await help_stands_there(page)
    for route in held:
        await route.abort()
    await page.unroute(f"{stage.ours}/northmoor*")
    await page.route(f"{stage.ours}/northmoor*", lambda route: route.abort())
    await page.get_by_role("button", name="Try again").click()
    await page.clock.fast_forward(2_500)
    await help_stands_there(page)
    await page.unroute(f"{stage.ours}/northmoor*")
    await page.get_by_role("button", name="Try again").click()
    await is_ready(page)
    await expect(page.locator("know-widget .told")).to_be_empty()


async def test_a_network_that_goes_hides_nothing_of_the_talk(page: Page, context: BrowserContext, stage: Stage) -> None:
    await opened(page, stage.sites.listed)
    frame = await answered(page)
    await context.set_offline(True)
    await ask(frame, TYPED)
    await expect(frame.locator("#told")).to_contain_text("Not sent")
    await expect(frame.locator("#latest h3")).to_be_visible()
    await expect(frame.locator(".pinned")).to_contain_text("0800 1111")
    assert await frame.get_by_label("Ask in your own words").input_value() == TYPED
    await page.get_by_role("button", name="Close").click()
    await button(page).click()
    await expect(frame.locator("#latest h3")).to_be_visible()
    await context.set_offline(False)
    # The browser lets one process after the other back on the network.
    await frame.locator("body").evaluate(BACK)
    await frame.get_by_role("button", name="Ask", exact=True).click()
    await expect(frame.locator(".said")).to_have_count(2)


async def test_a_shut_door_is_said_within_a_minute_and_danger_is_still_heard(page: Page, stage: Stage) -> None:
    await page.clock.install()
    await opened(page, stage.sites.listed)
    frame = await answered(page)
    await frame.get_by_label("Ask in your own words").fill(TYPED)
    await stage.shut()
    try:
        await page.clock.fast_forward(31_000)
        await expect(frame.locator(".shut h1")).to_have_text("This page is closed for now")
        await expect(frame.locator(".shut")).to_contain_text("We are changing it.")
        await expect(frame.get_by_role("link", name="In danger now? Call 999.")).to_be_visible()
        await expect(frame.locator(".shut")).to_contain_text("Childline on 0800 1111")
        await expect(frame.locator("#talk")).to_be_hidden()
        assert await frame.get_by_label("Ask in your own words").input_value() == TYPED
        await ask(frame, "my dad is hitting me right now")
        await expect(frame.locator("#latest")).to_have_attribute("data-kind", "alarm")
        await expect(frame.locator(".shut")).to_have_count(0)
        # It stays, although the door is shut.
        await page.clock.fast_forward(65_000)
        await expect(frame.locator("#latest")).to_be_visible()
    finally:
        await stage.reopen()


async def test_a_door_that_opens_again_gives_the_talk_back(page: Page, stage: Stage) -> None:
    await page.clock.install()
    await opened(page, stage.sites.listed)
    frame = await answered(page)
    answer = await frame.locator("#latest").inner_text()
    await stage.shut()
    try:
        await page.clock.fast_forward(31_000)
        await expect(frame.locator(".shut")).to_be_visible()
    finally:
        await stage.reopen()
    await page.clock.fast_forward(31_000)
    await expect(frame.locator("#talk")).to_be_visible()
    assert await frame.locator("#latest").inner_text() == answer
    # What no network says changes nothing.
    asked: list[str] = []

    async def gone(route: Route) -> None:
        asked.append(route.request.url)
        await route.abort()

    await page.route("**/widget/v1/*/door", gone)
    await page.clock.fast_forward(31_000)
    await page.clock.fast_forward(31_000)
    while not asked:  # noqa: ASYNC110 - it is asked for soon
        await asyncio.sleep(0.02)
    await expect(frame.locator("#talk")).to_be_visible()


async def test_a_closed_chat_asks_nothing_and_learns_of_the_door_when_it_opens(page: Page, stage: Stage) -> None:
    await page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await opened(page, stage.sites.listed)
    frame = await answered(page)
    await page.get_by_role("button", name="Close").click()
    before = len(asked)
    await stage.shut()
    try:
        for _ in range(4):
            await page.clock.fast_forward(31_000)
        assert asked[before:] == []
        await button(page).click()
        await expect(frame.locator(".shut")).to_be_visible()
    finally:
        await stage.reopen()


async def test_a_page_beside_the_talk_goes_with_the_door(page: Page, stage: Stage) -> None:
    await page.clock.install()
    frame = await opened(page, stage.sites.listed, card="bodycam")
    await frame.locator("#latest .more > summary").click()
    await frame.get_by_role("link", name="See the journey").click()
    await expect(frame.locator("h1")).to_have_text("Choose your journey")
    await stage.shut()
    try:
        # Its scripts may come later than the door is shut.
        await frame.locator("body").evaluate(COMPLETE)
        await page.clock.fast_forward(31_000)
        await expect(frame.locator("h1")).to_have_text("This page is closed for now")
    finally:
        await stage.reopen()
    await frame.locator("body").evaluate(COMPLETE)
    await page.clock.fast_forward(31_000)
    await expect(frame.locator("h1")).not_to_have_text("This page is closed for now")
