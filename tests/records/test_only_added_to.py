"""What the desk keeps is only added to, on both databases, and its tables come and go by their migration."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from api.records.force_availability import ForceSetting
from api.records.signing import withdraw
from api.records.wording import Wordings
from api.web.database import Base, Database
from api.web.migrate import MIGRATIONS, StillKept, migrate
from tests.conftest import release_for, settings_for
from tests.office import Office, empty_database, some_cards
from tests.own_database import tables_of

pytestmark = pytest.mark.database

# Every table whose rows are only added, with a column that somebody might want to change.
TABLES = {
    "act": "who",
    "local_fact": "value",
    "withdrawal": "reason",
    "audit": "who",
    "force_setting": "value",
    "sign_off": "signed_by",
}
# On both databases; on SQLite alone; on PostgreSQL alone.
CHANGES = [
    "UPDATE {table} SET {column} = 'somebody else'",
    "UPDATE {table} SET id = id + 1000",
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table})",
]
SQLITE_CHANGES = [
    "REPLACE INTO {table} SELECT * FROM {table}",
    "UPDATE OR REPLACE {table} SET {column} = 'x'",
    "INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT (id) DO UPDATE SET {column} = 'x'",
]
POSTGRES_CHANGES = [
    "TRUNCATE {table}",
    "TRUNCATE {table} CASCADE",
    "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET {column} = 'x'",
]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres":
        request.getfixturevalue("postgres_url")
    return str(request.param)


@pytest.fixture(scope="module")
def own_url(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of this module's own."""
    with empty_database(kind, tmp_path_factory.mktemp("added")) as url:
        migrate(settings_for(url))
        yield url


@pytest.fixture(scope="module")
async def database(own_url: str) -> AsyncIterator[Database]:
    """The database with a row in every table."""
    found = Database(settings_for(own_url))
    await fill_every_table(found)
    yield found
    await found.close()


async def fill_every_table(database: Database) -> None:
    office = Office(database, Wordings(some_cards(), release_for(practice=True).vetting))
    await office.set_fact(office.editor, "30")
    await office.signed()
    wording = await office.wording()
    async with database.begin() as session:
        session.add(ForceSetting(layer=office.layer, name="provider", value="P", who="W", at=office.clock()))
        await withdraw(session, office.lead, wording, "Wrong.", now=office.clock(), practice=True)


async def rows(database: Database, table: str) -> list[tuple[Any, ...]]:
    async with database.begin() as session:
        return [tuple(row) for row in await session.execute(text(f"SELECT * FROM {table} ORDER BY id"))]  # noqa: S608


@pytest.mark.parametrize("table", TABLES)
async def test_what_was_done_is_never_changed_or_deleted(database: Database, kind: str, table: str) -> None:
    before = await rows(database, table)
    assert before
    for change in (*CHANGES, *(SQLITE_CHANGES if kind == "sqlite" else POSTGRES_CHANGES)):
        with pytest.raises(DBAPIError, match="only added to"):
            async with database.begin() as session:
                await session.execute(text(change.format(table=table, column=TABLES[table])))
        assert await rows(database, table) == before, change


# The migration of the desk

SIGNED_BEFORE = """
INSERT INTO sign_off (layer, card, words, written_by, reviewed_by, signed_by, signed_by_post, signed_on, review_by,
    practice, fingerprint, previous, row_hash)
VALUES ('kent', 'bodycam', '{}', '["W"]', 'R', 'S', 'the lead', '2026-11-01', '2027-11-01', true, 'f', :previous, :own)
"""


@pytest.fixture
def fresh_url(kind: str, tmp_path: Path) -> Iterator[str]:
    """A database without tables, for one test."""
    with empty_database(kind, tmp_path) as url:
        yield url


LEDGER, DESK, LATEST = "0001", "0002", "head"


def up(url: str, revision: str) -> None:
    """Migrates up to a revision."""
    command.upgrade(_config(url), revision)


def down(url: str, revision: str) -> None:
    """Migrates down to a revision."""
    command.downgrade(_config(url), revision)


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = url
    return config


