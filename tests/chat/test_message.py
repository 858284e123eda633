"""One message, by page, by the page's script and by JSON: the same thing happens to it, in one order."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import httpx
import pytest

from api.chat.chat_door import RateLimits
from api.chat.dialogue.state import Chat
from api.records.embeds import new_key
from api.records.people import operator
from api.web.rate_limit import OneAtATime, RateLimit
from tests.child_conversation import Stage, TalkChild
from tests.doors import doors

ASKED = "zebrafish about my phone"
DANGER = "my dad is hitting me right now"
LONG = "why " * 251
FORCES = ("northmoor", "southmere")
TOO_LONG_DANGER = f"{LONG} {DANGER}"


@dataclass(frozen=True)
class Happened:
    """What happened to a message: it is answered, rings, leads to the person who is there, or is refused and why."""

    what: str
    status: int = 200
    wait: str = ""


ANSWERED, RANG, WITH_PERSON = Happened("answered"), Happened("rang"), Happened("person")
Send = Callable[..., Awaitable[Happened]]


@pytest.fixture
async def on(on_one: Stage) -> AsyncIterator[Stage]:
    """A stage where no second passes and three messages may be sent; the bot knows one question."""
    await on_one.cleared()
    on_one.brain.tell(ASKED, ("my-phone", 0.99))
    was = doors(on_one.app).chat
    limit = RateLimit(3, 1, lambda: 0.0)
    limits = RateLimits(OneAtATime(), limit, RateLimit(3, 1, lambda: 0.0))
    doors(on_one.app).chat = replace(was, rate_limits=limits)
    yield on_one
    doors(on_one.app).chat = was
    doors(on_one.app).pack_cache.closed = {}


def chat_of(on: Stage, child: TalkChild | None = None, force: str | None = "northmoor", visit: str = "abcdefgh") -> str:
    """The token of a chat, of a child's talk with a person or of nobody's."""
    chat = Chat(force, "simple", person=child.here if child else None, visit=visit)
    return str(doors(on.app).chat.tokens.write(chat))


def _by_json(answer: httpx.Response) -> Happened:
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        return Happened("refused", answer.status_code, answer.headers.get("retry-after", ""))
    reply = answer.json()["reply"]
    if reply["kind"] == "person" and reply.get("note"):
        assert "999" in str(reply["card"]["bubbles"])
        return WITH_PERSON
    return RANG if reply["alarm"] else ANSWERED


def _by_page(answer: httpx.Response) -> Happened:
    if answer.url.path.endswith(("/person/talk", "/person/say")) or "Your words are in the box" in answer.text:
        assert answer.status_code == 200
        return WITH_PERSON
    if answer.status_code == 409 and answer.headers.get("x-whole-page"):
        return WITH_PERSON
    if answer.status_code != 200:
        return Happened("refused", answer.status_code, answer.headers.get("retry-after", ""))
    return RANG if "data-alarm" in answer.text else ANSWERED


@pytest.fixture(params=["page", "fragment", "json"])
def send(request: pytest.FixtureRequest, on: Stage) -> Send:
    """Sends something as a page, its script or a program does, and says what happened to it."""

    async def posted(chat: str, *, force: str = "northmoor", **said: str) -> Happened:
        browser = on.person_app.browser()
        if request.param == "json":
            return _by_json(await browser.post("/api/v1/chats/say", json={"chat": chat, **said}))
        headers = {"X-Fragment": "1"} if request.param == "fragment" else {}
        form = {"chat": chat, **said}
        answer = await browser.post(f"/{force}/say", data=form, headers=headers, follow_redirects=True)
        for name in ("location", "url"):
            assert "zebrafish" not in str(answer.headers.get(name, ""))
        return _by_page(answer)

    return posted


@pytest.fixture
async def talking(on: Stage) -> TalkChild:
    """A child whom a person talks with."""
    sam, child = await on.adult(), await on.child()
    await sam.claim()
    return child


async def test_a_question_is_answered_and_danger_rings(on: Stage, send: Send) -> None:
    assert await send(chat_of(on), text=ASKED) == ANSWERED
    assert await send(chat_of(on), text=DANGER) == RANG
    assert await send(chat_of(on), card="my-phone") == ANSWERED


@pytest.mark.parametrize("text", ["", "   ", LONG])
async def test_what_cannot_be_answered_is_refused_and_the_bot_is_not_asked(on: Stage, send: Send, text: str) -> None:
    assert await send(chat_of(on), text=text) == Happened("refused", 422)
    assert on.brain.asked == []


async def test_danger_is_heard_in_what_is_too_long(on: Stage, send: Send) -> None:
    assert await send(chat_of(on), text=TOO_LONG_DANGER) == RANG


async def test_too_fast_is_refused_but_danger_and_the_way_to_a_person_are_not(on: Stage, send: Send) -> None:
    for _ in range(3):
        assert await send(chat_of(on), text=ASKED) == ANSWERED
        assert await send(chat_of(on), card="my-phone") == ANSWERED
    assert await send(chat_of(on), text=ASKED) == Happened("refused", 429, "1")
    assert await send(chat_of(on), card="my-phone") == Happened("refused", 429, "1")
    asked = len(on.brain.asked)
    assert await send(chat_of(on), text=DANGER) == RANG
    assert await send(chat_of(on), text=TOO_LONG_DANGER) == RANG
    assert await send(chat_of(on), act="person") == ANSWERED
    assert await send(chat_of(on), card="in-danger") == ANSWERED
    # Help is told without the bot, which is left to others.
    assert len(on.brain.asked) == asked


async def test_too_fast_comes_before_what_is_wrong_with_the_message(on: Stage, send: Send) -> None:
    for _ in range(3):
        await send(chat_of(on), text=ASKED)
    assert await send(chat_of(on), text=LONG) == Happened("refused", 429, "1")


async def test_while_a_person_is_there_every_message_leads_to_them(on: Stage, send: Send, talking: TalkChild) -> None:
    for said in ({"text": ASKED}, {"text": LONG}, {"card": "my-phone"}, {"act": "again"}, {"text": DANGER}):
        assert await send(chat_of(on, talking), **said) == WITH_PERSON
    assert on.brain.asked == []


async def test_however_fast_a_child_is_led_to_the_person_and_uses_up_nothing(
    on: Stage, send: Send, talking: TalkChild
) -> None:
    for _ in range(5):
        assert await send(chat_of(on, talking), text=ASKED) == WITH_PERSON
        assert await send(chat_of(on, talking), card="my-phone") == WITH_PERSON
    assert await send(chat_of(on, talking), text=DANGER) == WITH_PERSON
    assert await send(chat_of(on), text=ASKED) == ANSWERED


async def test_help_stays_pinned_when_danger_is_typed_while_a_person_is_there(on: Stage, talking: TalkChild) -> None:
    browser = on.person_app.browser()
    page = await browser.post("/northmoor/say", data={"chat": chat_of(on, talking), "text": DANGER})
    assert 'id="pinned">' in page.text
    answer = await browser.post("/api/v1/chats/say", json={"chat": chat_of(on, talking), "text": DANGER})
    assert answer.json()["reply"]["alarm"] == "danger-now"
    assert doors(on.app).chat.tokens.read(answer.json()["chat"]).rung


@pytest.mark.parametrize("token", ["", "nonsense", "altered"])
async def test_an_old_page_is_refused_but_danger_on_it_is_answered(on: Stage, send: Send, token: str) -> None:
    chat = {"": "", "nonsense": "nonsense", "altered": chat_of(on)[:-2] + "AA"}[token]
    if token:
        assert await send(chat, text=ASKED) == Happened("refused", 409)
        assert await send(chat, card="my-phone") == Happened("refused", 409)
    assert await send(chat, text=DANGER) == RANG


async def test_a_shut_door_is_told_but_keeps_nobody_from_help(on: Stage, send: Send, talking: TalkChild) -> None:
    doors(on.app).pack_cache.closed = {"northmoor": "door_mending"}
    assert await send(chat_of(on), text=ASKED) == Happened("refused", 503)
    assert await send(chat_of(on), card="my-phone") == Happened("refused", 503)
    assert on.brain.asked == []
    assert await send(chat_of(on), text=DANGER) == RANG
    assert await send(chat_of(on), act="person") == ANSWERED
    assert await send(chat_of(on), card="in-danger") == ANSWERED
    # Who talks with a person goes on doing so.
    assert await send(chat_of(on, talking), card="my-phone") == WITH_PERSON


async def test_a_shut_door_is_told_however_fast(on: Stage, send: Send) -> None:
    doors(on.app).pack_cache.closed = {"northmoor": "door_mending"}
    for _ in range(5):
        assert await send(chat_of(on), text=ASKED) == Happened("refused", 503)


@pytest.mark.parametrize("by", ["page", "fragment"])
async def test_a_force_that_we_do_not_know_is_not_found_but_danger_there_is_answered(on: Stage, by: str) -> None:
    browser, headers = on.person_app.browser(), {"X-Fragment": "1"} if by == "fragment" else {}
    for chat in ("", "nonsense", chat_of(on)):
        lost = await browser.post("/nowhere/say", data={"chat": chat, "text": ASKED}, headers=headers)
        assert lost.status_code == 404
        for said in ({"text": DANGER}, {"text": TOO_LONG_DANGER}):
            data = {"chat": chat, **said}
            answer = await browser.post("/nowhere/say", data=data, headers=headers, follow_redirects=True)
            assert _by_page(answer) == RANG
    assert on.brain.asked.count(ASKED) == 0


async def test_a_chat_of_a_force_that_is_gone_is_old_but_danger_in_it_is_answered(on: Stage, send: Send) -> None:
    assert await send(chat_of(on, force="nowhere"), text=ASKED) == Happened("refused", 409)
    assert await send(chat_of(on, force="nowhere"), text=DANGER) == RANG


async def test_an_app_of_another_force_is_not_told_that_a_person_is_here_but_hears_danger(
    on: Stage, talking: TalkChild
) -> None:
    browser, body = on.person_app.browser(), {"chat": chat_of(on, talking)}
    async with on.database.begin() as session:
        keys = {layer: (await new_key(session, operator("test"), layer, on.clock())).key for layer in FORCES}
    await doors(on.app).pack_cache.refresh()
    answers = {
        (layer, text): await browser.post("/api/v1/chats/say", json={**body, "text": text}, headers={"X-Know-Key": key})
        for layer, key in keys.items()
        for text in (ASKED, DANGER)
    }
    assert _by_json(answers["northmoor", ASKED]) == WITH_PERSON
    assert _by_json(answers["southmere", ASKED]) == Happened("refused", 403)
    assert "An advocate is here with you now" not in answers["southmere", ASKED].text
    assert answers["southmere", DANGER].json()["reply"]["alarm"] == "danger-now"


async def test_danger_typed_beside_a_press_rings_all_the_same(on: Stage) -> None:
    browser = on.person_app.browser()
    for press in ({"card": "my-phone"}, {"level": "easy"}, {"act": "again"}):
        form = {"chat": chat_of(on), "text": DANGER, **press}
        page = await browser.post("/northmoor/say", data=form, follow_redirects=True)
        assert "data-alarm" in page.text


async def test_a_message_opens_the_chat_once(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed, opened = doors(on.app).chat.tokens._seal, list[str]()

    class Counted:
        def open(self, token: str) -> str:
            opened.append(token)
            return str(sealed.open(token))

        def close(self, text: str) -> str:
            return str(sealed.close(text))

    monkeypatch.setattr(doors(on.app).chat.tokens, "_seal", Counted())
    browser, token = on.person_app.browser(), chat_of(on)
    for act in (
        browser.post("/northmoor/say", data={"chat": token, "text": ASKED}),
        browser.post("/northmoor/say", data={"chat": token, "text": LONG}),
        browser.post("/northmoor/say", data={"chat": token, "card": "my-phone"}, headers={"X-Fragment": "1"}),
        browser.post("/api/v1/chats/say", json={"chat": token, "text": ASKED}),
        browser.get("/northmoor", params={"chat": token}),
    ):
        opened.clear()
        await act
        assert len(opened) == 1, re.sub(r"\s+", " ", str(opened))
