"""After an alarm: three equal ways on, a way back to the answer, and help that stays on the page."""

import re

import httpx
import pytest

from tests.chat.test_pages import say
from tests.fake_brain import FakeBrain
from tests.json_child import Child

DANGER = "my stepdad hits me will the police tell my mum"
ACTS = ["not-meant", "back-to-talk"]


@pytest.fixture
async def child(client: httpx.AsyncClient) -> Child:
    child = Child(client)
    await child.start()
    return child


def pinned(page: httpx.Response) -> bool:
    return 'class="pinned">' in page.text


async def test_an_alarm_page_has_three_equal_ways_on(client: httpx.AsyncClient) -> None:
    page = await say(client, await client.get("/northmoor"), text=DANGER)
    ways = re.findall(r'<button class="choice" name="act" value="([^"]+)">([^<]+)</button>', page.text)
    assert ways == [
        ("person", "Get help"),
        ("not-meant", "That is not what I meant"),
        ("back-to-talk", "Go on with the chat"),
    ]
    assert 'name="card"' not in page.text


@pytest.mark.parametrize("act", ACTS)
async def test_it_leads_to_the_answer_in_the_same_message(child: Child, brain: FakeBrain, act: str) -> None:
    brain.tell(DANGER, ("tell-parents", 0.9))
    await child.press("bodycam")
    assert [near["key"] for near in (await child.say(DANGER))["near"]] == ["tell-parents"]
    reply = await child.act(act)
    assert (reply["kind"], reply["card"]["key"], reply["alarm"]) == ("card", "tell-parents", None)


@pytest.mark.parametrize("act", ACTS)
async def test_else_to_the_last_answer_before_it(child: Child, act: str) -> None:
    await child.press("bodycam")
    await child.press("menu/arrested")
    await child.say(DANGER)
    await child.say(DANGER)
    assert (await child.act(act))["card"]["key"] == "bodycam"


@pytest.mark.parametrize("act", ACTS)
async def test_else_to_the_menu(child: Child, act: str) -> None:
    await child.say(DANGER)
    reply = await child.act(act)
    assert (reply["kind"], reply["card"]["key"]) == ("choices", "pick-one")
    assert reply["near"][0]["key"] == "menu/hurt"


@pytest.mark.parametrize("act", ACTS)
async def test_it_works_after_simpler_and_long_after_and_without_an_alarm(
    child: Child, brain: FakeBrain, act: str
) -> None:
    brain.tell(DANGER, ("tell-parents", 0.9))
    await child.say(DANGER)
    for _ in range(3):
        await child.act("simpler")
    assert (await child.act(act))["card"]["key"] == "tell-parents"
    await child.press("my-phone")
    assert (await child.act(act))["card"]["key"] == "tell-parents"
    for _ in range(6):
        await child.press("my-phone")
    assert (await child.act(act))["card"]["key"] == "my-phone"


@pytest.mark.parametrize("act", ACTS)
async def test_help_stays_on_the_page(client: httpx.AsyncClient, brain: FakeBrain, act: str) -> None:
    brain.tell(DANGER, ("tell-parents", 0.9))
    page = await say(client, await client.get("/northmoor"), text=DANGER)
    page = await say(client, page, act=act)
    assert 'data-kind="card"' in page.text
    assert pinned(page)
    for press in ({"act": "back"}, {"card": "menu"}, {"card": "menu/hurt"}, {"level": "easy"}, {"text": "asdf"}):
        page = await say(client, page, **press)
        assert pinned(page)


async def test_the_alarm_of_the_first_box_leads_to_the_menu(client: httpx.AsyncClient) -> None:
    page = await client.post("/where", data={"place": "my dad hits me"}, follow_redirects=True)
    page = await say(client, page, act="not-meant")
    assert 'value="menu/hurt"' in page.text
    assert pinned(page)


@pytest.mark.parametrize("act", ACTS)
async def test_elsewhere_it_leads_to_those_who_know(client: httpx.AsyncClient, act: str) -> None:
    child = Child(client)
    await child.start("police-scotland")
    await child.say(DANGER)
    assert (await child.act(act))["card"]["key"] == "hand-over-scotland"


async def test_a_new_alarm_still_rings_afterwards(child: Child) -> None:
    await child.say(DANGER)
    await child.act("not-meant")
    assert (await child.say(DANGER))["kind"] == "alarm"
