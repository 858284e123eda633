"""Reminders: the people of a layer are told once each at 30, 7 and 0 days, whatever the clock and the processes do."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from api.records import ledger
from api.records.accounts import Account, Delegation
from api.records.audit import AuditRow
from api.records.chain_verification import first_altered
from api.records.hash_chain import append
from api.records.letters import Letter, Reminder
from api.records.outbox_worker import OutboxWorker
from api.records.reminders import Reminders
from api.records.withdrawals import Withdrawal
from api.web.database import Database
from content.signed_words import SignedWords
from content.signoff import NATIONAL, Signer, sign
from tests.conftest import settings_for
from tests.desk_app import FakeClock
from tests.mail import catching
from tests.own_database import own_copy

NAMES = {"northmoor": "Northmoor Police", "southmere": "Southmere Police"}
ADDRESS = "https://know.example"


@pytest.fixture(params=["sqlite", "postgres"])
def each_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Each database in turn, empty, for one test alone."""
    with own_copy(request.param, request, tmp_path) as url:
        yield url


@pytest.fixture(params=["sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty SQLite database."""
    with own_copy(request.param, request, tmp_path) as found:
        yield found


@pytest.fixture(scope="session")
def words(renderer, cards) -> SignedWords:  # noqa: ANN001
    """The words that are signed here; which they are does not matter."""
    return renderer.words(cards["bodycam"], {})


class Layers:
    """A database in which tests hire people and sign cards, and reminders that go to them."""

    def __init__(self, url: str, words: SignedWords, *, practice: bool = False) -> None:
        self.url, self.words, self.people = url, words, 0
        self.database = Database(settings_for(url))
        self.reminders = Reminders(self.database, NAMES, ADDRESS, practice)

    async def hire(self, layer: str, role: str, *, closed: bool = False) -> Account:
        """Somebody new; their e-mail is role.number@layer.example."""
        self.people += 1
        account = Account(
            layer=layer,
            role=role,
            name=f"{role} {self.people}",
            post=role,
            email=f"{role}.{self.people}@{layer}.example",
            made_at=at(date(2026, 1, 1)),
            closed_at=at(date(2026, 6, 1)) if closed else None,
        )
        async with self.database.begin() as session:
            session.add(account)
        return account

    async def delegate(self, account: Account, starts: date, ends: date, ended: date | None = None) -> None:
        """Makes somebody a deputy."""
        async with self.database.begin() as session:
            session.add(
                Delegation(
                    layer=account.layer,
                    deputy_id=account.id,
                    starts=starts,
                    ends=ends,
                    named_by="Lee",
                    made_at=at(starts),
                    ended_at=at(ended) if ended else None,
                )
            )

    async def sign(
        self,
        review_by: date,
        layer: str = "northmoor",
        card: str = "bodycam",
        *,
        language: str = "en",
        practice: bool = False,
    ) -> int:
        """A signature; its row."""
        words = self.words if language == "en" else replace(self.words, language="cy", of=self.words.fingerprint)
        signed = sign(
            layer,
            card,
            words,
            written_by=["W"],
            reviewed_by="R",
            signer=Signer("S", "post"),
            signed_on=review_by - timedelta(days=300),
            review_by=review_by,
            practice=practice,
        )
        async with self.database.begin() as session:
            return (await ledger.add(session, signed)).id

    async def withdraw(self, after_row: int, layer: str = "northmoor", *, practice: bool = False) -> None:
        """Takes the card off the layer."""
        async with self.database.begin() as session:
            row = Withdrawal(
                layer=layer, card="bodycam", reason="R", who="L", post="P", at=at(date(2026, 1, 1)),
                after_row=after_row, practice=practice,
            )  # fmt: skip
            await append(session, row)

    async def on(self, day: date) -> list[Letter]:
        """The letters that a run on this day writes."""
        async with self.database.begin() as session:
            last = await session.scalar(select(func.max(Letter.id))) or 0
        await self.reminders.write(at(day))
        async with self.database.begin() as session:
            return list(await session.scalars(select(Letter).where(Letter.id > last).order_by(Letter.id)))


def at(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


@pytest.fixture
async def layers(url: str, words: SignedWords) -> AsyncIterator[Layers]:
    found = Layers(url, words)
    yield found
    await found.database.close()


@pytest.mark.parametrize(
    "ends",
    [
        date(2028, 2, 29),
        date(2028, 3, 1),
        date(2027, 3, 1),
        date(2027, 1, 5),
        date(2027, 3, 28),
        date(2027, 10, 31),
    ],
)
async def test_people_are_told_at_30_7_and_0_days_and_on_no_other_day(layers: Layers, ends: date) -> None:
    await layers.hire("northmoor", "lead")
    await layers.sign(ends)
    told = [left for left in range(40, -10, -1) if await layers.on(ends - timedelta(days=left))]
    assert told == [30, 7, 0]


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ([40, 5, -1], [5, -1]),
        ([29, 28, 8, 6, 5, -40, -41], [29, 6, -40]),
        ([-3, -4], [-3]),
        ([3, 0], [3, 0]),
        ([1, 25, 40, 8, 2, 0], [1, 0]),
        ([30, 31, 30, 7, 20, 7, 0, 9], [30, 7, 0]),
        ([0, 30, 7, -1], [0]),
    ],
    ids=["down at 30", "gaps", "long over", "late start", "clock back after 7", "clock back and on", "back after 0"],
)
async def test_after_a_gap_people_are_told_once_and_a_clock_set_back_tells_nobody_again(
    layers: Layers, days: list[int], told: list[int]
) -> None:
    ends = date(2028, 2, 29)
    await layers.hire("northmoor", "lead")
    await layers.sign(ends)
    assert [left for left in days if await layers.on(ends - timedelta(days=left))] == told


async def test_one_letter_a_person_with_every_card_and_its_date(layers: Layers) -> None:
    lead, editor = await layers.hire("northmoor", "lead"), await layers.hire("northmoor", "editor")
    await layers.hire("southmere", "lead")
    today = date(2028, 2, 22)
    for card, left in (("bodycam", 7), ("my-phone", 30), ("dna", 0), ("photos", -2), ("later", 31), ("one", 1)):
        await layers.sign(today + timedelta(days=left), card=card)
    written = await layers.on(today)
    assert [letter.email for letter in written] == [editor.email, lead.email]
    assert {letter.layer for letter in written} == {"northmoor"}
    letter = written[0]
    assert letter.subject == "Northmoor Police: 5 answers to read and sign again"
    question = layers.words.levels["standard"].question
    lines = [line for line in letter.body.splitlines() if line.startswith("- ")]
    assert lines == [
        f'- "{question}" (photos): ended on 20 February 2028',
        f'- "{question}" (dna): today, 22 February 2028, is the last day',
        f'- "{question}" (one): until 23 February 2028, 1 day from now',
        f'- "{question}" (bodycam): until 29 February 2028, 7 days from now',
        f'- "{question}" (my-phone): until 23 March 2028, 30 days from now',
    ]
    assert "https://know.example/desk/northmoor\n" in letter.body
    assert await layers.on(today) == []


LEAD, CLOSED, EDITOR, DEPUTY, REVIEWER = "lead", "closed lead", "editor", "deputy", "reviewer"


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ([LEAD, EDITOR, REVIEWER], ["editor", "lead"]),
        ([LEAD, EDITOR, DEPUTY], ["editor", "lead"]),
        ([CLOSED, EDITOR, DEPUTY], ["editor", "reviewer"]),
        ([CLOSED, DEPUTY], ["reviewer"]),
        ([DEPUTY], ["reviewer"]),
        ([CLOSED, LEAD, DEPUTY], ["lead"]),
        ([CLOSED, EDITOR], ["editor"]),
        ([CLOSED], ["admin"]),
        ([REVIEWER], ["admin"]),
        ([], ["admin"]),
    ],
    ids=str,
)
async def test_who_is_told(layers: Layers, there: list[str], told: list[str]) -> None:
    today = date(2027, 5, 1)
    for who in there:
        account = await layers.hire(
            "northmoor", {CLOSED: "lead", DEPUTY: "reviewer"}.get(who, who), closed=who == CLOSED
        )
        if who == DEPUTY:
            await layers.delegate(account, today, today)
    await layers.hire("northmoor", "editor", closed=True)
    await layers.hire(NATIONAL, "admin", closed=True)
    await layers.hire(NATIONAL, "admin")
    await layers.hire(NATIONAL, "editor")
    await layers.hire("southmere", "lead")
    await layers.sign(today)
    assert sorted(letter.email.split(".")[0] for letter in await layers.on(today)) == told


