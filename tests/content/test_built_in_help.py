"""Help that is built in: what stands where a card about danger was never signed, is withdrawn, or was altered."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from api.records.force_availability import close_door
from api.records.people import operator
from content.built_in_help import CHILDLINE_LINE, DANGER_DEAF, DANGER_LINE, KEYS, built_in, in_the_way, standing_in
from content.card import HOUSE_KEYS
from content.danger import Kind
from content.glossary import forms, load_glossary
from content.pack import Packs
from content.signoff import NATIONAL, Withdrawn
from tests.conftest import settings_for, started
from tests.desk_app import DeskApp, desk_app
from tests.doors import doors
from tests.json_child import Child
from tests.own_database import sqlite_copy

CRY = "my dad hits me"
HELPS = (DANGER_LINE, DANGER_DEAF, CHILDLINE_LINE)


@pytest.fixture
async def app(sqlite_url: str, tmp_path: Path) -> AsyncIterator[DeskApp]:
    """An app over a database of the test's own."""
    async with desk_app(sqlite_url, tmp_path) as found:
        yield found


def without(app: DeskApp, *keys: str, withdrawn: bool) -> None:
    """The words in memory, with these cards withdrawn nationally or never signed."""
    pack_cache = doors(app.app).pack_cache
    happened = [signed for _, signed in pack_cache._newest.signed.values()]
    if withdrawn:
        gone = [Withdrawn(NATIONAL, key, "wrong", "the lead (invented)", date.today()) for key in keys]
        pack_cache._packs = Packs([*happened, *gone])
    else:
        pack_cache._packs = Packs(signed for signed in happened if signed.card not in keys)


def test_it_stands_in_for_every_kind_of_danger_and_passes_the_reading_rules() -> None:
    assert {*(f"alarm-{kind}" for kind in Kind), "in-danger", "talk-to-a-person"} == KEYS
    assert {key for key in HOUSE_KEYS if key.startswith("alarm-")} <= KEYS
    assert not list(in_the_way(forms(load_glossary())))
    assert built_in("bodycam") is None
    assert built_in("alarm-nothing") is None


def test_what_stands_in_says_only_what_is_not_said_beside_it() -> None:
    assert not standing_in("call 999, or Childline on 0800 1111", "easy")
    assert [one.text[:40] for one in standing_in("call 999", "simple")] == [CHILDLINE_LINE[:40]]
    both = "\n".join(one.text for one in standing_in("", "standard"))
    assert all(line in both for line in HELPS)


@pytest.mark.parametrize("withdrawn", [True, False])
@pytest.mark.parametrize("away", [False, True])
async def test_a_cry_gets_built_in_help_as_a_whole_page(app: DeskApp, *, withdrawn: bool, away: bool) -> None:
    without(app, "alarm-harm-now", withdrawn=withdrawn)
    doors(app.app).chat.helper.listener.brain.away = away
    browser = app.browser()
    browser.follow_redirects = True
    for level in ("standard", "simple", "easy"):
        page = await browser.post("/northmoor/say", data={"text": CRY, "level": ""}, params={"level": level})
        assert page.status_code == 200
        assert 'data-alarm="harm-now"' in page.text
        assert 'class="answer alarm"' in page.text
        for must in ("If someone is hurt, ill or in danger now", "999 BSL app", "tel:999", "tel:08001111"):
            assert must in page.text
        # The three ways on, a person first, and help that stays pinned to the page.
        assert 'name="act" value="person"' in page.text
        assert 'class="pinned"' in page.text
        assert "Signed by" not in page.text
    child = Child(browser)
    await child.start()
    reply = await child.say(CRY)
    assert (reply["alarm"], reply["card"]["layer"]) == ("harm-now", "built-in")
    assert reply["card"]["signoff"]["signed_by_post"].startswith("nobody")
    # The door stays open, and everything else is as it was.
    assert (await browser.get("/northmoor")).status_code == 200
    assert (await browser.get("/readyz")).status_code == 200
    assert (await child.press("bodycam"))["card"]["key"] == "bodycam"
    cell = (
        next(
            one
            for one in (await browser.get("/api/v1/coverage")).json()["cells"]
            if (one["force"], one["card"]) == ("kent", "alarm-harm-now")
        )
        if withdrawn
        else {"state": "withdrawn"}
    )
    assert cell["state"] == "withdrawn"


