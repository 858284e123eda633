"""Chat tokens: altered, expired and foreign ones start a new chat; two tabs never mix."""

import base64
import json
import re
import secrets
import time
from dataclasses import replace
from typing import get_args

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.chat.chat_token import ChatTokens, StaleChat
from api.chat.dialogue.state import Chat, DialogueState, ReplyKind, Turn
from api.web.ciphers import Cipher
from content.card import Situation
from content.danger import Kind
from tests.conftest import release_for
from tests.doors import doors
from tests.json_child import Child

SECRET = "a secret for tests that is long enough"
SEAL = Cipher(SECRET, "chat")
TOKENS = ChatTokens(SEAL, 24)
VERSION = 6
VISIT = "Vi5it-_8"
# A handle of a handover, as sealed ones look, of the most letters that one may have.
PERSON = "gAAAAABnRtyz-_w" * 40
STATE = DialogueState().parts()
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def longest_chat(person: str | None = PERSON) -> Chat:
    """A chat with everything in it, six turns of the longest names, and the most buttons beside each."""
    release = release_for(practice=True)
    cards = sorted(release.cards, key=len)[-6:]
    chat = Chat(max(release.forces, key=len), "standard", max(get_args(Situation), key=len), rung=True, person=person)
    kind, alarm = max(get_args(ReplyKind), key=len), max(Kind, key=len)
    for card in cards:
        turn = Turn(kind, card, alarm, tuple(cards[:5]), f"menu/{chat.situation}/2", "only_english")
        chat = chat.after(turn, subject=card)
    return chat


def test_a_chat_comes_back_as_it_was() -> None:
    chat = Chat("kent", "easy", "stopped", "dna", (Turn("card", "bodycam", None, ("my-phone",)),), 1)
    for one in (chat, longest_chat(), longest_chat(None)):
        assert TOKENS.read(TOKENS.write(one)) == one


def test_a_page_of_the_menu_comes_back_and_a_turn_of_before_there_was_one_is_read() -> None:
    chat = Chat("kent", "easy", None, None, (Turn("choices", "pick-one", None, ("bail",), "menu/arrested/2"),))
    assert TOKENS.read(TOKENS.write(chat)) == chat
    place = ["kent", "easy", None, None, [["card", "bodycam", None, ["bail"]]], 0, False, None, None, STATE]
    assert TOKENS.read(TOKENS.cipher([VERSION, int(time.time()), VISIT, 0, 7, *place])).shown[0].menu is None


def test_a_chat_is_new_until_somebody_could_have_typed_and_stays_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000_000.9]
    monkeypatch.setattr(time, "time", lambda: now[0])
    chat = TOKENS.read(TOKENS.write(Chat("kent", "easy")))
    assert chat.new
    now[0] += 1.9
    assert TOKENS.read(TOKENS.write(chat.after(Turn("not-sure", "not-sure"), subject=None))).new
    now[0] += 1.2
    for one in (chat, chat.after(Turn("card", "bodycam"), subject="video"), replace(chat, force="devon-and-cornwall")):
        assert not TOKENS.read(TOKENS.write(one)).new
    now[0] -= 3_600
    assert not TOKENS.read(TOKENS.write(chat)).new
    # An app that came with its key is held to the pace of that key.
    assert not Chat("kent", "easy", app="kent").new


def test_the_person_goes_with_the_chat_and_has_an_end() -> None:
    chat = Chat("kent", "easy", person=PERSON)
    later = chat.after(Turn("card", "bodycam"), subject="video").after(Turn("not-sure", "not-sure"), subject=None)
    assert TOKENS.read(TOKENS.write(later)).person == PERSON
    with pytest.raises(ValueError, match="too long"):
        Chat("kent", "easy", person=f"{PERSON}x")


