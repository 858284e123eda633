"""A phrase that calm messages hold too rings, unless the bot has read it all and hears nothing of danger in it."""

import httpx
import pytest

from accessibility.yaml_text import read_yaml
from content.danger import PHRASES, Alarm
from content.interface import load_interface
from tests.fake_brain import FakeBrain
from tests.json_child import Child

DOUBTFUL = "i cant wake up for school lol"
SURE = "my dad hits me"


@pytest.fixture
async def child(client: httpx.AsyncClient) -> Child:
    child = Child(client)
    await child.start()
    await child.press("cctv-anpr")
    return child


def test_the_phrase_file_doubts_it_and_hears_it() -> None:
    alarm = Alarm.load()
    assert alarm.hear(DOUBTFUL)
    assert alarm.doubts(DOUBTFUL)
    assert not alarm.doubts(SURE)
    assert not alarm.doubts(f"{DOUBTFUL}. {SURE}")


def test_nothing_that_tells_of_danger_now_or_of_suicide_is_doubtful() -> None:
    rings = read_yaml(PHRASES.read_text("utf-8"))["rings"]
    assert {kind for kind, ideas in rings.items() if any("doubtful" in idea for idea in ideas)}
    assert [idea["why"] for kind in ("danger-now", "suicide") for idea in rings[kind] if "doubtful" in idea] == []


async def test_it_is_answered_with_help_under_it_where_the_bot_hears_nothing(child: Child, brain: FakeBrain) -> None:
    brain.tell(DOUBTFUL, ("bodycam", 0.9))
    reply = await child.say(DOUBTFUL)
    assert (reply["card"]["key"], reply["alarm"], reply["check"]) == ("bodycam", None, "check-emergency")
    assert load_interface()["check_offer"] in await child.page()


async def test_it_rings_where_the_bot_hears_anything(child: Child, brain: FakeBrain) -> None:
    brain.tell(DOUBTFUL, ("bodycam", 0.9), ("alarm-emergency", 0.01))
    assert (await child.say(DOUBTFUL))["alarm"] == "emergency"


async def test_it_rings_where_the_bot_is_away(child: Child, brain: FakeBrain) -> None:
    brain.away = True
    assert (await child.say(DOUBTFUL))["alarm"] == "emergency"


async def test_it_rings_where_the_bot_goes_away_before_it_answers(child: Child, brain: FakeBrain) -> None:
    brain.tell(DOUBTFUL, ("bodycam", 0.9))
    brain.leaves_after = len(brain.asked) + 1
    assert (await child.say(DOUBTFUL))["alarm"] == "emergency"


async def test_it_rings_where_danger_was_told_before(child: Child, brain: FakeBrain) -> None:
    brain.tell(DOUBTFUL, ("bodycam", 0.9))
    await child.say(SURE)
    assert (await child.say(DOUBTFUL))["alarm"] == "emergency"


async def test_it_rings_where_the_bot_can_read_only_the_beginning(child: Child, brain: FakeBrain) -> None:
    text = f"{DOUBTFUL}. " + "my homework is long " * 60
    brain.tell(text[:1_000], ("bodycam", 0.9))
    assert (await child.say(text))["alarm"] == "emergency"


async def test_what_only_danger_is_told_by_rings_whatever_the_bot_says(child: Child, brain: FakeBrain) -> None:
    brain.tell(SURE, ("bodycam", 1.0))
    assert (await child.say(SURE))["alarm"] == "harm-now"
