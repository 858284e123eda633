"""Who asks faster than by hand is slowed with a kind sentence; others, a school behind one address, danger are not."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as some

from api.chat.chat_door import RateLimits
from api.web.rate_limit import OneAtATime, RateLimit, TooFast
from tests.clocks import StoppedClock
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.json_child import Child

HELP = ("Call 999", "0800 1111")
DANGER = "he is going to stab me"
WORDS = "marmalade zebrafish"


def wait(pace: RateLimit, name: str) -> int:
    """How long somebody would have to wait; 0 where they go on."""
    try:
        pace.step(name)
    except TooFast as fast:
        return fast.seconds
    return 0


def test_so_many_at_once_and_then_so_many_a_second() -> None:
    clock = StoppedClock()
    pace = RateLimit(12, 1, clock)
    assert [wait(pace, "a") for _ in range(14)] == [0] * 12 + [1, 1]
    # What was refused does not count, and whoever waits as long as they are told gets on.
    clock.seconds += 1
    assert [wait(pace, "a") for _ in range(2)] == [0, 1]
    clock.seconds += 12
    assert [wait(pace, "a") for _ in range(13)] == [0] * 12 + [1]


def test_one_is_slowed_and_nobody_else() -> None:
    pace = RateLimit(3, 1, StoppedClock())
    assert [wait(pace, "a") for _ in range(4)] == [0, 0, 0, 1]
    assert wait(pace, "b") == 0


def test_a_hundred_thousand_visits_take_bounded_memory_and_are_let_go_of() -> None:
    clock = StoppedClock()
    pace = RateLimit(12, 1, clock)
    for number in range(100_000):
        pace.step(str(number))
    assert len(pace) <= 50_000
    # Who is fast now is known however many there are.
    assert [wait(pace, "99999") for _ in range(12)] == [0] * 11 + [1]
    clock.seconds += 60
    for number in range(60_000):
        pace.step(f"later {number % 10}")
        clock.seconds += 2
    assert len(pace) <= 11


@given(
    some.lists(some.tuples(some.floats(0, 5), some.sampled_from("ab")), max_size=60),
    some.integers(1, 20),
    some.floats(0.1, 50),
)
def test_however_somebody_times_it_they_get_no_more_than_their_pace(
    steps: list[tuple[float, str]], at_once: int, a_second: float
) -> None:
    clock = StoppedClock()
    pace, went = RateLimit(at_once, a_second, clock), dict[str, list[float]](a=[], b=[])
    for pause, name in steps:
        clock.seconds += pause
        if not wait(pace, name):
            went[name].append(clock.seconds)
    for times in went.values():
        for first, begun in enumerate(times):
            for last, ended in enumerate(times[first:], first):
                assert last - first + 1 <= at_once + (ended - begun) * a_second + 1e-6


async def test_one_thing_at_a_time_in_turn_and_no_longer_than_patience_lasts() -> None:
    one, order, hold = OneAtATime(0.05), list[int](), asyncio.Event()

    async def go(number: int, name: str) -> None:
        async with one.turn(name):
            order.append(number)
            if number == 0:
                await hold.wait()

    first = asyncio.create_task(go(0, "a"))
    await asyncio.sleep(0)
    assert one.busy("a")
    assert not one.busy("b")
    await go(1, "b")
    with pytest.raises(TooFast):
        await go(2, "a")
    hold.set()
    await first
    await asyncio.gather(*(go(number, "a") for number in range(3, 9)))
    assert order == [0, 1, *range(3, 9)]
    assert not one.busy("a")


async def test_a_chat_that_does_not_wait_for_answers_has_one_turn_at_the_bot_and_danger_waits_for_none(
    client: httpx.AsyncClient, running: tuple[FastAPI, FakeBrain], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once, most, begun, going = 0, 0, asyncio.Event(), asyncio.Event()
    parse = running[1].parse

    async def slowly(text: str, *, new: bool) -> object:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        begun.set()
        await going.wait()
        at_once -= 1
        return await parse(text, new=new)

    monkeypatch.setattr(running[1], "parse", slowly)
    child = Child(client)
    await child.start()
    body = {"chat": child.token, "text": "can i see my record"}
    asked = [asyncio.create_task(client.post("/api/v1/chats/say", json=body)) for _ in range(5)]
    async with asyncio.timeout(10):
        await begun.wait()
    danger = await client.post("/api/v1/chats/say", json={**body, "text": DANGER})
    assert danger.json()["reply"]["alarm"]
    going.set()
    assert [answer.status_code for answer in await asyncio.gather(*asked)] == [200] * 5
    assert most == 1


async def test_the_bot_is_told_which_chats_are_as_new_as_only_a_programs_are(
    client: httpx.AsyncClient, running: tuple[FastAPI, FakeBrain], monkeypatch: pytest.MonkeyPatch
) -> None:
    late, brain, now = 0.0, running[1], time.time
    monkeypatch.setattr(time, "time", lambda: now() + late)
    child = Child(client)
    await child.start()
    page = await client.get("/northmoor")
    form = {"chat": re.search(r'name="chat" value="([^"]+)"', page.text)[1], "text": "can i see my record"}  # type: ignore[index]
    for seconds in (0, 60):
        late = seconds
        await child.say("can i see my record")
        await client.post("/northmoor/say", data=form)
        # Its phrases rang; the bot is asked only for what goes beside it.
        await child.say(DANGER)
    assert brain.new == [True] * 3 + [False] * 3


@pytest.fixture
async def slow(running: tuple[FastAPI, FakeBrain], client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """The running app, in which no second passes."""
    chat, clock = doors(running[0]).chat, StoppedClock()
    keys = (RateLimit(2_000, 200, clock), RateLimit(600, 20, clock))
    rate_limits = RateLimits(
        OneAtATime(), RateLimit(12, 1, clock), RateLimit(30, 3, clock), *keys, RateLimit(500, 25, clock)
    )
    doors(running[0]).chat = replace(chat, rate_limits=rate_limits)
    yield client
    doors(running[0]).chat = chat


async def test_a_program_that_goes_too_fast_is_told_kindly_with_help(slow: httpx.AsyncClient, brain: FakeBrain) -> None:
    child, other = Child(slow), Child(slow)
    await child.start()
    await other.start()
    first, body = child.token, {"chat": child.token, "text": WORDS}
    for _ in range(12):
        await child.say("can i see my record")
    # Neither the newest token nor one of before helps: it is the visit that counts.
    for token in (child.token, first):
        answer = await slow.post("/api/v1/chats/say", json={**body, "chat": token})
        assert answer.status_code == 429
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) == 1
        assert answer.json()["title"].startswith("That was very fast. Please wait 1 second, then send the same again.")
        assert all(one in answer.json()["title"] for one in HELP)
        assert "marmalade" not in answer.text
    assert len(brain.asked) == 12
    # The others, and this child's buttons, go on.
    assert (await other.say("can i see my record"))["kind"] == "not-sure"
    assert (await child.press("bodycam"))["kind"] == "card"


async def test_presses_have_a_pace_of_their_own(slow: httpx.AsyncClient) -> None:
    child = Child(slow)
    await child.start()
    for _ in range(30):
        await child.press("bodycam")
    answer = await slow.post("/api/v1/chats/say", json={"chat": child.token, "act": "back"})
    assert answer.status_code == 429
    assert (await child.say("can i see my record"))["kind"] == "not-sure"


async def test_danger_and_the_way_to_a_person_are_answered_at_any_speed(
    slow: httpx.AsyncClient, brain: FakeBrain
) -> None:
    child = Child(slow)
    await child.start()
    for _ in range(12):
        await child.say("can i see my record")
    for _ in range(50):
        assert (await child.say(DANGER))["alarm"]
        assert (await child.act("person"))["card"]["key"] == "talk-to-a-person"
        assert (await child.press("talk-to-a-person"))["kind"] == "person"
    # Help needs no bot, which is left to the others.
    assert len(brain.asked) == 12


async def test_five_hundred_children_behind_one_address_are_not_slowed(slow: httpx.AsyncClient) -> None:
    async def one() -> int:
        child = Child(slow)
        await child.start()
        for _ in range(6):
            await child.say("can i see my record")
            await child.press("bodycam")
        return 1

    assert sum(await asyncio.gather(*(one() for _ in range(500)))) == 500


async def test_a_visit_is_slowed_from_wherever_it_comes(
    running: tuple[FastAPI, FakeBrain], slow: httpx.AsyncClient
) -> None:
    child = Child(slow)
    await child.start()
    statuses = []
    for number in range(20):
        line = httpx.ASGITransport(running[0], client=(f"203.0.113.{number}", 1))
        async with httpx.AsyncClient(transport=line, base_url="http://know.test") as browser:
            answer = await browser.post("/api/v1/chats/say", json={"chat": child.token, "text": WORDS})
            statuses.append(answer.status_code)
    assert statuses == [200] * 12 + [429] * 8


async def test_who_takes_a_new_chat_for_every_message_is_told_to_wait_until_it_is_not_new(
    slow: httpx.AsyncClient, brain: FakeBrain, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, now = 0.0, time.time
    monkeypatch.setattr(time, "time", lambda: now() + late)
    settled, child = Child(slow), Child(slow)
    await settled.start()
    late = 5
    for _ in range(500):
        program = Child(slow)
        await program.start()
        await program.say("can i see my record")
    page, form = await slow.get("/northmoor"), {"chat": await page_of(slow), "text": WORDS}
    await child.start()
    asked = len(brain.asked)
    for _ in range(3):
        answer = await slow.post("/api/v1/chats/say", json={"chat": child.token, "text": WORDS})
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "3"
        assert all(one in answer.json()["title"] for one in HELP)
        page = await slow.post("/northmoor/say", data=form)
        assert page.status_code == 429
        assert f">{WORDS}</textarea>" in page.text
    assert len(brain.asked) == asked
    # Everybody else goes on, in this chat too: by buttons, and with danger.
    assert (await settled.say("can i see my record"))["kind"] == "not-sure"
    assert (await program.say("can i see my record"))["kind"] == "not-sure"
    assert (await child.press("bodycam"))["kind"] == "card"
    assert (await child.say(DANGER))["alarm"]
    late += 3
    assert (await child.say("can i see my record"))["kind"] == "not-sure"
    assert (await slow.post("/northmoor/say", data=form)).status_code == 303


async def page_of(slow: httpx.AsyncClient) -> str:
    """The token of a page of a child's own."""
    first = await slow.get("/northmoor")
    return first.text.partition('data-token="')[2].partition('"')[0]


