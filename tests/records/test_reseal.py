"""`python -m api reseal`: everything is sealed with the newest key while others write, and the older keys can go."""

import asyncio
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import String, delete, insert, select, update

from api.records.accounts import Account
from api.records.audit import AuditRow
from api.records.handovers.message_cipher import DATA_KEY
from api.records.handovers.resealing import BATCH, DRAWERS, Drawer, Resealed, reseal
from api.records.handovers.tables import Concern, DataKey, Handover, Message, Provider
from api.records.marked_rows import Marked, is_ours
from api.web.ciphers import Cipher
from api.web.database import Base, Database, keys_of
from api.web.settings import Settings, settings
from tests.conftest import settings_for
from tests.records.commands import Commands

SECRET = "the secret of this place and of no other"
OLD = "the key of last year with enough letters"
NEW = "the key of this year with enough letters"
LOST = "a key that somebody has thrown away since"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
BY_NAME = {drawer.name: drawer for drawer in DRAWERS}
MESSAGES = BY_NAME["messages"]
WORDLESS = 7
"""The number of a line that says what happened, without words."""


def keys(*given: str, secret: str = SECRET) -> dict[str, str]:
    return {"secret": secret, "sealing_keys": ",".join(given)}


def seals(purpose: str) -> list[Cipher]:
    """What sealed before: with KNOW_SECRET alone, then with the older key, then with the newest."""
    return [Cipher.of(Settings.model_validate(keys(*given)), purpose) for given in ((), (OLD,), (NEW, OLD))]


class Kept:
    """A database with rows in every drawer, sealed in turn with each key there ever was."""

    def __init__(self, database: Database, messages: int = 20) -> None:
        self.database, self.messages = database, messages

    async def fill(self) -> None:
        async with self.database.begin() as session:
            for number in range(1, 6):
                session.add(self.account(number))
                session.add(self.provider(number))
            await session.flush()
            for number in range(1, 6):
                session.add(self.handover(number))
                session.add(self.concern(number))
                session.add(self.data_key(number))
            await session.flush()
            await session.execute(insert(Message), [self.message(number) for number in range(1, self.messages + 1)])

    def sealed(self, purpose: str, number: int) -> str:
        return seals(purpose)[number % 3].close(f"{purpose} {number}")

    def account(self, number: int) -> Account:
        sealed = self.sealed("code app", number) if number < 5 else None
        return Account(
            id=number,
            layer="kent",
            role="editor",
            name="N",
            post="P",
            email=f"{number}@kent.example",
            totp_sealed=sealed,
            made_at=NOW,
        )

    def provider(self, number: int) -> Provider:
        texts = dict.fromkeys(("hours", "closed_days", "rota", "lead"), "[]")
        numbers = dict.fromkeys(("keep_days", "keep_concern_days", "most_open", "break_minutes"), 30)
        secret = self.sealed("hook", number) if number < 5 else None
        return Provider(
            id=number,
            slug=f"p{number}",
            name=f"P{number} (invented)",
            hook_secret=secret,
            practice=True,
            made_at=NOW,
            **texts,
            **numbers,
        )

    def handover(self, number: int) -> Handover:
        return Handover(
            id=number,
            ref=f"r{number}",
            provider_id=1,
            force="kent",
            level="easy",
            danger=False,
            wants="here",
            agreed="[]",
            sealed=self.sealed("handover", number),
            code_hash=f"c{number}",
            key_hash="k",
            changes=1,
            turns=0,
            asked_at=NOW,
        )

    def concern(self, number: int) -> Concern:
        return Concern(
            id=number,
            ref=f"r{number}",
            provider_id=1,
            handover_ref="r1",
            account_id=1,
            reason="other",
            sealed=self.sealed("concern", number),
            at=NOW,
            keep_until=NOW,
        )

    def data_key(self, number: int) -> DataKey:
        """One of nothing that is here, so that every row opens as it is."""
        return DataKey(handover_id=number + 1000, sealed=self.sealed(DATA_KEY, number))

    def message(self, number: int) -> dict[str, Any]:
        sealed = "" if number == WORDLESS else self.sealed("handover", number)
        said = {"writer": "child", "kind": "words", "sealed": sealed, "at": NOW}
        return {"id": number, "handover_id": 1, "number": number, "change": number, **said}

    async def rows(self, drawer: Drawer) -> dict[int, str | None]:
        async with self.database.begin() as session:
            found = await session.execute(select(drawer.table.id, drawer.column).order_by(drawer.table.id))
            return dict(found.all())

    async def whole(self, table: type[Base]) -> list[dict[str, Any]]:
        """Every row, without what is sealed in it, and without the mark that is over that: each is a right one."""
        hidden = {drawer.column.key for drawer in DRAWERS} | {"mark"}
        async with self.database.begin() as session:
            if issubclass(table, Marked):
                assert all(is_ours(keys_of(session), row) for row in await session.scalars(select(table)))
            found = await session.execute(select(table.__table__).order_by(table.__table__.c.id))
            return [{name: value for name, value in row._mapping.items() if name not in hidden} for row in found]


