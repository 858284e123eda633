"""Marks of the rows that let people in: what they are over, change of keys, the upgrade, and two who write at once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import inspect, select, text
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from api.records import sessions
from api.records.accounts import Account
from api.records.credentials import account_with
from api.records.handovers.status import names_of
from api.records.marked_rows import Marked, is_ours, mark_of
from api.records.marking_people import PEOPLE, look_at_people
from api.web.database import Base, Database, keys_of
from api.web.ledger_keys import LedgerKeys
from api.web.settings import settings
from tests.conftest import settings_for, started
from tests.office import empty_database
from tests.records.commands import run_command
from tests.records.test_only_added_to import down, up

pytestmark = pytest.mark.database

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
BEFORE, SECRET = "0010", "a secret of this test's own and long enough"
OLD_KEY, NEW_KEY = "the key of last year: 4kx-brine-77-oak", "the key of this year: 9zt-ember-31-fen"
EMAIL, TOKEN = "ann@kent.example", "the token of a sign-in"
KEYS = LedgerKeys((SECRET,))


def account(**others: Any) -> Account:
    """Somebody, as they would be added."""
    who = {"layer": "kent", "role": "lead", "name": "Ann", "post": "the lead", "email": EMAIL}
    return Account(**{**who, "made_at": NOW, **others})


# What a mark is over


def test_every_table_that_lets_people_in_is_looked_through() -> None:
    marked = {mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Marked)}
    assert marked == set(PEOPLE.values())


def bare(kind: type[Marked], **values: Any) -> Marked:
    """A row as if it had been read."""
    row = kind()
    for name, value in values.items():
        set_committed_value(row, name, value)
    return row


def columns(kind: type[Marked]) -> list[str]:
    return [column.key for column in inspect(kind).column_attrs if column.key not in {"mark", *kind.unmarked}]


VALUES = (
    some.none() | some.text(max_size=8) | some.integers(0, 9) | some.dates() | some.datetimes(timezones=some.just(UTC))
)


@given(kind=some.sampled_from(list(PEOPLE.values())), data=some.data())
def test_a_mark_fits_no_row_in_which_any_column_says_something_else(kind: type[Marked], data: some.DataObject) -> None:
    values = {name: data.draw(VALUES, name) for name in columns(kind)}
    row = bare(kind, **values)
    mark = mark_of(KEYS, row)
    assert is_ours(KEYS, bare(kind, **values, mark=mark))
    changed, to = data.draw(some.sampled_from(columns(kind))), data.draw(VALUES)
    same = str(values[changed]) == str(to) and (values[changed] is None) == (to is None)
    assert same or not is_ours(KEYS, bare(kind, **{**values, changed: to}, mark=mark))
    # Two columns whose values change places, and the same in another table.
    one, two = columns(kind)[:2]
    swapped = {**values, one: values[two], two: values[one]}
    assert (
        values[one] == values[two]
        or not is_ours(KEYS, bare(kind, **swapped, mark=mark))
        or str(values[one]) == str(values[two])
    )
    for other in PEOPLE.values():
        if other is not kind:
            assert not is_ours(KEYS, bare(other, **{name: values.get(name) for name in columns(other)}, mark=mark))
    assert not is_ours(LedgerKeys((NEW_KEY,)), bare(kind, **values, mark=mark))


@given(some.none() | some.text(max_size=90))
def test_no_mark_that_somebody_makes_up_is_believed(mark: str | None) -> None:
    assert not is_ours(KEYS, bare(Account, id=1, name="Ann", mark=mark))


def test_a_moment_is_the_same_in_every_zone() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5)))
    mark = mark_of(KEYS, bare(Account, id=1, made_at=there))
    assert is_ours(KEYS, bare(Account, id=1, made_at=NOW, mark=mark))


# In the database


async def test_what_is_added_and_changed_through_a_session_is_marked(own_database: Database) -> None:
    async with own_database.begin() as session:
        somebody = account()
        session.add(somebody)
    for change in (
        {"role": "editor"},
        {"password_hash": "x", "totp_sealed": "y"},
        {"closed_at": NOW},
        {"totp_step": 7},
    ):
        async with own_database.begin() as session:
            found = await account_with(session, EMAIL)
            assert found is not None
            for name, value in change.items():
                setattr(found, name, value)
            # Not written yet, and what is written is still believed.
            with session.no_autoflush:
                assert is_ours(keys_of(session), found)
    async with own_database.begin() as session:
        assert await account_with(session, EMAIL) is not None


async def test_of_two_who_change_an_account_at_once_one_is_told_and_it_stays_whole(own_database: Database) -> None:
    async with own_database.begin() as session:
        session.add(account())

    async def change(name: str, value: str, both: asyncio.Barrier) -> None:
        async with own_database.begin() as session:
            found = await session.scalar(select(Account))
            await both.wait()
            setattr(found, name, value)

    both = asyncio.Barrier(2)
    ended = await asyncio.gather(
        change("role", "editor", both), change("password_hash", "x", both), return_exceptions=True
    )
    assert sorted(map(type, ended), key=str) == sorted((StaleDataError, type(None)), key=str)
    async with own_database.begin() as session:
        assert await account_with(session, EMAIL) is not None


async def test_a_sign_in_is_seen_while_it_ends(own_database: Database) -> None:
    async with own_database.begin() as session:
        somebody = account()
        session.add(somebody)
        await session.flush()
        token = await sessions.begin(session, somebody, NOW)
    async with own_database.begin() as session:
        assert await sessions.account_of(session, token, NOW + timedelta(minutes=5)) is not None
    async with own_database.begin() as session:
        assert await sessions.account_of(session, token, NOW + timedelta(minutes=34)) is not None
        await sessions.end(session, token, NOW + timedelta(minutes=34))
    async with own_database.begin() as session:
        assert await sessions.account_of(session, token, NOW + timedelta(minutes=34)) is None


@pytest.mark.parametrize("value", ["'x'", "x'ff00'", "''"])
async def test_a_value_of_no_right_kind_is_no_row_of_ours(own_sqlite: str, value: str) -> None:
    database = Database(settings_for(own_sqlite))
    async with database.begin() as session:
        session.add(account())
    async with database.begin() as session:
        await session.execute(text(f"UPDATE account SET made_at = {value}"))  # noqa: S608
    async with database.begin() as session:
        looked = await look_at_people(session)
    assert (looked["Accounts"].whole, len(looked["Accounts"].altered)) == (0, 1)
    await database.close()


# Keys, the upgrade, and the operator's commands

PEOPLE_OF_BEFORE = (
    """INSERT INTO account (id, layer, role, name, post, email, made_at)
    VALUES (1, 'kent', 'lead', 'Ann', 'the lead', 'ann@kent.example', CURRENT_TIMESTAMP)""",
    """INSERT INTO account (id, layer, role, name, post, email, made_at, closed_at)
    VALUES (2, 'kent', 'lead', 'Bo', 'was the lead', 'bo@kent.example', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)""",
    """INSERT INTO desk_session (account_id, token_hash, began_at, seen_at)
    VALUES (1, '{hash}', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)""",
    "INSERT INTO recovery_code (account_id, code_hash) VALUES (1, 'c')",
)


class Place:
    """A live installation, and its operator."""

    def __init__(self, url: str, folder: Path, environment: pytest.MonkeyPatch) -> None:
        self.url, self.heads, self._environment = url, folder / "heads", environment
        self.runs_with()

    def runs_with(self, keys: str = "") -> None:
        """Starts it with these keys of the ledger."""
        named = {"DATABASE_URL": self.url, "KNOW_MODE": "live", "KNOW_SECRET": SECRET, "KNOW_LEDGER_KEYS": keys}
        for name, value in {**named, "KNOW_HEADS_FOLDER": str(self.heads)}.items():
            self._environment.setenv(name, value)
        settings.cache_clear()

    def ask(self, *words: str) -> Result:
        return run_command(*words)

    def sql(self, *acts: str) -> list[Any]:
        async def done() -> list[Any]:
            async with self.open() as database, database.begin() as session:
                found = [await session.execute(text(act)) for act in acts]
                return list(found[-1].all()) if found[-1].returns_rows else []

        return asyncio.run(done())

    def comes_in(self) -> bool:
        """Whether the token of the sign-in is Ann's, and so is her e-mail."""

        async def asked() -> bool:
            async with self.open() as database, database.begin() as session:
                known = await account_with(session, EMAIL)
                actor = await sessions.actor_of(session, TOKEN, datetime.now(UTC), date.today())
            assert (known is None) == (actor is None)
            return known is not None

        return asyncio.run(asked())

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Database]:
        database = Database(settings())
        try:
            yield database
        finally:
            await database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def old(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """One of before marks, where Ann is signed in and Bo has left."""
    if request.param == "postgres":
        request.getfixturevalue("postgres_url")
    with empty_database(request.param, tmp_path) as url:
        up(url, BEFORE)
        place = Place(url, tmp_path, monkeypatch)
        place.sql(*(act.format(hash=sessions.hash_of(TOKEN)) for act in PEOPLE_OF_BEFORE))
        yield place
        settings.cache_clear()


def test_an_upgrade_marks_everybody_once_and_they_go_on(old: Place) -> None:
    # One that has heads already, as every installation of the release before.
    up(old.url, "head")
    assert not old.comes_in()
    told = old.ask("prepare")
    assert told.exit_code == 0, told.output
    for said in ("Accounts: 2 rows were given a mark", "Sign-ins: 1 rows were given", "Recovery codes: 1 rows were"):
        assert said in told.output
    assert old.comes_in()
    assert "mark" not in old.ask("prepare").output
    told = old.ask("ledger", "verify")
    assert told.exit_code == 0, told.output
    assert "Accounts: 2 rows, every one as it was written" in told.output
    # What was marked cannot be had again without its marks.
    with pytest.raises(ValueError, match="cannot be had again"):
        down(old.url, BEFORE)
    assert old.comes_in()


@pytest.mark.parametrize(
    "altered",
    [
        "UPDATE account SET role = 'admin', layer = 'national' WHERE id = 1",
        "UPDATE account SET mark = NULL; UPDATE desk_session SET mark = NULL; UPDATE recovery_code SET mark = NULL",
        "UPDATE account SET closed_at = NULL, email = 'gone@kent.example' WHERE id = 1; "
        "UPDATE account SET closed_at = NULL, email = 'ann@kent.example' WHERE id = 2; "
        "UPDATE desk_session SET account_id = 2",
    ],
)
def test_after_it_nothing_without_a_right_mark_is_believed_whatever_is_run(old: Place, altered: str) -> None:
    assert old.ask("prepare").exit_code == 0
    assert old.comes_in()
    old.sql(*altered.split("; "))
    for command in ("ledger verify", "ledger mark", "prepare"):
        told = old.ask(*command.split())
        assert (told.exit_code, "Accounts: row " in told.output) == ((0, False) if command == "prepare" else (1, True))
        assert not old.comes_in()


def test_who_holds_the_key_may_believe_a_row_that_they_have_looked_at(old: Place) -> None:
    old.ask("prepare")
    old.sql("UPDATE account SET mark = NULL", "UPDATE account SET role = 'editor' WHERE id = 2")
    assert old.ask("ledger", "mark", "--believe", "account:1").exit_code == 1
    told = old.ask("ledger", "mark", "--believe", "account:1", "--leave", "account:2-2147483647")
    assert told.exit_code == 0, told.output
    assert old.comes_in()
    told = old.ask("ledger", "verify")
    assert told.exit_code == 1
    assert "Accounts: row 2 was altered, or put in by nobody here" in told.output
    assert "row 1 " not in told.output


def test_a_folder_that_was_lost_does_not_bring_the_moment_back(old: Place) -> None:
    old.ask("prepare")
    old.sql("INSERT INTO account (id, layer, role, name, post, email, made_at) VALUES (9, 'kent', 'lead', 'Eve', "
            "'the lead', 'eve@kent.example', CURRENT_TIMESTAMP)")  # fmt: skip
    for file in old.heads.iterdir():
        file.unlink()
    told = old.ask("prepare")
    assert "Accounts: row 9 is not believed" in told.output
    assert old.ask("ledger", "verify").exit_code == 1
    assert old.comes_in()


def test_keys_change_and_everybody_stays(old: Place) -> None:
    old.ask("prepare")
    for keys in (f"{SECRET},{OLD_KEY}", f"{OLD_KEY},{SECRET}"):
        old.runs_with(keys)
        assert old.comes_in()
    told = old.ask("ledger", "mark")
    assert "Accounts: 2 rows were given a mark, 2 of them had one of an older key" in told.output
    old.runs_with(OLD_KEY)
    assert old.comes_in()
    old.runs_with(NEW_KEY)
    assert not old.comes_in()
    old.runs_with(f"{NEW_KEY},{OLD_KEY}")
    assert old.comes_in()
    # A row that was altered is not believed for a change of keys.
    old.sql("UPDATE account SET role = 'admin' WHERE id = 1")
    assert old.ask("ledger", "mark").exit_code == 1
    assert old.ask("ledger", "mark", "--leave", "account:1").exit_code == 0
    old.runs_with(NEW_KEY)
    assert not old.comes_in()


def test_a_new_installation_believes_nobody_who_is_put_in_later(old: Place) -> None:
    old.sql("DELETE FROM desk_session", "DELETE FROM recovery_code", "DELETE FROM account")
    assert old.ask("prepare").exit_code == 0
    old.sql(*(act.format(hash=sessions.hash_of(TOKEN)) for act in PEOPLE_OF_BEFORE))
    assert old.ask("prepare").exit_code == 0
    assert not old.comes_in()
    # Whom the operator adds comes in.
    added = ("--layer", "kent", "--role", "lead", "--name", "Cy", "--post", "the lead", "--email", "cy@kent.example")
    assert old.ask("people", "add", *added).exit_code == 0
    listed = old.ask("people", "list").output
    assert "cy@kent.example" in listed
    assert EMAIL not in listed
    assert "Nobody has the e-mail address" in old.ask("people", "close", EMAIL).output + str(
        old.ask("people", "close", EMAIL).stderr
    )


async def test_a_service_says_that_somebody_was_put_in(own_url: str) -> None:
    chosen = settings_for(own_url)
    database = Database(chosen)
    async with database.begin() as session:
        session.add(account())
    async with database.begin() as session:
        await session.execute(text("UPDATE account SET role = 'admin', layer = 'national'"))
    await database.close()
    async with started(chosen) as client:
        for _ in range(200):
            if (await client.get("/readyz")).json()["ledger"] == "altered":
                return
            await asyncio.sleep(0.05)
    raise AssertionError("it was not noticed")


async def test_a_child_is_not_told_an_altered_name(own_database: Database) -> None:
    async with own_database.begin() as session:
        somebody = account(layer="provider:young-voices", role="advocate", name="Sam")
        session.add(somebody)
    for altered, names in (("name", {somebody.id: "Sam"}), ("'Ring 0900 123 instead'", {})):
        async with own_database.begin() as session:
            await session.execute(text(f"UPDATE account SET name = {altered}"))  # noqa: S608
        async with own_database.begin() as session:
            assert await names_of(session, [somebody.id, None]) == names
