"""An advocate's open page: what it is told, how it comes back, and how it ends without a word too many."""

import pytest
from sqlalchemy import select

from api.records import sessions
from api.records.accounts import DeskSession
from api.records.handovers.claims import let_go
from api.records.handovers.end_handover import end, forget
from api.records.handovers.presence import QUIET, here_since
from api.records.handovers.queries import page_is_here
from api.records.handovers.tables import Provider
from api.web.csrf import COOKIE
from tests.console_app import OURS, THEIRS, advocate_in, person, provider
from tests.console_conversation import NAMED, found, lines, plain, reads, writes
from tests.desk_app import DeskApp, Person
from tests.events import stream
from tests.waiting import WORDS, child, handover_context, kept, takes

PLANTED = "the tapir sings at noon"


@pytest.fixture
async def ref(desk: DeskApp, ours: Provider, ann: Person) -> str:
    """A talk that Ann has."""
    found = await child(desk, ours)
    await takes(ann, found)
    return found


def cookie(who: Person) -> str:
    return f"{COOKIE}={who.token}"


def address(ref: str, after: int) -> str:
    return f"/console/talk/{ref}/stream?after={after}"


async def test_what_the_child_writes_comes_and_only_that(desk: DeskApp, ann: Person, ref: str) -> None:
    after = (await kept(desk, ref)).changes
    async with stream(desk.app, address(ref, after), cookie=cookie(ann)) as page:
        assert page.status == 200
        assert page.headers["content-type"].startswith("text/event-stream")
        await page.next("around")
        await writes(desk, ref, PLANTED, "one")
        heard = await page.next("lines")
    assert PLANTED in heard.data
    assert WORDS not in heard.data
    assert heard.id == str(after + 1)


async def test_a_page_that_comes_back_misses_nothing_and_doubles_nothing(desk: DeskApp, ann: Person, ref: str) -> None:
    after = (await kept(desk, ref)).changes
    await writes(desk, ref, "the first", "one")
    async with stream(desk.app, address(ref, after), cookie=cookie(ann)) as page:
        seen = await page.next("lines")
        await page.next("around")
    await writes(desk, ref, "the second", "two")
    async with stream(desk.app, address(ref, after), cookie=cookie(ann), last_event_id=seen.id) as page:
        again = await page.next("lines")
        await page.next("around")
    assert "the first" in seen.data
    assert "the first" not in again.data
    assert "the second" in again.data


@pytest.mark.parametrize("sent", ["x", "-1", "٣", "99999999999999999999999"])
async def test_an_id_that_is_none_does_no_harm(desk: DeskApp, ann: Person, ref: str, sent: str) -> None:
    async with stream(desk.app, address(ref, 0), cookie=cookie(ann), last_event_id=sent) as page:
        assert page.status == 200
        await page.next("around")


async def test_a_change_and_what_their_page_has(desk: DeskApp, ann: Person, ref: str) -> None:
    await ann.post(f"/console/talk/{ref}/say", text=PLANTED, client_id=NAMED)
    line = (await lines(desk, ref))[-1]
    async with stream(desk.app, address(ref, line.change), cookie=cookie(ann)) as page:
        assert (await page.next("waiting")).data == str(line.number)
        await ann.post(f"/console/talk/{ref}/change", number=line.number, text="better words", client_id=NAMED)
        changed = await page.next("lines")
        await reads(desk, ref)
        fetched = await page.next("waiting")
    assert f'data-number="{line.number}"' in changed.data
    assert "better words" in changed.data
    assert PLANTED not in changed.data
    assert fetched.data == ""


async def test_whether_their_page_is_open(desk: DeskApp, ann: Person, ref: str) -> None:
    desk.clock.move(seconds=70)
    async with stream(desk.app, address(ref, 0), cookie=cookie(ann)) as page:
        assert "Their page is not open. It was last open 1 minute ago." in plain((await page.next("around")).data)
        async with desk.database.begin() as session:
            handover = await found(session, ref)
            await page_is_here(session, handover, desk.clock())
        await writes(desk, ref, PLANTED, "one")
        assert "Their page is open." in plain((await page.next("around")).data)


