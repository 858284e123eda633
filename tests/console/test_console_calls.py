"""Call-backs, records of concern and figures at the console: what is due, what is hidden until it is asked for."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api.console.call_view import as_dialled, masked
from api.console.plain_labels import OUTCOMES, REACHED, TRIED, WHYS_CONCERN, WHYS_NUMBER, due, due_words, length, window
from api.console.plain_labels import REASONS as ABOUT
from api.records.audit import log_of
from api.records.handovers import call_backs, concerns
from api.records.handovers.call_times import PART, call_times
from api.records.handovers.monthly_counts import count
from api.records.handovers.new_handover import CallWindow, wait_here
from api.records.handovers.opening_hours import Hours, uk
from api.records.handovers.opening_week import DAYS
from api.records.handovers.tables import CallAttempt, Concern, Provider
from tests.console.test_console_queue import plain
from tests.console_app import THEIRS, advocate_in, provider
from tests.desk_app import DeskApp, Person
from tests.sign_in import form_of
from tests.waiting import CALL, NAME, WORDS, child, handover_context, kept, takes

SECRETS = ("07700 900123", CALL.number, CALL.say, CALL.code_word, NAME, WORDS)
RECORD = "The child said that a man waits at the gate."
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


async def called(desk: DeskApp, ours: Provider, who: Person, **later: float) -> str:
    """A call-back that somebody has taken; due now unless it is due so much later."""
    ref = await child(desk, ours, "call-back", due_in=timedelta(**later))
    await takes(who, ref)
    return ref


async def logged(desk: DeskApp, ours: Provider) -> list[tuple[str, str, str]]:
    async with desk.database.begin() as session:
        return [(line.who, line.what, line.about) for line in await log_of(session, ours.layer)]


def hidden(html: str) -> bool:
    """True when a page shows nothing of how to call."""
    return not any(secret in html for secret in SECRETS)


async def test_the_list_is_by_when_each_is_due_in_words_and_in_colour(
    desk: DeskApp, ours: Provider, ann: Person
) -> None:
    await child(desk, ours, "call-back", due_in=timedelta(days=1))
    await child(desk, ours, "call-back", due_in=timedelta(minutes=-5))
    await child(desk, ours, "call-back", due_in=timedelta(hours=-2, minutes=-20), danger=True)
    page = (await ann.get("/console/calls")).text
    assert re.findall(r'<li class="due-(\w+)"', page) == ["overdue", "now", "later"]
    overdue = "Overdue by 20 minutes: it was due"
    for said in (overdue, "Due now, until", "Due tomorrow", "Not tried yet", "May be in danger."):
        assert said in plain(page)
    assert hidden(page)


async def test_a_call_back_is_taken_from_the_list_by_one(
    desk: DeskApp, ours: Provider, ann: Person, ben: Person
) -> None:
    ref = await child(desk, ours, "call-back")
    assert "so you cannot take a call-back" in (await ann.get("/console/calls")).text
    await ann.post("/console/here")
    form = form_of(await ann.get("/console/calls"), f"/console/queue/{ref}/claim")
    taken = await ann.browser.post(form.action, data=form.values)
    assert (taken.status_code, taken.headers["location"]) == (303, f"/console/calls/{ref}")
    await ben.post("/console/here")
    assert "Ann has it." in (await ben.post(form.action)).text
    assert "Ann has it." in (await ben.get("/console/calls")).text
    for method in ("get", "post"):
        late = await getattr(ben, method)(f"/console/calls/{ref}" + ("/number" if method == "post" else ""))
        assert late.status_code == 409
        assert hidden(late.text)


async def test_everything_is_hidden_until_it_is_opened_with_a_reason(
    desk: DeskApp, ours: Provider, ann: Person
) -> None:
    ref = await called(desk, ours, ann)
    page = await ann.get(f"/console/calls/{ref}")
    assert "07••• ••••23" in page.text
    assert "Hidden. It ends with 23." in page.text
    assert hidden(page.text)
    unreasoned = await ann.post(f"/console/calls/{ref}/number")
    assert unreasoned.status_code == 422
    assert "Choose why you open the number" in unreasoned.text
    assert hidden(unreasoned.text)
    assert not [what for _, what, _ in await logged(desk, ours) if what.startswith("open number")]
    opened = await ann.post(f"/console/calls/{ref}/number", reason="to-call-now")
    assert opened.status_code == 200
    said = plain(opened.text)
    for shown in (
        "Number 07700 900123",
        "Whose phone it is A friend's",
        f"The child {NAME}",
        "your name is Sam from the library",
        "Code word, which you say first otter",
        "Voicemail Do not leave a message",
        "If another person answers, do not say who you are",
    ):
        assert shown in said.replace("&#39;", "'")
    assert 'href="tel:+447700900123"' in opened.text
    assert WORDS not in opened.text
    assert ("Ann", "open number: to-call-now", ref) in await logged(desk, ours)
    assert hidden(str(await logged(desk, ours)))
    assert hidden((await ann.get(f"/console/calls/{ref}")).text)


@pytest.mark.parametrize(("minutes", "safe"), [(-10, True), (60, False), (-200, False)])
async def test_the_page_warns_outside_the_time_that_is_safe(
    desk: DeskApp, ours: Provider, ann: Person, minutes: int, safe: bool
) -> None:
    ref = await called(desk, ours, ann, minutes=minutes)
    page = (await ann.get(f"/console/calls/{ref}")).text
    assert ("This is not the time that the child said is safe." in page) != safe


async def test_a_call_that_nobody_took_waits_on_the_list_for_the_time_that_was_chosen(
    desk: DeskApp, ours: Provider, ann: Person
) -> None:
    ref = await called(desk, ours, ann)
    page = (await ann.get(f"/console/calls/{ref}")).text
    value, words = re.findall(r'<option value="(\w+)">([^<]+)</option>', page)[-1]
    answer = await ann.post(f"/console/calls/{ref}/tried", result="no-answer", again=value)
    assert answer.headers["location"] == "/console/calls?kept=again"
    now = await kept(desk, ref)
    assert now.claimed_by is None
    assert now.due_until is not None
    assert f"{now.due_until:%Y%m%dT%H%MZ}" == value
    listed = plain((await ann.get("/console/calls?kept=again")).text)
    assert "Kept. It is on the list again" in listed
    assert f"Due {words.partition(' (')[0]}" in listed
    assert "Tried once" in listed
    assert "Take this call" in listed


async def test_a_call_without_a_next_time_stays_with_its_advocate(desk: DeskApp, ours: Provider, ann: Person) -> None:
    ref = await called(desk, ours, ann)
    answer = await ann.post(f"/console/calls/{ref}/tried", result="not-safe", again="")
    assert answer.headers["location"] == f"/console/calls/{ref}#close"
    assert (await kept(desk, ref)).claimed_by == ann.account.id
    assert "Not safe to talk" in (await ann.get(f"/console/calls/{ref}")).text


async def test_whoever_was_reached_is_not_called_again(desk: DeskApp, ours: Provider, ann: Person) -> None:
    ref = await called(desk, ours, ann)
    before = await kept(desk, ref)
    again = re.findall(r'<option value="(\w+)"', (await ann.get(f"/console/calls/{ref}")).text)[-1]
    await ann.post(f"/console/calls/{ref}/tried", result="reached", again=again)
    now = await kept(desk, ref)
    assert (now.claimed_by, now.due_until) == (ann.account.id, before.due_until)
    closed = await ann.post(f"/console/calls/{ref}/close", outcome="answered")
    assert closed.headers["location"] == "/console/calls?kept=closed"
    assert (await kept(desk, ref)).outcome == "answered"
    assert "Closed. The child reads a closing message" in (await ann.get("/console/calls?kept=closed")).text
    assert ref not in (await ann.get("/console/calls")).text
    late = await ann.post(f"/console/calls/{ref}/tried", result="reached")
    assert late.status_code == 409
    assert "It is over" in late.text


@pytest.mark.parametrize(
    ("doing", "sent", "said"),
    [
        ("tried", {}, "Choose what came of the call."),
        ("tried", {"result": "no-answer", "again": "20200101T0000Z"}, "That time has passed"),
        ("tried", {"result": "no-answer", "again": "nonsense"}, "That time has passed"),
        ("close", {}, "Choose what became of it."),
        ("close", {"outcome": "child-left"}, "Choose what became of it."),
    ],
)
async def test_what_cannot_be_kept_is_said_and_nothing_is_done(
    desk: DeskApp, ours: Provider, ann: Person, doing: str, sent: dict[str, str], said: str
) -> None:
    ref = await called(desk, ours, ann)
    answer = await ann.post(f"/console/calls/{ref}/{doing}", **sent)
    assert answer.status_code == 422
    assert said in answer.text
    async with desk.database.begin() as session:
        assert await session.scalar(select(CallAttempt.id)) is None
    assert (await kept(desk, ref)).state == "calling"


async def test_a_child_who_is_back_on_their_page_is_answered_there(desk: DeskApp, ours: Provider, ann: Person) -> None:
    ref = await called(desk, ours, ann)
    async with desk.database.begin() as session:
        await wait_here(
            session, handover_context(desk), await session.merge(await kept(desk, ref), load=False), desk.clock()
        )
    moved = await ann.get(f"/console/calls/{ref}")
    assert (moved.status_code, moved.headers["location"]) == (303, f"/console/talk/{ref}")
    assert (await ann.post(f"/console/calls/{ref}/tried", result="reached")).status_code == 409


async def test_a_number_that_cannot_be_opened_any_more_is_said_to_be_lost(
    desk: DeskApp, ours: Provider, ann: Person
) -> None:
    ref = await called(desk, ours, ann)
    async with desk.database.begin() as session:
        (await session.merge(await kept(desk, ref), load=False)).sealed = "gAAAAA"
    page = await ann.get(f"/console/calls/{ref}")
    assert page.status_code == 200
    assert "The number cannot be opened any more." in page.text


async def concern(desk: DeskApp, ours: Provider, who: Person) -> str:
    """A record of concern; gives its ref."""
    ref = await child(desk, ours)
    await takes(who, ref)
    async with desk.database.begin() as session:
        handover = await session.merge(await kept(desk, ref), load=False)
        advocate = await advocate_in(desk, who)
        return (
            await concerns.record(session, handover_context(desk), advocate, handover, "harm", RECORD, desk.clock())
        ).ref


async def test_a_record_of_concern_is_opened_with_a_reason_by_its_author_and_supervisors(
    desk: DeskApp, ours: Provider, ann: Person, ben: Person, sue: Person
) -> None:
    ref = await concern(desk, ours, ann)
    at = f"/console/concerns/{ref}"
    for who in (ann, sue):
        listed = await who.get("/console/concerns")
        assert at in listed.text
        assert "Harmed by somebody" in listed.text
        closed = await who.get(at)
        assert RECORD not in listed.text + closed.text
        unreasoned = await who.post(at)
        assert unreasoned.status_code == 422
        assert RECORD not in unreasoned.text
        assert RECORD in (await who.post(at, reason="to-act-on-it")).text
    assert "Ann" in plain((await sue.get("/console/concerns")).text)
    assert at not in (await ben.get("/console/concerns")).text
    assert (await ben.get(at)).status_code == 404
    assert (await ben.post(at, reason="to-act-on-it")).status_code == 404
    lines = await logged(desk, ours)
    assert {(who, "open concern: to-act-on-it", ref) for who in ("Ann", "Sue")} <= set(lines)
    assert len([what for _, what, _ in lines if what.startswith("open concern")]) == 2
    assert RECORD not in str(lines)


async def test_a_record_whose_key_is_gone_is_said_to_be_lost(desk: DeskApp, ours: Provider, ann: Person) -> None:
    ref = await concern(desk, ours, ann)
    async with desk.database.begin() as session:
        found = await session.scalar(select(Concern).where(Concern.ref == ref))
        assert found
        found.sealed = "gAAAAA"
    answer = await ann.post(f"/console/concerns/{ref}", reason="to-act-on-it")
    assert answer.status_code == 409
    assert "the key that it was sealed with is gone" in answer.text


async def test_figures_are_for_supervisors_by_month_and_nothing_else(
    desk: DeskApp, ours: Provider, ann: Person, sue: Person
) -> None:
    theirs = await provider(desk, THEIRS, ("southmere",))
    assert "Nothing has happened yet." in (await sue.get("/console/figures")).text
    async with desk.database.begin() as session:
        for what, times in (("asked", 3), ("closed-answered", 2), ("face-good", 1), ("let-go-by-clock", 7)):
            for _ in range(times):
                await count(session, ours.id, what, datetime(2026, 11, 3, tzinfo=UTC))
        await count(session, ours.id, "asked", datetime(2026, 12, 3, tzinfo=UTC))
        await count(session, theirs.id, "asked", datetime(2025, 1, 3, tzinfo=UTC))
    page = await sue.get("/console/figures")
    said = plain(page.text)
    assert said.index("December 2026") < said.index("November 2026")
    november = said.partition("November 2026")[2]
    assert "Children who asked for a person 3" in november
    assert "Closed: answered 2" in november
    assert "Children who chose the happy face 1" in november
    assert "Closed: nobody of us answered 0" in november
    assert "7" not in november.partition("Home")[0]
    assert "January 2025" not in said
    assert (await ann.get("/console/figures")).status_code == 404
    assert "/console/figures" not in (await ann.get("/console")).text


def test_every_choice_of_the_records_has_words() -> None:
    assert set(REACHED) == set(TRIED) == set(call_backs.REACHED)
    assert set(WHYS_NUMBER) == set(call_backs.WHYS)
    assert set(ABOUT) == set(concerns.REASONS)
    assert set(WHYS_CONCERN) == set(concerns.WHYS)
    assert "answered" in OUTCOMES


@pytest.mark.parametrize(
    ("number", "dialled", "shown"),
    [
        ("+447700900123", "07700 900123", "07••• ••••23"),
        ("+442079460000", "020 7946 0000", "02• •••• ••00"),
        ("+33612345678", "+33 6 12 34 56 78", "+33 • •• •• •• 78"),
        ("12", "12", "12"),
        ("", "", ""),
    ],
)
def test_a_number_is_masked_but_for_its_ends(number: str, dialled: str, shown: str) -> None:
    assert as_dialled(number) == dialled
    assert masked(dialled) == shown


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (timedelta(seconds=-5), "less than a minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=90), "1 hour 30 minutes"),
        (timedelta(days=1, minutes=5), "1 day"),
        (timedelta(days=3, hours=2, minutes=9), "3 days 2 hours"),
    ],
)
def test_how_long_is_said_in_words(gone: timedelta, said: str) -> None:
    assert length(gone) == said


@pytest.mark.parametrize(
    ("starts", "ends", "stands", "said"),
    [
        (0, 2, "now", "Due now, until 14:00"),
        (1, 3, "later", "Due today, 13:00 to 15:00"),
        (-3, 0, "overdue", "Overdue by less than a minute: it was due today, 09:00 to 12:00"),
        (-27, -25, "overdue", "Overdue by 1 day 1 hour: it was due yesterday, 09:00 to 11:00"),
        (24, 26, "later", "Due tomorrow, 12:00 to 14:00"),
        (72, 74, "later", "Due Friday 4 December 2026, 12:00 to 14:00"),
        (10, 13, "later", "Due today, 22:00 to tomorrow, 01:00"),
        (10, 12, "later", "Due today, 22:00 to 00:00"),
    ],
)
def test_when_a_call_is_due_is_said_in_words(starts: int, ends: int, stands: str, said: str) -> None:
    safe = CallWindow(NOON + timedelta(hours=starts), NOON + timedelta(hours=ends))
    assert due(safe, NOON) == stands
    assert due_words(safe, NOON) == said


def test_times_are_by_uk_clocks() -> None:
    summer = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert window(CallWindow(summer, summer + PART), summer) == "today, 13:00 to 15:00"


@given(
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),
    hours=st.sampled_from(["09:00-17:00", "00:00-24:00", "22:00-02:00", "16:00-20:30", "10:00-11:00, 14:00-19:00"]),
)
def test_a_next_time_is_when_somebody_is_there_and_by_day_where_that_can_be(moment: datetime, hours: str) -> None:
    opened = Hours.typed(dict.fromkeys(DAYS, hours), "")
    found = call_times(opened, moment)
    assert found
    assert found == sorted(found, key=lambda one: one.starts)
    for one in found:
        assert one.ends > moment
        assert one.ends - one.starts <= PART * 1.5
        assert opened.open_at(one.starts)
        assert opened.open_at(one.ends - timedelta(minutes=1))
        if hours != "22:00-02:00":
            assert uk(one.starts).hour >= 8
            assert uk(one.ends - timedelta(minutes=1)).hour < 21
    assert [one.ends for one in call_times(opened, moment) if one.ends > moment + PART] == [
        one.ends for one in call_times(opened, moment + timedelta(minutes=1)) if one.ends > moment + PART
    ] or uk(moment).date() != uk(moment + timedelta(minutes=1)).date()


def test_there_is_no_next_time_where_nobody_is_ever_there() -> None:
    assert call_times(Hours(), NOON) == []
