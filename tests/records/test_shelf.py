"""The shelf: what a refresh of the Packs reads, and what stays as it was when it cannot."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from api.records import ledger
from api.records.ledger import LedgerRow
from api.records.pack_cache import PackCache
from api.web.database import Database
from tests.conftest import release_for
from tests.own_database import sqlite_copy
from tests.web.test_live import CARD, FORCE, opened


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


def shelf_over(database: Database) -> PackCache:
    return PackCache(database, release_for(practice=True).forces, practice=True)


async def add_signature(database: Database, pack_cache: PackCache, asks: str) -> int:
    """Signs other words on the card in Kent; gives the row's number."""
    last = pack_cache.pack(FORCE).signed()[CARD]
    async with database.begin() as session:
        row = await ledger.add(session, replace(last, layer=FORCE, words=replace(last.words, asks=asks)))
    return row.id


def asks(pack_cache: PackCache) -> str:
    shown = pack_cache.pack(FORCE).card(CARD, pack_cache.today())
    assert shown is not None
    return shown.words.asks


async def test_refreshes_at_the_same_time_read_the_ledger_once(copied: Database, read: list[int]) -> None:
    pack_cache = shelf_over(copied)
    await asyncio.gather(pack_cache.fill(), *(pack_cache.refresh() for _ in range(4)), pack_cache.fill())
    assert len(read) == len(set(read)) > 100
    assert pack_cache.pack("northmoor").open(pack_cache.today())


async def test_a_refresh_reads_only_what_is_new(copied: Database, read: list[int]) -> None:
    pack_cache = shelf_over(copied)
    await pack_cache.refresh()
    read.clear()
    pack = pack_cache.pack("northmoor")
    await pack_cache.refresh()
    assert (read, pack_cache.pack("northmoor") is pack) == ([], True)
    await add_signature(copied, pack_cache, "one")
    newest = await add_signature(copied, pack_cache, "two")
    read.clear()
    await pack_cache.refresh()
    assert (read, asks(pack_cache)) == ([newest], "two")


async def test_a_refresh_that_fails_leaves_everything_as_it_was(copied: Database) -> None:
    pack_cache = shelf_over(copied)
    await pack_cache.refresh()
    pack = pack_cache.pack("northmoor")
    async with opened("sqlite+aiosqlite://") as empty:
        pack_cache._database = empty
        with pytest.raises(Exception, match="no such table"):
            await pack_cache.refresh()
    assert pack_cache.pack("northmoor") is pack
    pack_cache._database = copied
    await add_signature(copied, pack_cache, "later")
    await pack_cache.refresh()
    assert asks(pack_cache) == "later"


@pytest.mark.parametrize("running", [True, False])
async def test_the_signature_before_an_altered_one_is_shown(copied: Database, tmp_path: Path, running: bool) -> None:
    pack_cache = shelf_over(copied)
    await pack_cache.refresh()
    await add_signature(copied, pack_cache, "whole")
    rows = [await add_signature(copied, pack_cache, "altered") for _ in range(2)]
    with closing(sqlite3.connect(tmp_path / "know.db")) as behind:
        behind.execute("DROP TRIGGER sign_off_no_update")
        behind.execute("UPDATE sign_off SET signed_by_post = 'Chief of Charlie' WHERE id IN (?, ?)", rows)
        behind.commit()
    if not running:
        pack_cache = shelf_over(copied)
    await pack_cache.refresh()
    assert asks(pack_cache) == "whole"


async def test_an_older_copy_that_was_put_back_is_read_from_its_start(copied: Database, tmp_path: Path) -> None:
    pack_cache = shelf_over(copied)
    await pack_cache.refresh()
    await add_signature(copied, pack_cache, "before")
    (tmp_path / "older").mkdir()
    sqlite_copy(f"sqlite+aiosqlite:///{tmp_path / 'know.db'}", tmp_path / "older")
    await add_signature(copied, pack_cache, "after")
    await pack_cache.refresh()
    assert asks(pack_cache) == "after"
    with (
        closing(sqlite3.connect(tmp_path / "older" / "know.db")) as older,
        closing(sqlite3.connect(tmp_path / "know.db")) as now,
    ):
        older.backup(now)
    await pack_cache.refresh()
    assert asks(pack_cache) == "before"