def do(url: str, act: str, **given: str) -> list[Any]:
    async def done() -> list[Any]:
        database = Database(settings_for(url))
        try:
            async with database.begin() as session:
                found = await session.execute(text(act), given)
                return list(found.all()) if found.returns_rows else []
        finally:
            await database.close()

    return asyncio.run(done())


EVERY_OLD_COLUMN = """
SELECT id, layer, card, words, written_by, reviewed_by, signed_by, signed_by_post, signed_on, review_by, practice,
    fingerprint, previous, row_hash
FROM sign_off ORDER BY id
"""


def test_the_desk_comes_to_a_ledger_that_holds_rows_and_leaves_every_row_as_it_was(fresh_url: str) -> None:
    up(fresh_url, LEDGER)
    for number in range(3):
        do(fresh_url, SIGNED_BEFORE, previous=f"{number:064}", own=f"{number + 1:064}")
    before = do(fresh_url, EVERY_OLD_COLUMN)
    assert len(before) == 3
    migrate(settings_for(fresh_url))
    assert do(fresh_url, EVERY_OLD_COLUMN) == before
    assert {"act", "audit", "account"} <= tables_of(fresh_url)
    with pytest.raises(DBAPIError, match="only added to"):
        do(fresh_url, "DELETE FROM sign_off")
    # Again changes nothing.
    migrate(settings_for(fresh_url))
    assert do(fresh_url, EVERY_OLD_COLUMN) == before


def test_an_empty_desk_goes_again_and_comes_back_whole(fresh_url: str) -> None:
    held = {}
    for step in (LEDGER, DESK, LATEST):
        up(fresh_url, step)
        held[step] = tables_of(fresh_url)
    assert held[LEDGER] < held[DESK] < held[LATEST]
    assert held[LATEST] == held[LEDGER] | set(Base.metadata.tables)
    assert {"act", "audit", "account"} <= held[DESK] - held[LEDGER]
    assert {"provider", "handover", "message", "concern", "count"} <= held[LATEST] - held[DESK]
    do(fresh_url, SIGNED_BEFORE, previous="0" * 64, own="1" * 64)
    for step in (DESK, LEDGER):
        down(fresh_url, step)
        assert tables_of(fresh_url) == held[step]
        assert len(do(fresh_url, "SELECT * FROM sign_off")) == 1
    migrate(settings_for(fresh_url))
    assert tables_of(fresh_url) == held[LATEST]
    do(
        fresh_url,
        "INSERT INTO force_setting (layer, name, value, who, at) VALUES ('a', 'b', 'c', 'd', CURRENT_TIMESTAMP)",
    )
    with pytest.raises(DBAPIError, match="only added to"):
        do(fresh_url, "DELETE FROM force_setting")


@pytest.mark.parametrize(
    ("to", "table", "insert"),
    [
        ("base", "sign_off", SIGNED_BEFORE),
        (
            LEDGER,
            "force_setting",
            "INSERT INTO force_setting (layer, name, value, who, at) VALUES ('a', 'b', 'c', 'd', CURRENT_TIMESTAMP)",
        ),
    ],
)
def test_a_step_back_that_would_drop_what_is_kept_for_good_is_refused_and_drops_nothing(
    fresh_url: str, to: str, table: str, insert: str
) -> None:
    up(fresh_url, LATEST)
    do(fresh_url, insert, **({"previous": "0" * 64, "own": "1" * 64} if table == "sign_off" else {}))
    before = tables_of(fresh_url)
    with pytest.raises(StillKept, match=table):
        down(fresh_url, to)
    assert tables_of(fresh_url) == before
    assert len(do(fresh_url, f"SELECT * FROM {table}")) == 1  # noqa: S608


def test_every_column_that_the_desk_uses_is_in_the_tables(own_url: str) -> None:
    async def columns() -> dict[str, dict[str, bool]]:
        database = Database(settings_for(own_url))
        async with database.engine.connect() as connection:
            found = await connection.run_sync(
                lambda sync: {
                    table: {column["name"]: column["nullable"] for column in inspect(sync).get_columns(table)}
                    for table in Base.metadata.tables
                }
            )
        await database.close()
        return found

    wanted = {
        name: {column.name: bool(column.nullable) for column in table.columns}
        for name, table in Base.metadata.tables.items()
    }
    assert asyncio.run(columns()) == wanted
