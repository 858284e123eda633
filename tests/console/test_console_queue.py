"""The advocate's queue: who waits, taking a child, letting go, passing on, being here, and the page that keeps up."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from api.records.accounts import DeskSession
from api.records.audit import log_of
from api.records.handovers.conversation import say_as_advocate
from api.records.handovers.end_handover import end
from api.records.handovers.message_cipher import MessageBody
from api.records.handovers.presence import here_since
from api.records.handovers.pubsub import queue
from api.records.handovers.tables import Provider
from api.records.letters import Letter
from api.web.csrf import COOKIE, form_mark
from tests.console_app import OURS, THEIRS, advocate_in, person, provider
from tests.desk_app import DeskApp, Person
from tests.events import stream
from tests.waiting import NAME, WORDS, child, handover_context, kept, says, takes

SCRIPT = {"X-Fragment": "1"}


async def text(who: Person, path: str = "/console") -> str:
    """A page without its markup, as it is read."""
    page = await who.get(path)
    assert page.status_code == 200
    return plain(page.text)


def plain(html: str) -> str:
    found: str = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    return found


def part(html: str, name: str) -> str:
    """One section of the queue."""
    return html.partition(f'<section id="{name}"')[2].partition("</section>")[0]


async def stays(who: Person) -> int:
    """What the page says by itself: its browser is still there."""
    sent = {"mark": form_mark(who.token)}
    return (await who.browser.post("/console/still", data=sent, headers=SCRIPT)).status_code


async def is_here(desk: DeskApp, who: Person) -> bool:
    async with desk.database.begin() as session:
        return await here_since(session, who.account.id, desk.clock()) is not None


async def test_the_queue_says_who_waits_and_none_of_their_words(desk: DeskApp, ours: Provider, ann: Person) -> None:
    await child(desk, ours)
    page = await ann.get("/console")
    for said in ("Waiting: 1", "Has waited less than a minute", "Northmoor", "Reads: Fewer words", "Page open now"):
        assert said in plain(page.text)
    assert "<title>(1) Queue</title>" in page.text
    assert WORDS not in page.text
    assert NAME not in page.text


@pytest.mark.parametrize(
    ("minutes", "said", "pace"),
    [
        (1, "Has waited 1 minute", "pace-looking"),
        (2, "Has waited 2 minutes: a long wait", "pace-still-looking"),
        (5, "Has waited 5 minutes: too long", "pace-choices"),
        (65, "Has waited 1 hour 5 minutes: too long", "pace-choices"),
    ],
)
async def test_a_wait_that_grows_long_is_said_in_words_and_in_colour(
    desk: DeskApp, ours: Provider, ann: Person, minutes: int, said: str, pace: str
) -> None:
    await child(desk, ours)
    desk.clock.move(minutes=min(minutes, 29))
    await ann.get("/console")
    desk.clock.move(minutes=minutes - min(minutes, 29))
    if minutes > 29:
        ann = await person(desk, OURS)
    page = (await ann.get("/console")).text
    assert said in plain(page)
    assert f'class="{pace}"' in page
    assert ("Page open now" in page) == (minutes <= 1)


async def test_danger_is_above_and_then_the_oldest_is_first(desk: DeskApp, ours: Provider, ann: Person) -> None:
    old = await child(desk, ours)
    desk.clock.move(minutes=3)
    young = await child(desk, ours)
    desk.clock.move(minutes=1)
    danger = await child(desk, ours, danger=True)
    page = (await ann.get("/console")).text
    assert re.findall(r'<li id="row-([^"]+)"', page) == [danger, old, young]
    assert page.count("May be in danger.") == 1


async def test_only_who_is_here_takes_a_child(desk: DeskApp, ours: Provider, ann: Person) -> None:
    ref = await child(desk, ours)
    assert "Take this child" not in (await ann.get("/console")).text
    refused = await ann.post(f"/console/queue/{ref}/claim")
    assert refused.status_code == 409
    assert "Press &#34;I am here&#34; first." in refused.text
    assert (await kept(desk, ref)).claimed_by is None
    assert (await ann.post("/console/here")).headers["location"] == "/console"
    assert "Take this child" in (await ann.get("/console")).text
    taken = await ann.post(f"/console/queue/{ref}/claim")
    assert (taken.status_code, taken.headers["location"]) == (303, f"/console/talk/{ref}")
    assert (await kept(desk, ref)).claimed_by == ann.account.id
    assert "Mine: 1" in await text(ann)


async def test_the_second_to_take_a_child_learns_who_has_it(
    desk: DeskApp, ours: Provider, ann: Person, ben: Person
) -> None:
    ref = await child(desk, ours)
    await takes(ann, ref)
    await ben.post("/console/here")
    late = await ben.post(f"/console/queue/{ref}/claim")
    assert late.status_code == 409
    assert "Ann has it. Nothing more for you to do." in late.text
    assert (await kept(desk, ref)).claimed_by == ann.account.id
    assert "With colleagues: 1 Ann since" in await text(ben)


async def test_nobody_has_more_than_is_good(desk: DeskApp, ours: Provider, ann: Person) -> None:
    refs = [await child(desk, ours) for _ in range(ours.most_open + 1)]
    for ref in refs[:-1]:
        await takes(ann, ref)
    refused = await ann.post(f"/console/queue/{refs[-1]}/claim")
    assert refused.status_code == 409
    assert "You have 3 children already" in refused.text
    page = (await ann.get("/console")).text
    assert "Take this child" not in page
    assert "You have 3 already" in page
    assert (await kept(desk, refs[-1])).claimed_by is None


async def test_a_child_who_has_left_is_not_taken(desk: DeskApp, ours: Provider, ann: Person) -> None:
    ref = await child(desk, ours)
    await ann.post("/console/here")
    async with desk.database.begin() as session:
        await end(session, handover_context(desk), await session.merge(await kept(desk, ref), load=False), desk.clock())
    late = await ann.post(f"/console/queue/{ref}/claim")
    assert late.status_code == 409
    assert "It is over: the child has left, or it was closed." in late.text


async def test_letting_go_puts_a_child_back_in_their_place(
    desk: DeskApp, ours: Provider, ann: Person, ben: Person
) -> None:
    first = await child(desk, ours)
    desk.clock.move(minutes=1)
    second = await child(desk, ours)
    await takes(ann, first)
    desk.clock.move(minutes=4)
    assert (await ben.post(f"/console/queue/{first}/let-go")).status_code == 409
    assert (await ann.post(f"/console/queue/{first}/let-go")).headers["location"] == "/console"
    page = (await ann.get("/console")).text
    assert re.findall(r'<li id="row-([^"]+)"', page) == [first, second]
    assert "Has waited 5 minutes: too long" in plain(page)


async def test_passing_on_reaches_only_colleagues_who_are_here(
    desk: DeskApp, ours: Provider, ann: Person, ben: Person
) -> None:
    await provider(desk, THEIRS, ("southmere",))
    charlie = await person(desk, THEIRS, "advocate", "Charlie")
    ref = await child(desk, ours)
    await takes(ann, ref)
    at = f"/console/queue/{ref}/pass-on"
    assert "Nobody else is here now." in await text(ann, at)
    for other in (charlie, ben):
        if other is charlie:
            await charlie.post("/console/here")
        refused = await ann.post(at, to=str(other.account.id))
        assert refused.status_code == 409
        assert "They are not here any more. Choose somebody else." in refused.text
    await ben.post("/console/here")
    assert "Pass on to Ben" in await text(ann, at)
    assert (await ann.post(at, to=str(ben.account.id))).headers["location"] == "/console"
    assert (await kept(desk, ref)).claimed_by == ben.account.id
    assert "Mine: 1" in await text(ben)
    stale = await ann.post(at, to=str(ann.account.id))
    assert stale.status_code == 409
    assert "It is not with you." in stale.text


@pytest.mark.parametrize("to", ["0", "-1", "999999999999999999999999", "2147483648"])
async def test_passing_on_to_nobody_is_refused(desk: DeskApp, ours: Provider, ann: Person, to: str) -> None:
    ref = await child(desk, ours)
    await takes(ann, ref)
    assert (await ann.post(f"/console/queue/{ref}/pass-on", to=to)).status_code == 409
    assert (await kept(desk, ref)).claimed_by == ann.account.id


async def test_a_supervisor_watches_and_passes_on_and_an_advocate_does_not(
    desk: DeskApp, ours: Provider, ann: Person, ben: Person, sue: Person
) -> None:
    ref = await child(desk, ours)
    await takes(ann, ref)
    await ben.post("/console/here")
    watch, at = f"/console/queue/{ref}/watch", f"/console/queue/{ref}/pass-on"
    assert watch not in (await ben.get("/console")).text
    assert (await ben.post(watch)).status_code == 409
    assert (await ben.get(at)).status_code == 409
    assert (await ben.post(at, to=str(ben.account.id))).status_code == 409
    assert watch in (await sue.get("/console")).text
    assert (await sue.post(watch)).headers["location"] == f"/console/talk/{ref}"
    page = (await sue.get("/console")).text
    assert f"/console/queue/{ref}/stop-watching" in page
    assert watch not in page
    assert (await sue.post(f"/console/queue/{ref}/stop-watching")).headers["location"] == "/console"
    assert watch in (await sue.get("/console")).text
    assert (await sue.post(at, to=str(ben.account.id))).status_code == 303
    assert (await kept(desk, ref)).claimed_by == ben.account.id


async def test_what_the_child_wrote_since_is_counted(desk: DeskApp, ours: Provider, ann: Person) -> None:
    ref = await child(desk, ours)
    await takes(ann, ref)
    assert "1 message since an advocate wrote" in await text(ann)
    await says(desk, ref, "again")
    assert "2 messages since an advocate wrote" in await text(ann)
    async with desk.database.begin() as session:
        handover = await session.merge(await kept(desk, ref), load=False)
        who = await advocate_in(desk, ann)
        await say_as_advocate(
            session, handover_context(desk), who, handover, MessageBody("Hello."), "hello", desk.clock()
        )
    assert "since an advocate wrote" not in await text(ann)


async def test_here_until_leaving_or_until_the_browser_goes_away(desk: DeskApp, ours: Provider, ann: Person) -> None:
    assert "You are not marked as here" in await text(ann)
    await ann.post("/console/here")
    assert "Here now: you." in await text(ann)
    for _ in range(4):
        desk.clock.move(seconds=60)
        assert await stays(ann) == 204
        assert await is_here(desk, ann)
    for _ in range(4):
        desk.clock.move(seconds=60)
        await ann.get("/console?again=1")
        assert await is_here(desk, ann)
    desk.clock.move(seconds=76)
    assert not await is_here(desk, ann)
    await stays(ann)
    assert not await is_here(desk, ann)
    await ann.post("/console/here")
    await ann.post("/console/away")
    assert not await is_here(desk, ann)


async def test_who_leaves_is_told_of_the_children_they_have(desk: DeskApp, ours: Provider, ann: Person) -> None:
    await takes(ann, await child(desk, ours))
    await ann.post("/console/away")
    assert "You still have 1. Talks go back in line in about 3 minutes, unless you are back." in await text(ann)


async def test_what_a_page_does_by_itself_keeps_no_sign_in_awake(desk: DeskApp, ours: Provider, ann: Person) -> None:
    await ann.post("/console/here")
    for _ in range(29):
        desk.clock.move(minutes=1)
        assert (await ann.get("/console?again=1")).status_code == 200
        assert await stays(ann) == 204
    assert "Your sign-in ends at" in await text(ann, "/console?again=1")
    desk.clock.move(minutes=2)
    assert (await ann.get("/console?again=1")).status_code == 303
    fragment = await ann.browser.get("/console?again=1", headers=SCRIPT)
    assert fragment.status_code == 401
    assert await stays(ann) == 401


async def test_opening_the_queue_oneself_keeps_the_sign_in_awake(desk: DeskApp, ours: Provider, ann: Person) -> None:
    desk.clock.move(minutes=28)
    assert "Your sign-in ends at" in await text(ann, "/console?again=1")
    assert "Your sign-in ends at" not in await text(ann)
    desk.clock.move(minutes=28)
    assert (await ann.get("/console?again=1")).status_code == 200


async def test_a_break_is_suggested_after_long_at_work(desk: DeskApp, ann: Person) -> None:
    await ann.post("/console/here")
    for _ in range(89):
        desk.clock.move(minutes=1)
        assert "Take a break" not in await text(ann)
    desk.clock.move(minutes=1)
    assert "You have been here for 1 hour 30 minutes. Take a break when you can." in await text(ann)


async def test_without_script_the_page_opens_itself_anew_until_that_is_stopped(ann: Person) -> None:
    refresh = '<meta http-equiv="refresh" content="30;url=/console?again=1">'
    assert f"<noscript>{refresh}</noscript>" in (await ann.get("/console")).text
    assert refresh in (await ann.get("/console?again=1")).text
    stopped = (await ann.get("/console?refresh=off")).text
    assert "http-equiv" not in stopped
    assert "This page stays as it is" in stopped


async def test_what_was_done_is_in_the_log_and_no_word_of_the_child(
    desk: DeskApp, ours: Provider, ann: Person, sue: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    ref = await child(desk, ours)
    await takes(ann, ref)
    await sue.post(f"/console/queue/{ref}/watch")
    await ann.post(f"/console/queue/{ref}/let-go")
    async with desk.database.begin() as session:
        lines = [(line.who, line.what, line.about) for line in await log_of(session, ours.layer)]
        letters = [f"{letter.subject} {letter.body}" for letter in await session.scalars(select(Letter))]
    assert {("Ann", "claim", ref), ("Sue", "watch", ref), ("Ann", "let go", ref)} <= set(lines)
    assert WORDS not in f"{lines} {letters} {caplog.text}"


def live(desk: DeskApp, who: Person, **headers: str):  # noqa: ANN201
    """The event stream of somebody's queue."""
    return stream(desk.app, "/console/stream", cookie=f"{COOKIE}={who.token}", **headers)


