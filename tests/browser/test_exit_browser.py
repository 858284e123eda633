"""Leaving quickly, in a real Chromium: at once, in every way, and what Back shows afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.neutral import AROUND, PAGE, neutral
from tests.browser.test_browser import ask, press
from tests.chromium import PHONE, WHOLE_CHROMIUM, with_and_without_script
from tests.served import served

CHROMIUM = WHOLE_CHROMIUM

pytestmark = pytest.mark.browser
ANSWER = "6 months"
WATCH_THE_COVER = """() => new MutationObserver(() => {
  const shown = [...document.body.children].map((one) => one.className).join(" ");
  const words = document.body.textContent.trim() || "no words";
  console.log([shown, words, location.pathname + location.search, document.title].join(", "));
}).observe(document.body, { childList: true })"""
THUMB = {"viewport": PHONE, "has_touch": True, "is_mobile": True}


@dataclass(frozen=True)
class Site:
    """Where our pages are, and where leaving leads."""

    ours: str
    away: str


@pytest.fixture(scope="module")
def site(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    log = tmp_path_factory.mktemp("served") / "log"
    with neutral() as away, served(sqlite_url, log, {"KNOW_LEAVE_TO": away}) as ours:
        yield Site(ours, away)


def in_the_middle_of_a_talk(page: Page, site: Site, query: str = "") -> None:
    page.goto(site.ours)
    page.goto(f"{site.ours}/northmoor{query}")
    ask(page, "how long do they keep my finger prins")
    press(page, "fingerprints-dna")
    expect(page.locator("#latest")).to_contain_text(ANSWER)


def has_left(page: Page, site: Site) -> None:
    expect(page.get_by_role("heading")).to_have_text("Weather")
    assert page.url == site.away


def shows_nothing_of_the_talk(page: Page) -> None:
    expect(page.locator("body")).not_to_contain_text(ANSWER)
    expect(page.locator(".said")).to_have_count(0)


def three_shifts(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("ShiftLeft")


@with_and_without_script
def test_by_a_press_and_back_afterwards_shows_nothing_of_the_talk(page: Page, site: Site) -> None:
    in_the_middle_of_a_talk(page, site)
    assert page.title() == "Information help"
    page.get_by_role("button", name="Leave quickly").click()
    has_left(page, site)
    page.go_back()
    shows_nothing_of_the_talk(page)
    page.go_back()
    shows_nothing_of_the_talk(page)


@with_and_without_script
def test_from_the_safety_page_too(page: Page, site: Site) -> None:
    in_the_middle_of_a_talk(page, site)
    page.get_by_role("link", name="Be safe on this page").click()
    page.get_by_role("button", name="Leave quickly").click()
    has_left(page, site)
    for _ in range(3):
        page.go_back()
        shows_nothing_of_the_talk(page)


@with_and_without_script
def test_whoever_only_looks_at_the_safety_page_finds_the_answer_again(page: Page, site: Site) -> None:
    in_the_middle_of_a_talk(page, site)
    page.get_by_role("link", name="Be safe on this page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Be safe on this page")
    page.go_back()
    expect(page.locator("#latest")).to_contain_text(ANSWER)


@with_and_without_script
def test_by_keyboard_it_is_the_second_thing_on_the_page(page: Page, site: Site) -> None:
    in_the_middle_of_a_talk(page, site)
    # After an answer the focus stands in it; a child may begin again at the top.
    page.reload()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Leave this page now")).to_be_focused()
    page.keyboard.press("Enter")
    has_left(page, site)


def test_by_shift_three_times(page: Page, site: Site) -> None:
    in_the_middle_of_a_talk(page, site)
    for keys in (["Shift", "Shift"], ["Tab", "Shift", "Shift", "a", "Shift"], ["Shift+A", "Shift+A", "Shift+A"]):
        for key in keys:
            page.keyboard.press(key.replace("Shift", "ShiftLeft") if key == "Shift" else key)
        page.keyboard.press("Escape")
    page.get_by_label("Ask in your own words").fill("")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Northmoor")
    three_shifts(page)
    has_left(page, site)


def test_shift_does_nothing_while_there_is_text_in_the_box(page: Page, site: Site) -> None:
    page.goto(f"{site.ours}/northmoor")
    page.get_by_label("Ask in your own words").fill("who ")
    three_shifts(page)
    expect(page.get_by_label("Ask in your own words")).to_have_value("who ")
    page.evaluate("""() => { for (let press = 0; press < 3; press += 1) for (const kind of ["keydown", "keyup"])
      document.body.dispatchEvent(new KeyboardEvent(kind, { key: "Shift", code: "ShiftLeft", bubbles: true })); }""")
    expect(page.get_by_label("Ask in your own words")).to_have_value("who ")


@pytest.mark.parametrize("context", [THUMB], indirect=True)
def test_shift_does_nothing_in_a_box_on_a_screen_with_its_own_keyboard(page: Page, site: Site) -> None:
    page.goto(f"{site.ours}/northmoor")
    page.get_by_label("Ask in your own words").focus()
    three_shifts(page)
    expect(page.get_by_label("Ask in your own words")).to_be_focused()


def test_during_a_slow_request_and_with_the_server_gone(page: Page, context: BrowserContext, site: Site) -> None:
    held: list[Route] = []
    in_the_middle_of_a_talk(page, site)
    context.route(f"{site.ours}/**", lambda route: held.append(route))
    ask(page, "who sees it")
    page.get_by_role("button", name="Leave quickly").click()
    has_left(page, site)
    for route in held:
        route.abort()
    context.unroute(f"{site.ours}/**")
    in_the_middle_of_a_talk(page, site)
    context.route(f"{site.ours}/**", lambda route: route.abort())
    page.get_by_role("button", name="Leave quickly").click()
    has_left(page, site)


def test_the_page_is_covered_and_its_address_says_nothing_before_the_other_page_comes(page: Page, site: Site) -> None:
    said: list[str] = []
    in_the_middle_of_a_talk(page, site, "?reading=easy")
    page.on("console", lambda message: said.append(message.text) if message.text.startswith("cover") else None)
    page.evaluate(WATCH_THE_COVER)
    page.get_by_role("button", name="Leave quickly").click()
    has_left(page, site)
    assert said == ["cover, no words, /, Information help"]


@pytest.mark.parametrize(
    ("rights", "whole"),
    [
        ("", True),
        ("allow-scripts allow-same-origin allow-forms allow-top-navigation-by-user-activation", True),
        ("allow-scripts allow-same-origin allow-forms", False),
    ],
    ids=["frame", "sandbox-that-lets-it", "sandbox-that-does-not"],
)
def test_inside_a_frame_of_another_site(
    page: Page, context: BrowserContext, site: Site, rights: str, whole: bool
) -> None:
    sandbox = f'sandbox="{rights}"' if rights else ""
    frame = f'<iframe {sandbox} src="{site.ours}/northmoor" width="800" height="600"></iframe>'
    host = site.away.replace("/weather", "/host")
    context.route(host, lambda route: route.fulfill(body=AROUND.format(frame=frame), content_type="text/html"))
    # A page that was never fetched may not lead a frame to this machine, so nothing here is.
    context.route(site.away, lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    context.route(f"{site.ours}/northmoor", without_its_policy)
    page.goto(host)
    page.frame_locator("iframe").get_by_role("button", name="Leave quickly").click()
    if whole:
        has_left(page, site)
    else:
        expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("Weather")


def without_its_policy(route: Route) -> None:
    """Lets a page of ours stand in a frame, which it refuses to until a force asks for it."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
    route.fulfill(response=answer, headers=headers)


