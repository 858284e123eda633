"""In a real Chromium: an advocate joins, lands at the console, and a supervisor's forms can be used by everybody."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from api.records.accounts import Account
from api.records.invitations import invite
from api.records.practice import tell_practice
from api.web.database import Database
from tests.browser.test_desk_doorway import SMALL_TARGETS, WCAG, join
from tests.chromium import beside_the_driver, chromium
from tests.conftest import settings_for
from tests.own_database import sqlite_copy
from tests.served import served

pytestmark = pytest.mark.browser
NARROW = {"width": 320, "height": 900}


async def invited(url: str, role: str, name: str, layer: str = "provider:practice-advocates") -> str:
    """The address of an invitation of somebody new, of an invented provider or of another layer."""
    database, now = Database(settings_for(url)), datetime.now(UTC)
    async with database.begin() as session:
        await tell_practice(session, now)
        account = Account(layer=layer, role=role, name=name, post=role, made_at=now)
        account.email = f"{name.lower()}@practice-advocates.example"
        session.add(account)
        await session.flush()
        token = await invite(session, account, now)
    await database.close()
    return f"/desk/invitation/{token}"


@pytest.fixture(scope="module")
def supervisor(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Sue, who has just joined as a supervisor, at her console."""
    folder = tmp_path_factory.mktemp("console")
    url = sqlite_copy(sqlite_url, folder)
    link = beside_the_driver(invited(url, "supervisor", "Sue"))
    with served(url, folder / "log") as address, chromium() as browser:
        page = browser.new_context(viewport={"width": 1000, "height": 1600}).new_page()
        join(page, address + link)
        page.get_by_role("link", name="I have kept them: open the console").click()
        yield page


def looks_right(page: Page) -> None:
    """Nothing for axe to find, nothing too small to press, and nothing that a narrow screen cuts off."""
    page.wait_for_load_state("load")
    report = Axe().run(page, options=WCAG)
    assert not report.response["violations"], report.generate_report()
    assert page.evaluate(SMALL_TARGETS) == []
    wide = page.viewport_size
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.set_viewport_size(wide)


def test_somebody_who_joins_lands_at_the_console(supervisor: Page) -> None:
    supervisor.goto(supervisor.url.partition("/console")[0] + "/console")
    expect(supervisor.get_by_text("You are not police. The child can see your name.")).to_be_visible()
    expect(supervisor.get_by_role("button", name="Sign out (Sue)")).to_be_visible()


def test_the_people_page_adds_and_closes_by_keyboard_alone(supervisor: Page) -> None:
    supervisor.get_by_role("link", name="People").click()
    looks_right(supervisor)
    supervisor.get_by_label("Name, as children will see it").fill("Sue")
    supervisor.get_by_label("Work e-mail").fill("ann@practice-advocates.example")
    supervisor.keyboard.press("Enter")
    expect(supervisor.get_by_role("alert")).to_be_focused()
    expect(supervisor.get_by_label("Work e-mail")).to_have_value("ann@practice-advocates.example")
    looks_right(supervisor)
    supervisor.get_by_role("link", name="Name", exact=True).click()
    supervisor.get_by_label("Name, as children will see it").fill("Ann")
    supervisor.keyboard.press("Enter")
    expect(supervisor.locator("#link code")).to_contain_text("/desk/invitation/")
    looks_right(supervisor)
    supervisor.get_by_role("button", name="Close this account: Ann").press("Enter")
    expect(supervisor.get_by_role("button", name="Open this account again: Ann")).to_be_visible()
    looks_right(supervisor)


def test_the_settings_page_says_what_is_wrong_and_keeps_what_is_right(supervisor: Page) -> None:
    supervisor.get_by_role("link", name="Settings").click()
    looks_right(supervisor)
    supervisor.get_by_label("Monday").fill("nine to five")
    supervisor.get_by_role("button", name="Keep these settings").click()
    expect(supervisor.get_by_role("alert")).to_be_focused()
    expect(supervisor.get_by_label("Monday")).to_have_value("nine to five")
    looks_right(supervisor)
    supervisor.get_by_label("Monday").fill("10:00-16:00")
    supervisor.get_by_role("button", name="Keep these settings").click()
    expect(supervisor.get_by_role("status")).to_contain_text("Kept.")
    supervisor.get_by_label("Address of your own system").fill("http://127.0.0.1:9/")
    supervisor.get_by_role("button", name="Keep this address").click()
    expect(supervisor.locator("#secret code")).to_be_visible()
    looks_right(supervisor)
    supervisor.get_by_role("button", name="Sign out (Sue)").click()
    expect(supervisor.get_by_role("heading", level=1)).to_have_text("Sign in")
