"""The postman: each letter is sent once, a failure is tried again on the clock, and no letter is ever lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from api.records import letters
from api.records.letters import Letter
from api.records.outbox_worker import OutboxWorker
from api.records.reminders import Reminders
from api.web.database import Database
from api.web.mail import MailServer
from api.web.migrate import migrate
from tests.conftest import settings_for
from tests.desk_app import FakeClock
from tests.mail import (
    Catcher,
    catching,
    drops_at_the_end,
    drops_midway,
    hangs,
    misbehaving,
)
from tests.own_database import own_copy

AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
LINK = "https://know.example/desk/invitation/zebrafish-marmalade"


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Each database in turn, with its tables and nothing in them, for one test alone."""
    with own_copy(request.param, request, tmp_path) as url:
        yield url


class Round:
    """A postman over a database, with a clock that tests move."""

    def __init__(self, url: str, server: MailServer | None, clock: FakeClock) -> None:
        self.database, self.clock = Database(settings_for(url)), clock
        reminders = Reminders(self.database, {}, "https://know.example", practice=True)
        self.postman = OutboxWorker(self.database, server, reminders, clock)

    async def write(self, email: str = "lee@northmoor.example", subject: str = "Come in", body: str = LINK) -> int:
        """Writes a letter; its number."""
        async with self.database.begin() as session:
            layer, now = "northmoor", self.clock()
            return (await letters.post(session, layer=layer, email=email, subject=subject, body=body, now=now)).id

    async def kept(self, number: int) -> Letter:
        """A letter as it is kept now."""
        async with self.database.begin() as session:
            return await session.get_one(Letter, number)

    async def serve(self, server: MailServer | None) -> None:
        """One round with this mail server."""
        self.postman._server = server
        await self.postman.round()


