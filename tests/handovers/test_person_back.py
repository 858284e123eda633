"""Coming back with three words: forgiving to whoever has them, slow and closed to whoever guesses, and never told."""

import asyncio
import logging
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import select, update

from api.chat.person.handover_token import StaleHandoverToken
from api.chat.person.three_words_rate_limit import FREE, MOST_WAITING, SLOWEST, WITHIN, WrongTries
from api.records.handovers.end_handover import end, forget
from api.records.handovers.tables import Handover
from api.web.database import Database
from api.web.origin import Origin
from tests.clocks import Waits
from tests.conftest import settings_for
from tests.doors import doors
from tests.person_app import NOON, PersonApp, forms_of, person_app
from tests.until import until

WRONG = "maple otter violin"


async def found(app: PersonApp, here: str) -> Handover:
    """The handover of a page's handle."""
    async with app.database.begin() as session:
        return (await doors(app.app).person_door.found(session, here))[0]


async def test_the_words_lead_back_with_a_fresh_handle_and_older_pages_are_out(app: PersonApp) -> None:
    await app.provider()
    child = app.child()
    words = await child.ask()
    old = child.here
    other = app.child()
    answer = await other.back(words)
    assert answer.status_code == 303
    address = httpx.URL(answer.headers["location"])
    assert address.path == "/northmoor/person/talk"
    assert (await found(app, address.params["here"])).force == "northmoor"
    with pytest.raises(StaleHandoverToken):
        await found(app, old)
    token = doors(app.app).chat.tokens.read(address.params["chat"])
    assert (token.force, token.person) == ("northmoor", address.params["here"])


@pytest.mark.parametrize(
    "spelt",
    [
        "{0} {1} {2}",
        "  {0}-{1}-{2}. ",
        "{0}, {1}, {2}",
        "{0}\n{1}\n{2}",
        "{0}_{1}/{2}!",
    ],
)
@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
async def test_spelling_is_forgiven(one_app: PersonApp, spelt: str, case: type[str]) -> None:
    await one_app.provider()
    words = await one_app.child().ask()
    answer = await one_app.child().back(case(spelt.format(*words.split("-"))))  # type: ignore[call-overload]
    assert answer.status_code == 303