@pytest.fixture
async def kept(own_database: Database) -> Kept:
    found = Kept(own_database)
    await found.fill()
    return found


async def all_of(kept: Kept, drawer: Drawer) -> Resealed:
    """Seals a whole drawer again."""
    told = [done async for done in reseal(kept.database, drawer, Settings.model_validate(keys(NEW, OLD)))]
    return told[-1]


def newest(purpose: str) -> Cipher:
    """What opens when every older key is gone."""
    return Cipher.of(Settings.model_validate(keys(NEW, secret="another secret, as long as it must be")), purpose)


def test_every_sealed_column_of_the_database_has_a_drawer() -> None:
    sealed = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String) and re.search("sealed|secret", column.name)
    }
    assert sealed == {(drawer.table.__tablename__, drawer.column.key) for drawer in DRAWERS}


async def test_afterwards_the_older_keys_can_go(kept: Kept) -> None:
    before = {drawer.name: await kept.rows(drawer) for drawer in DRAWERS}
    others = {drawer.name: await kept.whole(drawer.table) for drawer in DRAWERS}
    for drawer in DRAWERS:
        done = await all_of(kept, drawer)
        rows, cipher = await kept.rows(drawer), newest(drawer.purpose)
        filled = {number: sealed for number, sealed in rows.items() if sealed}
        assert filled.keys() == {number for number, sealed in before[drawer.name].items() if sealed}
        assert {number: cipher.open(sealed) for number, sealed in filled.items()} == {
            number: f"{drawer.purpose} {number}" for number in filled
        }
        old = {number for number in filled if number % 3 != 2}
        assert done == Resealed(len(filled), len(old), ())
        # What the newest key had sealed is not touched, nor is anything that is not sealed.
        assert {number for number in rows if rows[number] != before[drawer.name][number]} == old
        assert await kept.whole(drawer.table) == others[drawer.name]
        assert await all_of(kept, drawer) == Resealed(len(filled), 0, ())
    assert (await kept.rows(MESSAGES))[WORDLESS] == ""


async def test_what_no_key_opens_is_named_and_left(kept: Kept) -> None:
    lost = Cipher(LOST, "handover").close("words that are gone")
    async with kept.database.begin() as session:
        await session.execute(update(Message).where(Message.id.in_([3, 9])).values(sealed=lost))
    assert (await all_of(kept, MESSAGES)).lost == (3, 9)
    rows = await kept.rows(MESSAGES)
    assert rows[3] == rows[9] == lost
    assert all(newest("handover").open(sealed) for number, sealed in rows.items() if sealed and number not in (3, 9))


