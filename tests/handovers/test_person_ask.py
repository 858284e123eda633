"""From "Talk to a person" to the moment it is sent: nothing is kept before, all is kept once, nothing is lost."""

import asyncio
import json
import logging
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from shutil import move

import httpx
import pytest
from sqlalchemy import select

from api.chat.person.ask_once import IdempotencyToken
from api.records import ledger
from api.records.force_availability import close_door, name_provider
from api.records.handovers import providers
from api.records.handovers.message_cipher import CallBack, MessageBody, OpenedMessage, Sent
from api.records.handovers.tables import Handover, Message
from api.records.people import operator
from api.records.signing import withdraw
from api.web.ciphers import Cipher
from api.web.database import Database
from content.signoff import NATIONAL, Signer, sign
from tests.conftest import settings_for
from tests.doors import doors
from tests.handovers.kept_rows import everything_in, kept
from tests.json_child import Child
from tests.person_app import (
    NOON,
    NUMBER,
    PageChild,
    PersonApp,
    forms_of,
)

PLANTED = ("zebrafish", "marmalade", "quentin", "ultramarine", "periwinkle")
CONSENT = ("person-who-reads", "person-what-we-keep", "person-when-we-tell")
DAYTIME = "09:00-17:00"
WRITTEN = {
    "name": "Quentin",
    "question": "zebrafish?\n\n<b>marmalade</b> & more",
    "number": NUMBER,
    "say": "ultramarine",
    "code_word": "periwinkle",
}


async def said(app: PersonApp) -> list[MessageBody]:
    """Every message that is kept, opened."""
    async with app.database.begin() as session:
        rows = await session.scalars(select(Message).order_by(Message.id))
        return [OpenedMessage.of(doors(app.app).person_door.handover_context.message_cipher, row).said for row in rows]


def sent(app: PersonApp, handover: Handover) -> Sent:
    """What a child sent along."""
    return doors(app.app).person_door.handover_context.message_cipher.sent(handover)


async def all_of_it(app: PersonApp) -> str:
    """Everything in the database, as it lies there; for a file, all of its bytes too."""
    file = doors(app.app).chat.settings.sqlite_file
    raw = [part.read_bytes().decode("latin-1") for part in file.parent.glob(f"{file.name}*")] if file else []
    return "\n".join([await everything_in(app.database), *raw]).lower()


def away(app: PersonApp) -> None:
    """From now on no database answers."""
    nowhere = Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
    doors(app.app).person_door = replace(doors(app.app).person_door, database=nowhere)


async def fill_in(child: PageChild) -> httpx.Response:
    """As far as the page that shows everything, asking for a call."""
    await child.open()
    await child.press("details")
    await child.press("next", name=WRITTEN["name"], question=WRITTEN["question"], how="call-back")
    call = {name: WRITTEN[name] for name in ("number", "say", "code_word")}
    return await child.press("review", whose="mine", window=first_window(child), voicemail="yes", **call)


def first_window(child: PageChild) -> str:
    """The first time to call on the page."""
    found = re.search(r'name="window" value="([^"]+)"', child.html)
    assert found
    return found[1]


def values(page: httpx.Response, go: str) -> dict[str, list[str]]:
    """What the form with this button holds beside the chat's token, which is another one on each page."""
    held = next(form for form in forms_of(page) if ("go", go) in form.buttons).filled({})
    return {name: value for name, value in held.items() if name != "chat"}


