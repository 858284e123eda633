"""The JSON contract, call by call, and what it says to a caller who gets it wrong."""

import json

import httpx
import pytest

from tests.json_child import Child

CARD_FIELDS = {"key", "question", "level", "layer", "bubbles", "words", "sources", "near", "signoff", "ask"}
PROBLEM = "application/problem+json"


async def test_forces(client: httpx.AsyncClient) -> None:
    forces = {force["slug"]: force for force in (await client.get("/api/v1/forces")).json()}
    assert len([slug for slug in forces if slug not in ("northmoor", "southmere")]) == 46
    assert set(forces["northmoor"]) == {"slug", "name", "nation", "joined"}
    assert forces["northmoor"]["joined"] is True
    assert not any(force["joined"] for slug, force in forces.items() if slug not in ("northmoor", "southmere"))
    assert "invented" in forces["northmoor"]["name"]


@pytest.mark.parametrize(
    ("place", "slug"),
    [
        ("Rotherham", "south-yorkshire"),
        ("S60", "south-yorkshire"),
        ("donny", "south-yorkshire"),
        ("Cardiff", "south-wales"),
    ],
)
async def test_find(client: httpx.AsyncClient, place: str, slug: str) -> None:
    matches = (await client.get("/api/v1/forces/find", params={"q": place})).json()["matches"]
    assert [(match["slug"], match["sure"]) for match in matches] == [(slug, True)]
    assert set(matches[0]) == {"slug", "name", "because", "sure"}


async def test_find_unclear_and_unknown(client: httpx.AsyncClient) -> None:
    newport = (await client.get("/api/v1/forces/find", params={"q": "Newport"})).json()["matches"]
    assert len(newport) > 1
    assert not any(match["sure"] for match in newport)
    assert (await client.get("/api/v1/forces/find", params={"q": "Narnia"})).json() == {"matches": []}


async def test_cards_and_a_card(client: httpx.AsyncClient) -> None:
    lines = (await client.get("/api/v1/forces/northmoor/cards", params={"level": "easy"})).json()
    assert {"key", "question", "about", "asks", "situations", "layer", "signed_on", "review_by"} == set(lines[0])
    card = (await client.get("/api/v1/forces/northmoor/cards/bodycam", params={"level": "easy"})).json()
    assert set(card) == CARD_FIELDS
    assert set(card["signoff"]) == {"signed_by_post", "signed_on", "review_by", "fingerprint"}
    assert card["layer"] == "northmoor"
    assert any("31" in bubble["text"] for bubble in card["bubbles"])
    assert not any(mark in bubble["text"] for bubble in card["bubbles"] for mark in ("**", "{{", "{:"))


async def test_a_force_that_has_not_joined_gets_national_words(client: httpx.AsyncClient) -> None:
    card = (await client.get("/api/v1/forces/kent/cards/bodycam")).json()
    assert card["layer"] == "national"
    assert "invented" in card["signoff"]["signed_by_post"]


async def test_a_chat(client: httpx.AsyncClient) -> None:
    child = Child(client)
    reply = await child.start(None, "easy")
    assert set(reply) == {"kind", "card", "alarm", "near", "understood", "answers", "check", "about", "first_help"}
    assert (reply["kind"], reply["card"]["key"], reply["understood"]) == ("act", "what-is-this", None)
    assert reply["near"]
    assert set(reply["near"][0]) == {"key", "question"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"force": "narnia", "level": "easy"}, 404),
        ({"force": "kent", "level": "hard"}, 422),
        ({"force": 7}, 422),
        ([], 422),
    ],
)
async def test_a_chat_that_cannot_start(client: httpx.AsyncClient, body: object, status: int) -> None:
    answer = await client.post("/api/v1/chats", json=body)
    assert answer.status_code == status
    _plain_problem(answer)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"text": "a", "card": "bodycam"},
        {"act": "dance"},
        {"text": None},
        {"text": ""},
        {"text": "   "},
        {"text": "x" * 1001},
        {"card": 3},
    ],
)
async def test_things_that_cannot_be_said(client: httpx.AsyncClient, said: dict[str, object]) -> None:
    child = Child(client)
    await child.start()
    answer = await client.post("/api/v1/chats/say", json={"chat": child.token, **said})
    assert answer.status_code == 422
    _plain_problem(answer)


