"""The advocate's talk: who may read it, sending, changing, ready-made replies, and no word is ever lost or leaked."""

import logging
from datetime import date
from pathlib import Path

import pytest

from api.records import sessions
from api.records.audit import log_of
from api.records.handovers.end_handover import close_by_clock, end, forget
from api.records.handovers.presence import here_since, leave
from api.records.handovers.retention import ABSENT, sweep
from api.records.handovers.tables import Provider
from tests.console_app import THEIRS, advocate_in, person, provider
from tests.console_conversation import NAMED, found, in_box, lines, plain, reads, said, sends, writes
from tests.desk_app import DeskApp, Person
from tests.doors import doors
from tests.waiting import NAME, WORDS, child, handover_context, kept, takes

PLANTED = "the tapir sings at noon"


@pytest.fixture
async def ours(desk: DeskApp) -> Provider:
    return await provider(desk, lead="Lena, extension 12 (invented)")


@pytest.fixture
async def charlie(desk: DeskApp) -> Person:
    await provider(desk, THEIRS, ("southmere",))
    return await person(desk, THEIRS, "supervisor", "Charlie")


@pytest.fixture
async def talk(desk: DeskApp, ours: Provider, ann: Person) -> str:
    """The address of a talk that Ann has."""
    ref = await child(desk, ours)
    await takes(ann, ref)
    return f"/console/talk/{ref}"


def ref_of(talk: str) -> str:
    return talk.rpartition("/")[2]


async def say(who: Person, talk: str, text: str, name: str = NAMED) -> None:
    answer = await who.post(f"{talk}/say", text=text, client_id=name)
    assert answer.status_code == 303, plain(answer.text)


class TestReading:
    async def test_whoever_claimed_it_reads_all_that_was_said_and_sent_along(self, ann: Person, talk: str) -> None:
        page = plain((await ann.get(talk)).text)
        for words in (f"Talk with {NAME}", WORDS, "Northmoor Police (invented)", "Likes to read Fewer words"):
            assert words in page
        assert "Their page is open." in page
        assert "Ring first: Lena, extension 12 (invented)" in page
        assert "How to answer Here, on their page" in page

    async def test_a_colleague_is_told_who_has_it_and_no_word(self, ben: Person, talk: str) -> None:
        page = await ben.get(talk)
        assert page.status_code == 200
        assert "This talk is with Ann" in page.text
        assert WORDS not in page.text
        assert NAME not in page.text
        assert "Watch" not in page.text

    async def test_nobody_reads_a_child_who_still_waits(self, desk: DeskApp, ours: Provider, ann: Person) -> None:
        page = await ann.get(f"/console/talk/{await child(desk, ours)}")
        assert "This talk is with nobody now" in page.text
        assert WORDS not in page.text

    async def test_a_supervisor_reads_only_once_the_child_was_told(self, desk: DeskApp, sue: Person, talk: str) -> None:
        before = await sue.get(talk)
        assert WORDS not in before.text
        assert "The child is told first, with your name." in before.text
        assert (await sue.post(f"/console/queue/{ref_of(talk)}/watch")).status_code == 303
        assert [one.said.who for one in await lines(desk, ref_of(talk)) if one.kind == "watched"] == ["Sue"]
        page = plain((await sue.get(talk)).text)
        assert WORDS in page
        assert "You watch this talk, and the child was told. Only the advocate writes." in page
        assert "Sue watches; the child was told." in page

    async def test_a_supervisor_who_watches_cannot_write(self, desk: DeskApp, sue: Person, talk: str) -> None:
        await sue.post(f"/console/queue/{ref_of(talk)}/watch")
        answer = await sue.post(f"{talk}/say", text=PLANTED, client_id=NAMED)
        assert answer.status_code == 409
        assert PLANTED in answer.text, "the words are kept"
        assert await said(desk, ref_of(talk)) == []

    async def test_who_stops_watching_reads_no_more(self, sue: Person, talk: str) -> None:
        await sue.post(f"/console/queue/{ref_of(talk)}/watch")
        await sue.post(f"/console/queue/{ref_of(talk)}/stop-watching")
        assert WORDS not in (await sue.get(talk)).text

    async def test_charlie_finds_nothing_at_any_address(self, charlie: Person, talk: str) -> None:
        for path in ("", "?change=1", "/safeguarding", "/close", "/stream"):
            assert (await charlie.get(talk + path)).status_code == 404, path
        for path in ("/say", "/change", "/answers", "/safeguarding", "/close"):
            fields = {"text": PLANTED, "q": "bail", "reason": "harm", "outcome": "answered", "number": "1"}
            answer = await charlie.post(talk + path, **fields)
            assert answer.status_code == 404, path
            assert WORDS not in answer.text
        check = await charlie.post("/console/check", ref=ref_of(talk), text=PLANTED)
        assert check.status_code == 404

    async def test_a_talk_that_never_was_looks_the_same(self, charlie: Person, talk: str) -> None:
        mine, none = await charlie.get(talk), await charlie.get("/console/talk/never-was")
        assert (mine.status_code, mine.text) == (none.status_code, none.text)

    async def test_people_of_the_desk_have_no_console(self, desk: DeskApp, talk: str) -> None:
        lead = await desk.person("northmoor", "lead")
        page = await lead.get(talk)
        assert page.status_code == 303
        assert page.headers["location"].startswith("/desk/sign-in")

    async def test_details_of_a_call_back_are_hidden(self, desk: DeskApp, ours: Provider, ann: Person) -> None:
        ref = await child(desk, ours, "call-back")
        await takes(ann, ref)
        page = (await ann.get(f"/console/talk/{ref}")).text
        assert "The number is hidden." in page
        assert f'href="/console/calls/{ref}"' in page
        for secret in ("447700900123", "7700 900", "otter", "Sam from the library"):
            assert secret not in page