async def test_from_the_first_page_to_the_three_words(app: PersonApp) -> None:
    provider = await app.provider()
    await app.advocate(provider, "Sam")
    child = app.child()
    words = await child.ask()
    (handover,) = await kept(app)
    assert (handover.wants, handover.state, handover.force, handover.level) == (
        "here",
        "waiting",
        "northmoor",
        "simple",
    )
    assert (handover.danger, handover.asked_at, handover.provider_id) == (False, NOON, provider.id)
    pack = doors(app.app).pack_cache.pack("northmoor")
    shown = {key: pack.card(key, date.today()).words.fingerprint for key in CONSENT}
    assert json.loads(handover.agreed) == shown
    assert sent(app, handover) == Sent("Robin", "Who can see my record?")
    assert await said(app) == [MessageBody("Who can see my record?")]
    form = next(form for form in forms_of(child.page) if form.action == "/northmoor/person/talk")
    token = doors(app.app).chat.tokens.read(dict(form.values)["chat"])
    assert token.person == child.here
    ref = doors(app.app).person_door.handover_tokens.read(child.here, NOON).ref
    assert ref == handover.ref
    assert words not in str(child.page.url)


async def test_a_call_back_is_kept_as_the_child_saw_it(app: PersonApp) -> None:
    await app.provider(hours=DAYTIME)
    child = app.child()
    page = await fill_in(child)
    shown = page.text
    for part in ("Quentin", "&lt;b&gt;marmalade&lt;/b&gt; &amp; more", NUMBER, "My own", "ultramarine", "periwinkle"):
        assert part in shown
    assert "Thursday 26 November, 11:00 am to 1:00 pm" in shown
    assert "They can leave a message" in shown
    page = await child.press("send")
    assert "They will try to call you on Thursday 26 November, 11:00 am to 1:00 pm." in page.text
    (handover,) = await kept(app)
    call = CallBack("+447700900123", "mine", voicemail=True, say="ultramarine", code_word="periwinkle")
    assert sent(app, handover) == Sent("Quentin", WRITTEN["question"], (), call)
    assert (handover.state, handover.due_from, handover.due_until) == (
        "call-back",
        NOON - timedelta(hours=1),
        NOON + timedelta(hours=1),
    )


async def test_no_message_is_left_unless_the_child_says_so(one_app: PersonApp) -> None:
    await one_app.provider()
    await one_app.child().ask_for_call()
    (handover,) = await kept(one_app)
    assert sent(one_app, handover).call == CallBack("+447700900123", "mine", voicemail=False, say="", code_word="")