async def test_the_stream_shows_the_queue_as_the_page_does_and_again_when_it_changes(
    desk: DeskApp, ours: Provider, ann: Person, ben: Person
) -> None:
    await ann.post("/console/here")
    async with live(desk, ann) as events:
        assert events.status == 200
        assert events.headers["content-type"].startswith("text/event-stream")
        first = await events.next("queue")
        assert first.data.strip() == (await ann.browser.get("/console?again=1", headers=SCRIPT)).text.strip()
        assert (await events.next("title")).data == "0"
        ref = await child(desk, ours)
        second = await events.next("queue")
        assert "Waiting: 1" in plain(second.data)
        assert f"/console/queue/{ref}/claim" in second.data
        assert WORDS not in second.data
        assert second.id != first.id
        assert (await events.next("title")).data == "1"
        await takes(ben, ref)
        while "Waiting: 0" not in plain((await events.next("queue")).data):
            pass
        assert (await events.next("title")).data == "0"


async def test_a_page_that_comes_back_is_not_sent_what_it_has(desk: DeskApp, ours: Provider, ann: Person) -> None:
    async with live(desk, ann) as events:
        had = (await events.next("queue")).id
    async with live(desk, ann, last_event_id=had) as events:
        assert (await events.next()).name == "title"
        await child(desk, ours)
        assert (await events.next("queue")).id != had
    async with live(desk, ann, last_event_id=had) as events:
        assert (await events.next()).name == "queue"