@pytest.mark.parametrize(
    ("starts", "ends", "ended"),
    [(1, 5, None), (-5, -1, None), (-5, 5, -1)],
    ids=["not yet", "over", "ended early"],
)
async def test_a_deputy_is_told_only_while_the_delegation_is_in_date(
    layers: Layers, starts: int, ends: int, ended: int | None
) -> None:
    today = date(2027, 5, 1)
    in_days = [today + timedelta(days=days) for days in (starts, ends, ended or 0)]
    deputy, editor = await layers.hire("northmoor", "reviewer"), await layers.hire("northmoor", "editor")
    await layers.delegate(deputy, in_days[0], in_days[1], in_days[2] if ended else None)
    await layers.sign(today)
    assert [letter.email for letter in await layers.on(today)] == [editor.email]


async def test_a_deputy_who_is_an_editor_gets_one_letter(layers: Layers) -> None:
    today = date(2027, 5, 1)
    both = await layers.hire("northmoor", "editor")
    await layers.delegate(both, today, today)
    await layers.sign(today)
    assert [letter.email for letter in await layers.on(today)] == [both.email]


async def test_where_nobody_could_be_told_whoever_comes_next_is(layers: Layers) -> None:
    ends = date(2027, 5, 30)
    await layers.sign(ends)
    assert await layers.on(date(2027, 5, 1)) == []
    lead = await layers.hire("northmoor", "lead")
    assert [letter.email for letter in await layers.on(date(2027, 5, 2))] == [lead.email]