class TestSending:
    async def test_a_message_is_on_the_page_with_where_it_is(self, desk: DeskApp, ann: Person, talk: str) -> None:
        answer = await ann.post(f"{talk}/say", text=f"{PLANTED}\r\nand again", client_id=NAMED)
        assert answer.status_code == 303
        assert await said(desk, ref_of(talk)) == [f"{PLANTED}\nand again"]
        assert "Not on their page yet. You can still change it." in plain((await ann.get(talk)).text)
        await reads(desk, ref_of(talk))
        page = plain((await ann.get(talk)).text)
        assert "On their page." in page
        assert "You can still change it." not in page

    async def test_sent_twice_it_is_one_message(self, desk: DeskApp, ann: Person, talk: str) -> None:
        await say(ann, talk, PLANTED)
        await say(ann, talk, PLANTED)
        await say(ann, talk, PLANTED, "another-name-of-it")
        assert await said(desk, ref_of(talk)) == [PLANTED, PLANTED]

    async def test_a_message_of_the_child_never_stands_for_one_of_the_advocates(
        self, desk: DeskApp, ann: Person, talk: str
    ) -> None:
        await writes(desk, ref_of(talk), "hello", NAMED)
        await say(ann, talk, PLANTED)
        assert await said(desk, ref_of(talk)) == [PLANTED]

    async def test_the_script_gets_the_new_lines_alone(self, desk: DeskApp, ann: Person, talk: str) -> None:
        after = (await kept(desk, ref_of(talk))).changes
        answer = await sends(ann, f"{talk}/say", text=PLANTED, client_id=NAMED, after=after)
        assert answer.status_code == 200
        assert PLANTED in answer.text
        assert WORDS not in answer.text
        assert "<html" not in answer.text

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "Write something first."),
            ("  \n ", "Write something first."),
            ("x" * 2001, "Your message has 2,001 letters; at most 2,000 are sent. Make it two."),
        ],
    )
    async def test_what_cannot_be_sent_says_why_and_stays(
        self, desk: DeskApp, ann: Person, talk: str, text: str, told: str
    ) -> None:
        page = await ann.post(f"{talk}/say", text=text, client_id=NAMED)
        assert page.status_code == 422
        assert told in page.text
        assert in_box(page.text) == text.strip()
        part = await sends(ann, f"{talk}/say", text=text, client_id=NAMED)
        assert (part.status_code, part.text) == (422, told)
        assert await said(desk, ref_of(talk)) == []

    async def test_2000_letters_are_sent(self, desk: DeskApp, ann: Person, talk: str) -> None:
        await say(ann, talk, "x" * 2000)
        assert await said(desk, ref_of(talk)) == ["x" * 2000]

    async def test_a_picture_goes_with_the_words(self, desk: DeskApp, ann: Person, talk: str) -> None:
        await ann.post(f"{talk}/say", text=PLANTED, symbol="phone", client_id=NAMED)
        assert [one.said.symbol for one in await lines(desk, ref_of(talk)) if one.writer == "advocate"] == ["phone"]
        assert '<img src="/pictures/phone.svg" alt="" width="56"' in (await ann.get(talk)).text
        alone = await ann.post(f"{talk}/say", text="", symbol="phone", client_id="another-name-of-it")
        assert "A picture goes with words." in alone.text
        await ann.post(f"{talk}/say", text="x", symbol="../etc", client_id="a-third-name-of-it")
        assert [one.said.symbol for one in await lines(desk, ref_of(talk))][-1] is None

    async def test_a_hard_word_is_put_into_the_box_and_nothing_is_sent(
        self, desk: DeskApp, ann: Person, talk: str
    ) -> None:
        page = await ann.post(f"{talk}/say", text="You are on bail.", word="bail", doing="word", client_id=NAMED)
        assert page.status_code == 200
        meaning = doors(desk.app).console.renderer.glossary["bail"].meaning["simple"]
        assert in_box(page.text) == f"You are on bail.\nBail: {meaning}"
        assert await said(desk, ref_of(talk)) == []

    async def test_who_writes_is_here_although_their_page_was_quiet(
        self, desk: DeskApp, ann: Person, talk: str
    ) -> None:
        desk.clock.move(seconds=100)
        await say(ann, talk, PLANTED)
        assert await is_here(desk, ann)

    async def test_who_has_left_does_not_come_back_by_writing(self, desk: DeskApp, ann: Person, talk: str) -> None:
        async with desk.database.begin() as session:
            await leave(session, handover_context(desk), await advocate_in(desk, ann), desk.clock())
        await say(ann, talk, PLANTED)
        assert not await is_here(desk, ann)
        assert "You are not marked as here." in (await ann.get(talk)).text


