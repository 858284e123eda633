"""In a real Chromium: the advocate's lists, live and by keyboard, at desktop and phone size."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy.ext.asyncio import AsyncSession

from api.records import sessions
from api.records.accounts import Account
from api.records.handovers import concerns, providers
from api.records.handovers.advocates import Advocate
from api.records.handovers.claims import claim
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import MessageCipher, Sent
from api.records.handovers.new_handover import Ask, CallWindow, ask
from api.records.handovers.opening_week import DAYS
from api.records.handovers.presence import arrive
from api.records.handovers.pubsub import PubSub
from api.records.handovers.queries import of_provider
from api.records.people import operator
from api.web.csrf import COOKIE, form_mark
from api.web.database import Database
from tests.browser.test_browser import SMALL_TARGETS, WCAG, WIDE_SPACING
from tests.browser.test_desk_browser import press, reach
from tests.chromium import DESK, PHONE, beside_the_driver
from tests.conftest import settings_for
from tests.own_database import sqlite_copy
from tests.served import served
from tests.waiting import CALL

pytestmark = pytest.mark.browser
SAID = """() => {
  const told = document.getElementById("told-once");
  document.body.dataset.said = "";
  new MutationObserver(() => { if (told.textContent) document.body.dataset.said += `${told.textContent}|`; })
    .observe(told, { childList: true, characterData: true, subtree: true });
}"""
NEW = "A child is waiting.|"
LISTS = ("queue", "calls", "call", "number", "concerns", "concern", "figures", "pass-on")


@dataclass(frozen=True)
class Open:
    """A served app with a provider: who is signed in there, and the refs of what is there, by what it is."""

    address: str
    tokens: Mapping[str, str]
    refs: Mapping[str, str]

    def post(self, who: str, path: str) -> None:
        """Somebody does something in another browser."""
        token = self.tokens[who]
        answer = httpx.post(self.address + path, data={"mark": form_mark(token)}, cookies={COOKIE: token})
        assert answer.status_code == 303, answer.text

    def path(self, name: str) -> str:
        """The address of a page by its name."""
        refs = self.refs
        named = {
            "queue": "/console",
            "call": f"/console/calls/{refs['call']}",
            "number": f"/console/calls/{refs['call']}",
            "concern": f"/console/concerns/{refs['concern']}",
            "pass-on": f"/console/queue/{refs['call']}/pass-on",
        }
        return named.get(name, f"/console/{name}")

    def as_(self, browser: Browser, who: str, **looks: object) -> BrowserContext:
        """A browser in which somebody is signed in."""
        context = browser.new_context(**{"viewport": DESK, **looks})
        cookie = {"name": COOKIE, "value": self.tokens[who], "domain": "127.0.0.1", "path": "/console"}
        context.add_cookies([cookie])
        return context


async def made(url: str) -> tuple[dict[str, str], dict[str, str]]:
    settings, now = settings_for(url), datetime.now(UTC)
    database, handover_context = (
        Database(settings),
        HandoverContext(MessageCipher.of(settings), PubSub(), settings.public_url),
    )
    by, tokens, refs = operator("tests"), dict[str, str](), dict[str, str]()
    async with database.begin() as session:
        ours = await providers.add(session, by, "voices", "Voices (invented)", practice=True, now=now)
        await providers.change(session, by, ours, {**dict.fromkeys(DAYS, "00:00-24:00"), "most_open": "9"}, now)
        people = {}
        for name, role in (("Ann", "supervisor"), ("Ben", "advocate"), ("Out", "advocate")):
            account = Account(layer=ours.layer, role=role, name=name, post="", email=f"{name}@v.example", made_at=now)
            session.add(account)
            await session.flush()
            tokens[name] = await sessions.begin(session, account, now)
            people[name] = Advocate(account.id, name, ours, supervisor=role == "supervisor")
            await arrive(session, handover_context, people[name], now)

        async def child(name: str, minutes: float, due: float | None = None) -> None:
            starts = now + timedelta(hours=due or 0)
            window = None if due is None else CallWindow(starts, starts + timedelta(hours=2))
            sent = Sent("Pim", "A question.", (), CALL if window else None)
            wants = "call-back" if window else "here"
            new = Ask(f"page of {name}" * 4, "northmoor", "easy", name == "danger", wants, sent, {}, window)
            refs[name] = (
                await ask(session, handover_context, ours, new, now - timedelta(minutes=minutes))
            ).handover.ref

        for name, minutes, due in (("old", 7, None), ("young", 3, None), ("danger", 1, None)):
            await child(name, minutes, due)
        for name, due in (("call", -0.5), ("late", -3), ("later", 30)):
            await child(name, 30, due)
        refs["concern"] = await _held(session, handover_context, people["Ann"], refs["call"], now)
    await database.close()
    return tokens, refs


async def _held(
    session: AsyncSession, handover_context: HandoverContext, ann: Advocate, ref: str, now: datetime
) -> str:
    handover = await of_provider(session, ann, ref)
    await claim(session, handover_context, ann, handover, now)
    return (await concerns.record(session, handover_context, ann, handover, "harm", "Somebody waits.", now)).ref


@pytest.fixture(scope="module")
def opened(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    folder = tmp_path_factory.mktemp("queue")
    url = sqlite_copy(sqlite_url, folder)
    tokens, refs = beside_the_driver(made(url))
    with served(url, folder / "log") as address:
        yield Open(address, tokens, refs)


def show(page: Page, opened: Open, name: str) -> None:
    """Opens a page by its name; `number` is the call's, once the number is shown."""
    page.goto(opened.address + opened.path(name))
    if name == "number":
        page.get_by_label("To call now").check()
        page.get_by_role("button", name="Show the number").click()
        expect(page.locator(".number")).to_contain_text("07700 900123")
        page.wait_for_load_state()


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "looks",
    [{"viewport": DESK}, {"viewport": {"width": 390, "height": 844}}, {"viewport": DESK, "forced_colors": "active"}],
    ids=["desk", "phone", "forced-colours"],
)
def test_axe_finds_nothing(browser: Browser, opened: Open, name: str, looks: dict[str, object]) -> None:
    # The page's own policy refuses scripts from elsewhere, so axe needs it set aside.
    context = opened.as_(browser, "Ann", bypass_csp=True, **looks)
    page = context.new_page()
    show(page, opened, name)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    results = Axe().run(page, options=WCAG)
    assert results.violations_count == 0, results.generate_report()
    context.close()