async def test_the_national_people_are_told_of_the_national_words(layers: Layers) -> None:
    today = date(2027, 5, 1)
    lead = await layers.hire(NATIONAL, "lead")
    await layers.hire(NATIONAL, "admin")
    await layers.hire("northmoor", "lead")
    await layers.sign(today, NATIONAL)
    written = await layers.on(today)
    assert [letter.email for letter in written] == [lead.email]
    assert written[0].subject == "England and Wales (national words): 1 answer to read and sign again"


async def test_only_the_newest_english_signature_counts_and_none_that_is_withdrawn(layers: Layers) -> None:
    today = date(2027, 5, 1)
    await layers.hire("northmoor", "lead")
    first = await layers.sign(today + timedelta(days=7))
    newer = await layers.sign(today + timedelta(days=200))
    assert await layers.on(today) == []
    await layers.sign(today, language="cy")
    assert await layers.on(today) == []
    await layers.sign(today + timedelta(days=7))
    await layers.sign(today + timedelta(days=400), language="cy")
    await layers.withdraw(newer)
    await layers.withdraw(10**6, "southmere")
    await layers.withdraw(10**6, practice=True)
    assert len(await layers.on(today)) == 1
    again = await layers.sign(today + timedelta(days=6))
    await layers.withdraw(again)
    assert await layers.on(today) == []
    await layers.sign(today + timedelta(days=5))
    assert len(await layers.on(today)) == 1
    assert first < newer < again


async def test_of_help_past_its_date_people_are_told_every_month_and_that_children_still_see_it(layers: Layers) -> None:
    layers.words = replace(layers.words, kind="alarm")
    ends = date(2027, 3, 1)
    await layers.hire("northmoor", "lead")
    await layers.sign(ends, card="alarm-harm-now")
    told = [left for left in range(35, -100, -1) if await layers.on(ends - timedelta(days=left))]
    assert told == [30, 7, 0, -30, -60, -90]
    (late,) = await layers.on(ends + timedelta(days=800))
    assert "(alarm-harm-now): ended on 1 March 2027, and is STILL SHOWN" in late.body
    assert await layers.on(ends + timedelta(days=801)) == []
    await layers.sign(ends + timedelta(days=1500), card="alarm-harm-now")
    assert await layers.on(ends + timedelta(days=900)) == []