async def is_here(desk: DeskApp, who: Person) -> bool:
    async with desk.database.begin() as session:
        return await here_since(session, who.account.id, desk.clock()) is not None


class TestNothingIsLost:
    async def test_closed_meanwhile(self, desk: DeskApp, ann: Person, talk: str) -> None:
        async with desk.database.begin() as session:
            await end(session, handover_context(desk), await found(session, ref_of(talk)), desk.clock())
        page = await ann.post(f"{talk}/say", text=PLANTED, client_id=NAMED)
        assert page.status_code == 409
        assert "The talk is over, so this was not sent." in page.text
        assert PLANTED in page.text
        part = await sends(ann, f"{talk}/say", text=PLANTED, client_id=NAMED)
        assert (part.status_code, PLANTED in part.text) == (409, False)
        assert "still here" in part.text
        assert await said(desk, ref_of(talk)) == []

    async def test_let_go_by_the_clock_meanwhile(self, desk: DeskApp, ann: Person, talk: str) -> None:
        desk.clock.move(seconds=ABSENT.total_seconds() + 1)
        await sweep(desk.database, handover_context(desk), desk.clock())
        page = await ann.post(f"{talk}/say", text=PLANTED, client_id=NAMED)
        assert page.status_code == 409
        assert "The talk is not with you any more, so this was not sent." in page.text
        assert PLANTED in page.text
        assert WORDS not in page.text, "what the child said is not theirs to read now"
        assert await said(desk, ref_of(talk)) == []

    async def test_forgotten_meanwhile(self, desk: DeskApp, ann: Person, talk: str) -> None:
        async with desk.database.begin() as session:
            await forget(session, handover_context(desk), await found(session, ref_of(talk)), desk.clock())
        assert (await ann.post(f"{talk}/say", text=PLANTED, client_id=NAMED)).status_code == 404
        assert (await ann.get(talk)).status_code == 404

    async def test_the_sign_in_ended_meanwhile(self, desk: DeskApp, ann: Person, talk: str) -> None:
        async with desk.database.begin() as session:
            await sessions.end_all(session, ann.account.id, desk.clock())
        page = await ann.post(f"{talk}/say", text=PLANTED, client_id=NAMED)
        assert page.status_code == 401
        assert f'value="{PLANTED}"' in page.text, "the form is carried past the sign-in"
        part = await sends(ann, f"{talk}/say", text=PLANTED, client_id=NAMED)
        assert part.status_code == 401
        assert "Your sign-in has ended." in part.text

    async def test_the_database_is_away(self, desk: DeskApp, ann: Person, talk: str, tmp_path: Path) -> None:
        file, aside = tmp_path / "know.db", tmp_path / "aside.db"
        file.rename(aside)
        page = await ann.post(f"{talk}/say", text=PLANTED, client_id=NAMED, symbol="phone")
        part = await sends(ann, f"{talk}/say", text=PLANTED, client_id=NAMED)
        opened = await ann.get(talk)
        aside.rename(file)
        assert page.status_code == 503
        assert in_box(page.text) == PLANTED
        for field in (f'name="client_id" value="{NAMED}"', 'name="symbol" value="phone"', f'action="{talk}/say"'):
            assert field in page.text
        assert part.status_code == 503
        assert "Your words are still here." in part.text
        assert opened.status_code == 503
        await say(ann, talk, PLANTED)
        assert await said(desk, ref_of(talk)) == [PLANTED]

    async def test_a_closed_talk_is_read_until_its_words_go(self, desk: DeskApp, ann: Person, talk: str) -> None:
        async with desk.database.begin() as session:
            await close_by_clock(
                session, handover_context(desk), await found(session, ref_of(talk)), "child-left", desk.clock()
            )
        page = (await ann.get(talk)).text
        assert WORDS in page
        assert "This talk is over." in page
        assert "<textarea" not in page