class Writer:
    """Others at work in the same rows: it edits, lets words go, and adds, from the last row of each batch downwards."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self.database, self.cipher = database, cipher
        self.wrote: dict[int, str] = {}
        self.gone: set[int] = set()

    async def write(self, numbers: range) -> None:
        for number in numbers:
            self.wrote[number] = f"edited {number}"
            await self._do(
                update(Message).where(Message.id == number).values(sealed=self.cipher.close(f"edited {number}"))
            )

    async def forget(self, numbers: range) -> None:
        for number in numbers:
            self.gone.add(number)
            await self._do(delete(Message).where(Message.id == number))

    async def add(self, kept: Kept, numbers: range) -> None:
        for number in numbers:
            self.wrote[number] = f"edited {number}"
            row = kept.message(number) | {"sealed": self.cipher.close(f"edited {number}")}
            await self._do(insert(Message).values(row))

    async def _do(self, act: Any) -> None:
        async with self.database.begin() as session:
            await session.execute(act)


@pytest.mark.parametrize("knows", [(NEW, OLD), (OLD,)], ids=["the newest key", "only the older key"])
async def test_nothing_that_is_written_meanwhile_is_lost(own_database: Database, knows: tuple[str, ...]) -> None:
    """Whoever writes may not have been started again yet, and seal with the older key still."""
    many = BATCH + 50
    kept = Kept(own_database, many)
    await kept.fill()
    writer = Writer(own_database, Cipher.of(Settings.model_validate(keys(*knows)), "handover"))
    at_work = asyncio.gather(
        writer.write(range(BATCH - 1, BATCH - 90, -1)),
        writer.write(range(many, BATCH, -1)),
        writer.forget(range(BATCH - 100, BATCH - 150, -1)),
        writer.add(kept, range(many + 1, many + 40)),
    )
    done = await all_of(kept, MESSAGES)
    await at_work
    assert done.lost == ()
    again = await all_of(kept, MESSAGES)
    assert again.lost == ()
    rows, cipher = await kept.rows(MESSAGES), newest("handover")
    assert rows.keys() == set(range(1, many + 40)) - writer.gone
    said = {number: cipher.open(sealed) for number, sealed in rows.items() if sealed}
    assert said == {number: writer.wrote.get(number, f"handover {number}") for number in said}
    if knows[0] == NEW:
        assert again.renewed == 0


async def test_a_row_that_changes_between_reading_and_sealing_is_read_again(kept: Kept) -> None:
    """Somebody with the older key still has row 4 in hand while it is read, and is done before it can be changed."""
    older = Cipher.of(Settings.model_validate(keys(OLD)), "handover")
    async with kept.database.begin() as session:
        await session.execute(update(Message).where(Message.id == 4).values(sealed=older.close("edited 4")))
        sealing = asyncio.create_task(all_of(kept, MESSAGES))
        await asyncio.sleep(0.3)
        assert not sealing.done()
    assert (await sealing).lost == ()
    assert newest("handover").open((await kept.rows(MESSAGES))[4] or "") == "edited 4"


# The command


@pytest.fixture
def ask(own_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator["Ask"]:
    monkeypatch.setenv("DATABASE_URL", own_url)
    monkeypatch.setenv("KNOW_SECRET", SECRET)
    monkeypatch.setenv("KNOW_SEALING_KEYS", f"{NEW},{OLD}")
    settings.cache_clear()
    yield Ask(own_url, "reseal")
    settings.cache_clear()


class Ask(Commands):
    """Runs the command over a database of this test's own."""

    def over(self, act: Any) -> Any:
        """Does something with the database."""

        async def do() -> Any:
            database = Database(settings_for(self.url))
            try:
                return await act(database)
            finally:
                await database.close()

        return asyncio.run(do())


def test_the_command_says_how_many_and_the_log_that_it_was_done(ask: Ask) -> None:
    ask.over(lambda database: Kept(database, BATCH + 1).fill())
    told = ask()
    assert told.exit_code == 0, told.output
    for said in (
        "code apps: 3 of 4 sealed again",
        "handovers: 3 of 5 sealed again",
        f"messages: {BATCH} looked at so far",
        f"messages: {BATCH - 100} of {BATCH} sealed again",
        "keys of handovers and records: 3 of 5 sealed again",
        "records of concern: 3 of 5 sealed again",
        "secrets of providers' own systems: 3 of 4 sealed again",
        "Everything is sealed with the newest key.",
        "Keep the older keys until",
    ):
        assert said in told.output

    async def log(database: Database) -> list[tuple[str, str, str]]:
        async with database.begin() as session:
            return [(row.layer, row.what, row.about) for row in await session.scalars(select(AuditRow))]

    assert ask.over(log) == [("national", "seal again", f"{BATCH - 100 + 15} rows with the newest key")]
    again = ask()
    assert f"messages: 0 of {BATCH} sealed again" in again.output
    assert again.exit_code == 0


def test_the_command_ends_with_1_and_names_only_numbers_of_what_does_not_open(ask: Ask) -> None:
    words = f"words {secrets.token_hex(4)}"
    lost = Cipher(LOST, "handover").close(words)

    async def lose(database: Database) -> None:
        await Kept(database).fill()
        async with database.begin() as session:
            await session.execute(update(Message).where(Message.id.in_([3, 9])).values(sealed=lost))
            await session.execute(update(Handover).where(Handover.id == 5).values(sealed=lost))

    ask.over(lose)
    told = ask()
    assert told.exit_code == 1
    assert "messages: no key opens what is in row 3, 9\n" in told.output
    assert "handovers: no key opens what is in row 5\n" in told.output
    assert "KNOW_SEALING_KEYS" in told.output
    assert "Everything" not in told.output
    for hidden in (words, lost, NEW, OLD, SECRET, "handover 1", "Traceback"):
        assert hidden not in told.output


def test_an_empty_database_is_no_fault(ask: Ask) -> None:
    told = ask()
    assert told.exit_code == 0
    assert "messages: 0 of 0 sealed again" in told.output


def test_a_database_that_is_not_there_is_said(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:////nowhere/know.db")
    settings.cache_clear()
    told = ask()
    assert told.exit_code == 1
    assert "python -m api prepare" in told.output


def test_the_command_teaches_itself(ask: Ask) -> None:
    told = ask("--help")
    assert told.exit_code == 0
    for said in ("KNOW_SEALING_KEYS", "start", "newest key", "several processes"):
        assert said in told.output
