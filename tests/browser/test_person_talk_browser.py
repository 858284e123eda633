"""A child's talk in a real Chromium: live without doubling, over drops and sleep, by keyboard, and without script."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlencode

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.test_browser import COVERED, SMALL_TARGETS, WCAG, WIDE_SPACING
from tests.child_conversation import Stage
from tests.chromium import DESK, PHONE, TALL_PHONE, async_chromium, looking
from tests.listening import listening

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)

QUESTION = "zebrafish question"
WATCH_ANNOUNCEMENTS = """() => {
  const log = document.getElementById("new-messages");
  window.said = [];
  new MutationObserver((found) => {
    for (const one of found) for (const node of one.addedNodes) window.said.push(node.textContent);
  }).observe(log, { childList: true });
}"""
COUNT_NEWS = """
// How often the newest stream has said how things stand.
window.EventSource = class extends EventSource {
  constructor(address) {
    super(address);
    window.news = 0;
    this.addEventListener("status", () => { window.news += 1; });
  }
};
"""
HAS_NEWS = "() => window.news > 0"
WATCH_DOUBLES = """() => {
  window.doubled = [];
  new MutationObserver(() => {
    const said = [...document.querySelectorAll("#lines .line-words p")].map(($one) => $one.textContent);
    window.doubled.push(...said.filter((one, at) => said.indexOf(one) !== at));
  }).observe(document.getElementById("lines"), { childList: true });
}"""
WORDS_ON_PAGE = ".person-said .line-words p, .happened"


class Served:
    """The app of a stage on a port of its own, in this very process, so that adults and clock are at hand."""

    def __init__(self, on: Stage, address: str) -> None:
        self.on, self.address = on, address

    async def opened(self, context: BrowserContext, question: str = QUESTION) -> Page:
        """A child who has asked, on the page of their talk."""
        child = await self.on.child(question)
        page = await context.new_page()
        await page.goto(f"{self.address}/northmoor/person/talk?here={child.here}")
        return page


@pytest.fixture(scope="module")
async def port(on_one: Stage) -> AsyncIterator[str]:
    """The app, served."""
    async with listening(on_one.app) as address:
        yield address


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_chromium() as found:
        yield found


@pytest.fixture
async def at(on_one: Stage, port: str) -> Served:
    return Served(await on_one.cleared(), port)


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    async with looking(browser) as found:
        yield found


async def write(page: Page, text: str) -> None:
    await page.locator("#text").fill(text)
    await page.locator("#send").click()


async def lines(page: Page) -> list[str]:
    return await page.locator(WORDS_ON_PAGE).all_inner_texts()


async def test_a_whole_talk_without_a_reload(at: Served, context: BrowserContext) -> None:
    sam, jo = await at.on.adult(), await at.on.adult("Jo", "supervisor")
    page = await at.opened(context)
    await expect(page.locator("#who")).to_contain_text("Nobody is reading yet.")
    await expect(page.locator("#reading")).to_contain_text("Read while you wait")
    await page.evaluate(WATCH_ANNOUNCEMENTS)
    await sam.claim()
    await expect(page.locator("#who")).to_contain_text("An advocate called Sam")
    await expect(page.locator("#reading")).to_be_empty()
    await sam.say("Hello, I am Sam.")
    await expect(page.locator(".answer.person-said")).to_have_count(1)
    await page.locator("#text").fill("hello Sam")
    await page.locator("#text").press("Enter")
    await expect(page.locator(".said .delivery")).to_have_text("Sent")
    await expect(page.locator("#text")).to_have_value("")
    await expect(page.locator("#text")).to_be_focused()
    await jo.watch()
    await expect(page.locator("#who")).to_contain_text("a manager called Jo")
    assert await lines(page) == [
        "Sam is here now.",
        "Hello, I am Sam.",
        "hello Sam",
        "A manager called Jo is reading too now.",
    ]
    said = await page.evaluate("window.said")
    assert said == ["Sam is here now.", "Sam. Hello, I am Sam.", "A manager called Jo is reading too now."]
    assert await page.title() == "Information help"
    assert "zebrafish" not in await page.content()
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.locator(".said .line-words p").first).to_have_text(QUESTION)
    await sam.close()
    await expect(page.locator("#ending")).to_contain_text("The advocate has ended this talk.")
    await expect(page.locator("#composer")).to_be_hidden()
    await page.get_by_role("button", name="Good").click()
    await expect(page.locator("#ending")).to_contain_text("We counted that.")
    await page.get_by_text("Delete my words now").click()
    await page.get_by_role("button", name="Yes, delete my words").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your words are deleted")
    await page.reload()
    await expect(page.locator("main")).to_contain_text("3 messages are gone.")
    assert await page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


async def test_how_the_page_is_read_stays_with_all_that_comes_and_goes(at: Served, context: BrowserContext) -> None:
    sam, child = await at.on.adult(), await at.on.child(QUESTION)
    page = await context.new_page()
    await page.goto(f"{at.address}/northmoor/person/talk?here={child.here}&reading=bigger.dark")
    await expect(page.locator("#reading button").first).to_be_visible()
    await sam.claim()
    await expect(page.locator("#who")).to_contain_text("An advocate called Sam")
    forms = await page.eval_on_selector_all("main [formaction]", "($all) => $all.map(($one) => $one.formAction)")
    assert forms
    assert [address for address in forms if "reading=bigger.dark" not in address] == []
    assert "reading=bigger.dark" in page.url
    await page.get_by_text("Delete my words").first.click()
    await page.get_by_role("button", name="Yes, delete my words").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your words are deleted")
    assert "reading=bigger.dark" in page.url


async def test_a_reload_and_the_way_back_repeat_nothing(at: Served, context: BrowserContext) -> None:
    page = await at.opened(context)
    await write(page, "marmalade")
    await expect(page.locator(".said .delivery")).to_have_text("Sent")
    assert "marmalade" not in page.url
    await page.reload()
    await expect(page.locator("#before")).to_contain_text("There are 2 messages. Show them?")
    assert "marmalade" not in await page.content()
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.locator(".said")).to_have_count(2)
    await page.goto(f"{at.address}/safety")
    await page.go_back()
    await expect(page.locator("#before")).to_contain_text("Show them?")
    await expect(page.locator(".said")).to_have_count(0)


async def test_a_drop_says_not_sent_keeps_the_words_and_sends_them_once(at: Served, context: BrowserContext) -> None:
    page = await at.opened(context)
    await context.route("**/person/say", lambda route: route.abort())
    await write(page, "only once")
    await expect(page.locator(".said .delivery")).to_contain_text("Not sent.")
    await expect(page.locator(".said .line-words p")).to_have_text("only once")
    await write(page, "and this after it")
    await expect(page.locator("#told")).to_have_text("Not sent yet. We keep trying.")
    await context.unroute("**/person/say")
    await page.get_by_role("button", name="Try again").first.click()
    await expect(page.locator(".said .delivery")).to_have_text(["Sent", "Sent"])
    await expect(page.locator("#told")).to_be_empty()
    assert await at.on.texts() == [QUESTION, "only once", "and this after it"]
    assert await lines(page) == ["only once", "and this after it"]


@pytest.mark.parametrize("stream", [True, False], ids=["live", "without-its-stream"])
async def test_an_answer_that_is_lost_on_the_way_doubles_nothing(
    at: Served, context: BrowserContext, stream: bool
) -> None:
    tried: list[int] = []

    async def lose(route: Route) -> None:
        tried.append((await route.fetch()).status)
        await (route.abort() if len(tried) < 3 else route.continue_())

    await context.route("**/person/say", lose)
    if not stream:
        await context.route("**/person/stream**", lambda route: route.abort())
    page = await at.opened(context)
    await page.evaluate(WATCH_ANNOUNCEMENTS)
    await page.evaluate(WATCH_DOUBLES)
    await write(page, "only once")
    await write(page, "and this")
    await expect(page.locator(".said .delivery")).to_have_text(["Sent", "Sent"])
    assert await lines(page) == ["only once", "and this"]
    assert await at.on.texts() == [QUESTION, "only once", "and this"]
    await expect(page.locator("#told")).to_be_empty()
    assert set(tried) == {200}
    assert await page.evaluate("window.said") == []
    assert await page.evaluate("window.doubled") == []


async def test_a_line_that_comes_by_two_ways_stands_once_and_is_announced_once(
    at: Served, context: BrowserContext
) -> None:
    sam = await at.on.adult()

    async def from_the_start(route: Route) -> None:
        fields = dict(parse_qsl(route.request.post_data or "", keep_blank_values=True))
        await route.continue_(post_data=urlencode({**fields, "after": "1"}))

    await context.route("**/person/say", from_the_start)
    page = await at.opened(context)
    await page.evaluate(WATCH_ANNOUNCEMENTS)
    await sam.claim()
    await sam.say("Hello")
    await expect(page.locator(".answer.person-said")).to_have_count(1)
    for number in range(2):
        await write(page, f"line {number}")
        await expect(page.locator(".said .delivery")).to_have_text(["Sent"] * (number + 1))
    assert await lines(page) == ["Sam is here now.", "Hello", "line 0", "line 1"]
    assert await page.evaluate("window.said") == ["Sam is here now.", "Sam. Hello"]


async def test_by_itself_it_sends_once_the_network_is_back(at: Served, context: BrowserContext) -> None:
    sam, page = await at.on.adult(), await at.opened(context)
    await sam.claim()
    await expect(page.locator(".happened")).to_have_count(1)
    await context.set_offline(True)
    await write(page, "from the tunnel")
    await expect(page.locator("#told")).to_have_text("Not sent yet. We keep trying.")
    for number in range(3):
        await sam.say(f"meanwhile {number}")
    await context.set_offline(False)
    await expect(page.locator(".said .delivery")).to_have_text("Sent")
    await expect(page.locator(".answer.person-said")).to_have_count(3)
    assert await lines(page) == ["Sam is here now.", "meanwhile 0", "meanwhile 1", "meanwhile 2", "from the tunnel"]
    assert await at.on.texts() == [QUESTION, "meanwhile 0", "meanwhile 1", "meanwhile 2", "from the tunnel"]


async def test_a_stream_that_is_cut_again_and_again_loses_and_doubles_nothing(
    at: Served, context: BrowserContext
) -> None:
    sam, page = await at.on.adult(), await at.opened(context)
    await page.evaluate(WATCH_ANNOUNCEMENTS)
    await sam.claim()
    for number in range(6):
        await page.evaluate("window.dispatchEvent(new Event('online'))")
        await sam.say(f"line {number}")
    await expect(page.locator(".answer.person-said")).to_have_count(6)
    assert await lines(page) == ["Sam is here now.", *(f"line {number}" for number in range(6))]
    said = await page.evaluate("window.said")
    assert [one.removeprefix("Sam. ") for one in said] == [
        "Sam is here now.",
        *(f"line {number}" for number in range(6)),
    ]


async def test_a_database_away_is_said_with_help_and_taken_back(
    at: Served, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await at.opened(context)
    async with at.on.away():
        await write(page, "do not lose me")
        await expect(page.locator(".said .delivery")).to_contain_text("Not sent.")
        await expect(page.locator(".pinned")).to_be_visible()
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".said .delivery")).to_have_text("Sent")
    assert await at.on.texts() == [QUESTION, "do not lose me"]


async def test_closed_while_writing_keeps_the_words_and_says_so(at: Served, context: BrowserContext) -> None:
    sam, page = await at.on.adult(), await at.opened(context)
    await sam.claim()
    await page.locator("#text").fill("but I wanted to say")
    await sam.close()
    await expect(page.locator("#told")).to_contain_text("This talk has ended, so this was not sent.")
    await expect(page.locator("#text")).to_have_value("but I wanted to say")
    await expect(page.locator("#send")).to_have_count(0)
    await expect(page.locator("#ending")).to_contain_text("The advocate has ended this talk.")


async def test_too_long_and_empty_are_told_and_nothing_is_lost(at: Served, context: BrowserContext) -> None:
    page = await at.opened(context)
    await write(page, "x" * 1001)
    await expect(page.locator("#told")).to_contain_text("That is too long.")
    await expect(page.locator("#text")).to_have_value("x" * 1001)
    await write(page, "  ")
    await expect(page.locator("#told")).to_contain_text("The box is empty.")
    await write(page, "short")
    await expect(page.locator(".said .delivery")).to_have_text("Sent")


async def test_the_alarm_pins_help_and_the_words_are_sent(at: Served, context: BrowserContext) -> None:
    page = await at.opened(context)
    await expect(page.locator(".pinned")).to_be_hidden()
    await write(page, "my dad is hitting me right now")
    await expect(page.locator(".pinned")).to_be_visible()
    await expect(page.locator(".said .delivery")).to_have_text("Sent")
    assert (await at.on.handover()).danger


async def test_what_is_typed_survives_every_button_and_focus_is_not_lost(at: Served, context: BrowserContext) -> None:
    page = await at.opened(context)
    await page.locator("#text").fill("half a sent")
    easy = page.get_by_role("button", name="Easy words")
    # Each waits for what the one before has done, as a child does.
    for name, done in (
        ("Easy words", expect(easy).to_have_attribute("aria-pressed", "true")),
        ("Hurt or scared", expect(page.get_by_role("button", name="Someone hurt me", exact=True)).to_be_visible()),
        ("Show", expect(page.locator(".said")).to_have_count(1)),
    ):
        button = page.get_by_role("button", name=name, exact=True)
        await button.focus()
        await page.keyboard.press("Enter")
        await done
        await expect(page.locator("#text")).to_have_value("half a sent")
    await expect(easy).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_role("button", name="Someone hurt me", exact=True)).to_be_visible()
    assert await page.evaluate("document.activeElement !== document.body")
    await page.get_by_role("button", name="Call me later").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("How is it safe to call you?")
    await page.get_by_role("button", name="Go back").click()
    await expect(page.locator("#text")).to_have_value("half a sent")


async def test_news_move_nothing_under_a_finger_and_take_no_place_from_who_reads(
    at: Served, context: BrowserContext
) -> None:
    await context.add_init_script(COUNT_NEWS)
    page = await at.opened(context)
    someone = page.get_by_role("button", name="Someone hurt me", exact=True)
    await page.get_by_role("button", name="Hurt or scared").click()
    await expect(page.locator("#read-on")).to_be_focused()
    pressed = await someone.element_handle()
    assert pressed
    await page.wait_for_function(HAS_NEWS)
    assert await pressed.evaluate("(one) => one.isConnected")
    await expect(page.locator("#read-on")).to_be_focused()


async def test_leaving_in_one_tab_shuts_the_other_and_takes_what_was_said_off_the_screen(
    at: Served, context: BrowserContext
) -> None:
    await context.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
    page = await at.opened(context)
    other = await context.new_page()
    await other.goto(page.url)
    await write(page, "marmalade")
    await expect(page.locator(".said .delivery")).to_have_text("Sent")
    await page.locator("#text").fill("not yet sent")
    await other.get_by_role("button", name="Leave quickly").click()
    await expect(other.locator("body")).to_have_text("weather")
    await expect(page.locator("#slept-heading")).to_be_focused()
    assert "marmalade" not in await page.locator("main").inner_text()
    await expect(page.locator("#text")).to_have_value("not yet sent")
    await expect(page.locator("#who")).to_contain_text("This page shows nothing of your talk now.")
    await page.reload()
    await expect(page.locator("main")).to_contain_text("Type your 3 words to open it again.")


async def test_the_bots_page_leads_to_the_person_with_what_was_typed(at: Served, context: BrowserContext) -> None:
    sam, page = await at.on.adult(), await at.opened(context)
    await page.get_by_role("button", name="Back to the questions").click()
    await expect(page.get_by_label("Ask in your own words")).to_be_visible()
    await sam.claim()
    await page.get_by_label("Ask in your own words").fill("zebrafish again")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await expect(page.locator("#text")).to_have_value("zebrafish again")
    await expect(page.locator("#told")).to_contain_text("An advocate is here with you now")
    assert "zebrafish" not in page.url
    assert at.on.brain.asked == []
    await page.locator("#send").click()
    await expect(page.locator(".said .delivery")).to_have_text("Sent")
    await page.get_by_role("button", name="Back to the questions").click()
    await page.locator("#latest button[name=card]").first.click()
    await expect(page.locator("#who")).to_contain_text("An advocate called Sam")


async def test_a_whole_talk_without_script_on_a_phone(at: Served, browser: Browser) -> None:
    sam = await at.on.adult()
    async with looking(browser, viewport=PHONE, java_script_enabled=False) as context:
        page = await at.opened(context)
        await expect(page.locator("#text")).to_be_hidden()
        await page.get_by_role("button", name="Write something").click()
        await write(page, "hello")
        await expect(page.locator(".said .delivery")).to_have_text("Sent")
        await sam.claim()
        await sam.say("Hello, I am Sam.")
        await page.get_by_role("button", name="Look for new messages").click()
        await expect(page.locator(".answer.person-said")).to_contain_text("Hello, I am Sam.")
        await expect(page.locator("#who")).to_contain_text("An advocate called Sam")
        await page.locator("#text").fill("half a sent")
        await page.get_by_role("button", name="Look for new messages").click()
        await expect(page.locator("#text")).to_have_value("half a sent")
        await page.locator("#send").click()
        await expect(page.locator(".said .delivery")).to_have_count(2)
        await page.get_by_role("button", name="End the talk", exact=True).click()
        await expect(page.locator("#ending")).to_contain_text("You have ended this talk")
        await page.get_by_text("Delete my words now").click()
        await page.get_by_role("button", name="Yes, delete my words").click()
        await expect(page.locator("main")).to_contain_text("4 messages are gone.")


async def test_without_script_the_page_really_refreshes_itself(at: Served, browser: Browser) -> None:
    sam = await at.on.adult()
    async with looking(browser, java_script_enabled=False) as context:
        # A browser waits 20 seconds; here it is told to wait none the first time.
        first: list[str] = []

        async def hasten(route: Route) -> None:
            answer = await route.fetch()
            body = (await answer.text()).replace('content="20;', 'content="1;' if not first else 'content="20;')
            first.append("")
            await route.fulfill(response=answer, body=body)

        await context.route("**/person/talk**", hasten)
        page = await at.opened(context)
        await sam.claim()
        await expect(page.locator("#who")).to_contain_text("An advocate called Sam")
        await expect(page.locator(".happened")).to_have_text("Sam is here now.")
        assert await page.locator("#text").is_visible()


async def states(at: Served, page: Page) -> AsyncIterator[str]:
    """The page in each of its states, one after the other."""
    sam, jo = await at.on.adult(), await at.on.adult("Jo", "supervisor")
    await page.wait_for_function("document.querySelector('[data-plain]').hidden")
    yield "waiting"
    await page.get_by_role("button", name="Hurt or scared").click()
    await page.get_by_role("button", name="Someone hurt me", exact=True).click()
    await page.get_by_role("button", name="Will the police tell my parents or carers?").click()
    await expect(page.locator("#read-card")).to_be_visible()
    at.on.clock.move(minutes=5)
    await write(page, "my dad is hitting me right now")
    await expect(page.get_by_role("button", name="Keep waiting")).to_be_visible()
    yield "choices"
    await page.get_by_role("button", name="Call me later").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("How is it safe to call you?")
    # What is looked at is the page with its styles.
    await page.wait_for_load_state()
    yield "how to call"
    await page.get_by_role("button", name="Go back").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your talk with an advocate")
    await sam.claim()
    await jo.watch()
    await sam.say("On bail the police may keep your phone.", card="my-phone", symbol="phone")
    await page.locator(".answer.person-said").wait_for()
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    yield "talking"
    await page.locator("#text").fill("not sent")
    await sam.close()
    await expect(page.locator("#told")).not_to_be_empty()
    yield "closed"
    await page.goto(f"{at.address}/northmoor/person/talk?here=old")
    yield "slept"
    await page.goto(f"{at.address}/northmoor/person/gone")
    yield "gone"


LOOKS = [{"viewport": DESK}, {"viewport": TALL_PHONE}, {"viewport": DESK, "forced_colors": "active"}]


@pytest.mark.parametrize("looks", LOOKS, ids=["desk", "phone", "forced-colours"])
async def test_axe_finds_nothing_in_any_state(at: Served, browser: Browser, looks: dict[str, object]) -> None:
    async with looking(browser, bypass_csp=True, **looks) as context:
        page = await at.opened(context)
        async for state in states(at, page):
            results = await Axe().run(page, options=WCAG)
            assert results.violations_count == 0, f"{state}: {results.generate_report()}"


async def test_nothing_sideways_or_too_small_at_320_px_with_wide_spacing(at: Served, browser: Browser) -> None:
    async with looking(browser, viewport=PHONE) as context:
        page = await at.opened(context)
        async for state in states(at, page):
            await page.evaluate(WIDE_SPACING)
            assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), state
            assert await page.evaluate(SMALL_TARGETS) == [], state


async def test_the_keyboard_reaches_everything_and_nothing_covers_it(at: Served, context: BrowserContext) -> None:
    sam, page = await at.on.adult(), await at.opened(context)
    await sam.claim()
    await sam.say("On bail.", card="my-phone")
    await page.locator(".answer.person-said").wait_for()
    reached = set()
    for _ in range(30):
        await page.keyboard.press("Tab")
        assert await page.evaluate(COVERED) == []
        reached.add(await page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id"))
    assert {"Leave quickly", "Easy words", "Call me later", "Show", "End the talk", "Send", "text"} <= reached