async def test_the_words_are_in_no_address_and_no_log(
    one_app: PersonApp, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await one_app.provider()
    words = await one_app.child().ask()
    child = one_app.child()
    wrong = await child.back(WRONG)
    right = await child.back(words)
    told = "\n".join([str(wrong.url), right.headers["location"], caplog.text, *capfd.readouterr()])
    first, second, third = words.split("-")
    assert not re.search(rf"{first}\W{{1,4}}{second}|{second}\W{{1,4}}{third}|maple|violin", told)


async def test_wrong_words_stay_in_the_box_and_lead_on(one_app: PersonApp) -> None:
    await one_app.provider()
    for typed in (WRONG, "", "hello", "<b>one two", "a b c d"):
        child = one_app.child()
        page = await child.back(typed)
        assert page.status_code == 422
        assert "Those words do not match." in page.text
        form = next(form for form in forms_of(page) if ("go", "back") in form.buttons)
        assert dict(form.values)["words"] == typed
        assert 'aria-describedby="hint-words fault-words"' in page.text
        assert "Ask for a person here" in page.text
        assert 'href="tel:999"' in page.text
        assert "Text SHOUT to 85258" in page.text


async def test_the_alarm_hears_the_box_too(one_app: PersonApp) -> None:
    page = await one_app.child().back("he hits me")
    assert '<p class="pinned"><a href="tel:999">' in page.text


async def test_another_forces_page_leads_to_the_talk_where_it_is(one_app: PersonApp) -> None:
    await one_app.provider()
    await one_app.provider("all-voices", ("national",))
    words = await one_app.child().ask()
    answer = await one_app.child("kent").back(words)
    assert answer.headers["location"].startswith("/northmoor/person/talk?")
    words = await one_app.child("england-and-wales").ask()
    answer = await one_app.child("kent").back(words)
    assert answer.headers["location"].startswith("/england-and-wales/person/talk?")


async def test_danger_is_still_known_on_return(one_app: PersonApp) -> None:
    await one_app.provider()
    words = await one_app.child().ask(question="my dad is hitting me right now")
    answer = await one_app.child().back(words)
    token = httpx.URL(answer.headers["location"]).params["chat"]
    assert doors(one_app.app).chat.tokens.read(token).rung
    assert (await one_app.json_child().back(words)).json()["danger"]


async def test_a_talk_that_ended_is_found_and_one_that_was_forgotten_is_not(app: PersonApp) -> None:
    await app.provider()
    child = app.child()
    words = await child.ask()
    handover_context = doors(app.app).person_door.handover_context
    async with app.database.begin() as session:
        await end(session, handover_context, (await session.scalars(select(Handover))).one(), NOON)
    assert (await app.child().back(words)).status_code == 303
    async with app.database.begin() as session:
        await forget(session, handover_context, (await session.scalars(select(Handover))).one(), NOON)
    assert (await app.child().back(words)).status_code == 422


async def test_by_json(app: PersonApp) -> None:
    await app.provider()
    words = await app.json_child().ask(wants="here")
    child = app.json_child()
    answer = await child.back(words.replace("-", " ").upper())
    assert answer.status_code == 200
    back = answer.json()
    assert (back["force"], back["state"], back["danger"]) == ("northmoor", "waiting", False)
    assert (await found(app, back["here"])).state == "waiting"
    wrong = await child.back(WRONG)
    assert (wrong.status_code, wrong.headers["content-type"]) == (404, "application/problem+json")
    assert "maple" not in wrong.text
    assert "Childline on 0800 1111" in wrong.text


@asynccontextmanager
async def browser_at(app: PersonApp, address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at this address."""
    transport = httpx.ASGITransport(app.app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://know.test") as browser:
        yield browser


@asynccontextmanager
async def flood(app: PersonApp, address: str) -> AsyncIterator[Counter[int]]:
    """Inside the block wrong words come from this address without a pause, more at once than wait for an answer."""
    answers = Counter[int]()

    async def guess(browser: httpx.AsyncClient, number: int) -> None:
        while True:
            path, words = ("/api/v1/handovers/back", {"json": {"words": WRONG}}), {"data": {"words": WRONG}}
            sent = browser.post(path[0], **path[1]) if number % 2 else browser.post("/northmoor/person/back", **words)
            answers[(await sent).status_code] += 1

    async with browser_at(app, address) as browser:
        guessing = [asyncio.create_task(guess(browser, number)) for number in range(MOST_WAITING + 10)]
        await until(lambda: answers.total() > MOST_WAITING * 2)
        yield answers
        for one in guessing:
            one.cancel()
        await asyncio.wait(guessing)


@pytest.mark.parametrize(
    ("guesser", "child", "seconds"), [("203.0.113.9", "198.51.100.7", 1), ("203.0.113.9", "203.0.113.77", SLOWEST)]
)
async def test_right_words_work_while_a_flood_of_wrong_ones_runs(
    one_app: PersonApp, guesser: str, child: str, seconds: float
) -> None:
    await one_app.provider()
    words = await one_app.child().ask()
    async with flood(one_app, guesser) as answers, browser_at(one_app, child) as browser:
        took = []
        for _ in range(3):
            began = time.monotonic()
            page = await browser.post("/northmoor/person/back", data={"words": words})
            program = await browser.post("/api/v1/handovers/back", json={"words": words})
            assert (page.status_code, program.status_code) == (303, 200)
            took.append(time.monotonic() - began)
        # The quickest of them: a wait would be in each, a busy machine is not.
        assert min(took) < seconds
    # Nobody was refused.
    assert set(answers) == {404, 422}


async def test_wrong_words_are_told_so_later_and_later_and_never_refused(one_app: PersonApp) -> None:
    await one_app.provider()
    words, waits = await one_app.child().ask(), Waits()
    one_app.count_wrong_tries(WrongTries(waits.seconds, waits.sleep))
    child, program = one_app.child(), one_app.json_child()
    for _ in range(FREE):
        assert (await child.back(WRONG)).status_code == 422
    assert waits.slept == []
    for _ in range(30):
        assert (await program.back(WRONG)).status_code == 404
        assert (await child.back(WRONG)).status_code == 422
    assert waits.slept == sorted(waits.slept)
    assert (waits.slept[0], waits.slept[-1]) == (0.5, SLOWEST)
    assert (await child.back(words)).status_code == 303
    assert len(waits.slept) == 60


async def test_behind_our_own_proxy_each_network_counts_for_itself(signed_url: str) -> None:
    waits = Waits()
    async with person_app(signed_url, NOON, trusted_proxies="10.0.0.0/8") as app, browser_at(app, "10.0.0.2") as proxy:
        app.count_wrong_tries(WrongTries(waits.seconds, waits.sleep))
        await app.provider()
        for number in range(FREE * 2):
            sent = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.{number}"}
            await proxy.post("/api/v1/handovers/back", json={"words": WRONG}, headers=sent)
        assert len(waits.slept) == FREE
        elsewhere = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
        await proxy.post("/api/v1/handovers/back", json={"words": WRONG}, headers=elsewhere)
        assert len(waits.slept) == FREE


async def test_a_wrong_guess_writes_nothing(app: PersonApp) -> None:
    await app.provider()
    await app.child().ask()
    async with app.database.begin() as holding:
        # Somebody writes meanwhile: on SQLite nobody else can.
        await holding.execute(update(Handover).values(changes=Handover.changes))
        answer = await asyncio.wait_for(app.json_child().back(WRONG), 2)
    assert answer.status_code == 404


async def test_right_words_do_not_count(one_app: PersonApp) -> None:
    await one_app.provider()
    words, waits = await one_app.child().ask(), Waits()
    one_app.count_wrong_tries(WrongTries(waits.seconds, waits.sleep))
    for _ in range(FREE + 5):
        assert (await one_app.child().back(words)).status_code == 303
    assert (await one_app.child().back(WRONG)).status_code == 422
    assert waits.slept == []


async def test_with_the_database_away_it_says_so_and_the_try_does_not_count(one_app: PersonApp) -> None:
    await one_app.provider()
    words = await one_app.child().ask()
    person_door = doors(one_app.app).person_door
    nowhere = Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
    doors(one_app.app).person_door = replace(person_door, database=nowhere)
    for _ in range(FREE + 1):
        page = await one_app.child().back(words)
        assert page.status_code == 503
    assert words in page.text
    assert 'href="tel:999"' in page.text
    assert (await one_app.json_child().back(words)).status_code == 503
    assert len(doors(one_app.app).person_door.wrong_tries) == 0
    doors(one_app.app).person_door = person_door
    assert (await one_app.child().back(words)).status_code == 303


async def test_a_minute_later_tries_count_no_more() -> None:
    waits = Waits()
    tries = WrongTries(waits.seconds, waits.sleep)
    for _ in range(FREE + 2):
        await tries.wrong(Origin("a"))
        waits.now += 1
    assert waits.slept == [0.5, 1.0]
    waits.now += WITHIN - FREE - 2
    await tries.wrong(Origin("a"))
    # The first of them is a minute old.
    assert waits.slept[2:] == [1.0]
    waits.now += WITHIN
    await tries.wrong(Origin("a"))
    assert len(waits.slept) == 3


async def test_many_guessers_slow_only_themselves() -> None:
    waits = Waits()
    tries = WrongTries(waits.seconds, waits.sleep)
    for number in range(1_000):
        await tries.wrong(Origin(f"guesser {number % 100}"))
    assert waits.slept == []
    await tries.wrong(Origin("guesser 1"))
    await tries.wrong(Origin("somebody"))
    assert waits.slept == [0.5]


async def test_only_so_many_wait_and_the_next_is_answered_at_once() -> None:
    waits, gate = Waits(), asyncio.Event()

    async def held(seconds: float) -> None:
        waits.slept.append(seconds)
        await gate.wait()

    tries = WrongTries(waits.seconds, held)
    for _ in range(FREE):
        await tries.wrong(Origin("a"))
    waiting = [asyncio.create_task(tries.wrong(Origin("a"))) for _ in range(MOST_WAITING)]
    await until(lambda: len(waits.slept) == MOST_WAITING)
    await asyncio.wait_for(tries.wrong(Origin("a")), 1)
    waiting.pop().cancel()
    await asyncio.sleep(0)
    waiting.append(asyncio.create_task(tries.wrong(Origin("a"))))
    await until(lambda: len(waits.slept) == MOST_WAITING + 1)
    gate.set()
    await asyncio.gather(*waiting)


async def test_no_origin_is_held_as_it_is_and_nothing_is_held_for_long() -> None:
    waits = Waits()
    tries, other = WrongTries(waits.seconds, waits.sleep), WrongTries(waits.seconds, waits.sleep)
    for number in range(50):
        await tries.wrong(Origin(f"network 203.0.{number}.0/24"))
    await other.wrong(Origin("network 203.0.1.0/24"))
    assert "203.0" not in str(vars(tries))
    assert not set(vars(tries)["_of"]) & set(vars(other)["_of"])
    waits.now += WITHIN
    for _ in range(30):
        await tries.wrong(Origin("one"))
    assert len(tries) == 1
    assert len(vars(tries)["_of"].popitem()[1]) <= 30


async def test_memory_is_bounded_however_many_origins_guess() -> None:
    tries = WrongTries(Waits().seconds)
    for number in range(10_500):
        await tries.wrong(Origin(f"network {number}"))
    assert len(tries) <= 10_001
