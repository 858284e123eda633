"""Chat tokens: altered, expired and foreign ones start a new chat; two tabs never mix."""

import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.chat.token import Chat, StaleChat, Tokens, Turn
from tests.talk import Child

TOKENS = Tokens("a secret for tests that is long enough", 24)


def test_a_chat_comes_back_as_it_was() -> None:
    chat = Chat("kent", "easy", "stopped", "dna", (Turn("card", "bodycam", None, ("my-phone",)),), 1)
    assert TOKENS.read(TOKENS.write(chat)) == chat


def test_a_page_of_the_menu_comes_back_and_a_turn_of_before_there_was_one_is_read() -> None:
    chat = Chat("kent", "easy", None, None, (Turn("choices", "pick-one", None, ("bail",), "menu/arrested/2"),))
    assert TOKENS.read(TOKENS.write(chat)) == chat
    place = ["kent", "easy", None, None, [["card", "bodycam", None, ["bail"]]], 0, False]
    assert TOKENS.read(TOKENS.seal([2, int(time.time()), *place])).shown[0].menu is None


@given(st.text(max_size=300))
def test_nonsense_is_stale(text: str) -> None:
    with pytest.raises(StaleChat):
        TOKENS.read(text)


@given(st.integers(min_value=0, max_value=200), st.characters())
def test_an_altered_token_is_stale(place: int, other: str) -> None:
    token = TOKENS.write(Chat("kent", "easy"))
    altered = token[:place] + other + token[place + 1 :]
    if altered == token or place >= len(token):
        return
    with pytest.raises(StaleChat):
        TOKENS.read(altered)


@given(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=. "))
def test_another_spelling_of_the_same_signature_is_stale(last: str) -> None:
    token = TOKENS.write(Chat("kent", "easy"))
    for altered in (token[:-1] + last, token + last, token[:-20] + last + token[-20:]):
        if altered != token:
            with pytest.raises(StaleChat):
                TOKENS.read(altered)


def test_a_token_signed_by_someone_else_is_stale() -> None:
    with pytest.raises(StaleChat):
        TOKENS.read(Tokens("another secret altogether, just as long", 24).write(Chat("kent", "easy")))


def test_an_old_token_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    token = TOKENS.write(Chat("kent", "easy"))
    short = Tokens("a secret for tests that is long enough", 0)
    short._seconds = -1
    with pytest.raises(StaleChat):
        short.read(token)


def test_the_token_stays_short_however_long_the_talk() -> None:
    chat = Chat("kent", "easy")
    for _ in range(100):
        chat = chat.after(Turn("card", "enhanced-dbs-police-info", None, ("a-near-card-key",) * 4), subject="dbs")
    assert len(TOKENS.write(chat)) < 2_000


async def test_the_api_answers_a_stale_token_with_409(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/chats/say", json={"chat": "nonsense", "text": "hello"})
    assert answer.status_code == 409
    assert answer.json()["title"]


async def test_two_tabs_do_not_mix(client: httpx.AsyncClient) -> None:
    one, two = Child(client), Child(client)
    await one.start()
    two.token = one.token
    await one.press("custody-photo")
    await two.press("my-phone")
    assert (await one.act("again"))["card"]["key"] == "custody-photo"
    assert (await two.act("again"))["card"]["key"] == "my-phone"


async def test_a_card_that_was_withdrawn_since_is_said_to_be_checked(client: httpx.AsyncClient) -> None:
    app = client._transport.app  # type: ignore[attr-defined]
    tokens: Tokens = app.state.chat.tokens
    token = tokens.write(Chat("northmoor", "easy", shown=(Turn("card", "a-card-of-old"),)))
    page = await client.get(f"/northmoor?chat={token}")
    assert "checking this page" in page.text
    again = await client.post("/api/v1/chats/say", json={"chat": token, "act": "again"})
    assert again.json()["reply"]["card"]["key"] == "being-checked"


@pytest.mark.parametrize(
    "place",
    [
        ["kent", "easy", None, None, [["card", [], None, []]], 0, False],
        ["kent", "hard", None, None, [], 0, False],
        [["kent"], "easy", None, None, [], 0, False],
        ["kent", "easy", None, None, [["card", "x", "boo", []]], 0, False],
        ["kent", "easy", None, None, [["card", "x", None, [], 7]], 0, False],
        [],
    ],
)
def test_a_token_of_another_shape_is_stale(place: list[object]) -> None:
    with pytest.raises(StaleChat):
        TOKENS.read(TOKENS.seal([2, int(time.time()), *place]))


def test_a_whole_token_of_this_release_is_read_and_one_of_another_is_not() -> None:
    place = ["kent", "easy", None, None, [], 0, False]
    assert TOKENS.read(TOKENS.seal([2, int(time.time()), *place])) == Chat("kent", "easy")
    for other in ([1, int(time.time()), *place], [2, int(time.time()) - 25 * 3600, *place], [2, "now", *place]):
        with pytest.raises(StaleChat):
            TOKENS.read(TOKENS.seal(other))