def test_nothing_of_the_talk_can_be_found_in_a_token() -> None:
    chat = longest_chat()
    token = TOKENS.write(chat)
    # In every way that somebody may try: as it is written, and as Base64 wherever in it they begin.
    seen = [token.encode(), *(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in tails(token))]
    release = release_for(practice=True)
    words = {*release.cards, *release.forces, *get_args(Situation), *get_args(ReplyKind), *Kind, *chat_words(chat)}
    for word in words:
        assert not any(word.encode() in one for one in seen if len(word) > 3), word
    # As long as this, it does not stand there by chance.
    assert not any(f"[{VERSION},{str(time.time())[:3]}".encode() in one for one in seen)


def tails(token: str) -> list[str]:
    """The token without its first letters, so that Base64 is read from every place; a length that cannot be, cut."""
    return [part[: len(part) - (len(part) % 4 == 1)] for part in (token[start:] for start in range(4))]


def chat_words(chat: Chat) -> set[str]:
    """Every word of a chat, as JSON would write it."""
    return set(re.findall(r"[\w-]{4,}", json.dumps(str(chat))))


def test_two_tokens_of_the_same_place_do_not_show_that_they_are() -> None:
    one, other = TOKENS.write(longest_chat()), TOKENS.write(longest_chat())
    assert one[20:] != other[20:]


@given(st.text(max_size=300))
def test_nonsense_is_stale(text: str) -> None:
    with pytest.raises(StaleChat):
        TOKENS.read(text)


def test_half_a_character_is_stale() -> None:
    with pytest.raises(StaleChat):
        TOKENS.read("\ud800")


@given(st.integers(min_value=0), st.characters())
def test_an_altered_token_is_stale(place: int, other: str) -> None:
    token = TOKENS.write(Chat("kent", "easy", None, "dna"))
    place %= len(token)
    for altered in (token[:place] + other + token[place + 1 :], token[:place] + other + token[place:], token[:place]):
        if altered != token:
            with pytest.raises(StaleChat):
                TOKENS.read(altered)


@given(st.sampled_from(f"{ALPHABET}=. +/\n"))
def test_another_spelling_of_the_same_token_is_stale(last: str) -> None:
    for card in ("a", "ab", "abc"):
        token = TOKENS.write(Chat("kent", "easy", None, card))
        for altered in (token[:-1] + last, token + last, token[:-20] + last + token[-20:], last + token):
            if altered != token:
                with pytest.raises(StaleChat):
                    TOKENS.read(altered)


def test_a_token_that_base64_reads_the_same_is_stale() -> None:
    token = TOKENS.write(Chat("kent", "easy"))
    padding = "=" * (-len(token) % 4)
    ends = [token[:-1] + letter for letter in ALPHABET] if padding else []
    spellings = {f"\n{token}", f"{token}!", f"{token[:9]} {token[9:]}", f"{token}{padding}", *ends} - {token}
    same = [
        text
        for text in spellings
        if base64.urlsafe_b64decode(text.rstrip("=") + padding) == base64.urlsafe_b64decode(token + padding)
    ]
    assert len(same) == {"": 3, "=": 3 + 1 + 3, "==": 3 + 1 + 15}[padding]
    for text in {*same, f"{token}="}:
        with pytest.raises(StaleChat):
            TOKENS.read(text)


def test_a_token_sealed_by_someone_else_or_for_something_else_is_stale() -> None:
    for cipher in (Cipher("another secret altogether, just as long", "chat"), Cipher(SECRET, "handover")):
        with pytest.raises(StaleChat):
            TOKENS.read(ChatTokens(cipher, 24).write(Chat("kent", "easy")))


def test_a_talk_goes_on_when_the_key_changes() -> None:
    token = TOKENS.write(Chat("kent", "easy"))
    newer = ChatTokens(Cipher(("a newer key, which is as long as it must be", SECRET), "chat"), 24)
    assert newer.read(token) == Chat("kent", "easy")
    with pytest.raises(StaleChat):
        TOKENS.read(newer.write(Chat("kent", "easy")))


def test_an_old_token_is_stale() -> None:
    token = TOKENS.write(Chat("kent", "easy"))
    assert ChatTokens(SEAL, 1).read(token) == Chat("kent", "easy")
    with pytest.raises(StaleChat):
        ChatTokens(SEAL, -1).read(token)


