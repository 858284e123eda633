"""Pace: one idea at a time for those who read easy words, with Next and Show all, and nothing that moves by itself."""

import re

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_browser import WATCH_ANNOUNCEMENTS, open_answer
from tests.chat.test_pages import say


def parts(html: str) -> int:
    return html.count('<details class="pace">')


@pytest.mark.parametrize(
    ("address", "paced"),
    [
        ("/northmoor?level=easy", True),
        ("/northmoor?level=simple", False),
        ("/northmoor?level=standard", False),
        ("/northmoor?level=easy&reading=all-at-once", False),
        ("/northmoor?level=simple&reading=one-at-a-time", True),
    ],
    ids=str,
)
async def test_who_gets_one_idea_at_a_time(client: httpx.AsyncClient, address: str, paced: bool) -> None:
    first = await client.get(address)
    # Who we are, and how to get help, is never cut up.
    assert parts(first.text) == 0
    force, _, query = address.partition("?")
    token = re.search(r'name="chat" value="([^"]+)"', first.text)
    assert token
    card = await client.post(f"{force}/say?{query}", data={"chat": token[1], "card": "bail"}, follow_redirects=True)
    bubbles = card.text.count('<div class="bubble-words">')
    assert parts(card.text) == (bubbles - 1 if paced else 0)
    assert ("Show all" in card.text) == paced
    if paced:
        assert f"Part 1 of {bubbles}" in card.text


@pytest.mark.parametrize("form", [{"act": "person"}, {"text": "my dad is hitting me right now"}, {"text": "zebra"}])
async def test_help_is_never_held_back(client: httpx.AsyncClient, form: dict[str, str]) -> None:
    found = await say(client, await client.get("/northmoor?level=easy&reading=one-at-a-time"), **form)
    assert parts(found.text) == 0


async def test_show_all_is_a_link_that_shows_all_of_this_answer(client: httpx.AsyncClient) -> None:
    card = await say(client, await client.get("/northmoor?level=easy"), card="bail")
    link = re.search(r'<p class="show-all"><a href="([^"]+)">', card.text)
    assert link
    whole = await client.get(link[1].replace("&amp;", "&"))
    assert parts(whole.text) == 0
    assert whole.text.count('<div class="bubble-words">') == card.text.count('<div class="bubble-words">')
    after = await say(client, whole, card="my-phone")
    assert parts(after.text) > 0


@pytest.mark.browser
def test_next_by_keyboard_says_each_idea_once(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?level=easy")
    for name in ("Hurt or scared", "Someone hurt me"):
        page.locator("#latest").get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#new-messages")).to_be_empty(timeout=5000)
    page.evaluate(WATCH_ANNOUNCEMENTS)
    page.locator("#latest").get_by_role("button", name="Will the police tell my parents or carers?", exact=True).press(
        "Enter"
    )
    bubbles = page.locator("#latest .bubble-words")
    expect(page.locator("#latest")).to_have_attribute("data-kind", "card")
    words = [" ".join(text.split()) for text in bubbles.all_text_contents()]
    expect(page.locator("#latest .bubble:visible")).to_have_count(1)
    page.locator("#latest .pace summary:visible").press("Enter")
    expect(page.locator("#latest .bubble:visible")).to_have_count(2)
    expect(page.locator("#latest .bubble").nth(1)).to_be_focused()
    page.locator("#latest .more > summary").press("Enter")
    page.locator("#latest .show-all a").press("Enter")
    expect(page.locator("#latest .bubble:visible")).to_have_count(len(words))
    expect(page.locator("#latest .show-all")).to_be_hidden()
    said = " | ".join(page.evaluate("window.said"))
    assert [said.count(text) for text in words] == [1] * len(words)
    assert f"Part 1 of {len(words)}" in said


@pytest.mark.browser
@pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
def test_without_script_next_and_words_open_all_the_same(page: Page, address: str) -> None:
    open_answer(page, address, "easy")
    page.locator("#latest .pace summary:visible").press("Enter")
    expect(page.locator("#latest .bubble:visible")).to_have_count(2)
    word = page.locator("#latest .word").first
    entry = page.locator(f"#{word.get_attribute('data-entry')}")
    expect(entry).to_be_hidden()
    page.locator("#latest .hard-words > summary").press("Enter")
    expect(entry).to_be_visible()


@pytest.mark.browser
def test_a_tapped_word_opens_its_meaning_under_its_bubble(page: Page, context: BrowserContext, address: str) -> None:
    open_answer(page, address, "easy")
    expect(page.locator("#new-messages")).to_be_empty(timeout=5000)
    page.evaluate(WATCH_ANNOUNCEMENTS)
    word = page.locator("#latest .word").first
    here = page.url
    word.click()
    panel = page.locator("#latest .word-panel")
    expect(panel).to_be_visible()
    expect(panel.locator("xpath=preceding-sibling::*[1]")).to_have_class(re.compile("bubble"))
    expect(panel).to_contain_text("For example")
    assert page.url == here
    assert len(page.evaluate("window.said")) == 1
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    word.click()
    page.get_by_role("button", name="Close").press("Enter")
    expect(panel).to_have_count(0)
    expect(page.locator("#latest .bubble").first).to_be_focused()


@pytest.mark.browser
def test_keys_go_past_a_sentence_and_find_every_word_of_it_in_the_list(page: Page, address: str) -> None:
    open_answer(page, address, "simple")
    marked = page.locator("#latest .word").evaluate_all("all => all.map((one) => one.dataset.entry)")
    assert marked
    assert (
        page.locator("#latest .bubbles").locator("a:not([href^='tel:']), button, [tabindex], [role=button]").count()
        == 0
    )
    page.locator("#latest .hard-words > summary").press("Enter")
    for entry in marked:
        expect(page.locator(f"#{entry}")).to_be_visible()