@pytest.mark.parametrize(
    "text",
    [
        "\x00\x00",
        "😀😀",
        "مرحبا كم من الوقت",
        "<script>alert(1)</script>",
        "a" * 1000,
        "\u202edlot",
        "\ud83d",
        "{{ local.x }}",
        "%s%n",
        "' OR 1=1 --",
    ],
)
async def test_odd_messages_are_answered(client: httpx.AsyncClient, text: str) -> None:
    child = Child(client)
    await child.start()
    body = json.dumps({"chat": child.token, "text": text})
    answer = await client.post("/api/v1/chats/say", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert text.strip("\x00") not in answer.text or not text.strip("\x00")


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe\x00", b"", b'{"chat": "\xe9"}'])
async def test_bodies_that_are_not_json(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/api/v1/chats/say", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    _plain_problem(answer)


async def test_a_body_no_child_could_type(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/chats", content=b" " * 300_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    _plain_problem(answer)


async def test_unknown_cards_and_forces(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start()
    for answer in (
        await client.get("/api/v1/forces/kent/cards/no-such-card"),
        await client.get("/api/v1/forces/oz/cards"),
        await client.get("/api/v1/nothing"),
        await client.post("/api/v1/chats/say", json={"chat": child.token, "card": "no-such-card"}),
    ):
        assert answer.status_code == 404
        _plain_problem(answer)


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (b"{", "We could not read that. Send it as UTF-8 JSON."),
        (b'{"chat": "x", "text": "a", "card": "b"}', "Send one of text, card or act, as JSON."),
        (b'{"chat": "x", "act": "dance"}', "Please check: act."),
    ],
)
async def test_a_problem_says_what_to_mend(client: httpx.AsyncClient, body: bytes, title: str) -> None:
    answer = await client.post("/api/v1/chats/say", content=body, headers={"Content-Type": "application/json"})
    assert answer.json()["title"] == title


async def test_acts_are_neither_listed_nor_opened(client: httpx.AsyncClient) -> None:
    listed = {line["key"] for line in (await client.get("/api/v1/forces/kent/cards")).json()}
    assert not listed & {"rude", "bye", "bot-away-now", "hand-over-scotland", "alarm-suicide"}
    child = Child(client)
    await child.start()
    answer = await client.post("/api/v1/chats/say", json={"chat": child.token, "card": "rude"})
    assert answer.status_code == 404


async def test_a_situation_is_one_we_know_and_never_a_childs_words(client: httpx.AsyncClient) -> None:
    for situation, status in (("stopped", 201), ("my own words", 422)):
        answer = await client.post("/api/v1/chats", json={"force": "kent", "level": "easy", "situation": situation})
        assert answer.status_code == status
        assert "my own words" not in answer.text


async def test_health(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).status_code == 200
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"database": "ok", "bot": "ok", "ledger": "ok"})


async def test_coverage(client: httpx.AsyncClient) -> None:
    coverage = (await client.get("/api/v1/coverage")).json()
    assert set(coverage) == {"forces", "cards", "cells"}
    assert len(coverage["cells"]) == len(coverage["forces"]) * len(coverage["cards"])
    cell = next(cell for cell in coverage["cells"] if (cell["force"], cell["card"]) == ("northmoor", "bodycam"))
    assert set(cell) == {"force", "card", "state", "layer", "signed_on", "review_by"}
    assert cell["state"] == "own"


async def test_openapi_names_every_call_of_the_contract(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/api/v1/openapi.json")).json()["paths"]
    assert {
        "/api/v1/forces",
        "/api/v1/forces/find",
        "/api/v1/forces/{slug}/cards",
        "/api/v1/chats",
        "/api/v1/chats/say",
        "/api/v1/forces/{slug}/cards/{key}",
        "/api/v1/coverage",
        "/healthz",
        "/readyz",
    } <= set(paths)


def _plain_problem(answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == PROBLEM
    assert set(answer.json()) == {"type", "status", "title"}
    assert "Traceback" not in answer.text