def test_the_token_stays_short_however_long_the_talk() -> None:
    chat = longest_chat()
    for _ in range(100):
        chat = chat.after(chat.shown[0], subject=chat.subject, missed=True)
    assert len(TOKENS.write(chat)) < 2_000


def test_the_token_has_one_length_whatever_it_holds() -> None:
    told = DialogueState("suspect", frozenset(Kind), frozenset(Kind), "both", 1)
    chats = (Chat(None, "easy"), Chat("kent", "easy", rung=True), longest_chat(), longest_chat(None))
    chats += (replace(chats[0], state=told), replace(chats[2], state=told))
    assert len({len(TOKENS.write(chat)) for chat in chats}) == 1


def test_what_does_not_fit_leaves_the_newest_turns_and_all_else() -> None:
    keys = [secrets.token_hex(20) for _ in range(6)]
    full = Chat("kent", "easy", shown=tuple(Turn("card", key, None, tuple(keys)) for key in keys), person=PERSON)
    read = TOKENS.read(TOKENS.write(full))
    assert 0 < len(read.shown) <= len(full.shown)
    assert read == replace(full, shown=full.shown[-len(read.shown) :])


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
    tokens: ChatTokens = doors(app).chat.tokens
    token = tokens.write(Chat("northmoor", "easy", shown=(Turn("card", "a-card-of-old"),)))
    page = await client.get(f"/northmoor?chat={token}")
    assert "checking this page" in page.text
    again = await client.post("/api/v1/chats/say", json={"chat": token, "act": "again"})
    assert again.json()["reply"]["card"]["key"] == "being-checked"


@pytest.mark.parametrize(
    "place",
    [
        ["kent", "easy", None, None, [["card", [], None, []]], 0, False, None, None, STATE],
        ["kent", "hard", None, None, [], 0, False, None, None, STATE],
        [["kent"], "easy", None, None, [], 0, False, None, None, STATE],
        ["kent", "easy", None, None, [["card", "x", "boo", []]], 0, False, None, None, STATE],
        ["kent", "easy", None, None, [["card", "x", None, [], 7]], 0, False, None, None, STATE],
        ["kent", "easy", None, None, [["card", "x", None, [], None, None, None, 7]], 0, False, None, None, STATE],
        ["kent", "easy", None, None, [], 0, False, 7, None, STATE],
        ["kent", "easy", None, None, [], 0, False, "x" * 601, None, STATE],
        ["kent", "easy", None, None, [], 0, False, None, None, []],
        ["kent", "easy", None, None, [], 0, False, None, None, ["boss", *STATE[1:]]],
        ["kent", "easy", None, None, [], 0, False, None, None, [None, ["boo"], *STATE[2:]]],
        ["kent", "easy", None, None, [], 0, False, None],
        ["kent", "easy", None, None, [], 0, False],
        [],
    ],
)
def test_a_token_of_another_shape_is_stale(place: list[object]) -> None:
    with pytest.raises(StaleChat):
        TOKENS.read(TOKENS.cipher([VERSION, int(time.time()), VISIT, 0, 7, *place]))


def test_a_whole_token_of_this_release_is_read_and_one_of_another_is_not() -> None:
    place, now = ["kent", "easy", None, None, [], 0, False, None, None, STATE], int(time.time())
    assert TOKENS.read(TOKENS.cipher([VERSION, now, VISIT, 0, 7, *place])) == Chat("kent", "easy")
    for other in (
        [VERSION - 1, now, VISIT, 0, 7, *place],
        [VERSION, now - 25 * 3600, VISIT, 0, 7, *place],
        [VERSION, "now", VISIT, 0, 7, *place],
        [VERSION, now, "not a visit", 0, 7, *place],
        [VERSION, now, 7, 0, 7, *place],
        [VERSION, now, VISIT],
        [VERSION, now, VISIT, 0, "then", *place],
        {},
        7,
    ):
        with pytest.raises(StaleChat):
            TOKENS.read(TOKENS.cipher(other))  # type: ignore[arg-type]
