"""Heads: kept outside the database, published, and what `ledger verify` finds by them."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from sqlalchemy import select

from api.records import ledger
from api.records.audit import note
from api.records.head_keeper import HeadKeeper
from api.records.heads import BrokenHead, Head, HeadFolder
from api.records.ledger import LedgerRow
from api.records.practice import sign_practice
from api.web.database import Database
from api.web.ledger_keys import LedgerKeys, signed_by
from api.web.settings import settings
from tests.conftest import release_for, settings_for, started
from tests.desk_app import FakeClock
from tests.doors import doors
from tests.office import some_cards
from tests.own_database import sqlite_copy
from tests.records.commands import run_command
from tests.until import until

NEWEST = "a key that nobody has seen before today"
OTHER = "the key of somebody else that is long"


class Book:
    """A small ledger on SQLite with its folder of heads, and the commands that look at it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.settings, self.clock = settings_for(url), FakeClock()
        self.file, self.folder = folder / "know.db", HeadFolder.of(self.settings)

    async def sign(self, times: int = 1) -> None:
        database = Database(self.settings)
        async with database.begin() as session:
            await sign_practice(session, some_cards(), release_for(practice=True).vetting.renderer, self.clock().date())
            last = (await ledger.signoffs(session, practice=True))[-1]
            for number in range(times):
                await ledger.add(session, replace(last, layer="kent", reviewed_by=f"Ray {number}"))
            await note(session, self.clock(), "kent", "Lee", "sign in", "")
        await database.close()

    async def look(self, **how: object) -> HeadKeeper:
        """What a process does at its start, and after a sitting."""
        database = Database(self.settings)
        keeper = HeadKeeper(database, self.folder, asyncio.Event(), self.clock, practice=True, **how)  # type: ignore[arg-type]
        try:
            await keeper.look(deep=True)
        finally:
            await database.close()
        return keeper

    def alter(self, *acts: str) -> None:
        with closing(sqlite3.connect(self.file)) as file:
            for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                file.execute(f'DROP TRIGGER "{trigger}"')
            for act in acts:
                file.execute(act)
            file.commit()

    def ask(self, *words: str) -> Result:
        return run_command("ledger", *words)

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.folder.glob("*"))


@pytest.fixture
def book(empty_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    url = sqlite_copy(f"sqlite+aiosqlite:///{empty_sqlite}", tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    settings.cache_clear()
    found = Book(url, tmp_path)
    asyncio.run(found.sign(5))
    asyncio.run(found.look())
    yield found
    settings.cache_clear()


def test_verify_is_content_with_a_ledger_that_goes_on_from_its_head(book: Book) -> None:
    asyncio.run(book.sign(2))
    told = book.ask("verify")
    assert told.exit_code == 0, told.output
    assert "Compared with the head of" in told.output
    assert LedgerKeys.of(book.settings).public_keys[0] in told.output


RECOMPUTED = "recomputed"


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("DELETE FROM sign_off WHERE id = (SELECT max(id) FROM sign_off)", "Rows were taken out"),
        ("DELETE FROM sign_off WHERE id > (SELECT max(id) - 5 FROM sign_off)", "Rows were taken out"),
        ("DELETE FROM sign_off WHERE id = 3", "one is missing there"),
        ("DELETE FROM sign_off", "none of them is here"),
        ("DELETE FROM audit", "none of them is here"),
        ("UPDATE sign_off SET reviewed_by = 'X' WHERE id = 3", "was altered"),
        ("UPDATE sign_off SET mark = NULL", "carries no mark"),
        ("UPDATE sign_off SET id = -id", "carries no mark"),
        (
            "INSERT INTO sign_off SELECT max(id) + 1, 'f', 'f', NULL, layer, card, practice, words, written_by, "
            "reviewed_by, signed_by, signed_by_post, signed_on, review_by, fingerprint FROM sign_off",
            "carries no mark",
        ),
        (RECOMPUTED, "carries no mark"),
    ],
)
def test_verify_finds_what_was_done_to_the_ledger_and_says_what_to_do(book: Book, act: str, said: str) -> None:
    book.alter(*([act] if act != RECOMPUTED else recomputed(book)))
    for elsewhere in ([], ["--head", str(book.files[-1])]):
        told = book.ask("verify", *elsewhere)
        assert told.exit_code == 1
        assert said in told.output
        assert "Children" in told.output
        assert "Put the database back" in told.output
        assert "No child is shown an altered row" not in told.output


def recomputed(book: Book) -> list[str]:
    """The whole chain with other words and every hash right, as only the key is missing for."""
    acts = []

    async def rows() -> list[LedgerRow]:
        database = Database(book.settings)
        async with database.begin() as session:
            found = list(await session.scalars(select(LedgerRow).order_by(LedgerRow.id)))
        await database.close()
        return found

    before = "0" * 64
    for row in asyncio.run(rows()):
        row.reviewed_by, row.previous = "X", before
        before = row.row_hash = row.expected_hash()
        acts.append(
            f"UPDATE sign_off SET reviewed_by = 'X', previous = '{row.previous}', row_hash = '{before}' "  # noqa: S608
            f"WHERE id = {row.id}"
        )
    return acts


def test_a_head_is_not_made_over_one_that_counts_more(book: Book) -> None:
    book.alter("DELETE FROM sign_off WHERE id = (SELECT max(id) FROM sign_off)")
    asyncio.run(book.sign())
    book.clock.move(seconds=90_000)
    keeper = asyncio.run(book.look())
    assert asyncio.run(keeper.state()) == "altered"
    assert len(book.files) == 1
    assert book.ask("verify").exit_code == 1
    assert book.ask("anew", "--why", " ").exit_code == 1
    assert book.ask("anew", "--why", "A copy of Monday was put back.").exit_code == 0
    assert book.ask("verify").exit_code == 0
    first, second = (Head.read(file.read_text(), book.folder.keys) for file in book.files)
    assert (second.before, second.why) == (first.digest, "A copy of Monday was put back.")
    assert asyncio.run(asyncio.run(book.look()).state()) == "ok"