@pytest.mark.parametrize("name", LISTS)
def test_nothing_sideways_on_a_phone_and_targets_are_large(browser: Browser, opened: Open, name: str) -> None:
    context = opened.as_(browser, "Ann", viewport=PHONE)
    page = context.new_page()
    show(page, opened, name)
    page.evaluate(WIDE_SPACING)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert [one for one in page.evaluate(SMALL_TARGETS) if 'type="radio"' not in one] == []
    context.close()


def test_the_queue_keeps_up_while_the_focus_stays_and_says_once_who_is_new(browser: Browser, opened: Open) -> None:
    context = opened.as_(browser, "Ann")
    page = context.new_page()
    opened.post("Ben", "/console/here")
    page.goto(f"{opened.address}/console")
    expect(page).to_have_title("(4) Queue")
    page.evaluate(SAID)
    said = page.locator("body")
    focused = page.locator(f"#claim-{opened.refs['young']}")
    reach(page, focused)

    opened.post("Ben", f"/console/queue/{opened.refs['old']}/claim")
    expect(page).to_have_title("(3) Queue")
    expect(page.locator("#others")).to_contain_text("Ben")
    expect(focused).to_be_focused()
    expect(said).to_have_attribute("data-said", "")

    opened.post("Ben", f"/console/queue/{opened.refs['old']}/let-go")
    expect(page).to_have_title("(4) Queue")
    expect(said).to_have_attribute("data-said", NEW)
    expect(focused).to_be_focused()
    opened.post("Ben", f"/console/queue/{opened.refs['young']}/claim")
    expect(page.locator("#waiting-name")).to_be_focused()
    opened.post("Ben", f"/console/queue/{opened.refs['young']}/let-go")
    expect(said).to_have_attribute("data-said", NEW + NEW)
    expect(page.locator("#told-once")).to_be_empty()
    context.close()


def test_a_page_that_is_open_says_that_its_browser_is_there(browser: Browser, opened: Open) -> None:
    context = opened.as_(browser, "Ann")
    page = context.new_page()
    page.clock.install()
    page.goto(f"{opened.address}/console/calls")
    with page.expect_response(re.compile("/console/still")) as told:
        page.clock.fast_forward(26_000)
    assert told.value.status == 204
    context.close()


def test_a_page_whose_sign_in_has_ended_says_so_and_stays(browser: Browser, opened: Open) -> None:
    context = opened.as_(browser, "Out")
    page = context.new_page()
    page.goto(f"{opened.address}/console")
    expect(page).to_have_title(re.compile(r"\(\d\) Queue"))
    opened.post("Out", "/console/sign-out")
    opened.post("Ben", "/console/here")
    told = page.get_by_role("alert")
    expect(told).to_contain_text("Your sign-in has ended. Nothing is lost.")
    expect(page.locator("#waiting")).to_contain_text("Has waited")
    told.get_by_role("link", name="Sign in again").click()
    expect(page).to_have_url(re.compile("/desk/sign-in"))
    context.close()


def test_events_that_do_not_come_through_are_asked_for(browser: Browser, opened: Open) -> None:
    context = opened.as_(browser, "Ann")
    page = context.new_page()
    page.clock.install()
    page.route("**/console/stream", lambda route: route.fulfill(status=503, body=""))
    page.goto(f"{opened.address}/console")
    expect(page).to_have_title("(4) Queue")
    opened.post("Ben", "/console/away")
    for _ in range(3):
        page.clock.fast_forward(46_000)
    expect(page.locator("#presence")).not_to_contain_text("Ben")
    opened.post("Ben", "/console/here")
    context.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_call_back_by_keyboard_alone(browser: Browser, opened: Open, script: bool) -> None:
    context = opened.as_(browser, "Ben", java_script_enabled=script)
    page = context.new_page()
    page.goto(f"{opened.address}/console/calls")
    ref = opened.refs["late" if script else "later"]
    press_by_tab(page, f"#claim-{ref}", script=script)
    expect(page.get_by_role("heading", level=1)).to_have_text("Call-back")
    expect(page.locator(".stop")).to_contain_text("This is not the time that the child said is safe.")
    expect(page.locator("main")).not_to_contain_text("900123")
    page.locator("#reason-for-safety").focus()
    page.keyboard.press("Space")
    press_by_tab(page, "text=Show the number", script=script)
    expect(page.locator(".number")).to_contain_text("07700 900123")
    page.locator("#result-no-answer").focus()
    page.keyboard.press("Space")
    page.locator("#again").focus()
    page.keyboard.press("End")
    press_by_tab(page, "text=Keep this", script=script)
    expect(page.get_by_role("status")).to_contain_text("Kept. It is on the list again")
    expect(page.locator("li", has=page.locator(f"#claim-{ref}"))).to_contain_text("Tried once")
    context.close()


def press_by_tab(page: Page, target: str, *, script: bool) -> None:
    """Reaches something with Tab, and presses it."""
    if script:
        press(page, page.locator(target))
        return
    page.locator(target).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
