"""The promises of the house, one by one."""

import logging
import re
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from accessibility.yaml_text import read_yaml
from api.chat.rasa_client import RasaBrain
from api.web.database import Database
from content.built_in_help import built_in
from content.card import HOUSE_KEYS
from content.pack import Packs
from content.signoff import NATIONAL, Signer, SignOff, Withdrawn, sign
from tests.conftest import settings_for, started
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.json_child import Child

ROOT = Path(__file__).parents[2]
TYPED = "zebrafish marmalade 07700900123 my name is Quentin"
ALARMS = {
    "my dad is hitting me right now": "danger-now",
    "i want to kill myself": "suicide",
    "i cut myself": "self-harm",
}


async def test_1_only_live_signed_words_are_shown(client: httpx.AsyncClient, cards) -> None:  # noqa: ANN001
    listed = (await client.get("/api/v1/forces/kent/cards")).json()
    assert {line["key"] for line in listed} == {card.key for card in cards.values() if card.kind in ("card", "house")}
    shown = (await client.get("/api/v1/forces/kent/cards/bodycam?level=easy")).json()
    assert re.fullmatch(r"[0-9a-f]{64}", shown["signoff"]["fingerprint"])


SIGNED_ON = date(2026, 11, 25)
LAST = SIGNED_ON + timedelta(days=10)


def _signed_for_ten_days(renderer, cards, keys) -> list[SignOff]:  # noqa: ANN001
    return [
        sign(
            NATIONAL,
            key,
            renderer.words(cards[key], {}),
            written_by=["W"],
            reviewed_by="R",
            signer=Signer("S", "post"),
            signed_on=SIGNED_ON,
            review_by=LAST,
            practice=True,
        )
        for key in keys
    ]


def test_1_a_pack_shows_nothing_unsigned_and_no_answer_past_its_date(renderer, cards) -> None:  # noqa: ANN001
    answers = [key for key, card in cards.items() if card.kind in ("card", "journey", "snippet")]
    signed = _signed_for_ten_days(renderer, cards, HOUSE_KEYS)
    pack = Packs(signed).of("kent")
    assert pack.open(SIGNED_ON)
    assert not pack.open(SIGNED_ON - timedelta(days=1))
    assert not Packs(signed[1:]).of("kent").open(SIGNED_ON)
    assert not any(pack.card(key, SIGNED_ON) for key in answers)
    pack = Packs([*signed, *_signed_for_ten_days(renderer, cards, answers)]).of("kent")
    assert all(pack.card(key, LAST) for key in answers)
    for later in (1, 200, 800):
        day = LAST + timedelta(days=later)
        assert not any(pack.card(key, day) for key in answers)
        assert not pack.live(day).keys() & set(answers)
        assert all(pack.being_checked(key, day) for key in answers)


def test_1_house_and_alarm_cards_stay_past_their_date_and_never_when_withdrawn(renderer, cards) -> None:  # noqa: ANN001
    signed = _signed_for_ten_days(renderer, cards, HOUSE_KEYS)
    for later in (1, 200, 800):
        day, pack = LAST + timedelta(days=later), Packs(signed).of("kent")
        assert pack.open(day)
        for key in HOUSE_KEYS:
            shown = pack.card(key, day)
            assert shown is not None
            assert (shown.layer, pack.being_checked(key, day), pack.overdue(key, day)) == (NATIONAL, False, True)
            gone = Packs([*signed, Withdrawn(NATIONAL, key, "wrong", "the lead", SIGNED_ON)]).of("kent").card(key, day)
            assert gone is None or gone.built_in
        assert pack.card("alarm-harm-now", SIGNED_ON - timedelta(days=1)) == built_in("alarm-harm-now")


def test_1_where_none_is_good_help_that_is_built_in_stands() -> None:
    alarms = [key for key in HOUSE_KEYS if key.startswith("alarm-")]
    for key in (*alarms, "in-danger", "talk-to-a-person"):
        shown = Packs().of("kent").card(key, SIGNED_ON)
        assert shown is not None
        assert shown.built_in
        for version in shown.words.levels.values():
            text = " ".join(bubble.text for bubble in version.bubbles)
            assert all(must in text for must in ("call 999", "999 BSL app", "Childline on 0800 1111"))
    assert not Packs().of("kent").live(SIGNED_ON)


