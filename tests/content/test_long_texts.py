"""A text of any length is read to its end, in steps that hold up nobody, and costs no more than an ordinary one."""

import asyncio
import sys
import time
import unicodedata

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.danger import HEARD_AT_ONCE, Kind, pieces
from content.danger_words import fold
from tests.conftest import release_for
from tests.json_child import Child

ALARM = release_for(practice=True).alarm
ORDINARY = "can the police keep my phone for long and who can see what is on it, i was at school when they took it. "
CRIES = ("my dad hits me", "i want to die", "my brother is not breathing", "he is outside my door with a knife")
LONG = 10_000


def _filled(with_text: str, letters: int) -> str:
    return (with_text * (letters // len(with_text) + 1))[:letters]


@settings(max_examples=8, deadline=None)
@given(
    st.sampled_from(CRIES),
    st.integers(0, 6_000),
    st.sampled_from([ORDINARY, "lovely day ", "\n", "\u200b", "a" * 400 + " "]),
)
def test_a_cry_rings_wherever_it_stands_in_a_long_text(cry: str, before: int, filler: str) -> None:
    text = f"{_filled(filler, before)} . {cry}. {_filled(filler, 6_000 - before)}"
    assert ALARM.hear(text) is not None


@pytest.mark.parametrize("between", [" " * 9_000, " \u200b" * 4_500, ", " * 4_500, "\t\u0301" * 4_500])
def test_what_says_nothing_pushes_no_cry_asunder(between: str) -> None:
    assert ALARM.hear(f"my dad{between} hits me") is not None


def test_the_most_urgent_of_a_long_text_wins() -> None:
    assert ALARM.hear(f"my dad hits me. {_filled(ORDINARY, 9_000)} i want to die") == Kind.SUICIDE


def test_every_letter_stands_in_a_piece_and_none_is_long() -> None:
    text = " ".join(f"word{number}" for number in range(9_000))
    cut = [piece for piece in pieces(text) if piece is not None]
    assert max(map(len, cut)) <= HEARD_AT_ONCE
    assert set(text.split()) <= {word for piece in cut for word in piece.split()}


def test_no_sign_folds_to_more_than_four_letters() -> None:
    every = (chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    assert not [hex(ord(sign)) for sign in every if len(fold(sign)) > 4 and unicodedata.category(sign) != "Cn"]


def _seconds(text: str) -> float:
    begun = time.process_time()
    ALARM.hear(text)
    return time.process_time() - begun


@pytest.mark.parametrize("sign", ["\ufdfa", "\u33c2", "\u247d", "a.", "i ", "my dad ", "🔪", "e\u0301", "!a", "1 "])
def test_the_worst_text_takes_three_times_an_ordinary_one_at_most(sign: str) -> None:
    rounds = [(_seconds(_filled(sign, LONG)), _seconds(_filled(ORDINARY, LONG))) for _ in range(5)]
    assert min(worst for worst, _ in rounds) <= 3 * min(ordinary for _, ordinary in rounds)


async def test_others_are_answered_while_a_long_text_is_read(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start()
    long = asyncio.create_task(
        client.post("/api/v1/chats/say", json={"chat": child.token, "text": "\ufdfa a" * 20_000})
    )
    others = 0
    while not long.done():
        assert (await client.get("/healthz")).status_code == 200
        others += 1
        # An answer from memory never gives the loop away by itself.
        await asyncio.sleep(0)
    assert (await long).status_code == 422
    assert others >= 10


@pytest.mark.parametrize("path", ["/northmoor/say", "/where", "/join"])
async def test_a_cry_deep_in_a_long_post_is_answered_with_help(client: httpx.AsyncClient, path: str) -> None:
    text = f"{_filled(ORDINARY, 12_000)} i want to die {_filled(ORDINARY, 12_000)}"
    posted = await client.post(path, data={"text": text, "place": text, "code": text}, follow_redirects=True)
    assert 'data-alarm="suicide"' in posted.text


@pytest.mark.parametrize("path", ["/northmoor/say", "/where", "/api/v1/chats/say"])
async def test_more_than_is_read_is_refused_with_help_on_the_page(client: httpx.AsyncClient, path: str) -> None:
    refused = await client.post(path, content=b"text=" + b"x" * 300_000)
    assert refused.status_code == 413
    assert "999" in refused.text
    assert "0800 1111" in refused.text
    assert ("tel:999" in refused.text) == (not path.startswith("/api"))
