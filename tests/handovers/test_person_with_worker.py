"""A worker asks with a child: only after the child's own yes, marked for the advocate, sealed, gone with the words."""

import asyncio
import json
import logging
import re
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from api.chat.person.worker_form import reach_of as told_to_the_child
from api.console.call_view import reach_of as told_to_the_advocate
from api.records import ledger
from api.records.handovers.message_cipher import CallBack, Sent, Worker
from api.records.handovers.monthly_counts import counts_of
from api.records.handovers.tables import Handover
from api.records.people import operator
from api.records.signing import withdraw
from api.web.database import Database
from content.signoff import NATIONAL, Signer, sign
from tests.conftest import settings_for
from tests.doors import doors
from tests.handovers.kept_rows import everything_in, goes_on_its_date, kept
from tests.page_tools import run, tool
from tests.person_app import (
    NUMBER,
    PageChild,
    PersonApp,
    forms_of,
)
from tests.waiting import takes

CARD = "person-with-worker"
ALONE = {"person-who-reads", "person-what-we-keep", "person-when-we-tell"}
MARK = "A worker is asking with this young person."
DESK_NUMBER, E164 = "07700 900456", "+447700900456"
WORKER = {"worker_name": "Wombat Jones", "worker_reach": DESK_NUMBER}
ALARM = "my dad is hitting me right now"
Typed = dict[str, str | list[str]]


async def newest(app: PersonApp) -> tuple[Handover, Sent]:
    handover = (await kept(app))[-1]
    return handover, doors(app.app).person_door.handover_context.message_cipher.sent(handover)


def fields(child: PageChild, go: str) -> dict[str, list[str]]:
    """What the form with this button holds."""
    assert child.page is not None
    return next(form for form in forms_of(child.page) if ("go", go) in form.buttons).filled({})


async def agrees(app: PersonApp) -> PageChild:
    """A child who said yes to a worker and to all the rest, and fills in the form."""
    child = app.child()
    await child.open()
    for go in ("worker", "with", "details"):
        await child.press(go)
    return child


async def to_review(app: PersonApp, **typed: str | list[str]) -> PageChild:
    child = await agrees(app)
    await child.press("next", **{"name": "Robin", "how": "here", **typed})
    return child


async def sends(app: PersonApp, **typed: str | list[str]) -> PageChild:
    child = await to_review(app, **typed)
    await child.press("send")
    assert len(child.words.split("-")) == 3
    return child


async def talk_of(child: PageChild) -> httpx.Response:
    """The page of a talk, after sending."""
    return await child.browser.get("/northmoor/person/talk", params={"here": child.here}, follow_redirects=True)


async def to_call(app: PersonApp, **typed: str | list[str]) -> tuple[PageChild, str]:
    """A child with a worker, at how to call; and the first time to call."""
    child = await agrees(app)
    await child.press("next", how="call-back", **typed)
    window = next(part.split('"')[0] for part in child.html.split('name="window" value="')[1:])
    return child, window


async def called(app: PersonApp, **call: str | list[str]) -> PageChild:
    """A child with a worker who asked for a call."""
    child, window = await to_call(app, **WORKER)
    await child.press("review", window=window, **call)
    await child.press("send")
    return child


async def take_back(app: PersonApp) -> None:
    """The words for asking with a worker are no words of ours any more."""
    by = replace(operator("tests"), role="lead")
    async with app.database.begin() as session:
        wording = (await doors(app.app).desk.wordings.of(session, NATIONAL, [CARD]))[CARD]
        await withdraw(session, by, wording, "Not right any more.", now=app.clock(), practice=True)
    await doors(app.app).pack_cache.refresh()


