"""In a real Chromium: joining, signing in, a draft that outlives its sign-in, and the way here from other sites."""

import logging
import re
import sqlite3
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from api.bot_process import free_port
from api.records.accounts import Account
from api.records.invitations import invite
from api.web.database import Database
from tests.chromium import beside_the_driver
from tests.conftest import settings_for
from tests.own_database import sqlite_copy
from tests.served import served

with warnings.catch_warnings():
    # Authlib's own notice that the mock uses an older part of it.
    warnings.simplefilter("ignore", DeprecationWarning)
    import oidc_provider_mock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),
]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SMALL_TARGETS = """() => [...document.querySelectorAll("button, summary, a.button, input:not([type=hidden])")]
  .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"""
PASSWORD = "seven otters under a lamp"


@dataclass
class Place:
    """The app as served, its database file, and the address of a force's own sign-in, which is another site."""

    address: str
    file: Path
    issuer: str

    def invite(self, name: str) -> tuple[Account, str]:
        """A new lead of a practice force, and the address of their invitation."""
        return beside_the_driver(self._invite(name))

    async def _invite(self, name: str) -> tuple[Account, str]:
        database, now = Database(settings_for(f"sqlite+aiosqlite:///{self.file}")), datetime.now(UTC)
        email = f"{name.lower().replace(' ', '.')}@northmoor.example"
        account = Account(layer="northmoor", role="lead", name=name, post="the lead", email=email, made_at=now)
        async with database.begin() as session:
            session.add(account)
            await session.flush()
            token = await invite(session, account, now)
        await database.close()
        return account, f"{self.address}/desk/invitation/{token}"

    def let_time_pass(self) -> None:
        """Every sign-in was last seen yesterday."""
        with sqlite3.connect(self.file, timeout=10) as database:
            database.execute("UPDATE desk_session SET seen_at = datetime(seen_at, '-1 day')")
        database.close()


@pytest.fixture(scope="module")
def place(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("doorway")
    url = sqlite_copy(sqlite_url, folder)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with oidc_provider_mock.run_server_in_thread() as provider:
        issuer = f"http://localhost:{provider.server_port}"
        own = f'{{"northmoor": {{"issuer": "{issuer}", "client_id": "know", "client_secret": "secret"}}}}'
        port = free_port()
        others = {"KNOW_OIDC": own, "KNOW_PORT": str(port), "KNOW_PUBLIC_URL": f"http://127.0.0.1:{port}"}
        with served(url, folder / "log", others) as address:
            yield Place(address, folder / "know.db", issuer)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1000, "height": 1600})
    yield context.new_page()
    context.close()


def join(page: Page, link: str) -> tuple[pyotp.TOTP, list[str]]:
    """Accepts an invitation; the code app and the recovery codes."""
    page.goto(link)
    app = pyotp.TOTP(page.locator("code").inner_text().replace(" ", ""))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_label("The 6 numbers that the app shows now").fill(app.now())
    page.get_by_role("button", name="Store both and sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep these ten codes")
    return app, page.locator("li code").all_inner_texts()


def from_a_letter(page: Page, link: str) -> None:
    """Opens a link that stands on another site."""
    page.route(
        "http://letters.example/",
        lambda route: route.fulfill(body=f'<a href="{link}">open</a>', content_type="text/html"),
    )
    page.goto("http://letters.example/")
    page.get_by_text("open").click()


def test_joining_signing_out_and_in_and_a_draft_that_outlives_the_sign_in(page: Page, place: Place) -> None:
    account, link = place.invite("Ada Invented")
    app, codes = join(page, link)
    page.get_by_role("link", name="I have kept them").click()
    expect(page).to_have_url(f"{place.address}/desk/northmoor")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

    page.goto(f"{place.address}/desk/northmoor/people")
    page.get_by_label("E-mail").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("The 6 numbers").fill(app.at(time.time(), counter_offset=1))
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{place.address}/desk/northmoor/people")

    form = page.locator("form", has=page.locator("input[name=post]")).last
    form.locator("input[name=name]").fill('Grace "Draft" O\'Typed')
    form.locator("input[name=post]").fill("the editor (invented)")
    form.locator("input[name=email]").fill("grace.typed@northmoor.example")
    place.let_time_pass()
    form.get_by_role("button").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your sign-in has ended")
    page.get_by_label("E-mail").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_text("No phone? Use a recovery code").click()
    page.get_by_label("One of the ten codes").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send it again").click()
    expect(page.locator("main")).to_contain_text('Grace "Draft" O\'Typed')


def test_a_link_from_a_letter_leads_on(page: Page, place: Place) -> None:
    _, link = place.invite("Bea Invented")
    join(page, link)
    from_a_letter(page, f"{place.address}/desk/northmoor/people")
    # The browser holds a strict cookie back on the way from another site.
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_role("link", name="Open the page you asked for").click()
    expect(page).to_have_url(f"{place.address}/desk/northmoor/people")


def test_an_invitation_opens_from_a_letter(page: Page, place: Place) -> None:
    _, link = place.invite("Cat Invented")
    from_a_letter(page, link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome to the desk, Cat Invented")


def test_the_forces_own_sign_in_is_another_site_and_the_new_cookie_still_arrives(page: Page, place: Place) -> None:
    account, _ = place.invite("Dot Invented")
    claims = {"email": account.email, "email_verified": True}
    httpx.put(f"{place.issuer}/users/dot", json=claims).raise_for_status()
    page.goto(f"{place.address}/desk/northmoor/people")
    page.get_by_role("link", name=re.compile("own account")).click()
    page.locator("input[name=sub]").fill("dot")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{place.address}/desk/northmoor/people")
    expect(page.get_by_role("button", name="Sign out (Dot Invented)")).to_be_visible()


@pytest.mark.parametrize(
    "looks", [{"viewport": {"width": 1000, "height": 2000}}, {"viewport": {"width": 320, "height": 6000}}]
)
def test_axe_finds_nothing_and_nothing_is_too_small(browser: Browser, place: Place, looks: dict[str, object]) -> None:
    # The page's own policy refuses scripts from elsewhere, so axe needs it set aside.
    context = browser.new_context(bypass_csp=True, **looks)
    page = context.new_page()
    width = page.viewport_size["width"] if page.viewport_size else 0
    account, link = place.invite(f"Eve Wide {width}")

    def check(heading: str, *, told: bool = False) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        expect(page.get_by_role("alert")).to_have_count(1 if told else 0)
        page.wait_for_load_state()
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        results = Axe().run(page, options=WCAG)
        assert results.violations_count == 0, results.generate_report()
        assert page.evaluate(SMALL_TARGETS) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    page.goto(link)
    check(f"Welcome to the desk, {account.name}")
    page.get_by_label("Password", exact=True).fill("password1234")
    page.get_by_label("The same password again").fill("password1234")
    page.get_by_label("The 6 numbers that the app shows now").fill("000000")
    page.get_by_role("button", name="Store both and sign in").click()
    check(f"Welcome to the desk, {account.name}", told=True)
    join(page, link)
    check("Keep these ten codes")
    place.let_time_pass()
    page.goto(f"{place.address}/desk/northmoor/people")
    check("Sign in")
    page.get_by_label("E-mail").fill(account.email)
    page.get_by_label("Password").fill("wrong one here")
    page.keyboard.press("Enter")
    check("Sign in", told=True)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    check("Now your code")
    page.goto(link)
    check("This link does not work any more")
    page.goto(f"{place.address}/desk/oidc/northmoor/back")
    expect(page.get_by_role("link", name="Start again")).to_be_visible()
    check(page.get_by_role("heading", level=1).inner_text())
    context.close()
