"""The bot as the API meets it: over loopback HTTP, with a token, keeping nothing."""

import os
import subprocess
import time

import httpx
import pytest

from tests.bot_process import BOT, PYTHON, RasaServer

pytestmark = pytest.mark.rasa


def names(parsed: dict, how_many: int) -> list[str]:
    return [rival["name"] for rival in parsed["intent_ranking"][:how_many]]


def test_names_an_intent_its_confidence_its_rivals_and_the_entities(rasa: RasaServer) -> None:
    parsed = rasa.parse("can my mum get my fone back off the old bill")
    assert 0 < parsed["intent"]["confidence"] <= 1
    assert names(parsed, 1) == [parsed["intent"]["name"]]
    assert len(parsed["intent_ranking"]) > 100
    found = {(entity["entity"], entity["value"]) for entity in parsed["entities"]}
    assert found >= {("person", "mum"), ("subject", "phone"), ("person", "police")}


def test_understands_a_question_typed_with_mistakes(rasa: RasaServer) -> None:
    parsed = rasa.parse("how long do they keep my finger prins")
    assert "fingerprints-dna" in names(parsed, 3)
    assert ("subject", "fingerprints") in {(entity["entity"], entity["value"]) for entity in parsed["entities"]}


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("hiya", "greet"),
        ("ty that helped", "thanks"),
        ("can i talk to a real person pls", "person"),
        ("i want to report my bike stolen", "out-of-scope"),
        ("say that in easy words", "simpler"),
        ("yeah", "yes"),
        ("nah", "no"),
    ],
)
def test_knows_the_acts(rasa: RasaServer, text: str, act: str) -> None:
    assert rasa.parse(text)["intent"]["name"] == act


@pytest.mark.parametrize("text", ["/dna", "/greet", " //my-phone", '/greet{"a": "b"} rest', "/etc/passwd"])
def test_a_slash_is_not_a_command(rasa: RasaServer, text: str) -> None:
    parsed = rasa.parse(text)
    assert parsed["intent"]["confidence"] < 1
    assert len(parsed["intent_ranking"]) > 100


@pytest.mark.parametrize("text", ["👋", "/", "???", "ب", "\u200b", "a" * 1000, "[x](subject)", "<b>hi</b>", "\x00"])
def test_odd_messages_still_get_an_answer(rasa: RasaServer, text: str) -> None:
    assert rasa.parse(text)["intent"]["name"]


def test_a_blank_message_is_an_error_that_hurts_nobody(rasa: RasaServer) -> None:
    for body in ({"text": "   "}, {"text": ""}, {}):
        assert httpx.post(f"{rasa.url}/model/parse", params={"token": rasa.token}, json=body).is_error
    assert rasa.parse("hiya")["intent"]["name"] == "greet"


@pytest.mark.parametrize("query", [{}, {"token": "wrong"}])
def test_strangers_are_refused(rasa: RasaServer, query: dict[str, str]) -> None:
    reply = httpx.post(f"{rasa.url}/model/parse", params=query, json={"text": "hello"})
    assert reply.status_code == 401


@pytest.mark.parametrize(
    "path",
    ["/webhooks/rest/webhook", "/conversations/x/messages", "/conversations/x/tracker", "/model/train", "/domain"],
)
def test_everything_that_keeps_or_changes_is_closed(rasa: RasaServer, path: str) -> None:
    reply = httpx.post(f"{rasa.url}{path}", params={"token": rasa.token}, json={"sender": "x", "message": "hi"})
    assert reply.status_code == 404


def test_writes_down_neither_messages_nor_the_token(rasa: RasaServer) -> None:
    secret = "zebracrossing"
    for text in (f"my {secret} is lost", f"/{secret}", f"/{secret}{{", f"/greet{{{secret}}}", f"/greet@x {secret} y"):
        rasa.parse(text)
    for body in (b'{"text": 5, "x": "zebracrossing"}', b'["zebracrossing"]', b"zebracrossing{", b'{"text": null}'):
        httpx.post(f"{rasa.url}/model/parse", params={"token": rasa.token}, content=body)
    httpx.get(f"{rasa.url}/{secret}", params={"token": rasa.token})
    time.sleep(0.3)
    written = rasa.log.read_text(errors="replace")
    assert "awake" in written
    assert secret not in written
    assert rasa.token not in written


def test_refuses_to_serve_a_model_that_is_not_todays(tmp_path: object) -> None:
    done = subprocess.run(
        [PYTHON, BOT / "serve.py", "--models", str(tmp_path)],
        env={**os.environ, "BOT_TOKEN": "x" * 32},
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Run: make train" in done.stderr


def test_refuses_to_serve_without_a_token() -> None:
    bare = {key: value for key, value in os.environ.items() if key != "BOT_TOKEN"}
    done = subprocess.run([PYTHON, BOT / "serve.py"], env=bare, capture_output=True, text=True, check=False, timeout=10)
    assert done.returncode == 2
    assert "BOT_TOKEN" in done.stderr
