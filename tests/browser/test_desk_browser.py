"""In a real Chromium: a new force from first invitation to a child's answer, by keyboard alone; every desk page."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.test_browser import SMALL_TARGETS, WCAG, WIDE_SPACING
from tests.chromium import DESK, PHONE
from tests.own_database import sqlite_copy
from tests.served import ROOT, served

pytestmark = pytest.mark.browser

LAYER = "northmoor"
CARD = f"/desk/{LAYER}/cards/bodycam"
PASSWORD = "green kettle quiet harbour"
_MOST_STOPS = 900


@dataclass(frozen=True)
class Office:
    """A served app, and the database that its command line works on."""

    address: str
    database_url: str

    def invite(self, role: str, name: str) -> str:
        """Adds a person by the command an operator uses, and gives the address of their invitation."""
        email = f"{name.split()[0].lower()}@northmoor.example"
        layer = "national" if role == "admin" else LAYER
        who = ("--layer", layer, "--role", role, "--name", name, "--post", f"the {role} (invented)", "--email", email)
        told = subprocess.run(
            [sys.executable, "-m", "api", "people", "add", *who],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": self.database_url, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        found = re.search(r"/desk/invitation/\S+", told)
        assert found, told
        return self.address + found[0]


@pytest.fixture(scope="module")
def office(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    url = sqlite_copy(sqlite_url, folder)
    with served(url, folder / "log") as address:
        yield Office(address, url)


def reach(page: Page, target: Locator) -> None:
    """Moves the focus to something with the Tab key, as somebody without a mouse does. Fails where Tab never comes."""
    expect(target).to_be_attached()
    for _ in range(_MOST_STOPS):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never reaches {target}")


def press(page: Page, target: Locator) -> None:
    """Presses a button or link with Enter, and waits for the page it leads to."""
    reach(page, target)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def type_into(page: Page, target: Locator, text: str) -> None:
    """Replaces what is in a field."""
    reach(page, target)
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(text)


def join(browser: Browser, office: Office, role: str, name: str) -> tuple[BrowserContext, Page]:
    """Somebody who was invited, and has chosen a password and a code app, by keyboard alone."""
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    page.goto(office.invite(role, name))
    secret = page.locator("code").first.inner_text().replace(" ", "")
    type_into(page, page.get_by_label("Password", exact=True), PASSWORD)
    type_into(page, page.get_by_label("The same password again"), PASSWORD)
    type_into(page, page.locator("#code"), pyotp.TOTP(secret).now())
    press(page, page.get_by_role("button", name="Store both and sign in"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("codes")
    return context, page


def go(page: Page, address: str, *names: str) -> None:
    """Opens the desk and follows links by name, by keyboard."""
    page.goto(address)
    for name in names:
        press(page, page.get_by_role("link", name=name, exact=True).first)


def test_a_new_force_by_keyboard_alone(browser: Browser, office: Office) -> None:
    home = f"{office.address}/desk/{LAYER}"
    everybody = [
        join(browser, office, role, name)
        for role, name in (("editor", "Edie Practice"), ("reviewer", "Rey Practice"), ("lead", "Lena Practice"))
    ]
    editor, reviewer, lead = (page for _, page in everybody)

    go(editor, home, "Local facts")
    days = editor.get_by_label("How many days body-worn video is kept when it is not evidence")
    type_into(editor, days, "47")
    form = editor.locator("form", has=days)
    press(editor, form.get_by_role("button", name=re.compile("Save")).first)

    go(editor, f"{office.address}{CARD}", "Change the words")
    words = editor.locator("#text_easy_1")
    type_into(editor, words, "The police keep evidence for longer. It stays with the case.")
    expect(editor.locator("#check-told")).not_to_be_empty(timeout=15_000)
    press(editor, editor.get_by_role("button", name="Save draft").first)
    press(editor, editor.get_by_role("button", name="Send to review"))

    go(reviewer, f"{office.address}{CARD}")
    expect(reviewer.locator("main")).to_contain_text("Edie Practice")
    press(reviewer, reviewer.get_by_role("button", name="Approve these words"))

    go(lead, home, "Review and sign")
    tick = lead.locator("#tick-bodycam")
    reach(lead, tick)
    lead.keyboard.press("Space")
    press(lead, lead.get_by_role("button", name="Sign the ticked cards"))
    expect(lead.locator("main")).to_contain_text("Children see these words now.")

    child = browser.new_page()
    child.goto(f"{office.address}/api/v1/forces/{LAYER}/cards/bodycam?level=easy")
    expect(child.locator("body")).to_contain_text("47 days")
    expect(child.locator("body")).to_contain_text("The police keep evidence for longer.")
    child.goto(f"{office.address}/register/{LAYER}/bodycam")
    expect(child.locator("main")).to_contain_text("the lead (invented)")
    assert "Lena Practice" not in child.content()

    go(lead, home, "Recall", "Data Protection Act 2018, section 45: your right to a copy of information about you")
    type_into(lead, lead.locator("#reason"), "The section changed.")
    reach(lead, lead.locator("#keep"))
    lead.keyboard.press("ArrowDown")
    expect(lead.locator("#hide")).to_be_checked()
    press(lead, lead.get_by_role("button", name="Send all of them back to review"))
    expect(lead.locator("main")).to_contain_text("sent back to review")
    child.goto(f"{office.address}/register/{LAYER}")
    expect(child.locator("main")).to_contain_text("The section changed.")
    child.close()
    for context, _ in everybody:
        context.close()


PAGES = (
    f"/desk/{LAYER}",
    f"/desk/{LAYER}/facts",
    f"/desk/{LAYER}/sign",
    f"/desk/{LAYER}/recall",
    f"/desk/{LAYER}/recall?source=https://www.legislation.gov.uk/ukpga/2018/12/section/45",
    f"/desk/{LAYER}/files",
    f"/desk/{LAYER}/people",
    f"/desk/{LAYER}/people/1",
    f"/desk/{LAYER}/log",
    f"/desk/{LAYER}/letters",
    f"/desk/{LAYER}/door",
    f"{CARD}",
    f"{CARD}/edit",
    "/desk/sign-in",
    "/desk/not-there/facts",
    f"/register/{LAYER}/bodycam",
    "/register?show=facts",
    f"/register/compare?card=bodycam&a={LAYER}&b=southmere",
)


@pytest.fixture(scope="module")
def cookies(browser: Browser, office: Office) -> list[dict[str, object]]:
    """A lead of the force, signed in, with a card that waits to be signed."""
    context, _ = join(browser, office, "lead", "Cody Practice")
    found = [dict(cookie) for cookie in context.cookies()]
    context.close()
    return found


def looking(browser: Browser, cookies: list[dict[str, object]], **looks: object) -> BrowserContext:
    context = browser.new_context(**looks)
    context.add_cookies(cookies)
    return context


@pytest.fixture(scope="module")
def lead_page(browser: Browser, cookies: list[dict[str, object]]) -> Iterator[Page]:
    """One page for all: looks are changed in place. The page's own policy would refuse axe, so it is set aside."""
    context = looking(browser, cookies, bypass_csp=True, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_in_any_look(lead_page: Page, office: Office, path: str) -> None:
    lead_page.set_viewport_size(DESK)
    lead_page.emulate_media(forced_colors="none")
    lead_page.goto(office.address + path)
    lead_page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for size, colours in ((DESK, "none"), ({"width": 360, "height": 900}, "none"), (DESK, "active")):
        lead_page.set_viewport_size(size)
        lead_page.emulate_media(forced_colors=colours)
        results = Axe().run(lead_page, options=WCAG)
        assert results.violations_count == 0, f"{size}, forced colours {colours}: {results.generate_report()}"


@pytest.mark.parametrize("path", PAGES)
def test_nothing_sideways_on_a_phone_and_targets_are_large(lead_page: Page, office: Office, path: str) -> None:
    lead_page.set_viewport_size(PHONE)
    lead_page.emulate_media(forced_colors="none")
    lead_page.goto(office.address + path)
    lead_page.evaluate(WIDE_SPACING)
    assert lead_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    small = lead_page.evaluate(SMALL_TARGETS)
    assert [one for one in small if 'type="checkbox"' not in one and 'type="radio"' not in one] == []


def test_the_editor_works_without_script(browser: Browser, office: Office, cookies: list[dict[str, object]]) -> None:
    context = looking(browser, cookies, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{office.address}/desk/{LAYER}/cards/see-my-record/edit")
    page.locator("#text_easy_0").fill("Notwithstanding the foregoing you may utilise a subject access request.")
    page.get_by_role("button", name="Check without saving").click()
    expect(page.locator("#checked")).to_contain_text("to mend before these words can be sent to review")
    expect(page.locator("#text_easy_0")).to_have_value(re.compile("Notwithstanding"))
    page.get_by_label("Without pictures").check()
    expect(page.locator(".phone img").first).to_be_hidden()
    context.close()