def test_what_is_known_is_not_told_again_and_is_still_not_shown(book: Book) -> None:
    book.alter("UPDATE sign_off SET reviewed_by = 'X' WHERE id = 3")
    assert book.ask("anew", "--why", "Row 3 was altered, and is signed again.").exit_code == 0
    told = book.ask("verify")
    assert told.exit_code == 0
    assert "1 rows are not as they should be, which is known" in told.output
    book.alter("UPDATE sign_off SET reviewed_by = 'X' WHERE id = 4")
    assert book.ask("verify").exit_code == 1


def test_a_head_that_was_altered_or_is_somebody_elses_is_refused(book: Book, tmp_path: Path) -> None:
    head = json.loads(book.files[-1].read_text())
    head["chains"]["ledger"]["count"] -= 1
    (tmp_path / "other.json").write_text(json.dumps(head))
    told = book.ask("verify", "--head", str(tmp_path / "other.json"))
    assert told.exit_code == 1
    assert "altered after it was signed" in str(told.exception)
    with pytest.raises(BrokenHead, match="KNOW_LEDGER_KEYS"):
        Head.read(book.files[-1].read_text(), LedgerKeys((OTHER,)))


def test_a_head_is_made_daily_and_after_each_sitting_and_not_between(book: Book) -> None:
    book.clock.move(seconds=1)
    asyncio.run(book.look())
    assert len(book.files) == 1
    asyncio.run(book.sign())
    asyncio.run(book.look())
    assert len(book.files) == 2
    book.clock.move(seconds=timedelta(days=1).total_seconds())
    asyncio.run(book.look())
    assert len(book.files) == 3
    assert {file.stat().st_mode & 0o777 for file in book.files} == {0o644}


async def test_the_keeper_wakes_for_a_sitting(own_sqlite: str, tmp_path: Path) -> None:
    book = Book(own_sqlite, tmp_path)
    database, changed = Database(book.settings), asyncio.Event()
    keeper = HeadKeeper(database, book.folder, changed, book.clock, practice=True, together=0, again=0.01)
    walking = asyncio.create_task(keeper.walk())
    await until(lambda: len(book.files) == 1)
    book.clock.move(seconds=1)
    await book.sign()
    changed.set()
    await until(lambda: len(book.files) == 2)
    walking.cancel()
    await asyncio.wait([walking])
    await database.close()


async def _answer(client: httpx.AsyncClient, path: str, true: Callable[[httpx.Response], bool]) -> httpx.Response:
    """The first answer of which something is true."""
    for _ in range(1_000):
        answer = await client.get(path)
        if true(answer):
            return answer
        await asyncio.sleep(0.02)
    raise AssertionError(f"{path} did not answer so in 20 s")


async def test_the_head_is_published_and_anybody_can_check_it(sqlite_url: str, tmp_path: Path) -> None:
    chosen = settings_for(sqlite_copy(sqlite_url, tmp_path))
    async with started(chosen) as client:
        answer = await _answer(client, "/register/head", lambda answer: answer.status_code != 503)
        assert answer.headers["cache-control"] == "public, max-age=60"
        head = answer.json()
        signature = head.pop("signature")
        said = json.dumps(head, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert signed_by(head["public_key"], signature, said)
        assert not signed_by(head["public_key"], signature, said.replace("practice", "live"))
        assert head["chains"]["ledger"]["count"] > 100
        assert (await client.get("/readyz")).json()["ledger"] == "ok"
        # A row of somebody else's: nothing of it is shown, and it is said.
        with closing(sqlite3.connect(tmp_path / "know.db")) as file:
            file.execute(
                "INSERT INTO sign_off SELECT 9999, 'f', 'f', NULL, layer, card, practice, words, written_by, "
                "reviewed_by, signed_by, signed_by_post, signed_on, review_by, fingerprint FROM sign_off WHERE id = 1"
            )
            file.commit()
        await doors(client._transport.app).pack_cache.refresh()  # type: ignore[attr-defined]
        ready = await _answer(client, "/readyz", lambda answer: answer.json()["ledger"] != "ok")
        assert ready.status_code == 200


def test_keys_change_without_a_break(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask_with(keys: str, *words: str) -> Result:
        monkeypatch.setenv("KNOW_LEDGER_KEYS", keys)
        settings.cache_clear()
        return book.ask(*words)

    # The ledger as one that knew no key but this.
    assert ask_with(OTHER, "verify").exit_code == 1
    book.alter("UPDATE sign_off SET mark = NULL", "UPDATE audit SET mark = NULL")
    for file in book.files:
        file.unlink()
    assert ask_with(OTHER, "mark").exit_code == 0
    assert ask_with(OTHER, "verify").exit_code == 0
    before = book.files[-1]
    assert ask_with(f"{NEWEST},{OTHER}", "verify").exit_code == 0
    told = ask_with(f"{NEWEST},{OTHER}", "mark")
    assert re.search(r"Ledger: \d+ rows were given a mark, \d+ of them had one of an older key", told.output)
    assert "given a mark" not in ask_with(f"{NEWEST},{OTHER}", "mark").output
    assert ask_with(NEWEST, "verify").exit_code == 0
    # Whoever has the older key alone makes nothing that is believed.
    told = ask_with(OTHER, "verify", "--head", str(before))
    assert told.exit_code == 1
    assert "carries no mark of this installation" in told.output
