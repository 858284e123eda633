"""The alarm comes before every other check, help stays, and nobody outside England and Wales is told its law."""

import re

import httpx
import pytest

from tests.fake_brain import FakeBrain
from tests.json_child import Child

DANGER = "i want to kill myself"


def _token(page: httpx.Response) -> str:
    found = re.search(r'name="chat" value="([^"]+)"', page.text)
    assert found
    return found[1]


def _pinned(page: httpx.Response) -> bool:
    return 'class="pinned">' in page.text


@pytest.mark.parametrize("text", [DANGER, DANGER + " please help" * 200])
@pytest.mark.parametrize("chat", ["nonsense", "", None])
async def test_json_rings_whatever_the_token_and_length(client: httpx.AsyncClient, chat: str | None, text: str) -> None:
    child = Child(client)
    await child.start()
    token = child.token if chat is None else chat
    answer = await client.post("/api/v1/chats/say", json={"chat": token, "text": text})
    assert answer.status_code == 200
    assert answer.json()["reply"]["alarm"] == "suicide"


@pytest.mark.parametrize("text", [DANGER, DANGER + " please help" * 200])
@pytest.mark.parametrize("chat", ["nonsense", ""])
@pytest.mark.parametrize("headers", [{}, {"X-Fragment": "1"}])
async def test_pages_ring_whatever_the_token_and_length(
    client: httpx.AsyncClient, chat: str, text: str, headers: dict[str, str]
) -> None:
    answer = await client.post(
        "/northmoor/say", data={"chat": chat, "text": text}, headers=headers, follow_redirects=True
    )
    assert answer.status_code == 200
    assert 'data-alarm="suicide"' in answer.text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("im gonna stab him", "hurt-others"),
        ("ive been touching my cousin", "own-behaviour"),
        ("how many paracetamol is too many", "suicide"),
        ("you can have my xbox", "suicide"),
    ],
)
@pytest.mark.parametrize("away", [False, True])
async def test_each_kind_gets_its_own_card_with_the_bot_there_or_away(
    client: httpx.AsyncClient, brain: FakeBrain, text: str, kind: str, *, away: bool
) -> None:
    brain.away = away
    child = Child(client)
    await child.start()
    reply = await child.say(text)
    assert (reply["kind"], reply["alarm"], reply["card"]["key"]) == ("alarm", kind, f"alarm-{kind}")
    assert not re.search(r"\b(?:20|tablets?|amount)\b", " ".join(one["text"] for one in reply["card"]["bubbles"]))
    for level in ("standard", "simple", "easy"):
        page = await client.post("/northmoor/say", data={"text": text}, params={"level": level}, follow_redirects=True)
        assert f'data-alarm="{kind}"' in page.text
        assert "No person has seen what you typed" in page.text
        assert _pinned(page)


@pytest.mark.parametrize("place", [DANGER, "i live in leeds. my dad hits me"])
async def test_the_first_box_a_child_sees_rings_too(client: httpx.AsyncClient, place: str) -> None:
    answer = await client.post("/where", data={"place": place}, follow_redirects=True)
    assert 'data-kind="alarm"' in answer.text
    assert _pinned(answer)


@pytest.mark.parametrize("path", ["/zzz/say", "/zzz", "/nothing/here"])
async def test_a_lost_page_still_says_who_can_help(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, data={"text": "can they take my phone"})
    assert answer.status_code in (404, 405)
    assert "Call 999" in answer.text
    assert "0800 1111" in answer.text


async def test_danger_typed_at_a_lost_page_rings(client: httpx.AsyncClient) -> None:
    assert _pinned(await client.post("/zzz/say", data={"text": DANGER}, follow_redirects=True))


async def test_help_stays_after_many_answers_and_going_back(client: httpx.AsyncClient) -> None:
    page = await client.post(
        "/northmoor/say", data={"chat": _token(await client.get("/northmoor")), "text": DANGER}, follow_redirects=True
    )
    for press in [{"card": "bodycam"}, {"act": "back"}, {"act": "back"}, *([{"card": "my-phone"}] * 8)]:
        page = await client.post("/northmoor/say", data={"chat": _token(page), **press}, follow_redirects=True)
        assert _pinned(page)


async def test_help_stays_when_the_page_was_too_old(client: httpx.AsyncClient) -> None:
    answer = await client.post("/northmoor/say", data={"chat": "old", "rung": "1", "text": "who sees it"})
    assert answer.status_code == 409
    assert _pinned(answer)


@pytest.mark.parametrize("slug", ["police-scotland", "psni"])
async def test_nobody_elsewhere_is_told_the_law_of_england_and_wales(client: httpx.AsyncClient, slug: str) -> None:
    listed = (await client.get(f"/api/v1/forces/{slug}/cards")).json()
    assert {line["key"] for line in listed} & {"tell-parents", "fingerprints-dna", "solicitor-private"} == set()
    child = Child(client)
    await child.start(slug)
    assert (await child.press("talk-to-a-person"))["near"] == []
    answer = await client.post("/api/v1/chats/say", json={"chat": child.token, "card": "tell-parents"})
    assert answer.status_code == 404
    coverage = (await client.get("/api/v1/coverage")).json()["cells"]
    assert {cell["state"] for cell in coverage if cell["force"] == slug and cell["card"] == "tell-parents"} == {
        "missing"
    }


async def test_a_scottish_place_in_the_talk_hands_over_at_once(client: httpx.AsyncClient, brain: FakeBrain) -> None:
    brain.tell("i live in glasgow", ("say-place", 0.9))
    child = Child(client)
    await child.start()
    assert (await child.say("i live in glasgow"))["card"]["key"] == "hand-over-scotland"


async def test_an_unclear_place_in_the_talk_asks_which(client: httpx.AsyncClient, brain: FakeBrain) -> None:
    brain.tell("im from newport", ("say-place", 0.9))
    child = Child(client)
    await child.start()
    assert (await child.say("im from newport"))["card"]["key"] == "place-which"
