"""Asking for a person by JSON: the same promises as the pages, and errors that name fields and echo nothing."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.records.handovers.message_cipher import CallBack, Sent
from api.web.database import Database
from tests.conftest import settings_for
from tests.doors import doors
from tests.handovers.kept_rows import kept
from tests.json_child import Child
from tests.person_app import NOON, NUMBER, JsonChild, PersonApp

PLANTED = ("zebrafish", "marmalade", "quentin", "ultramarine", "periwinkle", "900123")


async def asking(app: PersonApp) -> JsonChild:
    """A child who has read the terms."""
    child = app.json_child()
    await child.open()
    return child


async def test_the_terms_say_who_answers_when_and_what_is_agreed_to(one_app: PersonApp) -> None:
    provider = await one_app.provider(hours="09:00-17:00", keep_days="30")
    terms = await one_app.json_child().open()
    assert terms["provider"] == {"slug": "moor-voices", "name": "Moor Voices (invented)"}
    assert (terms["open"], terms["here"], terms["keep_days"]) == (True, False, 30)
    assert [card["key"] for card in terms["consent"]] == [
        "person-who-reads",
        "person-what-we-keep",
        "person-when-we-tell",
    ]
    assert all(card["bubbles"] and len(card["signoff"]["fingerprint"]) == 64 for card in terms["consent"])
    assert terms["windows"][0] == {
        "starts": "2026-11-26T11:00:00Z",
        "ends": "2026-11-26T13:00:00Z",
        "label": "Thursday 26 November, 11:00 am to 1:00 pm",
    }
    await one_app.advocate(provider)
    assert (await one_app.json_child().open())["here"]
    one_app.clock.now = NOON.replace(hour=20)
    terms = await one_app.json_child().open()
    assert (terms["open"], terms["here"], terms["opens_next"]) == (False, False, "2026-11-27T09:00:00Z")


async def test_the_terms_are_at_the_level_that_is_asked_for(one_app: PersonApp) -> None:
    await one_app.provider()
    answers = [
        await one_app.browser().get("/api/v1/handovers/terms", params={"force": "northmoor", "level": level})
        for level in ("standard", "easy")
    ]
    texts = [answer.json()["consent"][0]["bubbles"][0]["text"] for answer in answers]
    assert len(set(texts)) == 2


async def test_asking_gives_the_words_the_handle_and_a_chat_that_knows_them(app: PersonApp) -> None:
    await app.provider()
    child = app.json_child()
    words = await child.ask(question="zebrafish", name="")
    (handover,) = await kept(app)
    assert (handover.state, handover.force, handover.danger) == ("waiting", "northmoor", False)
    assert doors(app.app).person_door.handover_context.message_cipher.sent(handover) == Sent("", "zebrafish")
    assert doors(app.app).person_door.handover_tokens.read(child.here, NOON).ref == handover.ref
    assert doors(app.app).chat.tokens.read(child.chat).person == child.here
    assert len(words.split("-")) == 3


async def test_a_call_back_and_cards_to_pass_on(one_app: PersonApp) -> None:
    await one_app.provider()
    child = await asking(one_app)
    call = child.call(voicemail=True, say="ultramarine", code_word="periwinkle")
    answer = await child.send(child.body(wants="call-back", call=call, cards=["bodycam", "snippet-hello", "x"]))
    assert (answer.status_code, answer.json()["state"]) == (201, "call-back")
    (handover,) = await kept(one_app)
    sent = doors(one_app.app).person_door.handover_context.message_cipher.sent(handover)
    assert sent.cards == ("bodycam",)
    assert sent.call == CallBack("+447700900123", "mine", voicemail=True, say="ultramarine", code_word="periwinkle")


async def test_another_time_within_the_hours_is_taken_too(one_app: PersonApp) -> None:
    await one_app.provider(hours="09:00-17:00")
    child = await asking(one_app)
    window = {"starts": "2026-11-30T15:30:00+00:00", "ends": "2026-11-30T16:15:00+00:00"}
    answer = await child.send(child.body(wants="call-back", call=child.call(window=window)))
    assert answer.status_code == 201


async def test_sent_five_times_at_once_it_is_kept_once(app: PersonApp) -> None:
    await app.provider()
    child = await asking(app)
    answers = await asyncio.gather(*(child.send(child.body()) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [201] * 5
    assert len({answer.json()["words"] for answer in answers}) == 1
    assert len(await kept(app)) == 1


@pytest.mark.parametrize(
    ("others", "call", "fields"),
    [
        ({"name": "quentin" * 20}, {}, ["name"]),
        ({"question": "zebrafish" * 200}, {}, ["question"]),
        ({"wants": "call-back"}, {"number": "quentin"}, ["call.number"]),
        ({"wants": "call-back"}, {"whose": ""}, ["call.whose"]),
        (
            {"wants": "call-back"},
            {"say": "ultramarine" * 9, "code_word": "periwinkle" * 9},
            ["call.say", "call.code_word"],
        ),
        ({"wants": "call-back"}, {"window": None}, ["call.window"]),
        (
            {"wants": "call-back"},
            {"window": {"starts": "2026-11-25T10:00:00Z", "ends": "2026-11-25T11:00:00Z"}},
            ["call.window"],
        ),
        ({"wants": "call-back", "call": None}, None, ["call.number", "call.whose", "call.window"]),
        ({"name": "quentin" * 20, "question": "zebrafish" * 200}, {}, ["name", "question"]),
    ],
)
async def test_what_is_wrong_is_named_and_not_echoed(
    one_app: PersonApp,
    caplog: pytest.LogCaptureFixture,
    others: dict[str, Any],
    call: dict[str, Any] | None,
    fields: list[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    await one_app.provider()
    child = await asking(one_app)
    body = child.body(**others) if call is None else child.body(**others, call=child.call(**call))
    answer = await child.send(body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    told = answer.json()
    assert list(told["fields"]) == fields
    assert all(words.endswith(".") for words in told["fields"].values())
    assert [word for word in PLANTED if word in answer.text.lower() + caplog.text.lower()] == []
    assert await kept(one_app) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"wants": "zebrafish"},
        {"name": ["zebrafish"]},
        {"agreed": "zebrafish"},
        {"call": {"window": {"starts": "zebrafish", "ends": 1}}},
        {"call": {"whose": "zebrafish"}},
        {"call": {"window": {"starts": "2026-11-26T14:00:00", "ends": "2026-11-26T15:00:00"}}},
        {"keep_days": "zebrafish"},
        {"cards": ["zebrafish"] * 21},
    ],
)
async def test_a_misshapen_body_is_refused_without_its_words(one_app: PersonApp, broken: dict[str, Any]) -> None:
    await one_app.provider()
    child = await asking(one_app)
    answer = await child.send(child.body(**broken))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "zebrafish" not in answer.text
    assert await kept(one_app) == []


async def test_half_of_a_letter_is_no_reason_to_fail(one_app: PersonApp) -> None:
    await one_app.provider()
    child = await asking(one_app)
    raw = httpx.Request("POST", "http://x", json=child.body(question="HERE")).content.replace(b"HERE", b"a\\ud800b")
    headers = {"Content-Type": "application/json"}
    answer = await child.browser.post("/api/v1/handovers", content=raw, headers=headers)
    assert answer.status_code in (201, 422)


@pytest.mark.parametrize(
    "changed",
    [
        {"agreed": {}},
        {"agreed": {"person-who-reads": "0" * 64}},
        {"keep_days": 8},
        {"provider": "other-voices"},
        {"once": "forged"},
    ],
)
async def test_other_terms_than_now_are_asked_about_again(one_app: PersonApp, changed: dict[str, Any]) -> None:
    await one_app.provider()
    child = await asking(one_app)
    answer = await child.send(child.body(**changed))
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert await kept(one_app) == []


async def test_here_is_not_promised_out_of_hours(one_app: PersonApp) -> None:
    await one_app.provider(hours="09:00-17:00")
    child = await asking(one_app)
    one_app.clock.now = NOON.replace(hour=18)
    answer = await child.send(child.body())
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["wants"])


@pytest.mark.parametrize(("force", "status"), [("kent", 404), ("police-scotland", 404), (None, 404), ("nowhere", 404)])
async def test_where_nobody_answers_help_is_named(one_app: PersonApp, force: str | None, status: int) -> None:
    answer = await one_app.browser().get("/api/v1/handovers/terms", params={"force": force} if force else {})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    if force != "nowhere":
        assert "Childline on 0800 1111" in answer.text


async def test_the_alarm_is_told_and_stops_nothing(one_app: PersonApp) -> None:
    await one_app.provider()
    child = await asking(one_app)
    alarm = "my dad is hitting me right now"
    refused = await child.send(child.body(question=alarm, name="x" * 61))
    assert (refused.status_code, refused.json()["danger"]) == (422, True)
    answer = await child.send(child.body(question=alarm))
    assert (answer.status_code, answer.json()["danger"]) == (201, True)
    assert (await kept(one_app))[0].danger


async def test_an_alarm_before_in_the_chat_counts_too(one_app: PersonApp) -> None:
    await one_app.provider()
    talk = Child(one_app.browser())
    await talk.start()
    await talk.say("my dad is hitting me right now")
    child = await asking(one_app)
    answer = await child.send(child.body(chat=talk.token))
    assert answer.json()["danger"]
    assert (await kept(one_app))[0].danger


async def test_a_chat_that_is_too_old_is_told(one_app: PersonApp) -> None:
    await one_app.provider()
    child = await asking(one_app)
    answer = await child.send(child.body(chat="old", question="my dad is hitting me right now"))
    assert (answer.status_code, answer.json()["danger"]) == (409, True)
    assert await kept(one_app) == []


async def test_with_the_database_away_the_same_is_sent_again(app: PersonApp) -> None:
    await app.provider()
    child = await asking(app)
    person_door = doors(app.app).person_door
    nowhere = Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
    doors(app.app).person_door = replace(person_door, database=nowhere)
    answers = [await child.send(child.body()), await child.browser.get("/api/v1/handovers/terms?force=northmoor")]
    for answer in answers:
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert "Call 999." in answer.text
    doors(app.app).person_door = person_door
    assert (await child.send(child.body())).status_code == 201


async def test_the_words_are_not_given_again_later(one_app: PersonApp) -> None:
    await one_app.provider()
    child = await asking(one_app)
    body = child.body()
    words = (await child.send(body)).json()["words"]
    one_app.clock.now += timedelta(minutes=31)
    answer = await child.send(body)
    assert answer.status_code == 409
    assert words not in answer.text


async def test_the_api_says_what_it_takes_and_what_can_go_wrong(client: httpx.AsyncClient) -> None:
    api = (await client.get("/api/v1/openapi.json")).json()
    paths = {
        ("/api/v1/handovers/terms", "get"): {"200", "403", "404", "422", "503"},
        ("/api/v1/handovers", "post"): {"201", "403", "404", "409", "422", "503"},
        ("/api/v1/handovers/back", "post"): {"200", "403", "404", "422", "503"},
    }
    for (path, method), statuses in paths.items():
        described = api["paths"][path][method]
        assert described["description"]
        assert set(described["responses"]) == statuses
    assert api["components"]["schemas"]["AskBody"]["description"]


def test_a_story_number_stands_in_every_test() -> None:
    assert NUMBER.replace(" ", "").startswith("07700900")
