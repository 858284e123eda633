"""Rows of before marks get theirs once, at the upgrade; afterwards no row without a mark is ever believed."""

import asyncio
import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from api.__main__ import cli
from api.records import ledger
from api.records.heads import HeadFolder
from api.records.ledger import LedgerRow
from api.web.database import Database
from api.web.settings import settings
from tests.conftest import release_for, settings_for
from tests.office import empty_database, some_cards
from tests.records.commands import run_command
from tests.records.test_only_added_to import down, up

pytestmark = pytest.mark.database

BEFORE = "0005"
DAY, YEAR = date(2026, 11, 1), date(2027, 11, 1)
SECRET = "a secret of this test's own and long enough"


class Old:
    """A live installation of before marks, with three signatures."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.settings = url, settings_for(url, mode="live", secret=SECRET, heads_folder=folder / "heads")
        self.folder = HeadFolder.of(self.settings)

    async def do(self, *acts: str) -> list[Any]:
        database = Database(self.settings)
        async with database.begin() as session:
            found = [await session.execute(text(act)) for act in acts]
            rows = list(found[-1].all()) if found and found[-1].returns_rows else []
        await database.close()
        return rows

    async def cards(self) -> list[str]:
        """What children are shown, in the order signed."""
        database = Database(self.settings)
        async with database.begin() as session:
            found = [signed.card for signed in await ledger.signoffs(session, practice=False)]
        await database.close()
        return found

    def ask(self, *words: str) -> Result:
        return run_command(*words)


ROW = """
INSERT INTO sign_off (layer, card, words, written_by, reviewed_by, signed_by, signed_by_post, signed_on, review_by,
    practice, fingerprint, previous, row_hash)
VALUES ('national', '{card}', '{words}', '["W"]', 'R', 'S', 'the lead', '2026-11-01', '2027-11-01', false,
    '{fingerprint}', '{previous}', '{own}')
"""


def old_row(card: str, previous: str) -> tuple[str, str]:
    """A signature as the release of before added it, and its hash."""
    words = release_for(practice=True).vetting.renderer.words(some_cards()["bodycam"], {}).as_json().replace(":", "\\:")
    plain = words.replace("\\:", ":")
    row = LedgerRow(
        layer="national", card=card, words=plain, written_by='["W"]', reviewed_by="R", signed_by="S",
        signed_by_post="the lead", signed_on=DAY, review_by=YEAR, practice=False,
        fingerprint=hashlib.sha256(plain.encode()).hexdigest(), previous=previous,
    )  # fmt: skip
    own = row.expected_hash()
    quoted = words.replace("'", "''")
    return ROW.format(card=card, words=quoted, fingerprint=row.fingerprint, previous=previous, own=own), own


@pytest.fixture(params=["sqlite", "postgres"])
def old(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Old]:
    if request.param == "postgres":
        request.getfixturevalue("postgres_url")
    with empty_database(request.param, tmp_path) as url:
        up(url, BEFORE)
        found = Old(url, tmp_path)
        before = "0" * 64
        for card in ("one", "two", "three"):
            act, before = old_row(card, before)
            asyncio.run(found.do(act))
        named = {"DATABASE_URL": url, "KNOW_MODE": "live", "KNOW_SECRET": SECRET}
        for name, value in {**named, "KNOW_HEADS_FOLDER": str(found.folder.folder)}.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        yield found
        settings.cache_clear()


def test_an_upgrade_marks_every_row_and_children_read_on(old: Old) -> None:
    told = old.ask("prepare")
    assert told.exit_code == 0, told.output
    assert "Ledger: 3 rows were given a mark" in told.output
    assert asyncio.run(old.cards()) == ["one", "two", "three"]
    assert old.ask("ledger", "verify").exit_code == 0
    again = old.ask("prepare")
    assert "mark" not in again.output
    assert old.ask("ledger", "mark").exit_code == 0
    assert old.ask("ledger", "verify").exit_code == 0
    # What was marked cannot be had again without its marks.
    with pytest.raises(ValueError, match="cannot be had again"):
        down(old.url, BEFORE)
    assert asyncio.run(old.cards()) == ["one", "two", "three"]


def test_a_row_without_a_mark_is_never_believed_after(old: Old) -> None:
    old.ask("prepare")
    last = asyncio.run(old.do("SELECT row_hash FROM sign_off ORDER BY id DESC LIMIT 1"))[0][0]
    act, _ = old_row("forged", last)
    free = "SELECT setval('sign_off_id_seq', 100)" if old.url.startswith("postgres") else "SELECT 1"
    asyncio.run(old.do(free, act))
    for _ in range(2):
        assert old.ask("prepare").exit_code == 0
        assert asyncio.run(old.cards()) == ["one", "two", "three"]
        told = old.ask("ledger", "mark")
        assert told.exit_code == 1
        assert "is not believed" in told.output
    # Nor when the database says that nothing was ever marked.
    asyncio.run(old.do("UPDATE sign_off SET mark = NULL"))
    old.ask("prepare")
    assert asyncio.run(old.cards()) == []
    assert old.ask("ledger", "mark").exit_code == 1
    assert asyncio.run(old.cards()) == []
    # A copy of before the upgrade is the same to us. Only who holds the keys can say that it is one.
    assert old.ask("ledger", "mark", "--believe", "ledger:1-3", "--leave", "ledger:4-900").exit_code == 0
    assert asyncio.run(old.cards()) == ["one", "two", "three"]


def test_the_verb_refuses_a_broken_chain_until_told_row_by_row(old: Old) -> None:
    act, own = old_row("odd", "f" * 64)
    asyncio.run(old.do(act))
    after, _ = old_row("after", own)
    asyncio.run(old.do(after))
    up(old.url, "head")
    told = old.ask("ledger", "mark")
    assert told.exit_code == 1
    assert "Ledger: row 4 is not believed" in told.output
    assert "Ledger: row 5 is not believed" in told.output
    assert asyncio.run(old.cards()) == []
    told = old.ask("ledger", "mark", "--leave", "ledger:4", "--believe", "ledger:5")
    assert told.exit_code == 0, told.output
    assert asyncio.run(old.cards()) == ["one", "two", "three", "after"]
    assert old.ask("ledger", "mark", "--leave", "nonsense").exit_code == 1


def test_an_upgrade_of_a_broken_chain_shows_what_is_whole_and_names_the_rest(old: Old) -> None:
    act, _ = old_row("odd", "f" * 64)
    asyncio.run(old.do(act))
    told = old.ask("prepare")
    assert told.exit_code == 0
    assert "Ledger: row 4 is not believed" in told.output
    assert asyncio.run(old.cards()) == ["one", "two", "three"]
    assert old.ask("ledger", "verify").exit_code == 1


def test_an_old_practice_database_just_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'know.db'}"
    up(url, BEFORE)
    act, _ = old_row("one", "0" * 64)
    with closing(sqlite3.connect(tmp_path / "know.db")) as file:
        file.execute(act.replace("\\:", ":").replace("false", "true"))
        file.commit()
    monkeypatch.setenv("DATABASE_URL", url)
    settings.cache_clear()
    try:
        runner = CliRunner(env={"COLUMNS": "400"})
        assert runner.invoke(cli, ["prepare"]).exit_code == 0
        assert runner.invoke(cli, ["ledger", "verify"]).exit_code in (0, 1)
        # The file is thrown away, as people who try things do; its heads are not.
        (tmp_path / "know.db").unlink()
        assert runner.invoke(cli, ["prepare"]).exit_code == 0
        assert runner.invoke(cli, ["ledger", "verify"]).exit_code == 0
    finally:
        settings.cache_clear()