class TestChanging:
    async def test_a_message_is_changed_before_the_childs_page_has_it(
        self, desk: DeskApp, ann: Person, talk: str
    ) -> None:
        await say(ann, talk, PLANTED)
        number = (await lines(desk, ref_of(talk)))[-1].number
        page = await ann.get(f"{talk}?change={number}")
        assert in_box(page.text) == PLANTED
        assert f'action="{talk}/change"' in page.text
        changed = await ann.post(f"{talk}/change", number=number, text="better words", client_id=NAMED)
        assert changed.status_code == 303
        assert await said(desk, ref_of(talk)) == ["better words"]
        assert ", changed" in (await ann.get(talk)).text

    async def test_never_after_and_the_words_stay_in_the_box(self, desk: DeskApp, ann: Person, talk: str) -> None:
        await say(ann, talk, PLANTED)
        number = (await lines(desk, ref_of(talk)))[-1].number
        await reads(desk, ref_of(talk))
        page = await ann.post(f"{talk}/change", number=number, text="too late", client_id=NAMED)
        assert page.status_code == 409
        assert "It is on their page already. Write a new message to put it right." in page.text
        assert in_box(page.text) == "too late"
        assert f'action="{talk}/say"' in page.text, "from here on it is a new message"
        assert await said(desk, ref_of(talk)) == [PLANTED]
        opened = await ann.get(f"{talk}?change={number}")
        assert "It is on their page already." in opened.text
        assert in_box(opened.text) == ""

    async def test_only_ones_own(self, desk: DeskApp, ann: Person, ben: Person, talk: str) -> None:
        await say(ann, talk, PLANTED)
        number = (await lines(desk, ref_of(talk)))[-1].number
        await ben.post("/console/here")
        passed = await ann.post(f"/console/queue/{ref_of(talk)}/pass-on", to=ben.account.id)
        assert passed.status_code == 303
        assert "You can still change it." not in (await ben.get(talk)).text
        answer = await ben.post(f"{talk}/change", number=number, text="not mine", client_id=NAMED)
        assert answer.status_code == 409
        assert await said(desk, ref_of(talk)) == [PLANTED]

    @pytest.mark.parametrize("number", ["0", "1", "999", "-4", "99999999999999999999"])
    async def test_no_other_line_is_changed(self, desk: DeskApp, ann: Person, talk: str, number: str) -> None:
        before = await lines(desk, ref_of(talk))
        answer = await ann.post(f"{talk}/change", number=number, text="no", client_id=NAMED)
        assert answer.status_code == 409
        assert await lines(desk, ref_of(talk)) == before


