"""In a real Chromium: a child asks with a worker beside them, with script and without; and what an advocate sees."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from api.web.csrf import COOKIE
from tests.browser.test_browser import SMALL_TARGETS, WCAG
from tests.chromium import beside_the_driver, with_and_without_script
from tests.person_app import NUMBER, person_app, signed_copy
from tests.served import served

pytestmark = pytest.mark.browser
MARK = "A worker is asking with this young person."
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
KEPT = "[localStorage.length, sessionStorage.length, document.cookie]"


@dataclass(frozen=True)
class Open:
    """A served app with a provider, and the sign-in of an advocate who is here."""

    address: str
    token: str


@pytest.fixture(scope="module")
def served_app(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    folder = tmp_path_factory.mktemp("served")
    with signed_copy(sqlite_url, folder) as url:
        token = beside_the_driver(_advocate(url))
        with served(url, folder / "log") as address:
            yield Open(address, token)
        assert "wombat" not in Path(folder / "log").read_text("utf-8").lower()


async def _advocate(url: str) -> str:
    async with person_app(url) as app:
        return (await app.advocate(await app.provider(), "Sam")).token


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def steps(page: Page, address: str) -> Iterator[str]:
    """From a chat beside a worker to the talk, one page after the other; the call goes to the worker."""
    page.goto(f"{address}/northmoor?mode=alongside")
    page.locator(".composer").get_by_role("button", name="Talk to a person").click()
    press(page, "Ask for a person here")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is a worker asking with you?")
    yield "worker"
    press(page, "Yes, with the worker")
    expect(page.locator("main")).to_contain_text("You are asking with a worker.")
    yield "consent"
    press(page, "Yes, go on")
    page.get_by_label("The worker's phone number or email at work").fill("wombat")
    page.get_by_label("By phone, later").check()
    press(page, "Next")
    expect(page.locator(".faults")).to_contain_text("Type 1 UK phone number or 1 email.")
    yield "details-fault"
    page.get_by_label("What can they call the worker?").fill("Wombat")
    page.get_by_label("The worker's phone number or email at work").fill(NUMBER)
    press(page, "Next")
    page.get_by_label(re.compile("Yes, call the worker on")).check()
    page.locator("input[name=window]").first.check()
    yield "call"
    press(page, "Next")
    expect(page.locator(".review").first).to_contain_text("Wombat")
    yield "review"
    press(page, "Send")
    expect(page.locator(".three-word")).to_have_count(3)
    yield "sent"
    press(page, "Go on")
    expect(page.locator("main")).to_contain_text("You asked with a worker.")
    yield "talk"


@with_and_without_script
def test_from_the_workers_card_to_the_talk(context: BrowserContext, served_app: Open) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for step in steps(page, served_app.address):
        page.wait_for_load_state()
        assert page.evaluate(SIDEWAYS) == 0, step
        assert page.evaluate(SMALL_TARGETS) == [], step
        assert page.evaluate(KEPT) == [0, 0, ""], step
    assert all(url.startswith(served_app.address) for url in asked)
    assert not any("wombat" in url.lower() or "900123" in url for url in asked)


@with_and_without_script
def test_yes_and_no_are_of_one_size_and_no_leads_on_alone(context: BrowserContext, served_app: Open) -> None:
    page = context.new_page()
    page.goto(f"{served_app.address}/northmoor/person?mode=alongside")
    boxes = [box for way in page.locator(".two button").all() if (box := way.bounding_box())]
    assert len(boxes) == 2
    for side in ("width", "height"):
        assert abs(boxes[0][side] - boxes[1][side]) <= 2
    press(page, "No, I ask alone")
    expect(page.locator("main")).to_contain_text("You are asking alone. You can ask the worker to go now.")
    press(page, "Yes, go on")
    expect(page.get_by_label("What do you want to ask?")).to_be_visible()
    expect(page.get_by_label("What can they call the worker?")).to_have_count(0)


@with_and_without_script
def test_back_leads_to_another_choice_and_the_last_one_counts(context: BrowserContext, served_app: Open) -> None:
    page = context.new_page()
    page.goto(f"{served_app.address}/northmoor/person?mode=alongside")
    press(page, "Yes, with the worker")
    # A browser that is asked to go back while the next page is still coming refuses.
    expect(page.locator("main")).to_contain_text("You are asking with a worker.")
    page.wait_for_load_state()
    page.go_back()
    press(page, "No, I ask alone")
    press(page, "Yes, go on")
    page.get_by_label("On this page, now").check()
    press(page, "Next")
    expect(page.locator(".review")).to_contain_text("On this page, now")
    expect(page.locator(".review")).not_to_contain_text("You and a worker")


def test_who_came_alone_finds_the_quiet_choice_by_keyboard(context: BrowserContext, served_app: Open) -> None:
    page = context.new_page()
    page.goto(f"{served_app.address}/northmoor/person")
    page.get_by_role("button", name="A worker is asking with me").press("Enter")
    page.get_by_role("button", name="Yes, with the worker").press("Enter")
    page.get_by_role("button", name="Yes, go on").press("Enter")
    page.get_by_label("The worker's phone number or email at work").press_sequentially("wombat")
    page.keyboard.press("Enter")
    expect(page.locator(".faults")).to_be_focused()
    page.get_by_role("link", name=re.compile("Type 1 UK phone number")).press("Enter")
    assert page.url.endswith("#worker_reach")


@pytest.mark.parametrize("looks", [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}])
def test_axe_finds_nothing_on_the_way_or_in_the_console(
    browser: Browser, served_app: Open, looks: dict[str, str]
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 4_000}, bypass_csp=True, **looks)
    page = context.new_page()
    for step in steps(page, served_app.address):
        assert found(page) == [], step
    cookie = {"name": COOKIE, "value": served_app.token, "domain": "127.0.0.1", "path": "/console"}
    context.add_cookies([cookie])
    page.goto(f"{served_app.address}/console")
    if page.get_by_role("button", name="I am here").count():
        press(page, "I am here")
    page.goto(f"{served_app.address}/console/calls")
    expect(page.locator("main")).to_contain_text(MARK)
    assert found(page) == []
    page.get_by_role("button", name=re.compile("^Take this call")).first.click()
    for path in ("call", "talk"):
        expect(page.locator("main")).to_contain_text(MARK)
        assert found(page) == [], path
        if path == "call":
            page.get_by_role("link", name="Read the talk, or write in it").click()
    page.goto(f"{served_app.address}/console")
    expect(page.locator("#mine")).to_contain_text(MARK)
    assert found(page) == []
    # So that the next look finds a call that nobody has.
    page.get_by_role("button", name=re.compile("^Let go")).first.click()
    context.close()


def found(page: Page) -> list[str]:
    """What axe has to say about a page, from its top: a link half under the bar there is no small one."""
    page.wait_for_load_state()
    page.evaluate("window.scrollTo(0, 0)")
    assert page.evaluate(SIDEWAYS) == 0
    results = Axe().run(page, options=WCAG)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in results.response["violations"]]
