"""A child says that somebody reads the screen: a new chat is shown at once, and nothing of before comes back."""

import re

import httpx
import pytest

from tests.chat.test_shared_screen import Screen, in_the_middle_of_a_talk
from tests.fake_brain import FakeBrain
from tests.json_child import Child

ANSWER = "6 months"
TYPED = "hes reading this"


def _without_tokens(page: str) -> str:
    """A page without what differs each time it is opened."""
    return re.sub(r"(?<=[=\"])[\w-]{60,}|(?:visit|chat)=[\w-]+|nonce=\"[^\"]+\"", "", page)


@pytest.fixture
def screen(client: httpx.AsyncClient) -> Screen:
    return Screen(client)


@pytest.mark.parametrize("address", ["/northmoor", "/northmoor?mode=shared", "/northmoor?reading=easy.dark"])
async def test_the_page_is_a_new_one_and_the_old_one_is_gone(screen: Screen, address: str) -> None:
    await in_the_middle_of_a_talk(screen, address)
    old = screen.been[-1]
    page = await screen.post("/northmoor/say", text=TYPED)
    assert page.status_code == 200
    assert page.request.url.path == "/northmoor"
    for gone in (ANSWER, TYPED, "reading this", "Answers about"):
        assert gone not in page.text
    again = await screen.go(old)
    assert again.status_code == 409
    assert ANSWER not in again.text


async def test_it_is_the_page_that_anybody_finds(screen: Screen, client: httpx.AsyncClient) -> None:
    await in_the_middle_of_a_talk(screen, "/northmoor")
    cleared = await screen.post("/northmoor/say", text=TYPED)
    anybody = await client.get("/northmoor?level=simple")
    assert _without_tokens(cleared.text) == _without_tokens(anybody.text)


async def test_the_talk_goes_on_from_there(screen: Screen) -> None:
    await in_the_middle_of_a_talk(screen, "/northmoor")
    await screen.post("/northmoor/say", text=TYPED)
    page = await screen.post("/northmoor/say", card="fingerprints-dna")
    assert ANSWER in page.text


async def test_its_script_opens_the_new_page_too(client: httpx.AsyncClient, screen: Screen) -> None:
    await in_the_middle_of_a_talk(screen, "/northmoor")
    token = httpx.URL(screen.been[-1]).params["chat"]
    answer = await client.post("/northmoor/say", data={"chat": token, "text": TYPED}, headers={"X-Fragment": "1"})
    assert answer.status_code == 303
    assert "chat=" not in answer.headers["location"]
    assert (await screen.go(screen.been[-1])).status_code == 409


async def test_an_app_is_told_to_clear_its_screen_and_the_bot_is_not_asked(
    client: httpx.AsyncClient, brain: FakeBrain
) -> None:
    child = Child(client)
    await child.start()
    await child.press("bodycam")
    before, asked = child.token, len(brain.asked)
    answer = await client.post("/api/v1/chats/say", json={"chat": before, "text": TYPED})
    told = answer.json()
    assert told["cleared"] is True
    assert told["reply"]["card"]["key"] == "what-is-this"
    assert told["reply"]["about"] is None
    assert len(brain.asked) == asked
    late = await client.post("/api/v1/chats/say", json={"chat": before, "card": "bodycam"})
    assert late.status_code == 409
    on = await client.post("/api/v1/chats/say", json={"chat": told["chat"], "card": "bodycam"})
    assert on.status_code == 200
    assert "cleared" not in on.json()


async def test_danger_is_heard_first(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start()
    reply = await child.say("my dad hits me and hes reading this")
    assert reply["alarm"] is not None
