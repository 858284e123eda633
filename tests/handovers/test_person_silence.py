"""The bot is silent while a person is there: no thought is asked of it, no card is shown, and nothing typed is lost."""

import asyncio
import re
from dataclasses import replace
from urllib.parse import unquote

import httpx
import pytest
from sqlalchemy import event

from api.chat.dialogue.state import Chat
from tests.child_conversation import Stage, TalkChild
from tests.doors import doors

TYPED = "zebrafish about my phone"
DANGER = "my dad is hitting me right now"
PRESSED = ({"card": "my-phone"}, {"card": "menu/hurt"}, {"act": "simpler"}, {"act": "person"}, {"level": "easy"})


def chat_of(on: Stage, child: TalkChild | None) -> str:
    """The token of a chat that belongs to this child's talk, or to nobody's."""
    tokens = doors(on.app).chat.tokens
    return tokens.write(Chat("northmoor", "simple", person=child.here if child else None))


async def says(on: Stage, child: TalkChild, *, script: bool = False, **form: str) -> httpx.Response:
    """Sends a form of the bot's page."""
    headers = {"X-Fragment": "1"} if script else {}
    return await child.browser.post("/northmoor/say", data={"chat": chat_of(on, child), **form}, headers=headers)


async def asks(on: Stage, child: TalkChild, **said: str) -> dict:
    """Says something to the bot as a program does; the reply."""
    answer = await child.browser.post("/api/v1/chats/say", json={"chat": chat_of(on, child), **said})
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["reply"])


@pytest.fixture(params=["talking", "calling"])
async def child(request: pytest.FixtureRequest, on: Stage) -> TalkChild:
    """A child whom a person talks with, or will call."""
    sam = await on.adult()
    found = await on.child(wants="here" if request.param == "talking" else "call-back")
    await sam.claim()
    assert (await on.handover()).state == request.param
    return found


async def test_a_message_goes_to_the_box_of_the_talk_and_the_bot_is_not_asked(on: Stage, child: TalkChild) -> None:
    on.brain.tell(TYPED, ("my-phone", 0.99))
    page = child.keep(await says(on, child, text=TYPED))
    assert page.status_code == 200
    assert on.brain.asked == []
    assert child.form.values["text"] == TYPED
    assert "An advocate is here with you now. Your words are in the box." in child.shown
    assert "Who can see this?" in child.shown
    assert "Your phone" not in child.shown
    assert "zebrafish" not in unquote(str(page.url))
    # Nothing goes to the person that the child does not send.
    assert await on.texts() == []
    await child.say(child.form.values["text"])
    assert await on.texts() == [TYPED]


@pytest.mark.parametrize("form", PRESSED)
async def test_no_button_shows_a_card(on: Stage, child: TalkChild, form: dict[str, str]) -> None:
    for script in (False, True):
        answer = await says(on, child, script=script, **form)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/northmoor/person/talk?here=")
        assert answer.text == ""
    assert on.brain.asked == []
    page = child.keep(await child.browser.get(answer.headers["location"]))
    assert page.status_code == 200
    assert not [name for name, _ in child.form.buttons if name == "read"]


async def test_the_script_sends_the_form_again_as_a_page_so_that_no_word_is_lost(on: Stage, child: TalkChild) -> None:
    answer = await says(on, child, script=True, text=TYPED)
    assert (answer.status_code, answer.headers["x-whole-page"]) == (409, "1")
    assert "zebrafish" not in answer.text
    assert on.brain.asked == []


@pytest.mark.parametrize("said", [{"text": TYPED}, {"card": "my-phone"}, {"act": "again"}])
async def test_a_program_is_told_that_a_person_is_here(on: Stage, child: TalkChild, said: dict[str, str]) -> None:
    on.brain.tell(TYPED, ("my-phone", 0.99))
    reply = await asks(on, child, **said)
    assert (reply["kind"], reply["card"]["key"]) == ("person", "talk-to-a-person")
    assert reply["note"] == "An advocate is here with you now, so the computer does not answer."
    assert reply.get("near", []) == []
    assert on.brain.asked == []


async def test_the_alarm_is_heard_all_the_same(on: Stage, child: TalkChild) -> None:
    page = child.keep(await says(on, child, text=DANGER))
    assert child.pinned
    assert child.form.values["text"] == DANGER
    assert 'href="tel:999"' in page.text
    reply = await asks(on, child, text=DANGER)
    assert (reply["kind"], reply["alarm"]) == ("person", "danger-now")
    assert "999" in str(reply["card"]["bubbles"])
    assert on.brain.asked == []
    # What was only typed to the bot is passed on to nobody, not even that it rang.
    assert not (await on.handover()).danger


async def test_an_old_handle_does_not_wake_the_bot(on: Stage, child: TalkChild) -> None:
    token = chat_of(on, child)
    on.clock.move(hours=5)
    page = await child.browser.post("/northmoor/say", data={"chat": token, "text": TYPED})
    assert page.status_code == 409
    assert "Type your 3 words to open it again." in page.text
    assert f"\n{TYPED}</textarea>" in page.text
    answer = await child.browser.post("/api/v1/chats/say", json={"chat": token, "text": TYPED})
    assert answer.json()["reply"]["kind"] == "person"
    assert on.brain.asked == []


