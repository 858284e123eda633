"""The promises of the house, one by one."""

import logging
import re
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from sqlalchemy import text

from api.chat.brain import RasaBrain
from api.hall.database import Database
from content.card import HOUSE_KEYS
from content.pack import Packs
from content.signoff import NATIONAL, Signer, sign
from tests.conftest import settings_for, started
from tests.fake_brain import FakeBrain
from tests.talk import Child

ROOT = Path(__file__).parents[1]
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


def test_1_a_pack_shows_nothing_unsigned_or_past_its_date(renderer, cards) -> None:  # noqa: ANN001
    today = date(2026, 11, 25)
    signed = [
        sign(
            NATIONAL,
            key,
            renderer.words(cards[key], {}),
            written_by=["W"],
            reviewed_by="R",
            signer=Signer("S", "post"),
            signed_on=today,
            review_by=today + timedelta(days=10),
            practice=True,
        )
        for key in HOUSE_KEYS
    ]
    pack = Packs(signed).of("kent")
    assert pack.open(today)
    assert pack.card("bodycam", today) is None
    assert pack.card("not-sure", today + timedelta(days=10))
    assert pack.card("not-sure", today + timedelta(days=11)) is None
    assert not pack.open(today + timedelta(days=11))
    assert not pack.open(today - timedelta(days=1))
    assert not Packs(signed[1:]).of("kent").open(today)


def test_2_the_bot_holds_no_word_for_a_child() -> None:
    """Rasa speaks through responses, actions and stories; the bot has none, only lines that children may say."""
    files = [*(ROOT / "bot").glob("*.yml"), *(ROOT / "bot" / "data").glob("*.yml")]
    assert len(files) == 6
    for path in files:
        keys = set(yaml.safe_load(path.read_text("utf-8")))
        assert keys in ({"recipe", "assistant_id", "language", "pipeline"}, {"version", "nlu"})


async def test_3_the_alarm_rings_with_bot_and_database_down(sqlite_url: str) -> None:
    async with httpx.AsyncHTTPTransport() as nobody:
        dead = RasaBrain(nobody, "http://127.0.0.1:9", "", 1.5)
        async with started(settings_for(sqlite_url), dead) as client:  # type: ignore[arg-type]
            child = Child(client)
            await child.start()
            shelf = client._transport.app.state.shelf  # type: ignore[attr-defined]
            shelf._database = Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
            assert (await client.get("/readyz")).json() == {"database": "away", "bot": "waking"}
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
    helper = client._transport.app.state.chat.helper  # type: ignore[attr-defined]
    monkeypatch.setattr(type(helper.alarm), "hear", lambda _self, _text: 1 / 0)
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
    brain.tell("something odd", ("bodycam", 0.05), ("my-phone", 0.04))
    reply = await child.say("something odd")
    assert reply["kind"] == "not-sure"
    assert "talk-to-a-person" in [near["key"] for near in reply["near"]]