def test_a_shared_screen_asks_and_clears_and_back_shows_nothing(page: Page, site: Site) -> None:
    page.clock.install()
    in_the_middle_of_a_talk(page, site, "?mode=shared")
    page.clock.fast_forward(4 * 60_000 + 1_000)
    warning = page.get_by_role("status").filter(has_text="Are you still here?")
    expect(warning).to_be_visible()
    page.get_by_role("button", name="I am still here").click()
    expect(warning).to_be_hidden()
    page.clock.fast_forward(4 * 60_000 + 1_000)
    expect(warning).to_be_visible()
    page.clock.fast_forward(60_000)
    expect(page.get_by_role("main").get_by_text("We are not the police")).to_be_visible()
    assert "visit" not in page.url
    expect(page.get_by_role("button", name="Start fresh")).to_be_visible()
    for _ in range(2):
        page.go_back()
        shows_nothing_of_the_talk(page)


@with_and_without_script
def test_start_fresh_and_back_shows_nothing(page: Page, site: Site) -> None:
    in_the_middle_of_a_talk(page, site, "?mode=shared")
    page.get_by_role("button", name="Start fresh").click()
    expect(page.get_by_role("main").get_by_text("We are not the police")).to_be_visible()
    for _ in range(2):
        page.go_back()
        shows_nothing_of_the_talk(page)