@asynccontextmanager
async def rounds(url: str, server: MailServer | None = None, clock: FakeClock | None = None) -> AsyncIterator[Round]:
    one = Round(url, server, clock or FakeClock())
    try:
        yield one
    finally:
        await one.database.close()


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[Round]:
    """A postman over an empty SQLite database."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'know.db'}"
    await asyncio.to_thread(migrate, settings_for(url))
    async with rounds(url) as found:
        yield found


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028"])
async def test_a_name_with_lines_in_it_stays_in_the_subject(one: Round, end: str) -> None:
    number = await one.write(subject=f"Lee{end}Bcc: eve@elsewhere.example{end}{end}<b>Click</b>")
    with catching() as catcher:
        await one.serve(catcher.server)
    assert catcher.envelopes[0].rcpt_tos == ["lee@northmoor.example"]
    assert catcher.caught[0]["subject"] == "Lee Bcc: eve@elsewhere.example <b>Click</b>"
    assert catcher.caught[0]["bcc"] is None
    assert (await one.kept(number)).sent_at


@pytest.mark.parametrize(
    "email",
    [
        "lee@northmoor.example\r\nBcc: eve@elsewhere.example",
        "lee@northmoor.example\r\nDATA",
        "lee@northmoor.example, eve@elsewhere.example",
        "lee@northmoor.example> SIZE=1",
        "lee@northmoor.example\u2028",
        "lee",
        "",
    ],
)
async def test_an_address_that_is_more_than_one_address_is_never_written_to_and_is_seen(one: Round, email: str) -> None:
    number = await one.write(email=email)
    with catching() as catcher:
        await one.serve(catcher.server)
    assert catcher.caught == []
    kept = await one.kept(number)
    assert (kept.sent_at, kept.body) == (None, LINK)
    assert kept.fault == "No letter can be written to this address, or with this subject."


async def test_a_subject_longer_than_its_column_is_cut_and_the_letter_kept(empty_url: str) -> None:
    async with rounds(empty_url) as one:
        assert len((await one.kept(await one.write(subject="long " * 100))).subject) == 160


async def test_once_sent_a_letter_is_empty_and_is_not_sent_again(empty_url: str) -> None:
    async with rounds(empty_url) as one:
        number = await one.write()
        with catching() as catcher:
            for _ in range(3):
                await one.serve(catcher.server)
                one.clock.move(days=1)
        assert [letter.get_content().strip() for letter in catcher.caught] == [LINK]
        async with one.database.begin() as session:
            rows = (await session.execute(text("SELECT * FROM letter"))).all()
        assert "zebrafish" not in str(rows)
        assert (await one.kept(number)).sent_at == one.clock() - timedelta(days=3)


async def test_two_postmen_at_once_send_each_letter_once(empty_url: str) -> None:
    clock = FakeClock()
    with catching() as catcher:
        async with rounds(empty_url, catcher.server, clock) as one, rounds(empty_url, catcher.server, clock) as other:
            numbers = [await one.write(subject=f"Letter {number}") for number in range(25)]
            for _ in range(20):
                await asyncio.gather(one.postman.round(), other.postman.round())
            assert all([(await one.kept(number)).sent_at for number in numbers])
            assert [(await one.kept(number)).tries for number in numbers] == [1] * 25
    assert sorted(letter["subject"] for letter in catcher.caught) == sorted(f"Letter {number}" for number in range(25))


async def test_who_ends_between_taking_and_sending_leaves_the_letter_to_another(empty_url: str) -> None:
    async with rounds(empty_url) as one:
        number = await one.write()
        async with one.database.begin() as session:
            assert (await letters.take(session, one.clock()) or Letter()).id == number
        assert (await one.kept(number)).in_hand
        with catching() as catcher:
            one.clock.move(minutes=4)
            await one.serve(catcher.server)
            assert catcher.caught == []
            one.clock.move(minutes=1)
            await one.serve(catcher.server)
        assert len(catcher.caught) == 1
        assert (await one.kept(number)).sent_at


async def test_a_letter_sent_twice_is_the_same_letter(one: Round) -> None:
    number = await one.write()
    other = await one.write()
    with catching() as catcher:
        await one.serve(catcher.server)
        async with one.database.begin() as session:
            await session.execute(text("UPDATE letter SET sent_at = NULL WHERE id = :id"), {"id": number})
        one.clock.move(minutes=5)
        await one.serve(catcher.server)
    names = [letter["message-id"] for letter in catcher.caught]
    assert names[0] == names[2] != names[1]
    assert other != number


async def test_a_slow_sender_does_not_undo_what_another_did_meanwhile(one: Round) -> None:
    number = await one.write()
    async with one.database.begin() as session:
        slow = await letters.take(session, one.clock())
    assert slow
    one.clock.move(minutes=6)
    async with one.database.begin() as session:
        assert await letters.take(session, one.clock())
    async with one.database.begin() as session:
        await letters.failed(session, slow, "too slow", one.clock())
    assert (await one.kept(number)).in_hand
    with catching() as catcher:
        one.clock.move(minutes=6)
        await one.serve(catcher.server)
    async with one.database.begin() as session:
        await letters.failed(session, slow, "too slow", one.clock())
    assert ((await one.kept(number)).fault, len(catcher.caught)) == ("", 1)


@pytest.mark.parametrize(
    ("step", "answer", "fault"),
    [
        ("RCPT", "550 no such zebrafish", "The mail server refused this address (code 550)."),
        ("RCPT", "451 come back later", "The mail server refused this address (code 451)."),
        ("DATA", "554 spam, zebrafish", "The mail server refused the letter (code 554)."),
    ],
)
async def test_a_refused_letter_is_tried_again_on_the_clock(one: Round, step: str, answer: str, fault: str) -> None:
    number = await one.write()
    with catching(Catcher(refusals={step: answer})) as catcher:
        for minutes in (1, 5, 15, 60, 60):
            await one.serve(catcher.server)
            kept = await one.kept(number)
            assert (kept.fault, kept.sent_at, kept.body) == (fault, None, LINK)
            assert kept.try_at == one.clock() + timedelta(minutes=minutes)
            one.clock.move(minutes=minutes, seconds=-1)
            await one.serve(catcher.server)
            assert (await one.kept(number)).tries == kept.tries
            one.clock.move(seconds=1)
        catcher.refusals.clear()
        await one.serve(catcher.server)
    assert len(catcher.caught) == 1
    assert (await one.kept(number)).fault == ""


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        (hangs, "The mail server did not answer in time."),
        (drops_midway, "The mail server broke off before it had the letter."),
    ],
)
async def test_a_server_that_hangs_or_drops_loses_nothing(one: Round, script, fault: str) -> None:  # noqa: ANN001
    number = await one.write()
    async with misbehaving(script) as server:
        await one.serve(server)
    kept = await one.kept(number)
    assert (kept.fault, kept.sent_at, kept.body) == (fault, None, LINK)
    with catching() as catcher:
        one.clock.move(minutes=1)
        await one.serve(catcher.server)
    assert len(catcher.caught) == 1


async def test_a_server_that_has_the_letter_and_hangs_up_does_not_get_it_twice(one: Round) -> None:
    number = await one.write()
    async with misbehaving(drops_at_the_end) as server:
        await one.serve(server)
    assert (await one.kept(number)).sent_at


async def test_after_three_days_a_letter_waits_for_somebody_who_asks_and_is_never_lost(one: Round) -> None:
    number, began = await one.write(), one.clock()
    with catching() as gone:
        nobody = gone.server
    while not (kept := await one.kept(number)).given_up:
        one.clock.now = kept.try_at
        await one.serve(nobody)
    assert kept.fault == "The mail server could not be reached."
    assert timedelta(days=2, hours=23) < one.clock() - began <= timedelta(days=3)
    assert (kept.body, kept.tries) == (LINK, 75)
    one.clock.move(days=400)
    with catching() as catcher:
        await one.serve(catcher.server)
        assert catcher.caught == []
        async with one.database.begin() as session:
            assert await letters.try_again(session, "northmoor", number, one.clock())
        await one.serve(nobody)
        assert (await one.kept(number)).given_up
        async with one.database.begin() as session:
            assert await letters.try_again(session, "northmoor", number, one.clock())
        await one.serve(catcher.server)
    assert len(catcher.caught) == 1


async def test_a_letter_is_kept_with_what_it_is_about_or_not_at_all(empty_url: str) -> None:
    async with rounds(empty_url) as one:
        with suppress(ZeroDivisionError):
            async with one.database.begin() as session:
                await letters.post(session, layer="northmoor", email="a@b.example", subject="", body="", now=AT)
                1 / 0  # noqa: B018
        async with one.database.begin() as session:
            assert list(await session.scalars(select(Letter))) == []


async def test_a_database_that_is_away_is_said_once_and_letters_go_on_when_it_answers(
    one: Round, caplog: pytest.LogCaptureFixture
) -> None:
    number, here = await one.write(), one.postman._database
    away = Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
    one.postman._database = away
    with catching() as catcher:
        for _ in range(3):
            await one.serve(catcher.server)
        said = [record.getMessage() for record in caplog.records if record.name == "api.records.outbox_worker"]
        assert len(said) == 1
        assert "Error" in said[0]
        assert "nobody" not in said[0]
        one.postman._database = here
        await one.serve(catcher.server)
    assert (await one.kept(number)).sent_at
    await away.close()


def files_of(folder: Path) -> list[Path]:
    return list(folder.glob("know.db*"))


async def test_a_database_file_that_is_gone_is_not_made_again(one: Round, tmp_path: Path) -> None:
    await one.database.close()
    for part in files_of(tmp_path):
        part.unlink()
    await one.postman.round()
    assert files_of(tmp_path) == []


async def test_a_letter_that_is_being_sent_is_not_sent_again_by_a_button(one: Round) -> None:
    number = await one.write()
    async with one.database.begin() as session:
        assert await letters.take(session, one.clock())
    async with one.database.begin() as session:
        assert not await letters.try_again(session, "northmoor", number, one.clock())
    with catching() as catcher:
        await one.serve(catcher.server)
    assert catcher.caught == []
