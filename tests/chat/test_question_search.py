"""The search above all questions: danger first, then what the bot finds, and without the bot what words find."""

import re
from collections import Counter
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from accessibility.rule_finding import LEVELS, Level
from api.chat.chat_door import RateLimits
from api.web.rate_limit import RateLimit
from content.situations import most_choices
from tests.chat.listed_questions import Listed, listed
from tests.chat.test_shared_screen import Screen
from tests.doors import Doors, doors
from tests.fake_brain import FakeBrain

CRY = "i want to kill myself"
HELP = ("tel:999", "tel:08001111")


@pytest.fixture
def screen(client: httpx.AsyncClient) -> Screen:
    return Screen(client)


@pytest.fixture
def door(running: tuple[FastAPI, FakeBrain]) -> Doors:
    return doors(running[0])


async def test_the_way_back_is_the_talk_as_it_was(screen: Screen, brain: FakeBrain) -> None:
    brain.tell("zebrafish", ("bodycam", 0.9))
    await screen.go("/kent?level=easy")
    await screen.post("/kent/say", card="my-phone")
    token = re.search(r'name="chat" value="([^"]+)"', screen.html)
    assert token
    await screen.go(f"/kent/questions?chat={token[1]}")
    page = await screen.post("/kent/questions", text="zebrafish")
    back = re.search(r'<a class="questions-chat" href="([^"]+)"', page.text)
    assert back
    assert "Do I have to give the police my phone?" in (await screen.go(back[1])).text


@pytest.mark.parametrize("level", LEVELS)
async def test_a_search_shows_the_likeliest_first_and_at_most_five(
    screen: Screen, brain: FakeBrain, level: Level
) -> None:
    likely = ["my-phone", "bail", "get-things-back", "bodycam", "cctv-anpr", "see-my-record", "tell-school"]
    brain.tell("zebrafish", *((key, 0.4 / (at + 1)) for at, key in enumerate(likely)))
    await screen.go(f"/kent/questions?level={level}")
    page = await screen.post("/kent/questions", text="zebrafish")
    most = min(5, most_choices(level))
    assert Listed(page.text).parts["found-heading"] == likely[:most]
    assert "These questions fit best" in page.text
    assert Counter(Listed(page.text).all) == Counter((await listed(screen._client, "kent")).all)


async def test_what_was_typed_is_in_no_address_and_on_no_page(screen: Screen, brain: FakeBrain) -> None:
    brain.tell("zebrafish in my kitchen", ("my-phone", 0.9))
    await screen.go("/kent/questions")
    page = await screen.post("/kent/questions", text="zebrafish in my kitchen")
    assert page.request.method == "GET"
    for kept in (str(page.url), page.text, *screen.been):
        assert "zebrafish" not in kept
        assert "my-phone" not in kept.partition("?")[2] or kept is page.text
    assert "no-store" in page.headers["cache-control"]


async def test_nothing_found_leads_to_the_nearest_to_a_person_and_to_all(screen: Screen, brain: FakeBrain) -> None:
    brain.tell("marmalade", ("out-of-scope", 0.95), ("bail", 0.01))
    await screen.go("/kent/questions?level=easy")
    page = await screen.post("/kent/questions", text="marmalade")
    assert "We did not find that question" in page.text
    assert "bail" in Listed(page.text).parts["found-heading"]
    found = page.text.partition('id="found"')[2].partition("</section>")[0]
    assert 'name="act" value="person"' in found
    assert 'href="#by-situation"' in found
    assert all(number in found for number in HELP)


async def test_while_the_bot_is_away_words_are_looked_for_and_the_page_says_so(
    screen: Screen, brain: FakeBrain
) -> None:
    brain.away = True
    await screen.go("/kent/questions?level=standard")
    page = await screen.post("/kent/questions", text="body worn video film")
    assert "We looked for your words only" in page.text
    assert "bodycam" in Listed(page.text).parts["found-heading"]
    page = await screen.post("/kent/questions", text="xqxqxq")
    assert "No question has your words in it." in page.text
    assert all(number in page.text for number in HELP)


@pytest.mark.parametrize("away", [False, True])
@pytest.mark.parametrize("text", [CRY, CRY + " please help" * 900, "my dad hits me"])
@pytest.mark.parametrize("chat", ["nonsense", None])
@pytest.mark.parametrize("force", ["northmoor", "police-scotland"])
async def test_a_cry_is_answered_as_in_the_talk(
    screen: Screen, brain: FakeBrain, force: str, text: str, chat: str | None, *, away: bool
) -> None:
    brain.away = away
    await screen.go(f"/{'kent' if force == 'police-scotland' else force}/questions")
    token = re.search(r'name="chat" value="([^"]+)"', screen.html)
    assert token
    sent = {"chat": token[1] if chat is None else chat, "text": text}
    page = await screen._client.post(f"/{force}/questions", data=sent, follow_redirects=True)
    assert page.status_code == 200
    assert 'data-kind="alarm"' in page.text
    assert 'class="pinned">' in page.text
    assert "did not find" not in page.text


