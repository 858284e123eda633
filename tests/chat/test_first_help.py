"""No reply of ours is worse than none: whatever gives no answer says first how to reach help now."""

import re
from datetime import date

import httpx
import pytest

from accessibility.rule_finding import LEVELS, Level
from api.chat.dialogue.state import Turn
from api.chat.reply_view import first_help
from content.built_in_help import FIRST_HELP
from content.card_file import load_cards
from content.interface import load_interface
from content.pack import Pack
from tests.fake_brain import FakeBrain
from tests.json_child import Child

CALLS = ["999", "08001111"]
WORDS = "If someone is hurt, ill or in danger now, call 999."


def _first_of(html: str) -> str:
    """The first words of the answer in a page or a fragment."""
    answer = html[html.index('id="latest"') :]
    return re.sub(r"<[^>]+>", "", answer[answer.index(">") + 1 :]).strip()


def _line(html: str) -> str:
    found = re.search(r'<div class="first-help".*?</div>', html, re.DOTALL)
    assert found
    return found[0]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("fragment", [False, True])
@pytest.mark.parametrize("query", ["", "?mode=shared", "?reading=alongside"])
async def test_i_do_not_know_begins_with_help(
    client: httpx.AsyncClient, level: str, fragment: bool, query: str
) -> None:
    headers = {"X-Fragment": "1"} if fragment else {}
    page = await client.get(f"/northmoor?level={level}")
    token = re.search(r'name="chat" value="([^"]+)"', page.text)
    assert token
    said = await client.post(
        f"/northmoor/say{query}", data={"chat": token[1], "text": "zxcv"}, headers=headers, follow_redirects=True
    )
    assert 'data-kind="not-sure"' in said.text
    assert _first_of(said.text).startswith(WORDS)
    for number in CALLS:
        assert f'href="tel:{number}"' in _line(said.text)


@pytest.mark.parametrize(
    ("text", "told", "kind"),
    [
        ("zxcv", None, "not-sure"),
        ("pics", (), "choices"),
        ("thx", (("thanks", 0.9),), "act"),
        ("hiya", (("greet", 0.9),), "act"),
        ("i live in xyzzy", (("say-place", 0.9),), "act"),
        ("nah", (("no", 0.9),), "act"),
    ],
)
async def test_every_reply_without_an_answer_names_it_in_json(
    client: httpx.AsyncClient, brain: FakeBrain, text: str, told: tuple[tuple[str, float], ...] | None, kind: str
) -> None:
    if told:
        brain.tell(text, *told)
    elif told is not None:
        brain.waver(text, "custody-photo", "nudes-shared")
    child = Child(client)
    await child.start()
    reply = await child.say(text)
    assert reply["kind"] == kind
    assert reply["first_help"]["text"].startswith(WORDS)
    assert reply["first_help"]["calls"] == CALLS


async def test_a_menu_names_it_and_an_answer_or_an_alarm_does_not(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start()
    assert "first_help" in await child.press("menu")
    assert "first_help" not in await child.press("fingerprints-dna")
    assert "first_help" not in await child.say("i want to die")


async def test_three_misses_still_begin_with_it(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start()
    replies = [await child.say("zxcv") for _ in range(3)]
    assert all("first_help" in reply for reply in replies)


def test_without_a_live_signature_the_built_in_line_stands_there() -> None:
    for level in LEVELS:
        line = first_help(Turn("not-sure", "not-sure"), None, level, Pack({}, {}), date(2026, 11, 29), load_interface())
        assert line is not None
        assert (line.text, line.signed) == (FIRST_HELP, None)


def test_the_built_in_line_is_the_interface_string_and_says_what_the_card_says() -> None:
    assert load_interface()["first_help"] == FIRST_HELP
    assert FIRST_HELP.startswith(WORDS)


@pytest.mark.parametrize("text", ["i took 20 paracetamol", "i drank bleach", "pls help"])
async def test_an_emergency_rings_with_the_bot_away_and_says_999_first(client: httpx.AsyncClient, text: str) -> None:
    child = Child(client)
    await child.start()
    reply = await child.say(text)
    assert reply["kind"] == "alarm"
    assert reply["alarm"] in ("emergency", "danger-now")
    first = reply["card"]["bubbles"][0]["text"]
    assert "999" in first
    assert "computer" not in first
    if reply["alarm"] == "emergency":
        second = reply["card"]["bubbles"][1]["text"]
        assert "If you have taken something, call 999 now, even if you feel well." in second


@pytest.mark.parametrize("level", LEVELS)
def test_the_emergency_card_says_999_first_and_names_no_amount(level: Level) -> None:
    bubbles = load_cards()["alarm-emergency"].version(level).bubbles
    assert bubbles[0].text.splitlines()[1].count("{{ help.emergency }}") == 1
    words = " ".join(bubble.text for bubble in bubbles)
    assert "If you have taken something, {{ help.emergency }} now" in words
    assert "feel well" in words
    assert "help.emergency_bsl" in words
    assert not set(re.findall(r"\d+", words)) - {"999", "55"}