async def test_words_signed_again_are_told_of_again(layers: Layers) -> None:
    await layers.hire("northmoor", "lead")
    await layers.sign(date(2027, 5, 1))
    assert len(await layers.on(date(2027, 5, 1))) == 1
    await layers.sign(date(2027, 11, 1))
    assert await layers.on(date(2027, 5, 1)) == []
    assert len(await layers.on(date(2027, 11, 1))) == 1


@pytest.mark.parametrize("practice", [True, False])
async def test_practice_tells_of_practice_words_and_live_of_real_ones(
    url: str, words: SignedWords, practice: bool
) -> None:
    today = date(2027, 5, 1)
    layers = Layers(url, words, practice=practice)
    await layers.hire("northmoor", "lead")
    await layers.sign(today, card="pretend", practice=True)
    await layers.sign(today, card="real")
    (letter,) = await layers.on(today)
    assert ("(pretend)" in letter.body, "(real)" in letter.body) == (practice, not practice)
    await layers.database.close()


async def test_nobody_is_told_of_a_row_that_was_altered(layers: Layers) -> None:
    today = date(2027, 5, 1)
    await layers.hire("northmoor", "lead")
    await layers.sign(today, card="altered")
    await layers.sign(today)
    async with layers.database.begin() as session:
        await session.execute(text("DROP TRIGGER sign_off_no_update"))
        await session.execute(text("UPDATE sign_off SET signed_by = 'Eve' WHERE card = 'altered'"))
    (letter,) = await layers.on(today)
    assert "(bodycam)" in letter.body
    assert "(altered)" not in letter.body


async def test_two_processes_at_once_tell_nobody_twice(each_url: str, words: SignedWords) -> None:
    today, several = date(2027, 5, 1), [Layers(each_url, words) for _ in range(3)]
    one = several[0]
    for layer in NAMES:
        await one.hire(layer, "lead")
        for card in ("bodycam", "dna", "photos"):
            await one.sign(today, layer, card)
    told_of = [await asyncio.gather(*(each.reminders.write(at(today)) for each in several)) for _ in range(4)]
    assert sum(map(sum, told_of)) == 6
    async with one.database.begin() as session:
        letters = list(await session.scalars(select(Letter)))
        told = list(await session.scalars(select(Reminder)))
        lines = list(await session.scalars(select(AuditRow).order_by(AuditRow.layer)))
        assert await first_altered(session, AuditRow) == (2, None)
    assert sorted(letter.layer for letter in letters) == sorted(NAMES)
    assert all(letter.body.count("\n- ") == 3 for letter in letters)
    assert len(told) == 6
    assert [(row.layer, row.who, row.what) for row in lines] == [(layer, "In the Know", "remind") for layer in NAMES]
    for each in several:
        await each.database.close()


async def test_the_postman_reminds_at_the_start_and_then_every_hour_and_sends(layers: Layers) -> None:
    clock = FakeClock()
    clock.now = at(date(2027, 5, 1))
    await layers.hire("northmoor", "lead")
    with catching() as catcher:
        postman = OutboxWorker(layers.database, catcher.server, layers.reminders, clock)
        await layers.sign(clock().date(), card="bodycam")
        await postman.round()
        await layers.sign(clock().date(), card="dna")
        clock.move(minutes=59)
        await postman.round()
        assert len(catcher.caught) == 1
        clock.move(minutes=1)
        await postman.round()
        assert len(catcher.caught) == 2
        await layers.sign(clock().date(), card="photos")
        clock.move(days=-1)
        await postman.round()
    assert ["(bodycam)" in letter.get_content() for letter in catcher.caught] == [True, False, False]
    assert "(photos)" in catcher.caught[2].get_content()


async def test_a_database_that_is_away_when_reminders_are_due_is_tried_on_the_next_round(layers: Layers) -> None:
    clock = FakeClock()
    clock.now = at(date(2027, 5, 1))
    await layers.hire("northmoor", "lead")
    await layers.sign(clock().date())
    away = Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
    with catching() as catcher:
        postman = OutboxWorker(layers.database, catcher.server, replace(layers.reminders, database=away), clock)
        await postman.round()
        postman._reminders = layers.reminders
        clock.move(seconds=3)
        await postman.round()
    assert len(catcher.caught) == 1
    await away.close()
