"""The row of help: the same controls in the same order under every answer, with script and without."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_browser import ask
from tests.chat.test_pages import say
from tests.fake_brain import FakeBrain

ORDER = ["Say it simpler", "Hard words", "More help", "Pictures", "Go back"]
_CONTROL = re.compile(r"<(?:button|summary)\b([^>]*)>([^<]+)</(?:button|summary)>")


def row(html: str) -> str:
    """The row of the newest answer, without what Listen adds to it."""
    found = html[html.rindex('<div class="row" role="group"') :].split("</article>")[0].split('class="levels"')[0]
    return re.sub(r'<div class="listen".*?</template>\s*</div>', "", found, flags=re.S)


def names(html: str) -> list[str]:
    return [name for _, name in _CONTROL.findall(row(html)) if name in ORDER]


ANSWERS = {
    "start": {},
    "card": {"card": "bail"},
    "menu": {"card": "menu/hurt"},
    "person": {"act": "person"},
    "not sure": {"text": "zebra"},
    "alarm": {"text": "my dad is hitting me right now"},
    "word": {"text": "what does bail mean"},
}


@pytest.mark.parametrize("level", ["standard", "simple", "easy"])
@pytest.mark.parametrize("answer", ANSWERS)
async def test_every_answer_has_the_same_row(client: httpx.AsyncClient, answer: str, level: str) -> None:
    found = await client.get(f"/northmoor?level={level}")
    if ANSWERS[answer]:
        found = await say(client, found, **ANSWERS[answer])
    assert names(found.text) == ORDER
    # What reaches a person stands once, above the box, and never behind More.
    assert found.text.count(">Talk to a person</button>") == 1
    assert found.text.index('<section class="composer"') < found.text.index(">Talk to a person</button>")


async def test_what_cannot_help_stays_and_says_why(client: httpx.AsyncClient, brain: FakeBrain) -> None:
    first = row((await client.get("/northmoor")).text)
    assert re.search(r'aria-disabled="true" data-why="[^"]*go back[^"]*">Go back', first)
    word = row((await say(client, await client.get("/northmoor"), text="what does bail mean")).text)
    assert re.search(r'aria-disabled="true" data-why="There are no hard words here.">Hard words', word)
    alarm = row((await say(client, await client.get("/northmoor"), text="my dad is hitting me right now")).text)
    assert re.search(r'aria-disabled="true" data-why="[^"]*easiest words[^"]*">Say it simpler', alarm)


async def test_help_and_the_three_ways_on_come_before_the_row_of_an_alarm(client: httpx.AsyncClient) -> None:
    found = (await say(client, await client.get("/northmoor"), text="my dad is hitting me right now")).text
    assert found.index("999") < found.index('value="not-meant"') < found.index('<div class="row" role="group"')


async def test_pictures_go_and_come_back_and_the_answer_stays(client: httpx.AsyncClient) -> None:
    first = re.search(r'name="chat" value="([^"]+)"', (await client.get("/northmoor?level=simple")).text)
    assert first
    pressed = {"chat": first[1], "card": "bail"}
    found = await client.post("/northmoor/say?reading=dark", data=pressed, follow_redirects=True)
    shown = re.findall(r'<div class="bubble-words">(.*?)</div>', found.text, re.S)
    assert '<img src="/pictures/' in found.text
    without = await press_pictures(client, found.text)
    assert '<img src="/pictures/' not in without.text
    assert re.findall(r'<div class="bubble-words">(.*?)</div>', without.text, re.S) == shown
    assert 'aria-pressed="false">Pictures' in without.text
    assert "no-pictures" in str(without.url)
    assert "dark" in str(without.url)
    again = await press_pictures(client, without.text)
    assert '<img src="/pictures/' in again.text
    assert "no-pictures" not in str(again.url)


async def press_pictures(client: httpx.AsyncClient, html: str) -> httpx.Response:
    """Presses Pictures as a browser without script does: the button's own address, the fields of its form."""
    button = re.search(r'formaction="([^"]+)" name="act" value="same"', html)
    token = re.search(r'name="chat" value="([^"]+)"', html)
    assert button
    assert token
    data = {"chat": token[1], "act": "same"}
    return await client.post(button[1].replace("&amp;", "&"), data=data, follow_redirects=True)


async def test_the_same_again_of_a_page_that_was_never_begun(client: httpx.AsyncClient) -> None:
    found = await client.post("/northmoor/say", data={"act": "same"}, follow_redirects=True)
    assert found.status_code == 200
    assert "What is this?" in found.text


@pytest.mark.browser
def test_the_row_by_keyboard_and_pictures_lose_nothing(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?level=easy")
    ask(page, "zebra")
    expect(page.locator(".answer")).to_have_count(2)
    # The row of an old answer is gone; words that somebody is typing are not.
    expect(page.locator(".row").first).to_be_hidden()
    expect(page.locator(".answer").first.locator(".next, .quiet, summary").locator("visible=true")).to_have_count(0)
    page.get_by_label("Ask in your own words").fill("half a question")
    newest = page.locator("#latest")
    newest.locator(".more summary").press("Enter")
    pictures = newest.get_by_role("button", name="Pictures")
    pictures.press("Enter")
    expect(newest.get_by_role("button", name="Pictures")).to_have_attribute("aria-pressed", "false")
    expect(newest.get_by_role("button", name="Pictures")).to_be_focused()
    expect(page.locator(".bubble img:visible")).to_have_count(0)
    expect(page.locator(".answer")).to_have_count(2)
    expect(page.locator(".said")).to_have_count(1)
    expect(page.get_by_label("Ask in your own words")).to_have_value("half a question")
    assert "reading=no-pictures" in page.url
    # What is asked next comes without pictures too.
    page.get_by_role("button", name="Ask", exact=True).press("Enter")
    expect(page.locator(".answer")).to_have_count(3)
    expect(page.locator("#latest img")).to_have_count(0)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.browser
def test_what_cannot_help_says_so_when_it_is_pressed(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?level=simple")
    page.locator("#latest .more > summary").press("Enter")
    page.locator("#latest").get_by_role("button", name="Go back").press("Enter")
    expect(page.locator("#told")).to_have_text("This is the first answer. You cannot go back.")