async def test_an_open_page_keeps_the_advocate_here_and_no_sign_in_awake(desk: DeskApp, ann: Person, ref: str) -> None:
    async with stream(desk.app, address(ref, 0), cookie=cookie(ann)) as page:
        await page.next("around")
        before = await seen_at(desk, ann)
        desk.clock.move(seconds=60)
        await writes(desk, ref, PLANTED, "one")
        await page.next("lines")
        desk.clock.move(seconds=60)
    assert QUIET.total_seconds() < 120
    async with desk.database.begin() as session:
        assert await here_since(session, ann.account.id, desk.clock())
    assert await seen_at(desk, ann) == before


async def test_it_ends_with_the_sign_in(desk: DeskApp, ann: Person, ref: str) -> None:
    async with stream(desk.app, address(ref, 0), cookie=cookie(ann)) as page:
        await page.next("around")
        async with desk.database.begin() as session:
            await sessions.end_all(session, ann.account.id, desk.clock())
        await writes(desk, ref, PLANTED, "one")
        assert await page.end() == ["ended"]


async def test_it_ends_when_nobody_did_anything_for_long(desk: DeskApp, ann: Person, ref: str) -> None:
    async with stream(desk.app, address(ref, 0), cookie=cookie(ann)) as page:
        await page.next("around")
        desk.clock.move(minutes=31)
        await writes(desk, ref, PLANTED, "one")
        assert (await page.end())[-1] == "ended"


async def test_it_ends_with_the_talk(desk: DeskApp, ann: Person, ref: str) -> None:
    async with stream(desk.app, address(ref, 0), cookie=cookie(ann)) as page:
        await page.next("around")
        async with desk.database.begin() as session:
            await end(session, handover_context(desk), await found(session, ref), desk.clock())
        assert "The child ended the talk." in (await page.next("lines")).data
        assert (await page.next("over")).data == "closed"
        assert await page.end() == []


async def test_it_ends_without_a_word_once_the_talk_is_elsewhere(desk: DeskApp, ann: Person, ref: str) -> None:
    async with stream(desk.app, address(ref, 0), cookie=cookie(ann)) as page:
        await page.next("around")
        async with desk.database.begin() as session:
            advocate = await advocate_in(desk, ann)
            await let_go(session, handover_context(desk), advocate, await found(session, ref), desk.clock())
        await writes(desk, ref, PLANTED, "one")
        assert (await page.next("over", "lines")).data == "elsewhere"
        assert await page.end() == []


async def test_it_ends_once_the_child_has_it_deleted(desk: DeskApp, ann: Person, ref: str) -> None:
    async with stream(desk.app, address(ref, 0), cookie=cookie(ann)) as page:
        await page.next("around")
        async with desk.database.begin() as session:
            await forget(session, handover_context(desk), await found(session, ref), desk.clock())
        assert (await page.next("over")).data == "forgotten"


async def test_a_supervisor_hears_along_until_they_stop(desk: DeskApp, ann: Person, ref: str) -> None:
    sue = await person(desk, OURS, "supervisor", "Sue")
    async with stream(desk.app, address(ref, 0), cookie=cookie(sue)) as page:
        assert await page.end() == ["over"], "not before the child was told"
    await sue.post(f"/console/queue/{ref}/watch")
    async with stream(desk.app, address(ref, 0), cookie=cookie(sue)) as page:
        await page.next("around")
        await writes(desk, ref, PLANTED, "one")
        assert PLANTED in (await page.next("lines")).data
        await sue.post(f"/console/queue/{ref}/stop-watching")
        assert (await page.next("over")).data == "elsewhere"


async def test_charlie_and_strangers_hear_nothing(desk: DeskApp, ref: str) -> None:
    await provider(desk, THEIRS, ("southmere",))
    charlie = await person(desk, THEIRS, "supervisor", "Charlie")
    async with stream(desk.app, address(ref, 0), cookie=cookie(charlie)) as page:
        assert page.status == 404
    async with stream(desk.app, address(ref, 0)) as page:
        assert page.status == 303


async def seen_at(desk: DeskApp, who: Person) -> object:
    async with desk.database.begin() as session:
        return await session.scalar(select(DeskSession.seen_at).where(DeskSession.account_id == who.account.id))