async def test_a_page_keeps_what_was_typed_and_shows_help(slow: httpx.AsyncClient, brain: FakeBrain) -> None:
    body = {"chat": await page_of(slow), "text": WORDS}
    for _ in range(12):
        assert (await slow.post("/northmoor/say", data=body)).status_code == 303
    page = await slow.post("/northmoor/say", data=body)
    assert page.status_code == 429
    assert page.headers["retry-after"] == "1"
    assert f">{WORDS}</textarea>" in page.text
    assert "That was very fast for us. Please wait a moment, then press Ask again." in page.text
    assert '<p class="pinned"><a href="tel:999">' in page.text
    assert all(one in page.text for one in HELP)
    assert (await slow.get("/northmoor")).status_code == 200
    assert len(brain.asked) == 12


async def test_the_script_is_told_the_same(slow: httpx.AsyncClient) -> None:
    body = {"chat": await page_of(slow), "text": WORDS}
    for _ in range(12):
        await slow.post("/northmoor/say", data=body)
    told = await slow.post("/northmoor/say", data=body, headers={"X-Fragment": "1"})
    assert told.status_code == 429
    assert told.text.startswith('<p id="told" class="told" role="status" data-token="')
    assert " data-help>" in told.text
    assert all(one in told.text for one in HELP)
    assert WORDS not in told.text


async def test_a_page_answers_danger_at_any_speed(slow: httpx.AsyncClient, brain: FakeBrain) -> None:
    body = {"chat": await page_of(slow), "text": WORDS}
    for _ in range(13):
        await slow.post("/northmoor/say", data=body)
    alarm = await slow.post("/northmoor/say", data={**body, "text": DANGER}, headers={"X-Fragment": "1"})
    assert alarm.status_code == 200
    assert "data-alarm" in alarm.text
    person = await slow.post("/northmoor/say", data={"chat": body["chat"], "act": "person"}, follow_redirects=True)
    assert "Talk to a person" in person.text
    assert len(brain.asked) == 12


async def test_presses_on_a_page_are_told_to_wait_without_a_word_about_a_box(slow: httpx.AsyncClient) -> None:
    body = {"chat": await page_of(slow), "level": "easy"}
    for _ in range(30):
        assert (await slow.post("/northmoor/say", data=body)).status_code == 303
    page = await slow.post("/northmoor/say", data=body)
    assert page.status_code == 429
    assert "That was very fast for us. Please wait a moment, then press again." in page.text
    assert "still in the box" not in page.text