async def test_while_nobody_has_come_the_bot_may_still_answer(on: Stage) -> None:
    on.brain.tell(TYPED, ("my-phone", 0.99))
    waiting = await on.child()
    assert "my-phone" in str((await asks(on, waiting, text=TYPED))["card"]["key"])
    assert (await says(on, waiting, text=TYPED)).headers["location"].startswith("/northmoor?chat=")
    assert len(on.brain.asked) == 2


async def test_after_the_end_and_after_letting_go_it_answers_again(on: Stage) -> None:
    sam, child = await on.adult(), await on.child()
    await sam.claim()
    assert (await asks(on, child, card="my-phone"))["kind"] == "person"
    await sam.let_go()
    assert (await asks(on, child, card="my-phone"))["card"]["key"] == "my-phone"
    await sam.claim()
    await sam.close()
    assert (await asks(on, child, card="my-phone"))["card"]["key"] == "my-phone"
    await child.open()
    await child.do(act="forget")
    assert (await asks(on, child, card="my-phone"))["card"]["key"] == "my-phone"


class Slow:
    """A bot that thinks until it is let go on."""

    def __init__(self, brain: object) -> None:
        self.brain, self.thinking, self.go_on = brain, asyncio.Event(), asyncio.Event()

    async def parse(self, text: str, seconds: float | None = None, *, new: bool = False) -> object:
        self.thinking.set()
        await self.go_on.wait()
        return await self.brain.parse(text, seconds, new=new)  # type: ignore[attr-defined]


async def test_what_the_bot_thought_while_somebody_came_is_not_said(on: Stage) -> None:
    sam, child = await on.adult(), await on.child()
    on.brain.tell(TYPED, ("my-phone", 0.99))
    was = doors(on.app).chat
    for act in (lambda: says(on, child, text=TYPED), lambda: asks(on, child, text=TYPED)):
        slow = Slow(on.brain)
        doors(on.app).chat = replace(was, helper=replace(was.helper, listener=replace(was.helper.listener, brain=slow)))
        thinking = asyncio.create_task(act())
        await slow.thinking.wait()
        await sam.claim()
        slow.go_on.set()
        answer = await thinking
        doors(on.app).chat = was
        if isinstance(answer, dict):
            assert answer["kind"] == "person"
        else:
            child.keep(answer)
            assert child.form.values["text"] == TYPED
            assert "Who can see this?" in child.shown
        await sam.let_go()


async def test_where_it_cannot_be_known_the_bot_is_silent_and_the_page_says_why(on: Stage, child: TalkChild) -> None:
    async with on.away():
        page = await says(on, child, text=TYPED)
        assert page.status_code == 503
        for part in ("An advocate might be here with you now.", "999", "0800 1111", f"\n{TYPED}</textarea>"):
            assert part in page.text
        for form in PRESSED:
            assert (await says(on, child, **form)).status_code == 503
        told = await says(on, child, script=True, text=TYPED)
        assert told.status_code == 503
        assert "An advocate might be here with you now." in told.text
        assert "999" in told.text
        reply = await asks(on, child, text=TYPED)
        assert (reply["kind"], reply["card"]["key"]) == ("person", "talk-to-a-person")
        assert reply["note"].startswith("An advocate might be here with you now.")
    assert on.brain.asked == []


async def test_a_chat_that_asked_for_nobody_never_touches_the_database(one: Stage) -> None:
    asked: list[str] = []

    def note(*args: object) -> None:
        asked.append(str(args[2]))

    engine = one.database.engine.sync_engine
    browser = one.person_app.browser()
    one.brain.tell(TYPED, ("my-phone", 0.99))
    # The postman and the sweeper of this app look by themselves; what they ask is told apart by its tables.
    event.listen(engine, "before_cursor_execute", note)
    try:
        token = chat_of(one, None)
        page = await browser.post("/northmoor/say", data={"chat": token, "text": TYPED}, follow_redirects=True)
        assert page.status_code == 200
        answer = await browser.post("/api/v1/chats/say", json={"chat": token, "text": TYPED})
        assert answer.json()["reply"]["card"]["key"] == "my-phone"
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert not [statement for statement in asked if re.search(r"\b(handover|message|watch)\b", statement)]
    async with one.away():
        answer = await browser.post("/api/v1/chats/say", json={"chat": token, "text": TYPED})
        assert answer.json()["reply"]["card"]["key"] == "my-phone"


async def test_a_talk_of_nobody_silences_nothing(one: Stage) -> None:
    ghost = await one.child()
    chat = doors(one.app).chat.tokens.write(Chat("northmoor", "simple", person="nonsense"))
    await ghost.open()
    await ghost.do(act="forget")
    for token in (chat, chat_of(one, ghost)):
        answer = await ghost.browser.post("/api/v1/chats/say", json={"chat": token, "card": "my-phone"})
        assert answer.json()["reply"]["card"]["key"] == "my-phone"


async def test_every_page_of_a_talk_hands_the_bot_a_chat_that_knows_of_it(one: Stage) -> None:
    sam, child = await one.adult(), await one.child()
    await child.open()
    await sam.claim()
    back = re.search(r'action="/northmoor"><input type="hidden" name="chat" value="([^"]+)"', child.html)
    assert back
    page = await child.browser.post("/northmoor/say", data={"chat": back[1], "text": TYPED})
    assert child.keep(page).status_code == 200
    assert child.form.values["text"] == TYPED
    assert one.brain.asked == []