def ring(desk: DeskApp, ours: Provider) -> None:
    """Something happened at the provider: every stream of it looks at once."""
    handover_context(desk).pubsub.ring(queue(ours.id))


async def test_the_stream_ends_with_the_sign_in_and_keeps_none_awake(
    desk: DeskApp, ours: Provider, ann: Person
) -> None:
    await ann.post("/console/here")
    async with desk.database.begin() as session:
        seen = await session.scalar(select(DeskSession.seen_at).where(DeskSession.account_id == ann.account.id))
    async with live(desk, ann) as events:
        await events.next("title")
        for _ in range(5):
            desk.clock.move(minutes=6)
            ring(desk, ours)
            await events.next()
        desk.clock.move(seconds=1)
        ring(desk, ours)
        assert (await events.end())[-1] == "ended"
    async with desk.database.begin() as session:
        assert seen == await session.scalar(select(DeskSession.seen_at).where(DeskSession.account_id == ann.account.id))
    assert not await is_here(desk, ann)


async def test_an_open_stream_alone_does_not_make_a_browser_present(desk: DeskApp, ours: Provider, ann: Person) -> None:
    """A laptop that was shut leaves its connection open for many minutes: only an answer shows that it is there."""
    await ann.post("/console/here")
    async with live(desk, ann) as events:
        await events.next("title")
        desk.clock.move(seconds=76)
        ring(desk, ours)
        assert "You are not marked as here" in (await events.next("queue")).data


