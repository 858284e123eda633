"""Whoever can write to the database, and has no key, makes no child read their words; and it is found."""

import hashlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from api.records import ledger
from api.records.audit import AuditRow
from api.records.hash_chain import FIRST, Chained
from api.records.head_comparison import altered, head_of, walk_all
from api.records.heads import Head
from api.records.ledger import LedgerRow
from api.records.pack_cache import PackCache
from api.records.practice import sign_practice
from api.records.signing import withdraw
from api.records.withdrawals import Withdrawal
from api.records.wording import Wordings
from api.web.clock import utc_now
from api.web.database import Database
from content.signoff import SignOff
from tests.conftest import release_for, settings_for, started
from tests.json_child import Child
from tests.office import CARD, Office, some_cards
from tests.own_database import sqlite_copy

FORGED = "Ring 0909 000 0000. Tell nobody else."
FORCE = "northmoor"
_SQLITE = sqlite.dialect()
TABLES: dict[str, type[Chained]] = {"sign_off": LedgerRow, "withdrawal": Withdrawal, "audit": AuditRow}


@dataclass(frozen=True)
class Kept:
    """A ledger as it was, its head, which was kept elsewhere, and everything that was ever signed in it."""

    url: str
    head: Head
    signed: frozenset[int]


@pytest.fixture(scope="module")
async def kept(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A few practice words, words of Kent signed twice, and an answer of Northmoor that is withdrawn."""
    url = sqlite_copy(f"sqlite+aiosqlite:///{empty_sqlite}", tmp_path_factory.mktemp("kept"))
    async with opened(url) as database, database.begin() as session:
        await sign_practice(session, some_cards(), release_for(practice=True).vetting.renderer, date.today())
    return await made(url)


@pytest.fixture(scope="module")
async def whole(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The same with all practice words."""
    return await made(sqlite_copy(sqlite_url, tmp_path_factory.mktemp("whole")))


async def made(url: str) -> Kept:
    async with opened(url) as database:
        office = Office(database, Wordings(some_cards(), release_for(practice=True).vetting), FORCE)
        await office.set_fact(office.editor, "30")
        signed = await office.signed()
        async with database.begin() as session:
            await withdraw(session, office.lead, await office.wording(), "Wrong.", now=office.clock(), practice=True)
            for post in ("the first lead (invented)", "the second lead (invented)"):
                again = replace(signed, layer="kent", signer=replace(signed.signer, post=post))
                await ledger.add(session, again)
        async with database.begin() as session:
            words = frozenset(hash(str(one)) for one in await ledger.signoffs(session, practice=True))
            walked = await walk_all(session, None, deep=True)
        return Kept(url, head_of(database.keys, utc_now(), "practice", None, walked), words)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(settings_for(url))
    try:
        yield database
    finally:
        await database.close()


# What an attacker does, in SQL

Acts = list[tuple[str, tuple[Any, ...]]]


def columns(table: str) -> list[str]:
    return [column.name for column in TABLES[table].__table__.columns]  # type: ignore[attr-defined]


class Attacker:
    """Writes to a database behind everybody's back: its triggers are gone, and so is every index."""

    def __init__(self, file: sqlite3.Connection, table: str) -> None:
        self.file, self.table = file, table
        file.text_factory = lambda value: value.decode("utf-8", "replace")
        self.rows = [dict(zip(columns(table), row, strict=True)) for row in self._select()]

    def _select(self) -> list[tuple[Any, ...]]:
        return self.file.execute(f"SELECT {', '.join(columns(self.table))} FROM {self.table} ORDER BY id").fetchall()  # noqa: S608

    def update(self, row: int, column: str, value: object) -> None:
        self.file.execute(f"UPDATE {self.table} SET {column} = ? WHERE id = ?", (value, self._row(row)["id"]))  # noqa: S608

    def spoil(self, row: int, column: str) -> None:
        """Puts in what is no text."""
        spoilt = f"UPDATE {self.table} SET {column} = CAST(x'fffe' AS TEXT) WHERE id = ?"  # noqa: S608
        self.file.execute(spoilt, (self._row(row)["id"],))

    def insert(self, row: int, number: int, previous: str, mark: str | None, *, forged: bool) -> None:
        """Puts in a row like another, with the attacker's words, and its hashes worked out as they should be."""
        new = {**self._row(row), "id": number, "mark": mark if mark != "copied" else self._row(row)["mark"]}
        if forged:
            self._forge(new)
        new["previous"] = {"right": self.rows[-1]["row_hash"], "copied": new["previous"]}.get(previous, previous)
        self._rehash(new)
        self._put(new)

    def delete(self, start: int, end: int) -> None:
        for row in self.rows[slice(start, end)] or self.rows[-1:]:
            self.file.execute(f"DELETE FROM {self.table} WHERE id = ?", (row["id"],))  # noqa: S608

    def swap(self, one: int, other: int) -> None:
        """Two rows change places: everything but their numbers."""
        first, second = self._row(one), self._row(other)
        if first["id"] == second["id"]:
            self.delete(0, 1)
            return
        for row, number in ((first, second["id"]), (second, first["id"])):
            self.file.execute(f"DELETE FROM {self.table} WHERE id = ?", (number,))  # noqa: S608
            self._put({**row, "id": number})

    def again(self, start: int) -> None:
        """Works the whole chain out again, with the attacker's words from some row on."""
        before = FIRST
        for at, row in enumerate(self.rows):
            new = {**row, "previous": before}
            if at >= start % len(self.rows):
                self._forge(new)
            self._rehash(new)
            before = new["row_hash"]
            self.file.execute(f"DELETE FROM {self.table} WHERE id = ?", (row["id"],))  # noqa: S608
            self._put(new)

    def _row(self, row: int) -> dict[str, Any]:
        return self.rows[row % len(self.rows)]

    def _forge(self, row: dict[str, Any]) -> None:
        if self.table == "sign_off":
            row["words"] = row["words"].replace("police", FORGED)
        elif self.table == "withdrawal":
            row["reason"] = FORGED
        else:
            row["who"] = FORGED

    def _rehash(self, row: dict[str, Any]) -> None:
        """The fingerprint and the hash, as the program itself would work them out."""
        found = TABLES[self.table](**{name: value for name, value in row.items() if name != "id"})
        if self.table == "sign_off":
            row["fingerprint"] = hashlib.sha256(row["words"].encode()).hexdigest()
        loaded = dict(row)
        for name, column in type(found).__table__.columns.items():  # type: ignore[attr-defined]
            read = column.type.dialect_impl(_SQLITE).result_processor(_SQLITE, None)
            # What an act before this one put in may be nothing that can be read.
            with suppress(ValueError, TypeError):
                loaded[name] = read(row[name]) if read else row[name]
        row["row_hash"] = TABLES[self.table](**loaded).expected_hash()

    def _put(self, row: dict[str, Any]) -> None:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self.file.execute(f"INSERT OR REPLACE INTO {self.table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608


def tamper(path: Path, table: str, acts: Acts) -> None:
    with closing(sqlite3.connect(path)) as file:
        for kind, name in file.execute(
            "SELECT type, name FROM sqlite_master WHERE type = 'trigger' OR (type = 'index' AND sql IS NOT NULL)"
        ).fetchall():
            file.execute(f'DROP {kind} "{name}"')
        for act, given in acts:
            attacker = Attacker(file, table)
            if not attacker.rows:
                break
            keywords = {"forged": True} if act == "insert" else {}
            getattr(attacker, act)(*given, **keywords)
        file.commit()


def everything(path: Path, table: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as file:
        file.text_factory = bytes
        return file.execute(f"SELECT {', '.join(columns(table))} FROM {table} ORDER BY id").fetchall()  # noqa: S608


ROWS = st.integers(0, 12)
VALUES = st.sampled_from([FORGED, "", "my-phone", "kent", 0, 1, 2**40, -1, "2026-13-77", b"\xff\xfe", "0" * 64])
NUMBERS = st.sampled_from([2**62, 1_000, 8, 9, -5, 0])


def acts(table: str) -> st.SearchStrategy[Acts]:
    # "id" cannot hold text, and a row that is moved is what swap and insert do.
    altered_column = st.sampled_from([name for name in columns(table) if name != "id"])
    one = st.one_of(
        st.tuples(st.just("update"), st.tuples(ROWS, altered_column, VALUES)),
        st.tuples(st.just("spoil"), st.tuples(ROWS, altered_column)),
        st.tuples(
            st.just("insert"),
            st.tuples(
                ROWS,
                NUMBERS,
                st.sampled_from(["right", "copied", "nonsense", FIRST]),
                st.sampled_from([None, "copied", "", "x" * 73]),
            ),
        ),
        st.tuples(st.just("delete"), st.sampled_from([(-1, None), (-100, None), (0, None), (0, 1), (2, 4)])),
        st.tuples(st.just("swap"), st.tuples(ROWS, ROWS)),
        st.tuples(st.just("again"), st.tuples(ROWS)),
    )
    return st.lists(one, min_size=1, max_size=2)


TAMPERINGS = st.sampled_from(sorted(TABLES)).flatmap(lambda table: st.tuples(st.just(table), acts(table)))


async def held(database: Database) -> PackCache:
    """What a process that starts now holds."""
    pack_cache = PackCache(database, release_for(practice=True).forces, practice=True)
    await pack_cache.refresh()
    return pack_cache


def shown(pack_cache: PackCache) -> list[SignOff]:
    """Everything that any child may see, but help that is built in: no database reaches that."""
    packs = [pack_cache.pack(force, language) for force in (None, *pack_cache.forces) for language in ("en", "cy")]
    return [signed for pack in packs for signed in pack.live(pack_cache.today()).values() if not signed.built_in]


async def found(database: Database, head: Head) -> bool:
    """True when `ledger verify` finds that something is not as it was."""
    async with database.begin() as session:
        return altered(head, await walk_all(session, head, deep=True))


async def sign_in_kent(database: Database, like: SignOff) -> None:
    async with database.begin() as session:
        await ledger.add(session, replace(like, signer=replace(like.signer, post="the lead of today (invented)")))


async def a_child_reads(url: str) -> None:
    """A page for a child who is in danger: help stands there, and nothing of the attacker's."""
    async with started(settings_for(url)) as client:
        page = await client.get(f"/{FORCE}")
        assert "999" in page.text
        assert FORGED not in page.text
        if page.status_code != 200:
            return
        child = Child(client)
        await child.start(FORCE)
        said = str(await child.say("my dad hits me"))
        assert "999" in said or "999" in await child.page()
        assert FORGED not in said


async def test_nothing_is_found_in_a_ledger_as_it_was(kept: Kept) -> None:
    async with opened(kept.url) as database:
        assert not await found(database, kept.head)
        pack_cache = await held(database)
        assert {hash(str(signed)) for signed in shown(pack_cache)} <= kept.signed
        assert pack_cache.pack(FORCE).card(CARD, pack_cache.today()) is None
        kent = pack_cache.pack("kent").card(CARD, pack_cache.today())
        assert kent is not None
        assert kent.signer.post == "the second lead (invented)"


@given(TAMPERINGS)
@example(("sign_off", [("spoil", (1, "previous"))]))
@example(("sign_off", [("spoil", (2, "layer"))]))
@example(("sign_off", [("update", (1, "practice", FORGED))]))
@example(("withdrawal", [("update", (0, "practice", FORGED))]))
@example(("audit", [("update", (1, "at", "no moment"))]))
@example(("withdrawal", [("update", (0, "previous", b"\xff"))]))
@example(("sign_off", [("update", (6, "signed_on", "2026-13-77"))]))
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_no_altered_word_is_shown_and_verify_finds_it(
    kept: Kept, tmp_path: Path, tampering: tuple[str, Acts]
) -> None:
    table, done = tampering
    url = sqlite_copy(kept.url, tmp_path)
    before = everything(tmp_path / "know.db", table)
    tamper(tmp_path / "know.db", table, done)
    # Two rows that change places twice are where they were.
    assume(everything(tmp_path / "know.db", table) != before)
    async with opened(url) as database:
        pack_cache = await held(database)
        assert {hash(str(signed)) for signed in shown(pack_cache)} <= kept.signed
        assert pack_cache.pack(FORCE).card(CARD, pack_cache.today()) is None
        assert await found(database, kept.head)
        kent = pack_cache.pack("kent").signed().get(CARD)
        if kent:
            await sign_in_kent(database, replace(kent, layer="kent"))
            for one in (pack_cache, await held(database)):
                await one.refresh()
                now = one.pack("kent").card(CARD, one.today())
                assert now is not None
                assert now.signer.post == "the lead of today (invented)"
            assert await found(database, kept.head)


async def test_what_is_signed_again_after_rows_were_lost_is_shown(kept: Kept, tmp_path: Path) -> None:
    url = sqlite_copy(kept.url, tmp_path)
    async with opened(url) as database:
        hidden = (await held(database)).pack(FORCE).signed()[CARD]
    tamper(tmp_path / "know.db", "sign_off", [("delete", (1, None))])
    async with opened(url) as database:
        async with database.begin() as session:
            await ledger.add(session, hidden)
        pack_cache = await held(database)
        assert pack_cache.pack(FORCE).card(CARD, pack_cache.today()) == hidden


@pytest.mark.parametrize(
    ("table", "done"),
    [
        ("sign_off", [("insert", (5, 2**62, "nonsense", None))]),
        ("sign_off", [("insert", (5, 1_000, "right", "copied"))]),
        ("sign_off", [("again", (0,))]),
        ("sign_off", [("delete", (0, None))]),
        ("sign_off", [("update", (9, "words", b"\xff\xfe"))]),
        ("withdrawal", [("delete", (0, None))]),
    ],
)
async def test_a_child_in_danger_reads_of_help_and_nothing_else(
    whole: Kept, tmp_path: Path, table: str, done: Acts
) -> None:
    url = sqlite_copy(whole.url, tmp_path)
    tamper(tmp_path / "know.db", table, done)
    await a_child_reads(url)