async def sign_anew(app: PersonApp) -> None:
    """Other words for asking with a worker."""
    words = doors(app.app).pack_cache.pack(None).card(CARD, date.today()).words
    signed = sign(
        NATIONAL,
        CARD,
        replace(words, sources=(*words.sources, ("Another source", "https://example.org"))),
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


def away(app: PersonApp) -> object:
    """From now on no database answers; gives what it was before."""
    before = doors(app.app).person_door
    nowhere = Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
    doors(app.app).person_door = replace(before, database=nowhere)
    return before


class TestAgreeing:
    async def test_others_find_a_quiet_choice_and_are_asked_nothing_more(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = one_app.child()
        page = await child.open()
        assert "A worker is asking with me" in page.text
        assert f'id="{CARD}"' not in page.text
        assert "with_worker" not in fields(child, "details")
        await child.press("details")
        assert "worker_reach" not in child.html
        await child.press("next", how="here")
        await child.press("send")
        handover, sent = await newest(one_app)
        assert (sent.worker, set(json.loads(handover.agreed))) == (None, ALONE)

    async def test_beside_a_worker_the_first_page_asks_the_child(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = one_app.child()
        page = await child.open(mode="alongside")
        assert f'id="{CARD}"' in page.text
        assert 'id="person-who-reads"' not in page.text
        assert "A worker with you can see this page." in page.text
        assert "Only a computer can see this page." not in page.text
        page = await child.press("alone")
        assert "You are asking alone." in page.text
        assert set(dict(one.split(" ") for one in fields(child, "details")["agreed"])) == ALONE
        page = await child.press("worker")
        page = await child.press("with")
        assert "You are asking with a worker." in page.text
        assert "Some words here are new." not in page.text

    async def test_yes_and_no_stand_side_by_side_at_every_level(self, one_app: PersonApp) -> None:
        await one_app.provider()
        for level in ("standard", "simple", "easy"):
            child = one_app.child()
            await child.open(mode="alongside")
            await child.browser.post("/northmoor/person", data={**fields(child, "with"), "level": level})
            page = child._show(
                await child.browser.post(
                    "/northmoor/person", data={**fields(child, "with"), "level": level, "go": "worker"}
                )
            )
            for words in ("sees what you see here", "tell the advocate", "You can say no", "ask the worker to go"):
                assert words in page.text
            buttons = next(form.buttons for form in forms_of(page) if ("go", "with") in form.buttons)
            assert buttons == [("go", "with"), ("go", "alone"), ("go", "no")]
            assert page.text.count('class="choice" name="go"') == 2

    async def test_from_the_card_to_the_three_words(self, app: PersonApp) -> None:
        await app.provider()
        child = await to_review(app, **WORKER)
        for words in ("You and a worker", "Wombat Jones", DESK_NUMBER):
            assert words in child.html
        await child.press("send")
        assert "You choose if the worker keeps them." in child.html
        handover, sent = await newest(app)
        assert sent == Sent("Robin", worker=Worker("Wombat Jones", E164))
        pack = doors(app.app).pack_cache.pack("northmoor")
        shown = {key: pack.card(key, date.today()).words.fingerprint for key in {CARD, *ALONE}}
        assert json.loads(handover.agreed) == shown
        raw = await everything_in(app.database)
        assert not [words for words in ("Wombat", DESK_NUMBER, E164) if words in raw]
        page = await talk_of(child)
        assert "You asked with a worker." in page.text
        assert "Wombat" not in page.text

    @pytest.mark.parametrize("agreed", [[], [f"{CARD} 00"], ["person-who-reads 00"]])
    async def test_without_a_yes_to_the_worker_nothing_is_sent(self, one_app: PersonApp, agreed: list[str]) -> None:
        await one_app.provider()
        child = await to_review(one_app, **WORKER)
        form = fields(child, "send")
        others = [one for one in form["agreed"] if not one.startswith(CARD)]
        for go in ("send", "next", "details", "consent", "review", "call"):
            page = await child.browser.post("/northmoor/person", data={**form, "agreed": [*others, *agreed], "go": go})
            assert "Do you want to ask with the worker?" in page.text, go
        assert await kept(one_app) == []

    async def test_a_mark_put_into_the_form_of_a_child_who_asks_alone_is_refused(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = one_app.child()
        await child.open()
        await child.press("details")
        await child.press("next", how="here")
        form = {**fields(child, "send"), "go": ["send"], "with_worker": ["yes"], "worker_name": ["Wombat"]}
        page = await child.browser.post("/northmoor/person", data=form)
        assert "Do you want to ask with the worker?" in page.text
        assert await kept(one_app) == []

    async def test_who_changes_to_alone_passes_nothing_of_the_worker_on(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = await to_review(one_app, **WORKER)
        for go in ("details", "consent", "worker", "alone", "next", "send"):
            await child.press(go)
        handover, sent = await newest(one_app)
        assert (sent, set(json.loads(handover.agreed))) == (Sent("Robin"), ALONE)

    async def test_a_yes_to_the_worker_is_no_yes_to_the_rest(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = one_app.child()
        await child.open()
        await child.press("worker")
        form = fields(child, "with")
        for go in ("with", "details", "next", "send"):
            page = await child.browser.post("/northmoor/person", data={**form, "with_worker": "yes", "go": go})
            assert "Please read these 3 answers first." in page.text
        assert await kept(one_app) == []

    async def test_words_that_changed_are_read_again_and_nothing_typed_is_lost(self, sqlite_app: PersonApp) -> None:
        await sqlite_app.provider()
        child = await to_review(sqlite_app, **WORKER)
        await sign_anew(sqlite_app)
        page = await child.press("send")
        assert await kept(sqlite_app) == []
        assert "Some words here are new." in page.text
        for go in ("with", "next", "send"):
            await child.press(go)
        assert (await newest(sqlite_app))[1].worker == Worker("Wombat Jones", E164)

    async def test_without_live_words_everybody_can_still_ask_alone(self, sqlite_app: PersonApp) -> None:
        await sqlite_app.provider()
        child = await to_review(sqlite_app, **WORKER)
        await take_back(sqlite_app)
        page = await child.press("send")
        assert await kept(sqlite_app) == []
        assert "You cannot ask with a worker just now." in page.text
        await child.press("next")
        await child.press("send")
        assert (await newest(sqlite_app))[1] == Sent("Robin")
        page = await sqlite_app.child().open(mode="alongside")
        assert 'id="person-who-reads"' in page.text
        assert "A worker is asking with me" not in page.text
        program = sqlite_app.json_child()
        assert "consent_with_worker" not in await program.open()
        answer = await program.send(program.body(with_worker=True))
        assert answer.status_code == 409


class TestForm:
    @pytest.mark.parametrize(
        ("field", "typed", "told"),
        [
            ("worker_reach", "the office", "Type 1 UK phone number or 1 email."),
            ("worker_reach", "0800 1111", "Type 1 UK phone number or 1 email."),
            ("worker_reach", "ext 12", "Type 1 UK phone number or 1 email."),
            ("worker_reach", "07700 900456 ext 1234567", "Type 1 UK phone number or 1 email."),
            ("worker_reach", "jo@", "Type 1 UK phone number or 1 email."),
            ("worker_reach", "jo@youth.example, 07700 900456", "Type 1 UK phone number or 1 email."),
            ("worker_reach", f"{'j' * 250}@youth.example", "Type 1 UK phone number or 1 email."),
            ("worker_reach", "<b>@youth.example", "Type 1 UK phone number or 1 email."),
            ("worker_name", "w" * 61, "Use 60 letters or fewer."),
        ],
    )
    async def test_a_fault_stands_at_its_field_with_what_was_typed(
        self, one_app: PersonApp, field: str, typed: str, told: str
    ) -> None:
        await one_app.provider()
        child = await to_review(one_app, **{**WORKER, field: typed})
        assert child.page is not None
        assert child.page.status_code == 422
        assert f'id="fault-{field}">' in child.html
        assert told in child.html
        assert f'<a href="#{field}">' in child.html
        held = fields(child, "next")
        assert (held[field], held["name"], held["with_worker"]) == ([typed], ["Robin"], ["yes"])
        assert await kept(one_app) == []

    @pytest.mark.parametrize(
        ("reach", "found"),
        [
            ("", ""),
            ("Jo.Worker@Youth.example", "jo.worker@youth.example"),
            ("+44 7700 900456", E164),
            ("\u202e07700 900456 ", E164),
            ("07700 900456 ext. 12", "+447700900456;ext=12"),
            ("07700 900456, Extension: 0123", "+447700900456;ext=0123"),
            ("(07700) 900456x12", "+447700900456;ext=12"),
            ("07700900456#12", "+447700900456;ext=12"),
        ],
    )
    async def test_nothing_is_required_and_one_way_is_enough(self, one_app: PersonApp, reach: str, found: str) -> None:
        await one_app.provider()
        await sends(one_app, worker_reach=reach)
        worker = (await newest(one_app))[1].worker
        assert worker == Worker("", found)
        if ";ext=" in found:
            for shown in (told_to_the_child(worker), told_to_the_advocate(worker)):
                assert shown == f"07700 900456 x{found.rpartition('=')[2]}"

    @pytest.mark.parametrize("field", ["worker_name", "worker_reach"])
    async def test_the_alarm_hears_what_is_typed_about_the_worker(self, one_app: PersonApp, field: str) -> None:
        await one_app.provider()
        child = await to_review(one_app, **{field: ALARM})
        assert 'class="pinned"' in child.html
        if field == "worker_reach":
            await child.press("next", worker_reach="")
        await child.press("send")
        assert (await newest(one_app))[0].danger

    async def test_every_way_through_the_form_keeps_the_worker(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = await to_review(one_app, **WORKER)
        for go in ("details", "consent", "worker", "with", "next", "details"):
            await child.press(go)
        held = fields(child, "next")
        assert {name: held[name] for name in WORKER} == {name: [typed] for name, typed in WORKER.items()}

    async def test_the_page_before_and_the_same_page_twice_make_one(self, app: PersonApp) -> None:
        await app.provider()
        child = await to_review(app, **WORKER)
        form = {**fields(child, "send"), "go": ["send"]}
        both = await asyncio.gather(*(child.browser.post("/northmoor/person", data=form) for _ in range(2)))
        back = await child.browser.post("/northmoor/person", data={**form, "with_worker": "", "worker_name": "Other"})
        assert {page.status_code for page in (*both, back)} == {200}
        assert len({page.text.split("three-words")[1].split("</ol>")[0] for page in (*both, back)}) == 1
        (handover,) = await kept(app)
        assert doors(app.app).person_door.handover_context.message_cipher.sent(handover).worker == Worker(
            "Wombat Jones", E164
        )

    async def test_with_the_database_away_nothing_typed_is_lost(self, app: PersonApp) -> None:
        await app.provider()
        child = app.child()
        await child.open()
        await child.press("worker")
        before = away(app)
        page = await child.press("with")
        assert page.status_code == 503
        doors(app.app).person_door = before
        await child.press("with")
        await child.press("details")
        await child.press("next", how="here", **WORKER)
        away(app)
        page = await child.press("send")
        assert page.status_code == 503
        doors(app.app).person_door = before
        await child.press("send")
        assert (await newest(app))[1].worker == Worker("Wombat Jones", E164)

    async def test_nothing_of_the_worker_is_in_an_address_or_a_log(
        self, one_app: PersonApp, caplog: pytest.LogCaptureFixture
    ) -> None:
        await one_app.provider()
        with caplog.at_level(logging.DEBUG):
            child = await sends(one_app, **WORKER)
            page = await talk_of(child)
        seen = caplog.text + str(page.url) + "".join(str(one.url) for one in page.history)
        assert "Wombat" not in seen
        assert "900456" not in seen

    async def test_html_validate_finds_nothing_on_the_way(self, one_app: PersonApp) -> None:
        tool("html-validate")
        await one_app.provider()
        child, pages = one_app.child(), dict[str, str]()
        pages["first"] = (await child.open(mode="alongside")).text
        for go in ("alone", "worker", "with", "details"):
            pages[go] = (await child.press(go)).text
        pages["wrong"] = (await child.press("next", worker_reach="x")).text
        pages["call"] = (await child.press("next", how="call-back", **WORKER)).text
        window = pages["call"].split('name="window" value="')[1].split('"')[0]
        pages["right"] = (await child.press("review", window=window, to_worker="yes")).text
        pages["sent"] = (await child.press("send")).text
        pages["talk"] = (await talk_of(child)).text
        # The form sends lists: the same name once for each of what was agreed to, read or picked.
        lists = re.compile(r'form-dup-name: .*"(agreed|passport|cards)"')
        assert [told for told in run("markup.mjs", stdin=json.dumps(pages)) if not lists.search(told)] == []


class TestCall:
    async def test_the_worker_is_called_only_where_the_child_ticks_it(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child, window = await to_call(one_app, **WORKER)
        assert "to_worker" not in fields(child, "review")
        page = await child.press("review", window=window)
        assert page.status_code == 422
        assert "Type a phone number that they can call." in page.text
        await child.press("review", number=NUMBER, whose="mine")
        await child.press("send")
        call = (await newest(one_app))[1].call
        assert call == CallBack("+447700900123", "mine", voicemail=False, say="", code_word="")

    async def test_ticked_no_number_of_the_child_is_asked_for_or_kept(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child, window = await to_call(one_app, **WORKER)
        page = await child.press("review", window=window, to_worker="yes", number="07700 900123")
        assert "The worker&#39;s" in page.text.split("<dl>")[2]
        assert "07700 900123" not in page.text.split("<dl>")[2]
        await child.press("send")
        sent = (await newest(one_app))[1]
        assert sent.call == CallBack(E164, "worker", voicemail=False, say="", code_word="")

    @pytest.mark.parametrize("worker", [{"worker_reach": "jo@youth.example"}, {"worker_reach": ""}])
    async def test_a_worker_without_a_number_is_not_offered_or_called(self, one_app: PersonApp, worker: Typed) -> None:
        await one_app.provider()
        child, window = await to_call(one_app, **worker)
        assert "Can they call the worker?" not in child.html
        page = await child.press("review", window=window, to_worker="yes")
        assert page.status_code == 422
        assert 'id="fault-number"' in page.text

    async def test_nobody_says_that_a_number_is_the_workers_but_by_the_tick(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child, window = await to_call(one_app, **WORKER)
        page = await child.press("review", window=window, number=NUMBER, whose="worker")
        assert 'id="fault-whose"' in page.text

    async def test_another_time_later_is_offered_in_the_same_way(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = await called(one_app, to_worker="yes")
        press = {"here": child.here, "act": "call-back"}
        page = await child.browser.post("/northmoor/person/do", data=press)
        assert "Can they call the worker?" in page.text
        window = page.text.split('name="window" value="')[2].split('"')[0]
        form = {"here": child.here, "act": "call-me", "window": window}
        refused = await child.browser.post("/northmoor/person/do", data=form)
        assert refused.status_code == 422
        assert (await child.browser.post("/northmoor/person/do", data={**form, "to_worker": "yes"})).status_code == 303
        handover, sent = await newest(one_app)
        assert (sent.worker, sent.call and sent.call.whose) == (Worker("Wombat Jones", E164), "worker")
        assert handover.due_from
        assert f"{handover.due_from:%Y%m%dT%H%MZ}" == window.split("-")[0]


class TestConsole:
    async def test_the_queue_marks_it_without_a_word(self, one_app: PersonApp) -> None:
        sam = await one_app.advocate(await one_app.provider(), "Sam")
        await one_app.child().ask()
        assert MARK not in (await sam.get("/console")).text
        await sends(one_app, **WORKER)
        page = (await sam.get("/console")).text
        assert page.count(MARK) == 1
        assert not [words for words in ("Wombat", "900456", "Robin") if words in page]
        ref = (await newest(one_app))[0].ref
        await takes(sam, ref)
        assert (await sam.get("/console")).text.count(MARK) == 1

    async def test_who_has_the_talk_reads_how_to_reach_the_worker(self, one_app: PersonApp) -> None:
        provider = await one_app.provider()
        sam, tom = await one_app.advocate(provider, "Sam"), await one_app.advocate(provider, "Tom")
        await sends(one_app, **WORKER)
        ref = (await newest(one_app))[0].ref
        assert "Wombat" not in (await sam.get(f"/console/talk/{ref}")).text, "nobody has it yet"
        await takes(sam, ref)
        page = (await sam.get(f"/console/talk/{ref}")).text
        assert all(words in page for words in (MARK, "Wombat Jones", DESK_NUMBER))
        page = (await tom.get(f"/console/talk/{ref}")).text
        assert not [words for words in (MARK, "Wombat", "900456") if words in page]

    async def test_a_call_to_the_worker_is_masked_until_a_reason_is_given(self, one_app: PersonApp) -> None:
        sam = await one_app.advocate(await one_app.provider(), "Sam")
        await called(one_app, to_worker="yes")
        assert (await sam.get("/console/calls")).text.count(MARK) == 1
        ref = (await newest(one_app))[0].ref
        await takes(sam, ref)
        pages = [(await sam.get(f"/console/{where}/{ref}")).text for where in ("calls", "talk")]
        assert all(MARK in page for page in pages)
        assert not [page for page in pages if DESK_NUMBER in page or E164 in page]
        opened = (await sam.post(f"/console/calls/{ref}/number", reason="to-call-now")).text
        for words in (DESK_NUMBER, E164, "Wombat Jones", "The child said that you may call the worker"):
            assert words in opened

    async def test_the_childs_own_number_stays_theirs_beside_a_worker(self, one_app: PersonApp) -> None:
        sam = await one_app.advocate(await one_app.provider(), "Sam")
        await called(one_app, number=NUMBER, whose="mine")
        ref = (await newest(one_app))[0].ref
        await takes(sam, ref)
        opened = (await sam.post(f"/console/calls/{ref}/number", reason="to-call-now")).text
        assert f'<a href="tel:+447700900123">{NUMBER}</a>' in opened
        assert f"{DESK_NUMBER}. Only if the child asks you to." in opened
        assert f"tel:{E164}" not in opened

    async def test_charlie_of_another_provider_sees_nothing(self, one_app: PersonApp) -> None:
        sam = await one_app.advocate(await one_app.provider(), "Sam")
        other = await one_app.provider("other-voices", ("southmere",))
        charlie = await one_app.advocate(other, "Charlie", "supervisor")
        await sends(one_app, **WORKER)
        talk = (await newest(one_app))[0].ref
        await called(one_app, to_worker="yes")
        call = (await newest(one_app))[0].ref
        await takes(sam, talk)
        await takes(sam, call)
        answers = [await charlie.get(f"/console/{at}") for at in (f"talk/{talk}", f"talk/{call}", f"calls/{call}")]
        answers.append(await charlie.post(f"/console/calls/{call}/number", reason="to-call-now"))
        assert {answer.status_code for answer in answers} == {404}
        answers += [await charlie.get("/console"), await charlie.get("/console/calls")]
        for words in (MARK, "Wombat", "900456"):
            assert not [answer for answer in answers if words in answer.text]

    async def test_the_figures_are_the_same_as_for_a_child_alone(self, one_app: PersonApp) -> None:
        one, two = await one_app.provider(), await one_app.provider("other-voices", ("southmere",))
        await sends(one_app, **WORKER)
        await one_app.child("southmere").ask()
        async with one_app.database.begin() as session:
            figures = [await counts_of(session, provider.id) for provider in (one, two)]
        assert figures[0] == figures[1]


class TestGone:
    async def test_delete_now_takes_it_and_the_child_is_told(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = await sends(one_app, **WORKER)
        sealed = (await newest(one_app))[0].sealed
        answer = await child.browser.post(
            "/northmoor/person/do", data={"here": child.here, "act": "forget"}, follow_redirects=True
        )
        assert "What you told us about the worker is gone." in answer.text
        assert sealed not in await everything_in(one_app.database)

    async def test_it_goes_on_its_date(self, one_app: PersonApp) -> None:
        await one_app.provider(keep_days="3")
        await sends(one_app, **WORKER)
        await goes_on_its_date(one_app, (await newest(one_app))[0])

    async def test_what_was_sealed_before_workers_could_ask_still_opens(self, one_app: PersonApp) -> None:
        await one_app.provider()
        await one_app.child().ask(question="")
        handover, message_cipher = (
            (await newest(one_app))[0],
            doors(one_app.app).person_door.handover_context.message_cipher,
        )
        old = asdict(message_cipher.sent(handover))
        del old["worker"]
        handover.sealed = message_cipher.talk.close(json.dumps(old))
        assert message_cipher.sent(handover) == Sent("Robin")

    async def test_a_lost_key_loses_the_worker_and_nobody_waits_for_it(self, one_app: PersonApp) -> None:
        sam = await one_app.advocate(await one_app.provider(), "Sam")
        child = await sends(one_app, **WORKER)
        handover = (await newest(one_app))[0]
        async with one_app.database.begin() as session:
            (await session.get_one(Handover, handover.id)).sealed = "lost"
        assert (await sam.get("/console")).status_code == 200
        assert (await talk_of(child)).status_code == 200


class TestJson:
    async def body(self, app: PersonApp, **others: Any) -> tuple[Any, dict[str, Any]]:
        """A program whose child said yes to a worker, and what it sends."""
        child = app.json_child()
        card = (await child.open())["consent_with_worker"]
        assert card["key"] == CARD
        body = child.body()
        body["agreed"][CARD] = card["signoff"]["fingerprint"]
        return child, {**body, "with_worker": True, **others}

    async def test_it_is_kept_and_the_state_says_so(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child, body = await self.body(one_app, worker={"name": "Wombat Jones", "reach": DESK_NUMBER})
        answer = await child.send(body)
        assert answer.status_code == 201
        handover, sent = await newest(one_app)
        assert sent.worker == Worker("Wombat Jones", E164)
        assert CARD in json.loads(handover.agreed)
        bearer = {"Authorization": f"Bearer {answer.json()['here']}"}
        state = await child.browser.get("/api/v1/handovers/state", headers=bearer)
        assert state.json()["with_worker"] is True
        assert "Wombat" not in state.text

    async def test_without_the_fingerprint_it_is_refused_and_alone_needs_none(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child, body = await self.body(one_app)
        agreed = {key: found for key, found in body["agreed"].items() if key != CARD}
        for forged in (agreed, {**agreed, CARD: "0" * 64}):
            answer = await child.send({**body, "agreed": forged})
            assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
        assert await kept(one_app) == []
        assert (await child.send({**body, "agreed": agreed, "with_worker": False})).status_code == 201
        handover, sent = await newest(one_app)
        assert (sent.worker, set(json.loads(handover.agreed))) == (None, ALONE)

    async def test_a_worker_who_was_not_agreed_to_is_not_named(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child, body = await self.body(one_app, with_worker=False, worker={"name": "Wombat"})
        answer = await child.send(body)
        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["with_worker"])
        assert "Wombat" not in answer.text
        assert await kept(one_app) == []

    @pytest.mark.parametrize("reach", ["zebrafish", "0800 1111", "z@", "z" * 300])
    async def test_a_fault_names_its_field_and_the_alarm_is_told(self, one_app: PersonApp, reach: str) -> None:
        await one_app.provider()
        child, body = await self.body(one_app, worker={"name": ALARM, "reach": reach})
        answer = await child.send(body)
        told = answer.json()
        assert (answer.status_code, list(told["fields"]), told["danger"]) == (422, ["worker.reach"], True)
        assert "zebrafish" not in answer.text

    @pytest.mark.parametrize("worker", ["zebrafish", ["zebrafish"], {"name": 1}, {"reach": ["zebrafish"]}])
    async def test_a_misshapen_worker_is_refused_without_its_words(self, one_app: PersonApp, worker: object) -> None:
        await one_app.provider()
        child, body = await self.body(one_app, worker=worker)
        answer = await child.send(body)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert "zebrafish" not in answer.text

    async def test_a_call_goes_to_the_worker_where_the_child_said_so(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child, body = await self.body(one_app, wants="call-back", worker={"reach": DESK_NUMBER})
        call = {key: part for key, part in child.call(to_worker=True).items() if key not in ("number", "whose")}
        answer = await child.send({**body, "call": call})
        assert answer.status_code == 201, answer.text
        assert (await newest(one_app))[1].call == CallBack(E164, "worker", voicemail=False, say="", code_word="")
        bearer = {"Authorization": f"Bearer {answer.json()['here']}"}
        changed: httpx.Response = await child.browser.post(
            "/api/v1/handovers/change", headers=bearer, json={"wants": "call-back", "call": call}
        )
        assert changed.status_code == 200, changed.text

    async def test_no_call_goes_to_a_worker_who_gave_no_number(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child, body = await self.body(one_app, wants="call-back", worker={"reach": "jo@youth.example"})
        call = {key: part for key, part in child.call(to_worker=True).items() if key not in ("number", "whose")}
        answer = await child.send({**body, "call": call})
        assert (answer.status_code, set(answer.json()["fields"])) == (422, {"call.number", "call.whose"})