async def test_the_bot_alone_may_hear_a_cry(screen: Screen, brain: FakeBrain) -> None:
    brain.tell("zebrafish", ("alarm-harm-now", 0.6), ("my-phone", 0.3))
    await screen.go("/kent/questions")
    page = await screen.post("/kent/questions", text="zebrafish")
    assert 'data-alarm="harm-now"' in page.text


async def test_a_hint_of_danger_a_feeling_and_a_wish_for_a_person_are_answered_in_the_talk(
    screen: Screen, brain: FakeBrain
) -> None:
    brain.tell("zebrafish", ("my-phone", 0.8), ("alarm-harm-now", 0.1))
    brain.tell("im scared, can they keep my phone", ("my-phone", 0.9))
    brain.tell("somebody real", ("person", 0.9))
    for text, told in {
        "zebrafish": 'name="card" value="in-danger"',
        "im scared, can they keep my phone": 'class="bubbles beside-answer feeling"',
        "somebody real": 'data-kind="person"',
    }.items():
        await screen.go("/kent/questions")
        page = await screen.post("/kent/questions", text=text)
        assert page.url.path == "/kent"
        assert told in page.text


async def test_help_stays_on_the_list_after_a_cry(screen: Screen) -> None:
    await screen.go("/kent/questions")
    await screen.post("/kent/questions", text=CRY)
    token = re.search(r'name="chat" value="([^"]+)"', screen.html)
    assert token
    page = await screen.go(f"/kent/questions?chat={token[1]}")
    assert 'class="pinned">' in page.text


async def test_somebody_who_looks_on_finds_a_first_page(screen: Screen) -> None:
    await screen.go("/kent/questions")
    page = await screen.post("/kent/questions", text="hes reading this")
    assert page.url.path == "/kent"
    assert "reading this" not in page.text


@pytest.mark.parametrize(("text", "status", "told"), [("", 422, "The box is empty"), ("a" * 10_000, 422, "too long")])
async def test_what_cannot_be_asked_stays_in_the_box_and_the_list_stands(
    screen: Screen, text: str, status: int, told: str
) -> None:
    await screen.go("/kent/questions")
    page = await screen.post("/kent/questions", text=text)
    assert page.status_code == status
    assert told in page.text
    assert f'value="{text}" autocomplete="off"' in page.text
    assert "bodycam" in Listed(page.text).all


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '" onfocus="x', "\x00\ufffe", "😀" * 900, "زبرا"])
async def test_odd_words_do_no_harm(screen: Screen, text: str) -> None:
    await screen.go("/kent/questions")
    page = await screen.post("/kent/questions", text=text)
    assert page.status_code in (200, 422)
    assert "<script>alert" not in page.text
    assert 'onfocus="x' not in page.text


async def test_who_searches_faster_than_by_hand_is_slowed_as_in_the_talk(screen: Screen, door: Doors) -> None:
    await screen.go("/kent/questions")
    before = door.chat
    door.chat = replace(before, rate_limits=RateLimits(messages=RateLimit(1, 0.001)))
    try:
        await screen.post("/kent/questions", text="zebrafish")
        page = await screen.post("/kent/questions", text="zebrafish")
        cry = await screen.post("/kent/questions", text=CRY)
    finally:
        door.chat = before
    assert (page.status_code, "Retry-After" in page.headers) == (429, True)
    assert "That was very fast for us" in page.text
    assert 'data-alarm="suicide"' in cry.text


async def test_a_page_that_was_left_opens_nothing(screen: Screen) -> None:
    await screen.go("/kent/questions")
    page = await screen.post("/kent/questions", text="zebrafish")
    token = re.search(r'name="chat" value="([^"]+)"', page.text)
    assert token
    await screen._client.post("/leave", data={"chat": token[1]})
    again = await screen._client.get(str(page.url), follow_redirects=True)
    assert again.url.path == "/kent"
    assert 'id="found"' not in again.text
    late = await screen._client.post("/kent/questions", data={"chat": token[1], "text": "zebrafish"})
    assert late.status_code == 409
    assert "zebrafish" not in late.text


@pytest.mark.parametrize("token", ["nonsense", "a" * 5_000, "=", "%00"])
async def test_a_forged_finding_shows_nothing(client: httpx.AsyncClient, token: str) -> None:
    page = await client.get("/kent/questions", params={"found": token})
    assert page.status_code == 200
    assert 'id="found"' not in page.text
