"""While the bot is away, letters hear cries that no phrase has; who is calm is answered as before."""

import httpx
import pytest

from content.danger import Alarm
from tests.fake_brain import FakeBrain
from tests.json_child import Child

CRIES = [
    "he sed hold this bag for me or ill hurt ur mum",
    "got the tablets in my drawer ready",
    "some man made us get in his van n wont stop",
    "someone on discord says hes got my address and hes comin tonight",
]
CALM = ["how long do they keep my finger prints", "can my mum see what i sed", "hello", "thanks"]


@pytest.fixture
async def child(client: httpx.AsyncClient, brain: FakeBrain) -> Child:
    child = Child(client)
    await child.start()
    brain.away = True
    return child


@pytest.mark.parametrize("text", CRIES)
async def test_a_cry_that_no_phrase_has_gets_help(child: Child, text: str) -> None:
    assert Alarm.load().hear(text) is None
    reply = await child.say(text)
    assert (reply["kind"], reply["card"]["key"]) == ("alarm", "in-danger")


@pytest.mark.parametrize("text", CALM)
async def test_who_is_calm_is_offered_what_is_nearest(child: Child, text: str) -> None:
    assert (await child.say(text))["kind"] == "bot-away"


async def test_what_letters_heard_is_not_remembered_as_danger(child: Child, brain: FakeBrain) -> None:
    await child.say(CRIES[0])
    brain.away = False
    brain.tell("how long is bail", ("bail", 0.9), ("alarm-harm-now", 0.06))
    assert (await child.say("how long is bail"))["alarm"] is None


async def test_once_the_bot_is_back_it_decides(child: Child, brain: FakeBrain) -> None:
    brain.away = False
    brain.tell(CRIES[0], ("bail", 0.9))
    assert (await child.say(CRIES[0]))["alarm"] is None
