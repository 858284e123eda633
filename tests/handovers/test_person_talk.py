"""The page of a talk, as a child without script has it: it says how things are, repeats nothing, and loses nothing."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import select

from api.chat.person.conversation_view import closing_card
from api.chat.person.handover_token import HandoverToken
from api.records.handovers.conversation import TooLate
from api.records.handovers.monthly_counts import counts_of
from api.records.handovers.states import NotNow
from api.records.letters import Letter
from tests.child_conversation import CALL, Stage, stage
from tests.conftest import release_for
from tests.person_app import NUMBER, signed_copy

QUESTION = "zebrafish question"
DANGER = "my dad is hitting me right now"


async def counted(on: Stage) -> dict[str, int]:
    async with on.database.begin() as session:
        months = await counts_of(session, on.provider.id)
    return {what: times for month in months.values() for what, times in month.items()}


# What is on the page


async def test_a_page_repeats_nothing_until_the_child_says_show(on: Stage) -> None:
    child = await on.child(QUESTION)
    await child.open()
    assert "zebrafish" not in child.html
    assert "There is 1 message. Show it?" in child.shown
    await child.press("act", "show")
    assert child.said() == [QUESTION]
    address = str(child.page.url)
    assert "Show it?" not in child.shown
    # A reload, a page found in the history, or one opened anew: nothing is repeated.
    on.clock.move(seconds=61)
    child.page = await child.browser.get(address)
    assert "zebrafish" not in child.html
    assert "There is 1 message. Show it?" in child.shown
    await child.open()
    assert "zebrafish" not in child.html


async def test_what_comes_after_the_page_was_opened_is_on_it(on: Stage) -> None:
    sam, child = await on.adult(), await on.child(QUESTION)
    await child.open()
    await sam.claim()
    await sam.say("first answer")
    await child.press("act", "refresh")
    assert child.said() == ["Sam is here now.", "first answer"]
    assert "There is 1 message. Show it?" in child.shown
    await child.say("thank you")
    await sam.say("second answer")
    await child.press("act", "refresh")
    assert child.said() == ["Sam is here now.", "first answer", "thank you", "second answer"]


async def test_nothing_to_show_is_not_offered(one: Stage) -> None:
    child = await one.child()
    await child.open()
    assert "Show" not in child.shown


async def test_the_page_always_says_who_can_see_it(on: Stage) -> None:
    sam, kim, jo = await on.adult(), await on.adult("Kim"), await on.adult("Jo", "supervisor")
    child = await on.child()
    who = "Moor Voices (invented)"

    async def said() -> str:
        await child.open()
        assert 'id="who" class="strip" role="status"' in child.html
        assert "olice cannot see this" in child.strip
        return child.strip

    assert await said() == "Nobody is reading yet. The police cannot see this."
    await jo.watch()
    assert await said() == f"A manager called Jo from {who} is reading. The police cannot see this."
    await sam.claim()
    two = "An advocate called Sam and a manager called Jo are reading."
    assert await said() == f"{two} They are from {who}. The police cannot see this."
    await jo.unwatch()
    assert await said() == f"An advocate called Sam from {who} is reading. The police cannot see this."
    await sam.transfer(kim)
    assert await said() == f"An advocate called Kim from {who} is reading. The police cannot see this."
    await kim.let_go()
    assert await said() == "Nobody is reading yet. The police cannot see this."
    await sam.claim()
    await sam.close()
    date = "3 December 2026"
    assert await said() == f"This talk has ended. {who} keeps your words until {date}. The police cannot see this."


async def test_the_title_and_the_icon_say_nothing(one: Stage) -> None:
    child = await one.child()
    page = await child.open()
    assert "<title>Information help</title>" in page.text
    assert 'rel="icon" href="/static/frame/icon.svg"' in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, ["We are looking for an advocate to talk with you.", "You asked less than 1 minute ago."]),
        (1, ["We are looking for an advocate to talk with you.", "You asked 1 minute ago."]),
        (2, ["We are still looking for an advocate. You keep your place.", "You asked 2 minutes ago."]),
        (5, ["You can choose what to do.", "You asked 5 minutes ago.", "Keep waiting", "Call me later", "0800 1111"]),
        (150, ["You can choose what to do.", "You asked more than 2 hours ago."]),
        (-10, ["We are looking for an advocate to talk with you.", "You asked less than 1 minute ago."]),
    ],
)
async def test_the_wait_in_words(one: Stage, minutes: int, words: list[str]) -> None:
    child, sam = await one.child(), await one.adult()
    one.clock.move(minutes=minutes)
    # Somebody is here who may take a child: where nobody is, the choice is there at once.
    await sam.arrive()
    one.renew(child)
    await child.open()
    for part in words:
        assert part in child.shown
    assert ("act", "wait") in child.form.buttons if minutes >= 5 else ("act", "wait") not in child.form.buttons


async def test_the_clock_runs_from_the_first_ask_and_no_message_resets_it(on: Stage) -> None:
    child = await on.child()
    await child.open()
    on.clock.move(minutes=3)
    await child.say("are you there")
    assert "You asked 3 minutes ago." in child.shown
    on.clock.move(minutes=2)
    await child.say("hello")
    assert "You asked 5 minutes ago." in child.shown
    await child.press("act", "wait")
    assert "We keep looking. You keep your place." in child.shown
    assert "You asked 5 minutes ago." in child.shown


async def test_the_place_in_line_with_danger_before_all_others(on: Stage) -> None:
    first = await on.child()
    on.clock.move(seconds=5)
    second = await on.child()
    await second.open()
    assert "You are number 2 in line." in second.shown
    on.clock.move(seconds=5)
    third = await on.child(danger=True)
    await third.open()
    assert "You are number 1 in line." in third.shown
    await first.open()
    assert "You are number 2 in line." in first.shown
    await first.press("act", "end")
    await second.open()
    assert "You are number 2 in line." in second.shown


async def test_out_of_hours_the_page_says_when_somebody_is_there(sqlite_url: str, tmp_path: Path) -> None:
    with signed_copy(sqlite_url, tmp_path) as url:
        async with stage(url, hours="09:00-13:00") as on:
            child = await on.child()
            await child.open()
            assert "No advocate is here now." not in child.shown
            on.clock.move(minutes=61)
            on.renew(child)
            await child.open()
            assert "No advocate is here now. Advocates answer again from Friday 27 November, 9:00 am." in child.shown


async def test_a_card_can_be_read_while_waiting_and_the_place_is_kept(on: Stage) -> None:
    child = await on.child()
    await child.open()
    await child.press("read", "menu/hurt")
    await child.press("read", "menu/harmed")
    await child.press("read", "tell-parents")
    assert "Will the police tell my parents or carers?" in child.shown
    assert "You are number 1 in line." in child.shown
    address = unquote(str(child.page.url))
    assert not any(word in address for word in ("parents", "harmed", "menu", "read="))
    await child.press("to_level", "easy")
    assert "Will the police tell my parents or carers?" in child.shown
    assert ("to_level", "easy") in child.form.buttons
    # Opened anew, the page does not say what was read before.
    on.clock.move(seconds=90)
    await child.open(chat=child.form.values["chat"])
    assert "tell my parents" not in child.shown
    assert ("read", "menu/hurt") in child.form.buttons


async def test_from_the_claim_on_there_is_no_card_to_press(on: Stage) -> None:
    sam, child = await on.adult(), await on.child()
    await child.open()
    before = child.form.values
    await sam.claim()
    await child.press("act", "refresh")
    assert not [name for name, _ in child.form.buttons if name == "read"]
    await child.post("do", {**before, "read": "my-phone"})
    assert "Read while you wait" not in child.shown
    assert "phone" not in child.shown


async def test_hard_words_and_cards_of_an_advocate_are_shown_at_the_level(on: Stage) -> None:
    sam, child = await on.adult(), await on.child(level="standard")
    await child.open()
    await sam.claim()
    await sam.say("You are on bail.", card="bodycam", symbol="calendar")
    await child.press("act", "refresh")
    standard = child.shown
    assert "Bail" in child.html or "bail" in standard
    assert 'src="/pictures/calendar.svg"' in child.html
    await child.press("to_level", "easy")
    assert child.said() == ["Sam is here now.", "You are on bail."]
    assert child.shown != standard
    assert re.search(r'value="easy" aria-pressed="true"', child.html)
    easy = release_for(practice=True).cards["bodycam"].version("easy").bubbles[-1].text
    assert easy.partition("{")[0].partition("*")[0].strip() in child.shown


# Saying something


async def test_what_is_sent_is_on_the_page_and_said_to_be_sent(on: Stage) -> None:
    child = await on.child()
    await child.open()
    page = await child.say("hello\r\nthere & <b>you</b>")
    assert page.status_code == 200
    assert [response.status_code for response in page.history] == [303]
    assert "hello" not in unquote(str(page.url))
    assert "hello\nthere &amp; &lt;b&gt;you&lt;/b&gt;" in page.text
    assert child.shown.count("Sent") == 1
    assert await on.texts() == ["hello\nthere & <b>you</b>"]
    assert child.form.values["text"] == ""


async def test_no_receipt_says_that_somebody_has_read_it(one: Stage) -> None:
    sam, child = await one.adult(), await one.child()
    await child.open()
    await sam.claim()
    await child.say("hello")
    await sam.say("hi")
    await child.press("act", "refresh")
    assert not re.search(r"\b(seen|typing|delivered)\b", child.shown, re.I)


async def test_sent_twice_it_is_said_once(on: Stage) -> None:
    child = await on.child()
    await child.open()
    values = {**child.form.values, "text": "only once"}
    for _ in range(3):
        await child.browser.post("/northmoor/person/say", data=values)
    at_once = [child.browser.post("/northmoor/person/say", data={**values, "text": "at once"}) for _ in range(5)]
    answers = await asyncio.gather(*at_once)
    assert {answer.status_code for answer in answers} == {303}
    assert await on.texts() == ["only once", "at once"]


async def test_other_words_from_a_page_that_was_gone_back_to_are_not_lost(on: Stage) -> None:
    child = await on.child()
    await child.open()
    values = child.form.values
    for text in ("one", "two", "one"):
        await child.browser.post("/northmoor/person/say", data={**values, "text": text})
    assert await on.texts() == ["one", "two"]


async def test_two_tabs_at_once_lose_nothing(on: Stage) -> None:
    child = await on.child()
    await child.open()
    values = child.form.values
    tabs = [{**values, "client_id": f"tab-{tab}-{turn}", "text": f"{tab} {turn}"} for turn in range(5) for tab in "ab"]
    await asyncio.gather(*(child.browser.post("/northmoor/person/say", data=data) for data in tabs))
    lines = await on.kept()
    assert sorted(line.said.text for line in lines) == sorted(data["text"] for data in tabs)
    assert len({line.number for line in lines}) == len(tabs)


@pytest.mark.parametrize(
    ("text", "words"), [("  ", "The box is empty. Write something first."), ("ß" * 1001, "That is too long.")]
)
async def test_what_cannot_be_sent_stays_in_the_box(one: Stage, text: str, words: str) -> None:
    child = await one.child()
    await child.open()
    named = child.client_id
    page = await child.say(text)
    assert page.status_code == 422
    assert words in child.shown
    assert child.form.values["text"] == text
    assert child.client_id == named
    assert await one.kept() == []
    await child.say(text.replace("ß", "", 1) or "ok")
    assert len(await one.kept()) == (1 if text.strip() else 0)


async def test_what_stands_in_the_box_stays_there_whatever_is_pressed(on: Stage) -> None:
    child = await on.child(QUESTION)
    await child.open()
    acts = (("act", "refresh"), ("act", "show"), ("act", "look-on"))
    for name, value in (*acts, ("to_level", "easy"), ("read", "menu/hurt")):
        page = await child.press(name, value, text="half a sent")
        assert child.form.values["text"] == "half a sent"
        assert "half" not in str(page.url)
    page = await child.press("act", "call-back", text="half a sent")
    assert 'value="half a sent"' in page.text


async def test_the_alarm_pins_help_raises_the_handover_and_sends_the_words_all_the_same(on: Stage) -> None:
    child = await on.child()
    await child.open()
    assert not child.pinned
    with on.handover_context.pubsub.hearing(f"queue {on.provider.id}") as rung:
        await child.say(DANGER)
        assert rung.is_set()
    assert child.pinned
    assert 'href="tel:999"' in child.html
    assert "0800 1111" in child.html
    assert (await on.handover()).danger
    assert await on.texts() == [DANGER]
    await child.open()
    assert child.pinned


async def test_an_alarm_rings_the_provider_again_once_and_says_so_without_a_word_of_the_child(on: Stage) -> None:
    child = await on.child()
    await child.open()
    await child.say(DANGER)
    await child.say("he is hitting me again now")
    async with on.database.begin() as session:
        bodies = list(await session.scalars(select(Letter.body).order_by(Letter.id)))
    assert ["danger" in body for body in bodies] == [False, True]
    assert not any("hitting" in body for body in bodies)


async def test_an_alarm_that_is_too_long_still_raises_the_handover(on: Stage) -> None:
    child = await on.child()
    await child.open()
    page = await child.say(DANGER + " x" * 600)
    assert page.status_code == 422
    assert child.pinned
    assert (await on.handover()).danger
    assert await on.kept() == []


# An advocate who changes their words


async def test_an_edit_before_the_page_has_it_arrives_as_the_new_words(on: Stage) -> None:
    sam, child = await on.adult(), await on.child()
    await child.open()
    await sam.claim()
    message = await sam.say("wrong words")
    await sam.edit(message.number, "right words")
    await child.press("act", "refresh")
    assert child.said() == ["Sam is here now.", "right words"]
    with pytest.raises(TooLate):
        await sam.edit(message.number, "other words")
    await child.press("act", "refresh")
    assert child.said() == ["Sam is here now.", "right words"]


async def test_a_page_that_was_opened_too_early_for_a_message_gets_its_edit(on: Stage) -> None:
    sam, child = await on.adult(), await on.child()
    await sam.claim()
    message = await sam.say("wrong words")
    await child.open()
    await sam.edit(message.number, "right words")
    await child.press("act", "refresh")
    assert child.said() == ["right words"]
    assert "Show it?" not in child.shown


async def test_an_edit_and_a_look_at_once_never_leave_the_child_with_other_words_than_are_kept(on: Stage) -> None:
    sam, child = await on.adult(), await on.child()
    await child.open()
    await sam.claim()
    for turn in range(20):
        message = await sam.say(f"before {turn}")
        edited, _ = await asyncio.gather(
            sam.edit(message.number, f"after {turn}"), child.press("act", "refresh"), return_exceptions=True
        )
        assert edited is None or isinstance(edited, TooLate) or edited.number == message.number
        seen = child.said()[-1]
        await child.press("act", "refresh")
        kept = (await on.kept())[-1].said.text
        assert child.said()[-1] == kept
        # What a child has once seen does not change any more.
        assert kept == seen or seen != f"before {turn}"


# A change of mind


async def test_from_waiting_to_a_call_and_back(on: Stage) -> None:
    child = await on.child()
    await child.open()
    asked_at = (await on.handover()).asked_at
    page = await child.press("act", "call-back")
    window = re.search(r'name="window" value="([^"]+)"', page.text)
    assert window
    held = re.search(
        r'<form method="post" action="/northmoor/person/do">.*?name="here" value="([^"]+)"', page.text, re.S
    )
    assert held
    call = {"number": NUMBER, "whose": "mine", "window": window[1], "say": "Kim", "code_word": "otter"}
    child.page = await child.browser.post(
        "/northmoor/person/do", data={"here": held[1], "act": "call-me", **call}, follow_redirects=True
    )
    assert "You asked for a call. An advocate from Moor Voices (invented) will try to call you." in child.shown
    assert "The call is for Thursday 26 November" in child.shown
    handover = await on.handover()
    assert (handover.state, handover.asked_at) == ("call-back", asked_at)
    assert on.handover_context.message_cipher.sent(handover).call == replace(CALL, say="Kim")
    assert "7700" not in child.html
    on.clock.move(minutes=7)
    await child.press("act", "here")
    assert "You are number 1 in line." in child.shown
    assert "You asked 7 minutes ago." in child.shown


async def test_a_call_that_cannot_be_made_says_what_to_mend_and_keeps_the_rest(one: Stage) -> None:
    child = await one.child()
    await child.open()
    page = await child.browser.post(
        "/northmoor/person/do", data={"here": child.here, "act": "call-me", "number": "12", "say": "Kim"}
    )
    assert page.status_code == 422
    for words in ('value="12"', 'value="Kim"', 'aria-invalid="true"'):
        assert words in page.text
    assert (await one.handover()).state == "waiting"
    assert not (await one.handover()).danger


async def test_danger_in_how_to_call_is_heard(one: Stage) -> None:
    child = await one.child()
    await child.open()
    page = await child.browser.post("/northmoor/person/do", data={"here": child.here, "act": "call-me", "say": DANGER})
    assert 'href="tel:999"' in page.text
    assert 'name="rung" value="1"' in page.text
    assert (await one.handover()).danger


async def test_talking_a_child_may_want_a_call_instead(on: Stage) -> None:
    sam, child = await on.adult(), await on.child(wants="call-back")
    await sam.claim()
    await child.open()
    assert "Sam will try to call you." in child.shown
    await child.press("act", "here")
    assert "Sam is here to talk with you." in child.shown
    assert (await on.handover()).state == "talking"


# The end


async def test_the_child_ends_it_says_how_it_was_and_may_ask_again(on: Stage) -> None:
    sam, child = await on.adult(), await on.child(QUESTION)
    await sam.claim()
    await child.open()
    await child.press("act", "end")
    assert "You have ended this talk" in child.shown
    assert "If you do nothing, your words are deleted on 3 December 2026." in child.shown
    assert 'href="/northmoor/person">Ask for an advocate again' in child.html
    assert not [value for name, value in child.form.buttons if (name, value) == ("act", "end")]
    await child.press("face", "good")
    assert "Thank you. We counted that." in child.shown
    await child.do(face="bad")
    assert {what: times for what, times in (await counted(on)).items() if what.startswith("face")} == {"face-good": 1}


@pytest.mark.parametrize(
    ("by", "outcome", "words"),
    [
        ("advocate", "answered", "The advocate has ended this talk."),
        ("advocate", "passed-on", "The advocate has ended this talk."),
        ("advocate", "not-reached", "We called you"),
        ("clock", "not-reached", "We called you"),
        ("clock", "no-answer", "No advocate could answer you in time."),
        ("child", "child-left", "You have ended this talk"),
    ],
)
async def test_each_end_is_said_in_its_signed_words(one: Stage, by: str, outcome: str, words: str) -> None:
    child = await one.child()
    async with one.database.begin() as session:
        handover = await one.newest(session)
        handover.closed_at = handover.purge_at = one.clock()
        handover.closed_by, handover.outcome = by, outcome  # type: ignore[assignment]
    await child.open()
    assert words in child.shown
    assert "Delete my words now" in child.shown
    assert "999" in child.shown


async def test_a_page_that_nobody_came_back_to_is_not_said_to_be_ended_by_somebody(one: Stage) -> None:
    await one.child()
    handover = await one.handover()
    handover.closed_by, handover.outcome = "clock", "child-left"
    assert closing_card(handover) == "talk-to-a-person"


async def test_closed_while_the_child_writes_keeps_their_words_and_says_so(on: Stage) -> None:
    sam, child = await on.adult(), await on.child()
    await child.open()
    await sam.claim()
    await sam.close()
    page = await child.say("but I wanted to say")
    assert page.status_code == 409
    assert "This talk has ended, so this was not sent. Your words are still here." in child.shown
    assert child.form.values["text"] == "but I wanted to say"
    assert "but I wanted" not in str(await on.texts())


async def test_what_is_not_possible_any_more_is_said_in_plain_words(on: Stage) -> None:
    sam, child = await on.adult(), await on.child()
    await child.open()
    await sam.claim()
    await sam.close()
    for act in ("here", "call-back"):
        page = await child.do(act=act)
        assert page.status_code == 409
        assert "That is not possible now." in child.shown
    child = await on.child()
    await child.open()
    assert (await child.do(face="good")).status_code == 409
    with pytest.raises(NotNow):
        raise NotNow((await on.handover()).state)


# Handles


async def test_every_page_has_a_new_handle_and_a_page_left_open_sleeps(on: Stage) -> None:
    child = await on.child(QUESTION)
    handover_tokens = {child.first}
    await child.open()
    for _ in range(3):
        on.clock.move(minutes=29)
        await child.press("act", "refresh")
        assert child.page.status_code == 200
        handover_tokens.add(child.here)
    assert len(handover_tokens) == 4
    on.clock.move(minutes=31)
    for page in (await child.open(), await child.say("hello")):
        assert page.status_code == 409
        assert "Your talk is closed on this page" in page.text
        assert 'action="/northmoor/person/back"' in page.text
        assert "0800 1111" in page.text
        assert "zebrafish" not in page.text


async def test_words_typed_on_a_page_that_slept_are_still_there(one: Stage) -> None:
    child = await one.child()
    await child.open()
    one.clock.move(minutes=31)
    page = await child.say("what I typed")
    assert "You wrote this. It is not sent." in page.text
    assert "\nwhat I typed</textarea>" in page.text
    assert await one.kept() == []


def ways_in(here: str) -> list[tuple[str, str, dict[str, str]]]:
    """Every address that takes a handle, with what a page sends there."""
    form = {"here": here, "after": "0"}
    pages = [
        ("GET", f"/northmoor/person/talk?here={here}", {}),
        ("POST", "/northmoor/person/say", {**form, "text": "x"}),
    ]
    acts = ("show", "refresh", "here", "call-back", "call-me", "end", "forget", "wait", "look-on")
    pages += [("POST", "/northmoor/person/do", {**form, "act": act}) for act in acts]
    pages += [("POST", "/northmoor/person/do", {**form, "face": "good"})]
    pages += [("POST", "/northmoor/person/do", {**form, "read": "my-phone"})]
    return pages


@pytest.mark.parametrize("kind", ["nonsense", "", "altered", "of another page", "left"])
async def test_nobody_gets_a_talk_by_another_handle(one: Stage, kind: str) -> None:
    child = await one.child(QUESTION)
    mine = one.handle(child)
    other = await one.child("other words")
    handover_tokens = one.person_door.handover_tokens
    here = {
        "altered": child.here[:-2] + ("aa" if child.here[-2:] != "aa" else "bb"),
        "of another page": handover_tokens.write(HandoverToken(mine.ref, one.handle(other).secret), one.clock()),
    }.get(kind, kind)
    if kind == "left":
        await child.browser.post("/leave", data={"here": child.here})
        here = child.here
    for method, address, data in ways_in(here):
        answer = await child.browser.request(method, address, data=data or None, follow_redirects=True)
        assert answer.status_code == 409, (address, data)
        assert "Your talk is closed on this page" in answer.text
        assert "zebrafish" not in answer.text
    head = {"Authorization": f"Bearer {here}"}
    for method, address, body in JSON_WAYS:
        answer = await child.browser.request(method, f"/api/v1/handovers/{address}", json=body, headers=head)
        assert "zebrafish" not in answer.text
        if answer.headers["content-type"].startswith("text/event-stream"):
            # Only the database knows of this one: the stream ends at once, and says why.
            assert re.findall("event: (.*)", answer.text) == ["stale"]
            continue
        assert answer.status_code == 401, address
        assert answer.headers["content-type"] == "application/problem+json"
    assert set(await one.texts()) == {"other words"}


JSON_WAYS: list[tuple[str, str, dict[str, object] | None]] = [
    ("GET", "state", None),
    ("GET", "messages?after=0", None),
    ("GET", "events", None),
    ("POST", "say", {"text": "x", "client_id": "12345678"}),
    ("POST", "change", {"wants": "here"}),
    ("POST", "end", {"forget": True}),
    ("POST", "face", {"face": "good"}),
]


async def test_leaving_quickly_shuts_the_page_and_the_three_words_lead_back(on: Stage) -> None:
    child = await on.child(QUESTION)
    await child.open()
    assert f'name="here" value="{child.here}"' in child.html.partition('action="/leave"')[2][:400]
    left = await child.browser.post("/leave", data={"here": child.here})
    assert left.status_code == 303
    assert "storage" in left.headers["clear-site-data"]
    assert (await child.open()).status_code == 409
    back = await child.browser.post("/northmoor/person/back", data={"words": child.words}, follow_redirects=True)
    assert back.status_code == 200
    assert "There is 1 message. Show it?" in back.text
    assert "zebrafish" not in back.text


async def test_leaving_never_fails(one: Stage) -> None:
    child = await one.child()
    for here in ("", "nonsense"):
        assert (await child.browser.post("/leave", data={"here": here})).status_code == 303
    assert (await child.browser.post("/leave")).status_code == 303


async def test_an_unknown_force_and_a_reload_of_what_was_posted(one: Stage) -> None:
    child = await one.child()
    assert (await child.browser.get(f"/narnia/person/talk?here={child.here}&chat=")).status_code == 200
    assert (await child.browser.get("/narnia/person/say")).status_code == 404
    for path in ("say", "do"):
        again = await child.browser.get(f"/northmoor/person/{path}")
        assert (again.status_code, again.headers["location"]) == (303, "/northmoor/person/back")


# The database is away


async def test_away_the_page_says_the_truth_and_keeps_what_was_typed(on: Stage) -> None:
    child = await on.child(QUESTION)
    await child.open()
    named = child.client_id
    async with on.away():
        for act in ("refresh", "end", "forget", "call-back"):
            page = await child.do(act=act)
            assert page.status_code == 503
            for words in ("It is not your fault.", "Nothing that was sent is lost.", "999", "0800 1111"):
                assert words in page.text
        held = child.form.values
        assert (await child.open()).status_code == 503
        page = await child.post("say", {**held, "text": "do not lose me", "client_id": named})
        assert page.status_code == 503
        assert "Your last words are not sent yet." in child.shown
        assert child.form.values["text"] == "do not lose me"
        assert child.client_id == named
    await child.say("do not lose me")
    await child.post("say", {**held, "text": "do not lose me", "client_id": named})
    assert await on.texts() == [QUESTION, "do not lose me"]


async def test_away_the_alarm_still_rings(one: Stage) -> None:
    child = await one.child()
    await child.open()
    async with one.away():
        page = await child.say(DANGER)
    assert page.status_code == 503
    assert 'href="tel:999"' in page.text
    assert 'name="rung" value="1"' in page.text


# Without script


async def test_without_script_a_waiting_page_refreshes_itself_and_says_so(one: Stage) -> None:
    sam, child = await one.adult(), await one.child()
    page = await child.open()
    found = re.search(r'<noscript><meta http-equiv="refresh" content="20; url=([^"]+)"></noscript>', page.text)
    assert found
    assert "This page looks for new messages every 20 seconds." in child.shown
    # What is typed would be lost, so the box comes when it is asked for.
    assert 'id="box" hidden' in page.text
    await sam.claim()
    await sam.say("hello")
    address = found[1].replace("&amp;", "&")
    one.clock.move(seconds=20)
    child.page = await child.browser.get(address)
    assert child.said() == ["Sam is here now.", "hello"]
    assert "http-equiv" not in child.html
    assert 'id="box" hidden' not in child.html
    assert "This page looks for new messages when you press a button." in child.shown
    await child.press("act", "look-on")
    assert "http-equiv" in child.html
    assert child.said() == ["Sam is here now.", "hello"]
    await child.press("act", "look-off")
    assert "http-equiv" not in child.html
    assert parse_qs(urlsplit(str(child.page.url)).query)["look"] == ["off"]


async def test_writing_while_waiting_turns_the_refresh_off(one: Stage) -> None:
    child = await one.child()
    await child.open()
    await child.press("act", "look-off")
    assert 'id="box" hidden' not in child.html
    await child.say("more words")
    assert child.said() == ["more words"]
    assert "http-equiv" not in child.html


async def test_every_address_on_the_page_is_free_of_words(one: Stage) -> None:
    child = await one.child("zebrafish", name="Quentin")
    await child.open()
    await child.press("act", "show")
    await child.press("read", "menu/hurt")
    # The address of a picture names the picture, which stands on the page; no history holds it.
    led_to = [address for address in child.form.addresses if not address.startswith("/pictures/")]
    for address in [*led_to, str(child.page.url)]:
        assert not any(word in unquote(address) for word in ("zebrafish", "Quentin", "hurt", "harmed")), address


async def test_the_json_door_does_what_the_page_does(on: Stage) -> None:
    sam, child = await on.adult(), await on.child(QUESTION)
    browser, here = child.browser, child.here

    async def ask(method: str, path: str, body: object = None, status: int = 200) -> dict:
        nonlocal here
        answer = await browser.request(
            method, f"/api/v1/handovers/{path}", json=body, headers={"Authorization": f"Bearer {here}"}
        )
        assert answer.status_code == status, answer.text
        found: dict = answer.json()
        if "here" in found:
            assert found["here"] != here
            here = found["here"]
        return found

    state = await ask("GET", "state")
    assert (state["state"], state["place"], state["messages"], state["waited"]) == ("waiting", 1, 1, "looking")
    assert state["who_can_see"] == "Nobody is reading yet. The police cannot see this."
    assert "zebrafish" not in str(state)
    said = await ask("POST", "say", {"text": DANGER, "client_id": "abcdefgh"}, 201)
    assert said["danger"] is True
    assert (await ask("POST", "say", {"text": DANGER, "client_id": "abcdefgh"}, 201))["number"] == said["number"]
    assert (await ask("POST", "say", {"text": " ", "client_id": "abcdefgh"}, 422))["danger"] is False
    assert (await ask("GET", "state"))["danger"] is True
    await sam.claim()
    await sam.say("On bail.", card="bodycam")
    lines = (await ask("GET", f"messages?after={said['change']}&level=easy"))["lines"]
    assert [(line["writer"], line["who"], line["text"]) for line in lines] == [
        ("house", "Sam", "Sam is here now."),
        ("advocate", "Sam", "On bail."),
    ]
    assert lines[1]["card"]["key"] == "bodycam"
    assert lines[1]["card"]["level"] == "easy"
    assert [meaning["word"] for meaning in lines[1]["meanings"]] == ["bail"]
    assert (await ask("POST", "change", {"wants": "call-back"}, 422))["fields"].keys() >= {"call.number"}
    call = {"number": NUMBER, "whose": "mine", "window": {"starts": "2026-11-26T12:00Z", "ends": "2026-11-26T14:00Z"}}
    assert (await ask("POST", "change", {"wants": "call-back", "call": call}))["state"] == "calling"
    assert (await ask("POST", "change", {"wants": "here"}))["state"] == "talking"
    await ask("POST", "face", {"face": "good"}, 409)
    ended = await ask("POST", "end", {})
    assert (ended["state"], ended["ended"]["by"], ended["ended"]["deleted_on"]) == ("closed", "child", "2026-12-03")
    assert ended["ended"]["card"]["key"] == "person-ended"
    await ask("POST", "say", {"text": "more", "client_id": "ijklmnop"}, 409)
    assert (await ask("POST", "face", {"face": "middle"}))["ended"]["face"] == "middle"
    gone = await ask("POST", "end", {"forget": True})
    went = {"messages": 3, "name": True, "number": True, "concern": False, "provider": "Moor Voices (invented)"}
    assert gone == {**went, "wiped": True}
    await ask("GET", "state", None, 401)


async def test_the_json_door_tells_the_truth_when_the_database_is_away(one: Stage) -> None:
    child = await one.child()
    head = {"Authorization": f"Bearer {child.here}"}
    async with one.away():
        for method, path, body in JSON_WAYS:
            if path == "events":
                continue
            answer = await child.browser.request(method, f"/api/v1/handovers/{path}", json=body, headers=head)
            assert answer.status_code == 503
            assert "Send the same again" in answer.json()["title"]


async def test_the_json_door_takes_the_handle_in_the_body_too(one: Stage) -> None:
    child = await one.child()
    answer = await child.browser.post(
        "/api/v1/handovers/say", json={"text": "hello", "client_id": "12345678", "here": child.here}
    )
    assert answer.status_code == 201