async def test_all_alarm_cards_gone_leave_the_door_open(app: DeskApp) -> None:
    without(app, *(key for key in HOUSE_KEYS if key.startswith("alarm-")), withdrawn=True)
    assert (await app.browser().get("/kent")).status_code == 200
    assert (await app.browser().get("/readyz")).status_code == 200


async def test_the_way_to_a_person_is_built_in_with_its_button(app: DeskApp) -> None:
    without(app, "talk-to-a-person", "in-danger", withdrawn=True)
    browser = app.browser()
    browser.follow_redirects = True
    page = await browser.post("/northmoor/say", data={"act": "person"})
    assert page.status_code == 200
    assert 'action="/northmoor/person"' in page.text
    assert DANGER_DEAF in page.text
    part = await browser.post("/northmoor/say", data={"card": "in-danger"}, headers={"X-Fragment": "1"})
    assert (part.status_code, CHILDLINE_LINE[:18] in part.text) == (200, True)


async def test_nothing_signed_at_all_still_answers_a_cry(app: DeskApp) -> None:
    doors(app.app).pack_cache._packs = Packs()
    browser = app.browser()
    page = await browser.post("/northmoor/say", data={"text": CRY}, follow_redirects=True)
    assert page.status_code == 200
    assert 'data-alarm="harm-now"' in page.text
    part = await browser.post("/northmoor/say", data={"text": CRY}, headers={"X-Fragment": "1"})
    assert (part.status_code, 'data-alarm="harm-now"' in part.text) == (200, True)
    said = await browser.post("/api/v1/chats/say", json={"chat": "none", "text": CRY})
    assert (said.status_code, said.json()["reply"]["card"]["layer"]) == (200, "built-in")
    person = await browser.post("/northmoor/say", data={"act": "person"}, follow_redirects=True)
    assert (person.status_code, DANGER_DEAF in person.text) == (200, True)
    assert (await browser.get("/northmoor")).status_code == 503
    assert (await browser.post("/northmoor/say", data={"text": "who sees it"})).status_code == 503
    assert (await browser.get("/readyz")).status_code == 503


async def test_an_alarm_card_that_was_altered_is_never_shown(sqlite_url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_copy(sqlite_url, tmp_path).partition("///")[2])) as file, file:
        file.execute("DROP TRIGGER sign_off_no_update")
        file.execute("UPDATE sign_off SET words = replace(words, '999', '0909') WHERE card = 'alarm-harm-now'")
    async with started(settings_for(f"sqlite+aiosqlite:///{tmp_path / 'know.db'}")) as browser:
        page = await browser.post("/kent/say", data={"text": CRY}, follow_redirects=True)
        assert page.status_code == 200
        assert "0909" not in page.text
        assert "If someone is hurt, ill or in danger now" in page.text


async def test_a_shut_door_of_a_force_stays_shut_and_help_is_told(app: DeskApp) -> None:
    async with app.database.begin() as session:
        await close_door(session, operator("tests"), "northmoor", "door_checking", app.clock())
    await doors(app.app).pack_cache.refresh()
    without(app, "alarm-harm-now", withdrawn=True)
    page = await app.browser().post("/northmoor/say", data={"text": CRY}, follow_redirects=True)
    assert (page.status_code, page.url.path) == (200, "/england-and-wales")
    assert 'data-alarm="harm-now"' in page.text
    assert (await app.browser().get("/northmoor")).status_code == 503


async def test_the_desk_says_that_built_in_help_stands_in(app: DeskApp) -> None:
    without(app, "alarm-harm-now", withdrawn=True)
    lead = await app.person(NATIONAL, "lead")
    assert "Help that is built in, with 999 and Childline" in (await lead.get("/desk/national")).text
    assert "Children see help that is built in" in (await lead.get("/desk/national/cards/alarm-harm-now")).text


def test_built_in_help_never_takes_the_place_of_good_words(renderer, cards) -> None:  # noqa: ANN001
    help_now = built_in("in-danger")
    assert help_now is not None
    good = replace(help_now, layer=NATIONAL, words=renderer.words(cards["in-danger"], {}), signed_on=date.today())
    assert Packs([good]).of("kent").card("in-danger", date.today()) is good
