"""In a real Chromium with an authenticator of its own: a passkey is made and used at both doors, by keyboard alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from api.bot_process import free_port
from tests.browser.test_console_doorway_browser import invited
from tests.browser.test_desk_browser import press, reach, type_into
from tests.browser.test_desk_doorway import SMALL_TARGETS, WCAG, join
from tests.chromium import PHONE, beside_the_driver
from tests.own_database import sqlite_copy
from tests.served import served

pytestmark = pytest.mark.browser
SIDEWAYS = "document.documentElement.scrollWidth <= window.innerWidth"


@dataclass(frozen=True)
class Place:
    """The app as served under a name, and its database."""

    address: str
    url: str

    def invite(self, layer: str, role: str, name: str) -> str:
        """The address of an invitation of somebody new."""
        return self.address + beside_the_driver(invited(self.url, role, name, layer))


@pytest.fixture(scope="module")
def place(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, port = tmp_path_factory.mktemp("passkeys"), free_port()
    url, named = sqlite_copy(sqlite_url, folder), f"http://localhost:{port}"
    with served(url, folder / "log", {"KNOW_PORT": str(port), "KNOW_PUBLIC_URL": named}):
        yield Place(named, url)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1000, "height": 1800}, bypass_csp=True)
    yield context.new_page()
    context.close()


def give_authenticator(page: Page, *, verified: bool = True) -> None:
    """A device that has a finger to ask for."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    can = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": verified}
    device = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True, **can}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def looks_right(page: Page) -> None:
    """Nothing for axe to find, nothing too small to press, nothing cut off on a phone."""
    page.wait_for_load_state()
    wide = page.viewport_size
    for size in (wide, {**PHONE, "height": 6000}):
        page.set_viewport_size(size)
        results = Axe().run(page, options=WCAG)
        assert results.violations_count == 0, results.generate_report()
        assert page.evaluate(SMALL_TARGETS) == []
        assert page.evaluate(SIDEWAYS)
    page.set_viewport_size(wide)


@pytest.mark.parametrize(
    ("layer", "role", "name", "door"),
    [
        ("northmoor", "editor", "Ada", "/desk/northmoor"),
        ("provider:practice-advocates", "advocate", "Ann", "/console"),
    ],
)
def test_a_passkey_is_made_and_used_by_keyboard_alone(
    page: Page, place: Place, layer: str, role: str, name: str, door: str
) -> None:
    give_authenticator(page)
    join(page, place.invite(layer, role, name))
    looks_right(page)
    press(page, page.get_by_role("link", name="make a passkey"))
    looks_right(page)
    type_into(page, page.get_by_label("Name of the passkey"), "work laptop")
    press(page, page.get_by_role("button", name="Make a passkey"))
    expect(page.get_by_text("Not used yet.")).to_be_visible()
    looks_right(page)

    type_into(page, page.get_by_label("Name of the passkey"), "the same again")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("This device has a passkey of yours for this site already")

    press(page, page.get_by_role("button", name=f"Sign out ({name})"))
    looks_right(page)
    press(page, page.get_by_role("button", name="Sign in with a passkey"))
    expect(page).to_have_url(place.address + door)
    press(page, page.get_by_role("link", name="My sign-in"))
    expect(page.get_by_text("Last used on")).to_be_visible()
    press(page, page.get_by_role("button", name="Remove this passkey: work laptop"))
    expect(page.get_by_text("None yet.")).to_be_visible()
    press(page, page.get_by_role("button", name=f"Sign out ({name})"))
    press(page, page.get_by_role("button", name="Sign in with a passkey"))
    expect(page.get_by_role("alert")).to_contain_text("That passkey did not sign you in")


def test_a_device_without_a_passkey_says_so_and_the_other_way_stays(page: Page, place: Place) -> None:
    give_authenticator(page)
    page.goto(f"{place.address}/desk/sign-in")
    button = page.get_by_role("button", name="Sign in with a passkey")
    reach(page, button)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("No passkey was used.")
    looks_right(page)
    page.route("**/desk/sign-in/passkey", lambda route: route.abort())
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("This site cannot be reached")
    expect(page.get_by_label("Password")).to_be_visible()


def test_without_script_the_page_says_so_and_the_other_way_comes_first(browser: Browser, place: Place) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{place.address}/desk/sign-in")
    told = page.get_by_text("A passkey needs JavaScript")
    expect(told).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    password = page.get_by_label("Password").bounding_box()
    below = told.bounding_box()
    assert password
    assert below
    assert password["y"] < below["y"]
    context.close()
