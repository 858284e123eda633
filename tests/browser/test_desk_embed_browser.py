"""The widget at the desk in a real Chromium: the page for every eye and hand, copying, the preview, the off switch."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.test_browser import SMALL_TARGETS, WCAG, WIDE_SPACING
from tests.browser.test_desk_browser import (  # noqa: F401 - fixtures
    LAYER,
    Office,
    cookies,
    looking,
    office,
    press,
    reach,
    type_into,
)
from tests.chromium import DESK, PHONE

pytestmark = pytest.mark.browser

PAGE = f"/desk/{LAYER}/embed"
SITE = "https://www.northmoor.example"
Cookies = list[dict[str, object]]


@pytest.fixture
def lead(browser: Browser, office: Office, cookies: Cookies, request: pytest.FixtureRequest) -> Iterator[Page]:  # noqa: F811
    """A page of the lead, at the widget's page, where one site is listed."""
    context = looking(browser, cookies, **getattr(request, "param", {"viewport": DESK}))
    page = context.new_page()
    page.goto(office.address + PAGE)
    page.get_by_label("Your sites, one on a line").fill(SITE)
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_text("Kept.")).to_be_visible()
    yield page
    context.close()


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/preview"])
@pytest.mark.parametrize(
    "lead",
    [
        {"viewport": DESK, "bypass_csp": True},
        {"viewport": PHONE, "bypass_csp": True},
        {"viewport": DESK, "bypass_csp": True, "forced_colors": "active"},
        {"viewport": PHONE, "bypass_csp": True, "color_scheme": "dark"},
    ],
    indirect=True,
    ids=["desk", "phone", "forced-colours", "dark"],
)
def test_axe_finds_nothing_and_nothing_is_sideways_or_small(lead: Page, office: Office, path: str) -> None:  # noqa: F811
    lead.get_by_role("button", name="Make a new key").click()
    lead.goto(office.address + path)
    lead.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    results = Axe().run(lead, options=WCAG)
    assert results.violations_count == 0, results.generate_report()
    lead.evaluate(WIDE_SPACING)
    assert lead.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    small = lead.evaluate(SMALL_TARGETS)
    assert [one for one in small if 'type="radio"' not in one] == []


def test_what_is_pasted_is_copied_and_said_to_be(lead: Page) -> None:
    lead.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lead.get_by_role("button", name="Copy: The tag: small repairs come by themselves").click()
    expect(lead.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    copied = lead.evaluate("navigator.clipboard.readText()")
    assert copied == lead.locator("#tag").input_value()
    assert copied.startswith("<script async src=")
    assert f'data-force="{LAYER}"' in copied


def test_where_a_page_may_not_copy_the_text_is_marked(lead: Page) -> None:
    lead.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    lead.get_by_role("button", name="Copy: The two lines").click()
    expect(lead.get_by_text("It is marked: copy it with Ctrl and C.")).to_be_visible()
    expect(lead.locator("#policy")).to_be_focused()
    assert lead.evaluate("window.getSelection().toString()") == lead.locator("#policy").input_value()


@pytest.mark.parametrize("lead", [{"viewport": PHONE, "java_script_enabled": False}], indirect=True)
def test_without_script_all_is_there_but_the_buttons_to_copy(lead: Page) -> None:
    expect(lead.get_by_role("button", name=re.compile("^Copy"))).to_have_count(0)
    expect(lead.get_by_label("The tag: small repairs come by themselves", exact=True)).to_have_value(
        re.compile("^<script async")
    )
    lead.get_by_label("Colour of the button").fill("#ffff00")
    lead.get_by_role("button", name="Keep this").click()
    expect(lead.locator("#fault-colour")).to_contain_text("contrast of 1.1")
    expect(lead.get_by_label("Colour of the button")).to_have_value("#ffff00")
    expect(lead.get_by_label("Your sites, one on a line")).to_have_value(SITE)


def test_by_keyboard_alone_a_site_is_listed_and_a_key_made_and_ended(lead: Page) -> None:
    type_into(lead, lead.get_by_label("Your sites, one on a line"), f"{SITE}\nhttps://jobs.northmoor.example")
    reach(lead, lead.get_by_label("At the bottom right"))
    lead.keyboard.press("ArrowDown")
    press(lead, lead.get_by_role("button", name="Keep this"))
    expect(lead.locator("#tag")).to_have_value(re.compile('data-position="left"'))
    before = lead.get_by_label(re.compile("^Key made by")).count()
    press(lead, lead.get_by_role("button", name="Make a new key"))
    expect(lead.get_by_label(re.compile("^Key made by"))).to_have_count(before + 1)
    reach(lead, lead.locator("summary", has_text="End the key").first)
    lead.keyboard.press("Enter")
    press(lead, lead.get_by_role("button", name="End it now").first)
    expect(lead.get_by_label(re.compile("^Key made by"))).to_have_count(before)
    expect(lead.get_by_role("table")).to_contain_text("Cody Practice")


def opened(page: Page, office: Office) -> None:  # noqa: F811
    """Opens the widget on the preview's page."""
    page.goto(f"{office.address}{PAGE}/preview")
    page.get_by_role("button", name="Ask a question").click()


def test_the_preview_opens_the_real_chat_which_ignores_the_cookie_of_the_desk(lead: Page, office: Office) -> None:  # noqa: F811
    framed: list[Request] = []
    lead.on("request", lambda request: framed.append(request) if request.frame != lead.main_frame else None)
    opened(lead, office)
    chat = lead.frame_locator("iframe")
    expect(chat.get_by_role("heading", level=1)).to_contain_text("Northmoor")
    chat.get_by_label("Ask in your own words").fill("how long do they keep my fingerprints")
    chat.get_by_role("button", name="Ask", exact=True).click()
    # The welcome is the latest answer until this one came. This office has no bot.
    expect(chat.locator("#latest h3")).to_contain_text("cannot read your words")
    assert framed
    # The cookie has the path of every page, as its name asks for when live. No script reads it, no answer sets one, and
    # a child's page says the same whoever is signed in beside it.
    for request in framed:
        answer = request.response()
        assert answer is None or "set-cookie" not in answer.all_headers(), request.url
    assert lead.frames[-1].evaluate("document.cookie") == ""
    assert "Sign out" not in lead.frames[-1].content()


def test_a_shut_door_is_calm_in_the_widget_and_leads_to_a_person(lead: Page, office: Office) -> None:  # noqa: F811
    lead.goto(f"{office.address}/desk/{LAYER}/door")
    lead.locator("#message-door_checking").check()
    lead.get_by_role("button", name="Close the door").click()
    try:
        opened(lead, office)
        chat = lead.frame_locator("iframe")
        expect(chat.get_by_role("heading", level=1)).to_have_text("This page is closed for now")
        for said in ("In danger now? Call 999.", "call Childline on 0800 1111"):
            expect(chat.get_by_role("link", name=said)).to_be_visible()
        chat.get_by_role("main").get_by_role("button", name="Talk to a person").click()
        expect(chat.get_by_role("heading", level=3).first).to_be_visible()
        expect(chat.locator(".ask-here")).to_be_visible()
    finally:
        lead.goto(f"{office.address}/desk/{LAYER}/door")
        lead.get_by_role("button", name="Open the door again").click()
