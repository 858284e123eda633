"""In a real Chromium: asking for a person with script and without, on a phone and a desk, by eye and keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.chromium import DESK, beside_the_driver, with_and_without_script
from tests.person_app import NUMBER, person_app, signed_copy
from tests.served import served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    with signed_copy(sqlite_url, folder) as url:
        beside_the_driver(_providers(url))
        with served(url, folder / "log") as found:
            yield found
        assert "zebrafish" not in Path(folder / "log").read_text("utf-8")


async def _providers(url: str) -> None:
    async with person_app(url) as app:
        provider = await app.provider()
        await app.advocate(provider, "Sam")
        await app.provider("mere-voices", ("southmere",), hours="")


def steps(page: Page, address: str) -> Iterator[str]:
    """From the talk to the three words, one page after the other, by way of everything that can be wrong."""
    page.goto(f"{address}/northmoor")
    page.locator("#latest button[name=card]").first.click()
    page.locator(".composer").get_by_role("button", name="Talk to a person").click()
    expect(page.locator("#latest")).to_contain_text("0800 1111")
    yield "talk"
    page.get_by_role("button", name="Ask for a person here").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask for a person")
    yield "consent"
    page.get_by_role("button", name="Yes, go on").click()
    yield "details"
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".faults")).to_contain_text("Choose how they can answer you.")
    yield "details-fault"
    page.get_by_label("What do you want to ask?").fill("zebrafish, and he hits me")
    page.get_by_label("By phone, later").check()
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".pinned")).to_be_visible()
    yield "call"
    page.get_by_label("Your phone number").fill("0770")
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".faults li")).to_have_count(3)
    yield "call-fault"
    page.get_by_label("Your phone number").fill(NUMBER)
    page.get_by_label("My own").check()
    page.locator("input[name=window]").first.check()
    page.get_by_role("button", name="Next").click()
    expect(page.locator("main")).to_contain_text("zebrafish")
    yield "review"
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".three-word")).to_have_count(3)
    yield "sent"


@with_and_without_script
def test_from_the_talk_to_the_three_words_and_back(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in steps(page, address):
        assert "zebrafish" not in page.url
    words = page.locator(".three-word").all_inner_texts()
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    page.get_by_role("button", name="Go on").click()
    assert "/northmoor/person/talk?here=" in page.url
    page.goto(f"{address}/northmoor/person/back")
    page.get_by_label("Type your 3 words").fill("one two three")
    page.get_by_role("button", name="Go to my talk").click()
    expect(page.locator(".faults")).to_contain_text("Those words do not match.")
    page.get_by_label("Type your 3 words").fill(" ".join(words).upper())
    page.get_by_role("button", name="Go to my talk").click()
    assert "/northmoor/person/talk?here=" in page.url
    assert all(url.startswith(address) for url in asked)
    assert not any(word in url for url in asked for word in ("zebrafish", "-".join(words), "+".join(words)))


@with_and_without_script
def test_yes_and_no_are_of_one_size_and_no_leads_back(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(f"{address}/northmoor/person")
    boxes = [box for way in page.locator(".two button").all() if (box := way.bounding_box())]
    assert len(boxes) == 2
    for side in ("width", "height"):
        assert abs(boxes[0][side] - boxes[1][side]) <= 2
    page.get_by_role("button", name="No, go back").click()
    expect(page.locator("#latest")).to_be_visible()
    assert "/northmoor?chat=" in page.url


@with_and_without_script
def test_what_is_wrong_has_the_focus_and_leads_to_its_field(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    for step in steps(page, address):
        if step == "call-fault":
            break
    expect(page.locator(".faults")).to_be_focused()
    page.locator(".faults a").first.click()
    expect(page.get_by_label("Your phone number")).to_be_in_viewport()
    assert page.url.endswith("#number")


def test_by_keyboard_alone(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    page.goto(f"{address}/northmoor/person")
    page.get_by_role("button", name="Yes, go on").press("Enter")
    page.get_by_label("What can we call you?").press("Tab")
    page.keyboard.type("zebrafish")
    # "How to talk with me" is folded, and one stop on the way.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
    expect(page.locator("main")).to_contain_text("zebrafish")
    context.close()