async def test_the_stream_of_another_provider_shows_nothing_of_ours(desk: DeskApp, ours: Provider) -> None:
    theirs = await provider(desk, THEIRS, ("southmere",))
    charlie = await person(desk, THEIRS, "supervisor", "Charlie")
    ref = await child(desk, ours)
    async with live(desk, charlie) as events:
        first = await events.next("queue")
        assert "Waiting: 0" in plain(first.data)
        assert ref not in first.data
        assert (await events.next("title")).data == "0"
        await child(desk, ours)
        ring(desk, theirs)
        assert (await events.next()).name == "beat"


async def test_nobody_has_no_stream(desk: DeskApp, ours: Provider) -> None:
    for token in ("", "made up"):
        async with stream(desk.app, "/console/stream", cookie=f"{COOKIE}={token}") as events:
            assert events.status == 303
            assert events.headers["location"].startswith("/desk/sign-in")


async def test_a_long_wait_is_sent_though_nothing_happens(desk: DeskApp, ours: Provider, ann: Person) -> None:
    await child(desk, ours)
    async with live(desk, ann) as events:
        await events.next("title")
        desk.clock.move(minutes=2)
        ring(desk, ours)
        assert "Has waited 2 minutes: a long wait" in plain((await events.next("queue")).data)


async def test_call_backs_are_counted_by_when_they_are_due(desk: DeskApp, ours: Provider, ann: Person) -> None:
    await child(desk, ours, "call-back", due_in=timedelta(hours=1))
    await child(desk, ours, "call-back", due_in=timedelta(minutes=-10))
    await child(desk, ours, "call-back", due_in=timedelta(hours=-3))
    page = await ann.get("/console")
    assert "1 overdue. 1 due now. 1 due later." in plain(part(page.text, "calls"))
    assert "<title>(2) Queue</title>" in page.text
    assert "Waiting: 0" in plain(page.text)
