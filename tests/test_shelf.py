"""The shelf: what a refresh of the Packs reads, and what stays as it was when it cannot."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from api.hall.database import Database
from api.records import ledger
from api.records.ledger import LedgerRow
from api.records.shelf import Shelf
from tests.conftest import release_for
from tests.own_database import sqlite_copy
from tests.test_live import CARD, FORCE, opened


@pytest.fixture
async def copied(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """A copy of the database with the practice words signed."""
    async with opened(sqlite_copy(sqlite_url, tmp_path)) as database:
        yield database


@pytest.fixture
def read() -> Iterator[list[int]]:
    """The numbers of the ledger's rows that are read."""
    rows: list[int] = []

    def note(row: LedgerRow, _context: object) -> None:
        rows.append(row.id)

    event.listen(LedgerRow, "load", note)
    yield rows
    event.remove(LedgerRow, "load", note)


def shelf_over(database: Database) -> Shelf:
    return Shelf(database, release_for(practice=True).forces, practice=True)


async def add_signature(database: Database, shelf: Shelf, asks: str) -> int:
    """Signs other words on the card in Kent; gives the row's number."""
    last = shelf.pack(FORCE).signed()[CARD]
    async with database.begin() as session:
        row = await ledger.add(session, replace(last, layer=FORCE, words=replace(last.words, asks=asks)))
    return row.id


def asks(shelf: Shelf) -> str:
    shown = shelf.pack(FORCE).card(CARD, shelf.today())
    assert shown is not None
    return shown.words.asks


async def test_refreshes_at_the_same_time_read_the_ledger_once(copied: Database, read: list[int]) -> None:
    shelf = shelf_over(copied)
    await asyncio.gather(shelf.fill(), *(shelf.refresh() for _ in range(4)), shelf.fill())
    assert len(read) == len(set(read)) > 100
    assert shelf.pack("northmoor").open(shelf.today())


async def test_a_refresh_reads_only_what_is_new(copied: Database, read: list[int]) -> None:
    shelf = shelf_over(copied)
    await shelf.refresh()
    read.clear()
    pack = shelf.pack("northmoor")
    await shelf.refresh()
    assert (read, shelf.pack("northmoor") is pack) == ([], True)
    await add_signature(copied, shelf, "one")
    newest = await add_signature(copied, shelf, "two")
    read.clear()
    await shelf.refresh()
    assert (read, asks(shelf)) == ([newest], "two")


async def test_a_refresh_that_fails_leaves_everything_as_it_was(copied: Database) -> None:
    shelf = shelf_over(copied)
    await shelf.refresh()
    pack = shelf.pack("northmoor")
    async with opened("sqlite+aiosqlite://") as empty:
        shelf._database = empty
        with pytest.raises(Exception, match="no such table"):
            await shelf.refresh()
    assert shelf.pack("northmoor") is pack
    shelf._database = copied
    await add_signature(copied, shelf, "later")
    await shelf.refresh()
    assert asks(shelf) == "later"


@pytest.mark.parametrize("running", [True, False])
async def test_the_signature_before_an_altered_one_is_shown(copied: Database, tmp_path: Path, running: bool) -> None:
    shelf = shelf_over(copied)
    await shelf.refresh()
    await add_signature(copied, shelf, "whole")
    rows = [await add_signature(copied, shelf, "altered") for _ in range(2)]
    with closing(sqlite3.connect(tmp_path / "know.db")) as behind:
        behind.execute("DROP TRIGGER sign_off_no_update")
        behind.execute("UPDATE sign_off SET signed_by_post = 'Chief of Charlie' WHERE id IN (?, ?)", rows)
        behind.commit()
    if not running:
        shelf = shelf_over(copied)
    await shelf.refresh()
    assert asks(shelf) == "whole"


async def test_an_older_copy_that_was_put_back_is_read_from_its_start(copied: Database, tmp_path: Path) -> None:
    shelf = shelf_over(copied)
    await shelf.refresh()
    await add_signature(copied, shelf, "before")
    (tmp_path / "older").mkdir()
    sqlite_copy(f"sqlite+aiosqlite:///{tmp_path / 'know.db'}", tmp_path / "older")
    await add_signature(copied, shelf, "after")
    await shelf.refresh()
    assert asks(shelf) == "after"
    with (
        closing(sqlite3.connect(tmp_path / "older" / "know.db")) as older,
        closing(sqlite3.connect(tmp_path / "know.db")) as now,
    ):
        older.backup(now)
    await shelf.refresh()
    assert asks(shelf) == "before"