def test_2_the_bot_holds_no_word_for_a_child(training: dict[str, str]) -> None:
    """Rasa speaks through responses, actions and stories; the bot has none, only lines and words children may type."""
    config = {path.name: path.read_text("utf-8") for path in (ROOT / "bot").glob("*.yml")}
    files = {**config, **training}
    assert len(files) == 8
    pipeline, lines = {"recipe", "assistant_id", "language", "pipeline"}, {"version", "nlu"}
    for written in files.values():
        keys = set(read_yaml(written))
        assert keys in (pipeline, lines, {"known", "shorthand", "sounds", "dialect"})


async def test_3_the_alarm_rings_with_bot_and_database_down(sqlite_url: str) -> None:
    async with httpx.AsyncHTTPTransport() as nobody:
        dead = RasaBrain(nobody, "http://127.0.0.1:9", "", 1.5)
        async with started(settings_for(sqlite_url), dead) as client:  # type: ignore[arg-type]
            child = Child(client)
            await child.start()
            pack_cache = doors(client._transport.app).pack_cache  # type: ignore[attr-defined]
            pack_cache._database = Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
            assert (await client.get("/readyz")).json() == {"database": "away", "bot": "waking", "ledger": "ok"}
            for said, kind in ALARMS.items():
                reply = await child.say(said)
                assert (reply["kind"], reply["alarm"]) == ("alarm", kind)
                assert reply["card"]["bubbles"]


async def test_3_the_alarm_comes_before_the_bot(client: httpx.AsyncClient, brain: FakeBrain) -> None:
    said = "i want to kill myself"
    brain.tell(said, ("thanks", 1.0))
    child = Child(client)
    await child.start()
    assert (await child.say(said))["alarm"] == "suicide"


async def test_3_a_fault_in_the_alarm_shows_help_not_silence(client: httpx.AsyncClient, monkeypatch) -> None:  # noqa: ANN001
    helper = doors(client._transport.app).chat.helper  # type: ignore[attr-defined]
    monkeypatch.setattr(type(helper.danger_detector.alarm), "hear", lambda _self, _text: 1 / 0)
    child = Child(client)
    await child.start()
    reply = await child.say("anything")
    assert (reply["kind"], reply["card"]["key"], reply["alarm"]) == ("alarm", "in-danger", "danger-now")


@pytest.mark.parametrize("away", [False, True])
async def test_4_nothing_typed_is_kept_anywhere(
    database_url: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    away: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    brain = FakeBrain()
    brain.away = away
    settings = settings_for(database_url)
    async with started(settings, brain) as client:
        child = Child(client)
        await child.start()
        reply = await child.say(TYPED)
        page = await client.get("/northmoor")
        chat = re.search(r'name="chat" value="([^"]+)"', page.text)
        assert chat
        answer = await client.post("/northmoor/say", data={"chat": chat[1], "text": TYPED})
        place = await client.post("/where", data={"place": TYPED})
        bad = await client.post("/api/v1/chats/say", json={"chat": child.token, "text": TYPED, "act": TYPED})
    kept = [
        child.token,
        str(reply),
        answer.headers["location"],
        place.headers["location"],
        bad.text,
        caplog.text,
        *capfd.readouterr(),
        await _everything_in(settings),
    ]
    for word in ("zebrafish", "marmalade", "07700900123", "Quentin"):
        assert not any(word in place for place in kept)


async def _everything_in(settings) -> str:  # noqa: ANN001
    database = Database(settings)
    async with database.engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: __import__("sqlalchemy").inspect(sync).get_table_names())
        rows = [str((await connection.execute(text(f'SELECT * FROM "{table}"'))).all()) for table in tables]  # noqa: S608
    await database.close()
    return "".join(rows)


async def test_6_who_can_see_it_is_always_said(client: httpx.AsyncClient) -> None:
    for path in ("/northmoor", "/kent", "/england-and-wales", "/police-scotland"):
        page = await client.get(path)
        assert "Only a computer can see this chat. The police cannot." in page.text


@pytest.mark.parametrize("path", ["/", "/northmoor", "/safety", "/credits", "/nothing-here"])
async def test_7_nothing_is_loaded_from_another_host(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    loaded = re.findall(r'<(?:img|script|link|iframe|source)[^>]+(?:src|href)="([^"]+)"', page.text)
    assert loaded
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", page.text)
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers


async def test_8_when_we_do_not_know_we_say_so(client: httpx.AsyncClient, brain: FakeBrain) -> None:
    child = Child(client)
    await child.start()
    brain.tell("something odd", ("bodycam", 0.02), ("my-phone", 0.01))
    reply = await child.say("something odd")
    assert reply["kind"] == "not-sure"
    assert "talk-to-a-person" in [near["key"] for near in reply["near"]]