async def test_saying_no_keeps_nothing(
    app: PersonApp, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await app.provider()
    child = app.child()
    page = await fill_in(child)
    addresses = [str(page.url)]
    back = await child.press("no")
    addresses.append(back.headers["location"])
    assert back.status_code == 303
    assert (await child.browser.get(back.headers["location"])).status_code == 200
    assert await kept(app) == []
    written = "\n".join([await all_of_it(app), *addresses, caplog.text, *capfd.readouterr()]).lower()
    assert "moor-voices" in written
    assert [word for word in (*PLANTED, "900123") if word in written] == []


async def test_what_is_sent_lies_sealed_and_the_words_lie_nowhere(
    app: PersonApp, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await app.provider(rota="rota@moor-voices.example")
    child = app.child()
    await fill_in(child)
    page = await child.press("send")
    words = child.words
    talk = next(form for form in forms_of(page) if form.action.endswith("/talk"))
    written = "\n".join(
        [await all_of_it(app), str(talk.values), str(page.url), caplog.text, *capfd.readouterr()]
    ).lower()
    assert "rota@moor-voices.example" in written
    # Each of the three is a common word; two of them side by side are not.
    first, second, third = words.split("-")
    pairs = rf"\b(?:{first}\W{{1,4}}{second}|{second}\W{{1,4}}{third})\b"
    assert [word for word in (*PLANTED, "900123") if word in written] == []
    assert not re.search(pairs, written)


async def test_no_costs_nothing_and_the_chat_goes_on_where_it_was(one_app: PersonApp) -> None:
    await one_app.provider()
    child, chat = one_app.child(), await _chat_with_a_card(one_app)
    await child.open(chat=chat)
    await child.press("details")
    await child.press("next", how="here")
    back = await child.press("no")
    token = httpx.URL(back.headers["location"]).params["chat"]
    before, after = (doors(one_app.app).chat.tokens.read(one) for one in (chat, token))
    assert after == before


async def test_sent_twice_it_is_kept_once_and_shows_the_same_words(app: PersonApp) -> None:
    await app.provider()
    child = app.child()
    await fill_in(child)
    form = values(child.page, "send")
    answers = [await child.browser.post("/northmoor/person", data={**form, "go": "send"}) for _ in range(3)]
    assert {_words_on(answer) for answer in answers} == {_words_on(answers[0])}
    assert len(await kept(app)) == 1
    assert len(await said(app)) == 1


async def test_sent_five_times_at_once_it_is_kept_once(app: PersonApp) -> None:
    await app.provider()
    child = app.child()
    await fill_in(child)
    form = {**values(child.page, "send"), "go": "send"}
    answers = await asyncio.gather(*(child.browser.post("/northmoor/person", data=form) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len({_words_on(answer) for answer in answers}) == 1
    assert len(await kept(app)) == 1
    assert len(await said(app)) == 1


async def test_sent_again_after_closing_time_and_with_other_terms_it_still_is_the_same(one_app: PersonApp) -> None:
    provider = await one_app.provider(hours=DAYTIME)
    one_app.clock.now = NOON + timedelta(hours=4, minutes=59)
    child = one_app.child()
    await child.open()
    await child.press("details")
    await child.press("next", how="here")
    form = {**values(child.page, "send"), "go": "send"}
    words = _words_on(await child.browser.post("/northmoor/person", data=form))
    one_app.clock.move(minutes=5)
    await _keep_days(one_app, provider.slug, "30")
    again = await child.browser.post("/northmoor/person", data=form)
    assert _words_on(again) == words
    assert len(await kept(one_app)) == 1


async def test_the_words_are_not_shown_again_later_or_once_another_page_has_the_talk(one_app: PersonApp) -> None:
    await one_app.provider()
    child = one_app.child()
    await fill_in(child)
    form = {**values(child.page, "send"), "go": "send"}
    words = _words_on(await child.browser.post("/northmoor/person", data=form))
    other = one_app.child()
    await other.back(words)
    taken = await child.browser.post("/northmoor/person", data=form)
    one_app.clock.move(minutes=31)
    late = await child.browser.post("/northmoor/person", data=form)
    for answer in (taken, late):
        assert answer.status_code == 409
        assert "Your 3 words take you back to it." in answer.text
        assert not any(word in answer.text for word in words.split("-"))
    assert len(await kept(one_app)) == 1


@pytest.mark.parametrize("once", ["", "x", "gAAAAAB", "old", "other"])
async def test_a_page_that_cannot_be_trusted_to_send_once_is_looked_at_again(one_app: PersonApp, once: str) -> None:
    await one_app.provider()
    others = IdempotencyToken(Cipher("the secret of another installation, 32", "asking for a person"))
    made = {
        "old": IdempotencyToken.of(doors(one_app.app).chat.settings).new(NOON - timedelta(hours=25)),
        "other": others.new(NOON),
    }
    child = one_app.child()
    await fill_in(child)
    page = await child.press("send", once=made.get(once, once))
    assert await kept(one_app) == []
    assert "Look again, then press Send." in page.text
    assert WRITTEN["code_word"] in page.text
    await child.press("send")
    assert len(await kept(one_app)) == 1


BAD = {
    "name": ("x" * 61, "details", "too long"),
    "question": ("y" * 1001, "details", "1,000 letters or fewer"),
    "how": ("by pigeon", "details", "Choose how they can answer you."),
    "number": ("0770 90", "call", "We cannot call that number."),
    "whose": ("the cat's", "call", "Choose whose phone it is."),
    "say": ("s" * 61, "call", "too long"),
    "code_word": ("c" * 61, "call", "too long"),
    "window": ("soon", "call", "Choose a time."),
}


@pytest.mark.parametrize("field", BAD)
@pytest.mark.parametrize("go", ["review", "send"])
async def test_what_is_wrong_is_told_at_its_field_and_everything_typed_stays(
    one_app: PersonApp, field: str, go: str
) -> None:
    await one_app.provider()
    typed, page_of, told = BAD[field]
    child = one_app.child()
    await fill_in(child)
    before = values(child.page, "send")
    form = {**before, field: typed, "go": go}
    page = await child.browser.post("/northmoor/person", data=form)
    assert page.status_code == 422
    assert await kept(one_app) == []
    assert ("How is it safe to call you?" in page.text) == (page_of == "call")
    assert re.search(rf'<p class="fault" id="fault-{field}">[^<]*{re.escape(told)}', page.text)
    assert re.search(rf'id="{field}"[^>]*aria-describedby="[^"]*fault-{field}"', page.text)
    assert f'<a href="#{field}">' in page.text
    after = values(page, "review" if page_of == "call" else "next")
    choices = {"how", "whose", "window"}
    unchanged = {name: value for name, value in before.items() if name not in {"once", field}}
    assert {name: after[name] for name in unchanged} == unchanged
    assert after.get(field) == (None if field in choices else [typed])


async def test_a_first_look_at_how_to_call_shows_no_faults(one_app: PersonApp) -> None:
    await one_app.provider()
    child = one_app.child()
    await child.open()
    await child.press("details")
    page = await child.press("next", how="call-back")
    assert page.status_code == 200
    assert 'class="fault"' not in page.text


async def test_change_leads_back_with_everything_and_a_way_forward_again(one_app: PersonApp) -> None:
    await one_app.provider()
    child = one_app.child()
    await fill_in(child)
    before = values(child.page, "send")
    assert before["voicemail"] == ["yes"]
    for go in ("call", "details", "consent", "next"):
        page = await child.press(go)
        assert page.status_code == 200
    after = values(page, "send")
    assert {**after, "once": ""} == {**before, "once": ""}
    await child.press("details")
    await child.press("next", name="Kim", how="here")
    await child.press("send")
    (handover,) = await kept(one_app)
    assert (handover.wants, sent(one_app, handover).name, sent(one_app, handover).call) == ("here", "Kim", None)


async def test_the_level_is_changed_without_losing_a_word(one_app: PersonApp) -> None:
    await one_app.provider()
    child = one_app.child()
    await fill_in(child)
    await child.press("details")
    page = await child.press("consent")
    form = next(form for form in forms_of(page) if ("level", "easy") in form.buttons)
    page = await child.browser.post(form.action, data={**form.filled({}), "level": "easy"})
    easy = doors(one_app.app).pack_cache.pack("northmoor").card(CONSENT[0], date.today()).words.levels["easy"]
    assert easy.bubbles[0].text in page.text
    assert values(page, "no")["question"] == [WRITTEN["question"]]
    child.page = page
    await child.press("next")
    await child.press("send")
    assert (await kept(one_app))[0].level == "easy"


async def test_cards_of_this_chat_can_be_passed_on_and_are_not_unless_ticked(one_app: PersonApp) -> None:
    await one_app.provider()
    child, chat = one_app.child(), await _chat_with_a_card(one_app)
    await child.open(chat=chat)
    page = await child.press("details")
    question = (
        doors(one_app.app).pack_cache.pack("northmoor").card("bodycam", date.today()).words.levels["simple"].question
    )
    assert question in page.text
    assert "cards" not in values(page, "next")
    page = await child.press("next", how="here", cards=["bodycam", "snippet-hello", "not-a-card"])
    assert question in page.text
    await child.press("send")
    (handover,) = await kept(one_app)
    assert sent(one_app, handover).cards == ("bodycam",)


@pytest.mark.parametrize("field", ["name", "question", "number", "say", "code_word"])
async def test_the_alarm_hears_every_box_pins_help_and_stops_nothing(one_app: PersonApp, field: str) -> None:
    await one_app.provider()
    child = one_app.child()
    await fill_in(child)
    assert 'class="pinned"' not in child.html
    await child.press("call")
    page = await child.press("review", **{field: "my dad is hitting me right now"})
    assert '<p class="pinned"><a href="tel:999">' in page.text
    if field == "number":
        await child.press("review", number=NUMBER)
    page = await child.press("send")
    assert '<p class="pinned"><a href="tel:999">' in page.text
    (handover,) = await kept(one_app)
    assert handover.danger


async def test_an_alarm_before_in_the_chat_counts_too(one_app: PersonApp) -> None:
    await one_app.provider()
    child, talk = one_app.child(), Child(one_app.browser())
    await talk.start()
    await talk.say("my dad is hitting me right now")
    page = await child.open(chat=talk.token)
    assert '<p class="pinned">' in page.text
    await child.press("details")
    await child.press("next", how="here")
    await child.press("send")
    assert (await kept(one_app))[0].danger


async def test_other_days_or_words_than_were_agreed_to_are_asked_again_with_everything_kept(app: PersonApp) -> None:
    provider = await app.provider()
    child = app.child()
    await fill_in(child)
    before = values(child.page, "send")
    await _keep_days(app, provider.slug, "30")
    page = await child.press("send")
    assert await kept(app) == []
    assert "Some words here are new." in page.text
    assert "They keep your words for 30 days after the talk ends." in page.text
    await child.press("next")
    await _sign_anew(app, CONSENT[2])
    page = await child.press("send")
    assert await kept(app) == []
    assert "Some words here are new." in page.text
    assert {name: values(page, "no")[name] for name in ("question", "number", "window")} == {
        name: before[name] for name in ("question", "number", "window")
    }
    await child.press("next")
    await child.press("send")
    (handover,) = await kept(app)
    shown = doors(app.app).pack_cache.pack("northmoor").card(CONSENT[2], date.today()).words.fingerprint
    assert json.loads(handover.agreed)[CONSENT[2]] == shown


async def test_without_a_yes_to_the_words_nothing_is_sent(one_app: PersonApp) -> None:
    await one_app.provider()
    child = one_app.child()
    await fill_in(child)
    form = {**values(child.page, "send"), "go": "send"}
    for agreed in ([], ["person-who-reads 00"], form["agreed"][:2]):
        page = await child.browser.post("/northmoor/person", data={**form, "agreed": agreed})
        assert "Please read these 3 answers first." in page.text
    assert await kept(one_app) == []


@pytest.mark.parametrize(("days", "told"), [("1", "for 1 day after"), ("14", "for 14 days after")])
async def test_the_providers_days_stand_under_the_second_card(one_app: PersonApp, days: str, told: str) -> None:
    await one_app.provider(keep_days=days)
    page = await one_app.child().open()
    cards = page.text.split('<section class="answer consent"')
    assert [told in card for card in cards] == [False, False, True, False]


async def test_whether_somebody_is_here_is_told_as_it_is(one_app: PersonApp) -> None:
    provider = await one_app.provider(hours=DAYTIME)
    page = await one_app.child().open()
    assert "No advocate is at the screen just now." in page.text
    assert "Today they answer until 5:00 pm." in page.text
    sam = await one_app.advocate(provider, "Sam")
    assert "An advocate is here now." in (await one_app.child().open()).text
    # Somebody who stays late is not somebody who answers.
    one_app.clock.now = NOON.replace(hour=19)
    await one_app.here(provider, sam)
    page = await one_app.child().open()
    assert "An advocate is here now." not in page.text
    assert "Advocates answer again from Friday 27 November, 9:00 am." in page.text


async def test_out_of_hours_only_a_call_is_offered(one_app: PersonApp) -> None:
    await one_app.provider(hours=DAYTIME)
    one_app.clock.now = NOON.replace(hour=18)
    child = one_app.child()
    page = await child.open()
    assert "You can ask them to call you." in page.text
    assert "Text SHOUT to 85258" in page.text
    page = await child.press("details")
    assert 'value="here"' not in page.text
    refused = await child.press("next", how="here", name="Kim")
    assert refused.status_code == 422
    assert "No advocate is here any more right now." in refused.text
    page = await child.press("next")
    assert "Friday 27 November" in page.text
    await child.press("review", number=NUMBER, whose="mine", window=first_window(child))
    await child.press("send")
    assert (await kept(one_app))[0].state == "call-back"


async def test_closing_time_between_looking_and_sending_loses_nothing(one_app: PersonApp) -> None:
    await one_app.provider(hours=DAYTIME)
    one_app.clock.now = NOON.replace(hour=16, minute=59)
    child = one_app.child()
    await child.open()
    await child.press("details")
    await child.press("next", how="here", question="zebrafish")
    one_app.clock.move(minutes=2)
    page = await child.press("send")
    assert page.status_code == 422
    assert values(page, "next")["question"] == ["zebrafish"]
    assert await kept(one_app) == []


async def test_a_time_that_passed_meanwhile_is_chosen_anew(one_app: PersonApp) -> None:
    await one_app.provider(hours=DAYTIME)
    child = one_app.child()
    await fill_in(child)
    one_app.clock.now = NOON.replace(hour=15)
    page = await child.press("send")
    assert page.status_code == 422
    assert "That time has passed." in page.text
    assert values(page, "review")["number"] == [NUMBER]


async def test_a_provider_without_hours_says_so_and_shows_who_else_there_is(one_app: PersonApp) -> None:
    await one_app.provider(hours="")
    page = await one_app.child().open()
    assert page.status_code == 200
    assert "Nobody can answer here right now" in page.text
    assert "Text SHOUT to 85258" in page.text
    assert "Yes, go on" not in page.text


@pytest.mark.parametrize(
    ("force", "shown", "not_shown"),
    [
        ("police-scotland", ["Text SHOUT to 85258"], ["NYAS", "Meic"]),
        ("psni", ["Text SHOUT to 85258"], ["NYAS", "Meic"]),
        ("kent", ["the charity NYAS"], ["Meic"]),
        ("south-wales", ["the charity NYAS", "Call Meic on 080880 23456"], []),
        ("england-and-wales", ["the charity NYAS"], ["Meic"]),
        ("btp", ["Text SHOUT to 85258"], ["NYAS", "Meic"]),
    ],
)
async def test_where_nobody_answers_the_page_says_so_and_who_does(
    one_app: PersonApp, force: str, shown: list[str], not_shown: list[str]
) -> None:
    page = await one_app.browser().get(f"/{force}/person")
    assert page.status_code == 200
    assert "No advocate can answer here yet" in page.text
    assert 'href="tel:999"' in page.text
    assert "Childline on 0800 1111" in page.text
    assert [one for one in shown if one not in page.text] == []
    assert [one for one in not_shown if one in page.text] == []


async def test_no_helpline_has_opening_hours(client: httpx.AsyncClient) -> None:
    page = await client.get("/south-wales/person")
    # Without the marks: a visit's random letters may say "3am".
    words = re.sub(r"<[^>]*>", " ", page.text)
    assert "Childline on 0800 1111" in words
    assert not re.search(r"\d ?[ap]m|24 hours|24/7|open from", words)


async def test_children_who_do_not_say_where_they_live_have_the_national_provider(one_app: PersonApp) -> None:
    await one_app.provider("all-voices", ("national",))
    await one_app.child("england-and-wales").ask()
    (handover,) = await kept(one_app)
    assert handover.force == ""
    assert "No advocate can answer here yet" in (await one_app.child("northmoor").open()).text


async def test_a_provider_that_is_taken_back_answers_no_more_and_what_was_typed_is_not_sent(one_app: PersonApp) -> None:
    await one_app.provider()
    child = one_app.child()
    await fill_in(child)
    forces, now = doors(one_app.app).pack_cache.forces, one_app.clock()
    async with one_app.database.begin() as session:
        await name_provider(session, operator("tests"), "northmoor", None, forces=forces, practice=True, now=now)
    page = await child.press("send")
    assert "No advocate can answer here yet" in page.text
    assert await kept(one_app) == []


async def test_another_provider_meanwhile_is_agreed_to_first(one_app: PersonApp) -> None:
    await one_app.provider()
    child = one_app.child()
    await fill_in(child)
    other = await one_app.provider("other-voices")
    page = await child.press("send")
    assert "Advocates from Other Voices (invented) answer here." in page.text
    assert await kept(one_app) == []
    await child.press("next")
    await child.press("send")
    assert (await kept(one_app))[0].provider_id == other.id


async def test_the_shut_door_of_a_force_shuts_nobody_off_from_a_person(one_app: PersonApp) -> None:
    await one_app.provider()
    async with one_app.database.begin() as session:
        await close_door(session, operator("tests"), "northmoor", "door_checking", one_app.clock())
    await doors(one_app.app).pack_cache.refresh()
    assert (await one_app.browser().get("/northmoor")).status_code == 503
    await one_app.child().ask()
    assert (await kept(one_app))[0].force == "northmoor"
    assert await one_app.json_child(None).browser.get("/api/v1/handovers/terms?force=northmoor")


@pytest.mark.parametrize("card", CONSENT)
async def test_without_live_words_to_agree_to_nobody_is_asked(sqlite_app: PersonApp, card: str) -> None:
    await sqlite_app.provider()
    async with sqlite_app.database.begin() as session:
        wording = (await doors(sqlite_app.app).desk.wordings.of(session, NATIONAL, [card]))[card]
        why = {"now": sqlite_app.clock(), "practice": True}
        await withdraw(session, replace(operator("tests"), role="lead"), wording, "Not right any more.", **why)  # type: ignore[arg-type]
    await doors(sqlite_app.app).pack_cache.refresh()
    page = await sqlite_app.child().open()
    assert "We are checking our words about this." in page.text
    assert "Childline on 0800 1111" in page.text
    answer = await sqlite_app.browser().get("/api/v1/handovers/terms?force=northmoor")
    assert answer.status_code == 503


async def test_a_page_that_was_open_too_long_still_leads_to_a_person(one_app: PersonApp) -> None:
    await one_app.provider()
    child = one_app.child()
    await child.open(chat="much too old")
    await child.press("details", chat="much too old")
    await child.press("next", how="here", question="zebrafish")
    await child.press("send", chat="broken")
    assert await said(one_app) == [MessageBody("zebrafish")]


async def test_an_unknown_force_is_lost(one_app: PersonApp) -> None:
    for force in ("nowhere", "static"):
        assert (await one_app.browser().get(f"/{force}/person")).status_code == 404


async def test_the_chat_of_another_force_is_taken_there(one_app: PersonApp) -> None:
    await one_app.provider("mere-voices", ("southmere",))
    chat = await _chat_with_a_card(one_app, "southmere")
    page = await one_app.child("northmoor").open(chat=chat)
    assert page.url.path == "/southmere/person"
    assert "Advocates from Mere Voices (invented) answer here." in page.text


async def test_while_a_talk_is_open_the_button_leads_back_to_it(one_app: PersonApp) -> None:
    await one_app.provider()
    child = one_app.child()
    await child.ask()
    chat = dict(next(form for form in forms_of(child.page) if form.action.endswith("/talk")).values)["chat"]
    again = await child.browser.get("/northmoor/person", params={"chat": chat})
    assert again.status_code == 303
    assert again.headers["location"].startswith("/northmoor/person/talk?here=")
    one_app.clock.move(minutes=31)
    assert (await child.browser.get("/northmoor/person", params={"chat": chat})).status_code == 200


@pytest.mark.parametrize("go", ["consent", "details", "next", "call", "review", "send"])
async def test_with_the_database_away_everything_stays_in_the_form(app: PersonApp, go: str) -> None:
    await app.provider()
    child = app.child()
    await fill_in(child)
    form = {**values(child.page, "send"), "go": go}
    person_door = doors(app.app).person_door
    away(app)
    page = await child.browser.post("/northmoor/person", data=form)
    assert page.status_code == 503
    assert "What you typed is still on this page." in page.text
    assert 'href="tel:999"' in page.text
    assert values(page, go) == {name: value for name, value in form.items() if name != "go"}
    doors(app.app).person_door = person_door
    child.page = page
    page = await child.press(go)
    assert page.status_code == 200
    assert len(await kept(app)) == (1 if go == "send" else 0)


async def test_with_the_database_away_the_first_page_has_help_and_tries_again(one_app: PersonApp) -> None:
    away(one_app)
    page = await one_app.child().open()
    assert page.status_code == 503
    assert "Try again" in page.text
    assert "Childline on 0800 1111" in page.text
    back = await one_app.browser().post("/northmoor/person", data={"go": "no"})
    assert back.status_code == 303


async def test_a_file_that_is_gone_keeps_nothing_and_says_so(sqlite_app: PersonApp, tmp_path: Path) -> None:
    await sqlite_app.provider()
    child = sqlite_app.child()
    await fill_in(child)
    file = doors(sqlite_app.app).chat.settings.sqlite_file
    move(file, tmp_path / "elsewhere")
    page = await child.press("send")
    assert page.status_code == 503
    assert values(page, "send")["name"] == [WRITTEN["name"]]
    move(tmp_path / "elsewhere", file)
    await child.press("send")
    assert len(await kept(sqlite_app)) == 1


async def test_the_button_stands_under_the_answer_and_keeps_the_place(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start()
    assert "Ask for a person here" not in await child.page()
    await child.act("person")
    page = await client.get("/northmoor", params={"chat": child.token})
    assert page.text.index("0800 1111") < page.text.index("Ask for a person here")
    form = next(form for form in forms_of(page) if form.action == "/northmoor/person")
    assert form.method == "get"
    assert dict(form.values)["chat"]


async def test_every_field_has_its_label_and_every_page_one_heading(one_app: PersonApp) -> None:
    await one_app.provider()
    child, chat = one_app.child(), await _chat_with_a_card(one_app)
    pages = [await child.open(chat=chat), await child.press("details"), await child.press("next", how="call-back")]
    for page in pages:
        assert len(re.findall("<h1", page.text)) == 1
        for field in re.findall(
            r'<(?:input|textarea)(?![^>]*type="(?:hidden|radio|checkbox)")[^>]* id="([^"]+)"', page.text
        ):
            assert f'<label for="{field}">' in page.text
        picks = re.findall(r'(<label class="pick">)?<input type="(?:radio|checkbox)"', page.text)
        assert all(picks)
        assert page.text.count("<fieldset") == page.text.count("<legend>")


def _words_on(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    words = re.findall(r'<li class="three-word">([a-z]+)</li>', answer.text)
    assert len(words) == 3, answer.text
    return "-".join(words)


async def _chat_with_a_card(app: PersonApp, force: str = "northmoor") -> str:
    child = Child(app.browser())
    await child.start(force)
    await child.press("bodycam")
    await child.act("person")
    return child.token


async def _keep_days(app: PersonApp, slug: str, days: str) -> None:
    async with app.database.begin() as session:
        provider = await providers.provider_with(session, slug, practice=True)
        assert provider
        await providers.change(session, operator("tests"), provider, {"keep_days": days}, app.clock())


async def _sign_anew(app: PersonApp, key: str) -> None:
    """Other words for a card, signed for everybody."""
    words = doors(app.app).pack_cache.pack(None).card(key, date.today()).words
    other = replace(words, sources=(*words.sources, ("Another source", "https://example.org")))
    signed = sign(
        NATIONAL,
        key,
        other,
        written_by=["W"],
        reviewed_by="R",
        signer=Signer("S", "the practice editor (invented)"),
        signed_on=date.today(),
        review_by=date.today() + timedelta(days=30),
        practice=True,
    )
    async with app.database.begin() as session:
        await ledger.add(session, signed)
    await doors(app.app).pack_cache.refresh()
