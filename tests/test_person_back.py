"""Coming back with three words: forgiving to whoever has them, slow and closed to whoever guesses, and never told."""
# ruff: noqa: F811 - a fixture and what asks for it have the same name.

import asyncio
import logging
import re
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import select

from api.chat.person.handle import StaleHandle
from api.chat.person.rate import MOST, MOST_OF_ALL, WITHIN, TooManyTries, Tries
from api.hall.database import Database
from api.records.handovers.ending import end, forget
from api.records.handovers.tables import Handover
from tests.conftest import settings_for
from tests.person import NOON, PersonApp, app, forms_of, one_app, one_for_all, signed_url  # noqa: F401 - fixtures

WRONG = "maple otter violin"


class Waits:
    """A clock and a sleep that take no time; `slept` is for how long was waited."""

    def __init__(self) -> None:
        self.now, self.slept = 1_000.0, list[float]()

    def seconds(self) -> float:
        """The time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Waits, at once."""
        self.slept.append(seconds)


async def found(app: PersonApp, here: str) -> Handover:
    """The handover of a page's handle."""
    async with app.database.begin() as session:
        return (await app.app.state.way.found(session, here))[0]


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
    with pytest.raises(StaleHandle):
        await found(app, old)
    token = app.app.state.chat.tokens.read(address.params["chat"])
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
    assert one_app.app.state.chat.tokens.read(token).rung
    assert (await one_app.json_child().back(words)).json()["danger"]


async def test_a_talk_that_ended_is_found_and_one_that_was_forgotten_is_not(app: PersonApp) -> None:
    await app.provider()
    child = app.child()
    words = await child.ask()
    talks = app.app.state.way.talks
    async with app.database.begin() as session:
        await end(session, talks, (await session.scalars(select(Handover))).one(), NOON)
    assert (await app.child().back(words)).status_code == 303
    async with app.database.begin() as session:
        await forget(session, talks, (await session.scalars(select(Handover))).one(), NOON)
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


async def test_after_many_wrong_tries_one_address_waits_and_help_stays(one_app: PersonApp) -> None:
    await one_app.provider()
    words = await one_app.child().ask()
    child = one_app.child()
    for _ in range(MOST):
        assert (await child.back(WRONG)).status_code == 422
    page = await child.back(words)
    assert page.status_code == 429
    assert 0 < int(page.headers["retry-after"]) <= WITHIN
    assert "Too many tries right now." in page.text
    assert 'href="tel:999"' in page.text
    answer = await one_app.json_child().back(words)
    assert (answer.status_code, answer.headers["content-type"]) == (429, "application/problem+json")
    assert answer.headers["retry-after"]
    elsewhere = httpx.ASGITransport(one_app.app, client=("203.0.113.7", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://know.test") as browser:
        assert (await browser.post("/northmoor/person/back", data={"words": words})).status_code == 303


async def test_guesses_at_once_are_counted_before_they_are_looked_up(one_app: PersonApp) -> None:
    browser = one_app.browser()
    send = (browser.post("/northmoor/person/back", data={"words": WRONG}) for _ in range(MOST * 2))
    answers = [answer.status_code for answer in await asyncio.gather(*send)]
    assert (answers.count(422), answers.count(429)) == (MOST, MOST)


async def test_right_words_do_not_count(one_app: PersonApp) -> None:
    await one_app.provider()
    words = await one_app.child().ask()
    for _ in range(MOST + 5):
        assert (await one_app.child().back(words)).status_code == 303


async def test_with_the_database_away_it_says_so_and_the_try_does_not_count(one_app: PersonApp) -> None:
    await one_app.provider()
    words = await one_app.child().ask()
    way = one_app.app.state.way
    nowhere = Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
    one_app.app.state.way = replace(way, database=nowhere)
    for _ in range(MOST + 1):
        page = await one_app.child().back(words)
        assert page.status_code == 503
    assert words in page.text
    assert 'href="tel:999"' in page.text
    assert (await one_app.json_child().back(words)).status_code == 503
    one_app.app.state.way = way
    assert (await one_app.child().back(words)).status_code == 303


async def test_a_minute_later_tries_count_no_more() -> None:
    waits = Waits()
    tries = Tries(waits.seconds, waits.sleep)
    for _ in range(MOST):
        await tries.begin("a")
        waits.now += 1
    with pytest.raises(TooManyTries) as told:
        await tries.begin("a")
    assert told.value.seconds == WITHIN - MOST
    waits.now += WITHIN - MOST
    await tries.begin("a")
    with pytest.raises(TooManyTries):
        await tries.begin("a")
    waits.now += WITHIN
    for _ in range(MOST):
        await tries.begin("a")


async def test_many_guessers_together_are_slowed_and_nobody_is_locked_out() -> None:
    waits = Waits()
    tries = Tries(waits.seconds, waits.sleep)
    for number in range(MOST_OF_ALL):
        await tries.begin(f"guesser {number}")
    assert waits.slept == []
    for number in range(1_000):
        await tries.begin(f"more {number}")
    assert len(waits.slept) == 1_000
    assert waits.slept == sorted(waits.slept)
    assert 0 < waits.slept[0] < 0.1
    assert 1 < waits.slept[-1] <= 3
    tries.right("more 999")
    waits.now += WITHIN
    await tries.begin("anybody")
    assert len(waits.slept) == 1_000


async def test_no_address_is_held_and_nothing_is_held_for_long() -> None:
    waits = Waits()
    tries = Tries(waits.seconds, waits.sleep)
    for number in range(50):
        await tries.begin(f"203.0.113.{number}")
    held = str(vars(tries))
    assert "203.0.113" not in held
    other = Tries(waits.seconds, waits.sleep)
    await other.begin("203.0.113.1")
    assert not set(vars(tries)["_of"]) & set(vars(other)["_of"])
    waits.now += WITHIN
    await tries.begin("one")
    tries.right("one")
    assert (len(vars(tries)["_of"]), len(vars(tries)["_all"])) == (0, 0)