class TestReadyMade:
    async def test_every_signed_snippet_is_there_in_the_childs_words(
        self, desk: DeskApp, ann: Person, talk: str
    ) -> None:
        page = (await ann.get(talk)).text
        live = doors(desk.app).pack_cache.pack("northmoor").live(date.today())
        keys = {key for key, signed in live.items() if signed.words.kind == "snippet"}
        assert len(keys) > 10
        for key in keys:
            assert f'name="card" value="{key}"' in page
        assert "I help you say what you want." in page

    async def test_one_is_sent_as_it_is_signed(self, desk: DeskApp, ann: Person, talk: str) -> None:
        answer = await ann.post(f"{talk}/say", card="snippet-hello", client_id=NAMED)
        assert answer.status_code == 303
        assert await said(desk, ref_of(talk)) == ["card snippet-hello"]
        assert "You can still change it." not in plain((await ann.get(talk)).text)

    async def test_an_answer_is_found_and_sent(self, desk: DeskApp, ann: Person, talk: str) -> None:
        page = await ann.post(f"{talk}/answers", q="bodycam video")
        assert page.status_code == 200
        assert 'name="card" value="bodycam"' in page.text
        part = await sends(ann, f"{talk}/answers", q="bodycam")
        assert 'name="card" value="bodycam"' in part.text
        assert "<html" not in part.text
        assert (await ann.post(f"{talk}/say", card="bodycam", client_id=NAMED)).status_code == 303
        assert await said(desk, ref_of(talk)) == ["card bodycam"]

    @pytest.mark.parametrize("card", ["person-closed", "alarm-suicide", "talk-to-a-person", "thanks", "never-was"])
    async def test_no_other_card_is_sent(self, desk: DeskApp, ann: Person, talk: str, card: str) -> None:
        answer = await ann.post(f"{talk}/say", card=card, client_id=NAMED)
        assert answer.status_code == 422
        assert "These words are not signed now, so they were not sent." in answer.text
        assert await said(desk, ref_of(talk)) == []

    async def test_past_its_review_date_one_is_neither_offered_nor_sent(
        self, desk: DeskApp, ann: Person, talk: str
    ) -> None:
        doors(desk.app).pack_cache.today = lambda: date(2099, 1, 1)
        page = await ann.get(talk)
        assert "No ready-made reply is signed now." in page.text
        answer = await ann.post(f"{talk}/say", card="snippet-hello", client_id=NAMED)
        assert answer.status_code == 422
        assert await said(desk, ref_of(talk)) == []

    async def test_a_search_for_nothing_or_nonsense_finds_nothing(self, ann: Person, talk: str) -> None:
        assert 'value="bodycam"' not in (await sends(ann, f"{talk}/answers", q="  ")).text
        assert "No answers for" in plain((await sends(ann, f"{talk}/answers", q="zzzz")).text)


class TestAPageThatOpensByItself:
    async def test_it_keeps_no_sign_in_awake(self, desk: DeskApp, ann: Person, talk: str) -> None:
        for _ in range(4):
            desk.clock.move(minutes=9)
            page = await ann.get(f"{talk}?again=1")
        assert page.status_code == 303
        assert page.headers["location"].startswith("/desk/sign-in")

    async def test_without_script_it_looks_for_news_until_somebody_writes(self, ann: Person, talk: str) -> None:
        refresh = '<noscript><meta http-equiv="refresh" content="20;'
        assert refresh in (await ann.get(talk)).text
        assert refresh not in (await ann.get(f"{talk}?write=1")).text
        assert refresh not in (await ann.post(f"{talk}/say", text="", client_id=NAMED)).text


async def test_no_word_of_a_talk_in_any_log_or_address(
    desk: DeskApp, ours: Provider, ann: Person, talk: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answers = [
            await ann.post(f"{talk}/say", text=PLANTED, client_id=NAMED),
            await ann.post(f"{talk}/say", text="", client_id=NAMED, symbol="phone"),
            await ann.post(f"{talk}/answers", q=PLANTED),
            await ann.post(f"{talk}/change", number=1, text=PLANTED, client_id=NAMED),
            await ann.post(f"{talk}/safeguarding", reason="harm", text=PLANTED),
            await ann.post(f"{talk}/close", outcome="answered"),
        ]
    async with desk.database.begin() as session:
        noted = [f"{line.what} {line.about} {line.who}" for line in await log_of(session, ours.layer)]
    assert "tapir" not in " ".join(noted)
    # The database driver is told what to keep, sealed; nobody else is told anything.
    assert "tapir" not in caplog.text
    assert WORDS not in caplog.text
    assert NAME not in " ".join(noted)
    assert all("tapir" not in answer.headers.get("location", "") for answer in answers)


async def test_every_form_carries_the_mark(ann: Person, talk: str) -> None:
    for path in ("/say", "/change", "/answers", "/safeguarding", "/close"):
        answer = await ann.browser.post(talk + path, data={"text": PLANTED})
        assert answer.status_code == 403, path
