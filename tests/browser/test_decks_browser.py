"""Decks in a real Chromium: by keys and without script, two devices that keep together over cuts, for everybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Locator, Page, Request, expect

from accessibility.rule_finding import LEVELS
from tests.browser.child_pages import ALL_OPEN, Shown
from tests.browser.test_axe_everywhere import looked_at, show
from tests.chromium import PHONE, TALL_DESK, WHOLE_CHROMIUM, async_chromium, looking
from tests.cut_line import cut_line
from tests.decks import CARDS
from tests.listening import listening
from tests.person_app import NOON, PersonApp, person_app

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)

DECK = f"/northmoor/deck/show?cards={','.join(CARDS)}"
WATCH_ANNOUNCEMENTS = """() => {
  window.said = [];
  new MutationObserver((found) => {
    for (const one of found) for (const node of one.addedNodes) window.said.push(node.textContent);
  }).observe(document.getElementById("new-messages"), { childList: true });
}"""
both = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


@pytest.fixture(scope="module")
async def app(one_url: str) -> AsyncIterator[PersonApp]:
    """The app at noon."""
    async with person_app(one_url, NOON) as found:
        yield found


@pytest.fixture(scope="module")
async def address(app: PersonApp) -> AsyncIterator[str]:
    """The app, served in this very process."""
    async with listening(app.app) as address:
        yield address


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_chromium(WHOLE_CHROMIUM) as found:
        yield found


@asynccontextmanager
async def two(browser: Browser, address: str, **looks: object) -> AsyncIterator[tuple[Page, Page]]:
    """Two devices, each a browser of its own, that have joined one deck by its code."""
    async with looking(browser, **looks) as here, looking(browser, **looks) as there:
        one, other = await here.new_page(), await there.new_page()
        await one.goto(f"{address}/northmoor/deck?cards={','.join(CARDS)}")
        await one.get_by_role("button", name="Use 2 devices").click()
        await joins(other, address, await code_of(one))
        yield one, other


async def code_of(page: Page) -> str:
    """The code as ears have it, without what stands between its digits."""
    return "".join((await page.locator(".deck-code .unseen").text_content() or "").split(", "))


async def joins(page: Page, address: str, code: str) -> None:
    """Somebody types the code on another device."""
    await page.goto(f"{address}/join")
    await page.get_by_label("Your code").fill(f"{code[:3]} {code[3:]}")
    await page.get_by_role("button", name="Open the cards").click()
    await expect(where(page)).to_contain_text("Card")
    await page.wait_for_load_state()


def where(page: Page) -> Locator:
    """Where the page says that the deck is."""
    return page.locator("#deck-at")


async def at(page: Page, place: int) -> None:
    """Waits until the page is at this card."""
    await expect(where(page)).to_have_text(f"Card {place} of {len(CARDS)}")


async def presses(page: Page, name: str) -> None:
    """Presses a button or a link."""
    await page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).click()


@both
async def test_a_session_is_planned_and_looked_at_by_keyboard_alone(
    browser: Browser, address: str, script: bool
) -> None:
    async with looking(browser, java_script_enabled=script) as context:
        page = await context.new_page()
        await page.goto(f"{address}/northmoor/deck")
        for role, name, key in (
            ("link", "I was stopped", "Enter"),
            ("checkbox", "What do the police write about me?", "Space"),
            ("checkbox", "An officer filmed me. How long do the police keep it?", "Space"),
            ("button", "Go on with these", "Enter"),
            ("link", "Start", "Enter"),
            ("link", "Next card", "Enter"),
        ):
            await tab_to(page, page.get_by_role(role, name=name, exact=True))  # type: ignore[arg-type]
            await page.keyboard.press(key)
        await expect(where(page)).to_have_text("Card 2 of 2")


async def tab_to(page: Page, wanted: Locator) -> None:
    """Presses Tab until it stands there."""
    await expect(wanted).to_be_visible()
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


async def test_arrow_keys_turn_the_card_and_the_list_of_pages_shows_one_line(browser: Browser, address: str) -> None:
    async with looking(browser) as context:
        page = await context.new_page()
        await page.goto(f"{address}/join")
        await page.goto(f"{address}{DECK}")
        for key, place in (("ArrowLeft", 1), ("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2)):
            await page.keyboard.press(key)
            await at(page, place)
            # A key before that would come before the script.
            await page.wait_for_load_state()
        await page.keyboard.press("Alt+ArrowRight")
        await at(page, 2)
        await page.go_back()
        await expect(page.get_by_label("Your code")).to_be_visible()


async def test_an_arrow_key_in_a_field_or_a_player_stays_there(browser: Browser, address: str) -> None:
    async with looking(browser) as context:
        page = await context.new_page()
        await page.goto(f"{address}{DECK}")
        await page.evaluate("document.querySelector('main').append(document.createElement('textarea'))")
        await page.locator("textarea").press("ArrowRight")
        await page.locator("h3").click()
        await page.keyboard.press("ArrowRight")
        await at(page, 2)


@both
async def test_whoever_leaves_finds_nothing_of_the_deck_on_the_way_back(
    browser: Browser, address: str, script: bool
) -> None:
    async with looking(browser, java_script_enabled=script) as context:
        away = urlsplit("https://www.bbc.co.uk/weather")
        await context.route(
            f"{away.scheme}://{away.netloc}/**",
            lambda route: route.fulfill(body="<h1>Weather</h1>", content_type="text/html"),
        )
        page = await context.new_page()
        await page.goto(f"{address}{DECK}")
        await presses(page, "Next card")
        await at(page, 2)
        await presses(page, "Leave quickly")
        await expect(page.get_by_role("heading")).to_have_text("Weather")
        for _ in range(3):
            await page.go_back()
            await expect(page.locator("body")).not_to_contain_text("bail")
            await expect(where(page)).to_have_count(0)


@both
async def test_two_devices_show_the_same_card_and_either_turns_it(browser: Browser, address: str, script: bool) -> None:
    async with two(browser, address, java_script_enabled=script) as (one, other):
        for turning, watching, name, place in (
            (one, other, "Next card", 2),
            (other, one, "Next card", 3),
            (one, other, "Card before", 2),
        ):
            await presses(turning, name)
            await at(turning, place)
            if not script:
                await presses(watching, "Show the newest card")
            await at(watching, place)


async def test_without_script_a_page_follows_by_itself(browser: Browser, address: str) -> None:
    async with two(browser, address, java_script_enabled=False, viewport=PHONE) as (one, other):
        await presses(one, "Next card")
        await at(other, 2)


async def test_a_turn_is_announced_once_and_moves_nobody_s_focus(browser: Browser, address: str) -> None:
    async with two(browser, address) as (one, other):
        loads: list[str] = []

        def loaded(request: Request) -> None:
            if request.resource_type == "document":
                loads.append(request.url)

        # That the other device has joined is news of its own, and goes again.
        await expect(one.locator("#others")).to_contain_text("2 devices")
        await expect(one.locator("#new-messages")).to_be_empty()
        for page in (one, other):
            await page.evaluate(WATCH_ANNOUNCEMENTS)
            page.on("request", loaded)
        await other.get_by_role("button", name="Easy words").focus()
        await one.get_by_role("button", name="Next card").focus()
        await one.keyboard.press("Enter")
        await at(other, 2)
        await expect(one.get_by_role("button", name="Next card")).to_be_focused()
        await expect(other.get_by_role("button", name="Easy words")).to_be_focused()
        question = await other.locator("#deck-question").inner_text()
        for page in (one, other):
            assert await page.evaluate("window.said.filter((one) => one)") == [f"Card 2 of 3. {question}"]
        assert loads == []


async def test_whoever_stood_in_the_card_that_goes_stands_at_the_top_of_the_new_one(
    browser: Browser, address: str
) -> None:
    async with two(browser, address) as (one, other):
        await other.locator(".hard-words > summary").focus()
        await presses(one, "Next card")
        await at(other, 2)
        await expect(where(other)).to_be_focused()


async def test_each_device_keeps_its_level_its_pictures_and_its_hard_words(browser: Browser, address: str) -> None:
    async with two(browser, address) as (one, other):
        await presses(other, "Easy words")
        await at(other, 1)
        await other.get_by_role("button", name="Pictures").click()
        await expect(other.locator(".bubble img")).to_have_count(0)
        await presses(one, "Next card")
        await at(other, 2)
        await expect(other.locator("#deck-question")).to_have_text(
            'What is bail, and what does "under investigation" mean?'
        )
        await expect(one.locator("#deck-question")).to_contain_text("What is bail? What does")
        await expect(other.locator(".bubble img")).to_have_count(0)
        await expect(one.locator(".bubble img").first).to_be_visible()
        await other.locator(".word").first.click()
        await expect(other.locator(".word-panel")).to_contain_text("Bail")
        await other.locator(".pace > summary").first.click()
        await expect(other.locator(".bubble").nth(1)).to_be_visible()


async def test_a_double_press_turns_one_card(browser: Browser, address: str) -> None:
    async with two(browser, address) as (one, other):
        await one.get_by_role("button", name="Next card").dblclick(delay=5)
        await at(other, 2)
        await other.evaluate(
            "document.querySelectorAll('[value=next]').forEach((one) => { one.click(); one.click(); })"
        )
        await at(one, 3)
        await at(other, 3)


async def test_the_first_device_shows_when_another_has_joined_and_puts_the_code_away(
    browser: Browser, address: str
) -> None:
    async with looking(browser) as here, looking(browser) as there:
        one, other = await here.new_page(), await there.new_page()
        await one.goto(f"{address}{DECK}")
        await presses(one, "Use 2 devices")
        await expect(one.locator(".deck-code")).to_be_visible()
        code = await code_of(one)
        tree = await one.locator(".deck-code").aria_snapshot()
        assert ", ".join(code) in tree
        assert f"{code[:3]} {code[3:]}" not in tree
        await joins(other, address, code)
        await expect(one.locator("#others")).to_contain_text("2 devices show these cards now.")
        await expect(one.locator(".deck-code")).to_be_hidden()
        await one.get_by_text("Code for the other device").click()
        await expect(one.locator(".deck-code")).to_be_visible()


async def test_the_end_is_the_end_for_both_and_either_begins_again(browser: Browser, address: str) -> None:
    async with two(browser, address) as (one, other):
        for place in (2, 3):
            await presses(one, "Next card")
            await at(one, place)
        await presses(one, "Finish")
        for page in (one, other):
            await expect(where(page)).to_have_text("That is all")
        await presses(other, "Start again")
        for page in (one, other):
            await at(page, 1)
            await page.wait_for_load_state()
        await one.locator(".word").first.click()
        await expect(one.locator(".word-panel")).to_be_visible()


@both
async def test_either_ends_it_on_all_devices(browser: Browser, address: str, script: bool) -> None:
    async with two(browser, address, java_script_enabled=script) as (one, other):
        code = await code_of(one)
        await presses(other, "End it on all devices")
        if not script:
            await presses(one, "Next card")
        for page in (one, other):
            await expect(page.get_by_role("heading", level=1)).to_have_text("These cards are closed")
        await one.goto(f"{address}/join")
        await one.get_by_label("Your code").fill(code)
        await presses(one, "Open the cards")
        await expect(one.get_by_role("alert")).to_contain_text("That code opens nothing.")


async def test_a_child_who_leaves_takes_nothing_from_the_other(browser: Browser, address: str) -> None:
    async with two(browser, address) as (one, other):
        await other.context.route(
            "https://www.bbc.co.uk/**", lambda route: route.fulfill(body="<h1>Weather</h1>", content_type="text/html")
        )
        await presses(other, "Leave quickly")
        await expect(other.get_by_role("heading")).to_have_text("Weather")
        await presses(one, "Next card")
        await at(one, 2)
        await other.go_back()
        await expect(other.locator("body")).not_to_contain_text("bail")


async def test_after_half_a_minute_without_network_both_agree_again(browser: Browser, address: str) -> None:
    async with two(browser, address) as (one, other):
        await other.clock.install()
        await other.context.set_offline(True)
        for place in (2, 3):
            await presses(one, "Next card")
            await at(one, place)
        await other.get_by_role("button", name="Next card").click()
        await expect(other.locator("#told")).to_have_text("That did not work. Press again.")
        await other.clock.fast_forward(30_000)
        await at(other, 1)
        await other.context.set_offline(False)
        await at(other, 3)
        await expect(other.locator("#told")).to_be_empty()
        await presses(other, "Card before")
        await at(one, 2)
        await at(other, 2)


async def test_a_line_that_breaks_off_and_lets_nobody_through_is_tried_until_it_does(
    browser: Browser, address: str
) -> None:
    port = urlsplit(address).port
    async with (
        two(browser, address) as (one, other),
        looking(browser) as third,
        cut_line(lambda: asyncio.open_connection("127.0.0.1", port)) as line,
    ):
        page = await third.new_page()
        await joins(page, f"http://127.0.0.1:{line.port}", await code_of(one))
        # The scripts have come, and the stream is being opened.
        await expect(page.get_by_role("link", name="Show the newest card")).to_be_hidden()
        line.cut()
        await expect(page.locator("#told")).to_have_text("There is no connection. We keep trying.")
        await presses(other, "Next card")
        await at(one, 2)
        line.mend()
        await at(page, 2)
        await expect(page.locator("#told")).to_be_empty()
        await presses(page, "Next card")
        await at(one, 3)


async def test_streams_that_are_opened_again_and_again_miss_nothing_and_say_nothing_twice(
    browser: Browser, address: str
) -> None:
    async with two(browser, address) as (one, other):
        await other.evaluate(WATCH_ANNOUNCEMENTS)
        for turn in range(6):
            await other.evaluate("window.dispatchEvent(new Event('online'))")
            place = 2 if turn % 2 == 0 else 1
            await presses(one, "Next card" if place == 2 else "Card before")
            await at(one, place)
            await at(other, place)
        said = await other.evaluate("window.said.filter((one) => one)")
        assert [one.partition(".")[0] for one in said] == ["Card 2 of 3", "Card 1 of 3"] * 3


async def test_nothing_is_kept_on_either_device(browser: Browser, address: str) -> None:
    async with two(browser, address) as (one, other):
        await presses(one, "Next card")
        await at(other, 2)
        for page in (one, other):
            assert await page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
            assert await page.title() == "Information help"


PAGES = {
    "about": "/northmoor/deck?cards=bail",
    "picking": "/northmoor/deck?situation=stopped&cards=bail,bodycam",
    "nothing picked": "/northmoor/deck?situation=school&go=1",
    "order": f"/northmoor/deck?cards={','.join(CARDS)},no-such-card",
    "card": f"{DECK}&at=2",
    "end": f"{DECK}&at=4",
    "no cards": "/northmoor/deck/show?cards=no-such-card",
    "join": "/join",
    "over": "/northmoor/deck/over",
    "two devices": "",
}

# The others have the same words at every level.
_SIGNED = ("card", "two devices")
LOOKED_AT = [(name, level) for name in PAGES for level in LEVELS if level == "easy" or name in _SIGNED]


@pytest.fixture(scope="module")
async def axe_page(browser: Browser) -> AsyncIterator[Page]:
    """One page for all looks. The page's own policy would refuse axe, so it is set aside."""
    context = await browser.new_context(bypass_csp=True, viewport=TALL_DESK, reduced_motion="reduce")
    yield await context.new_page()
    await context.close()


@pytest.mark.parametrize(("name", "level"), LOOKED_AT)
async def test_every_page_is_for_everybody_in_every_look(
    axe_page: Page, browser: Browser, address: str, name: str, level: str
) -> None:
    async with looking(browser) as context:
        opened = await context.new_page()
        await opened.goto(f"{address}{PAGES[name] or DECK}")
        if not PAGES[name]:
            await presses(opened, "Use 2 devices")
            await expect(opened.locator(".deck-code")).to_be_visible()
        url = f"{opened.url}&reading={level}" if "?" in opened.url else f"{opened.url}?reading={level}"
        await show(axe_page, Shown(url), ALL_OPEN)
        wrong = [f"{look}: {one}" async for look, found in looked_at(axe_page) for one in found]
        assert wrong == []
