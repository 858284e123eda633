"""The ledger on both databases: added to, never changed; an altered row is never shown; a chain that cannot fork."""

import asyncio
import hashlib
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from typer.testing import CliRunner

from api.__main__ import cli
from api.records import ledger
from api.records.audit import note
from api.records.chain_verification import first_altered
from api.records.hash_chain import append
from api.records.withdrawals import Withdrawal
from api.web.database import Database
from api.web.settings import settings
from content.signed_words import SignedWords
from content.signoff import NATIONAL, NotSigned, Signer, SignOff, sign
from tests.conftest import settings_for
from tests.own_database import sqlite_copy

TODAY = date.today()
NOW = datetime.now(UTC)


def signed(words: SignedWords, card: str = "bodycam", layer: str = "kent") -> SignOff:
    return sign(
        layer,
        card,
        words,
        written_by=["W"],
        reviewed_by="R",
        signer=Signer("S", "the lead (invented)"),
        signed_on=TODAY,
        review_by=TODAY + timedelta(days=90),
        practice=True,
    )


@pytest.fixture
async def database(database_url: str):  # noqa: ANN201
    found = Database(settings_for(database_url))
    yield found
    await found.close()


async def _some_words(database: Database) -> SignedWords:
    async with database.begin() as session:
        return (await ledger.signoffs(session, practice=True))[0].words


async def test_every_row_carries_the_hash_of_the_one_before(database: Database) -> None:
    async with database.begin() as session:
        rows = list(await session.scalars(ledger.select(ledger.LedgerRow).order_by(ledger.LedgerRow.id)))
    assert len(rows) > 40
    assert all(later.previous == earlier.row_hash for earlier, later in pairwise(rows))
    assert all(row.whole() for row in rows)


@pytest.mark.parametrize("act", ["UPDATE sign_off SET reviewed_by = 'someone else'", "DELETE FROM sign_off"])
async def test_rows_cannot_be_changed_or_deleted(database: Database, act: str) -> None:
    with pytest.raises(DBAPIError, match="only added to"):
        async with database.begin() as session:
            await session.execute(text(act))


@pytest.mark.parametrize("change", ["words", "signed_by_post", "review_by", "row_hash"])
async def test_an_altered_row_is_never_shown(database: Database, caplog: pytest.LogCaptureFixture, change: str) -> None:
    words = await _some_words(database)
    session = database._sessions()
    row = await ledger.add(session, signed(words, card="altered", layer="essex"))
    columns = {
        name: getattr(row, name)
        for name in (column.name for column in ledger.LedgerRow.__table__.columns)
        if name != "id"
    }
    altered = {
        "words": columns["words"].replace("police", "feds", 1),
        "signed_by_post": "somebody else",
        "review_by": TODAY + timedelta(days=900),
        "row_hash": "f" * 64,
    }
    await session.rollback()
    session.add(ledger.LedgerRow(**{**columns, change: altered[change]}))
    await session.flush()
    found = await ledger.signoffs(session, practice=True)
    await session.rollback()
    await session.close()
    assert not any(signoff.layer == "essex" for signoff in found)
    assert "altered after signing" in caplog.text


async def test_the_walk_counts_whole_rows_and_names_the_first_that_is_not(database: Database) -> None:
    words = await _some_words(database)
    async with database.begin() as session:
        whole, altered = await first_altered(session, ledger.LedgerRow)
    assert altered is None
    assert whole > 40
    session = database._sessions()
    row = await ledger.add(session, signed(words, card="later", layer="essex"))
    # A row that is whole in itself but does not follow the one before it was put in or moved.
    row.previous = "0" * 63 + "1"
    row.row_hash = row.expected_hash()
    with pytest.raises(DBAPIError, match="only added to"):
        await session.flush()
    await session.rollback()
    odd = ledger.LedgerRow(
        **{column.name: getattr(row, column.name) for column in row.__table__.columns if column.name != "id"}
    )
    session.add(odd)
    await session.flush()
    found = await first_altered(session, ledger.LedgerRow)
    await session.rollback()
    await session.close()
    assert found[0] == whole
    assert found[1] == odd.id


def test_verify_names_a_row_altered_behind_our_back(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "know.db"
    monkeypatch.setenv("DATABASE_URL", sqlite_copy(sqlite_url, tmp_path))
    settings.cache_clear()
    try:
        assert "every one as it was signed" in CliRunner().invoke(cli, ["ledger", "verify"]).output
        with closing(sqlite3.connect(path)) as copy:
            copy.execute("DROP TRIGGER sign_off_no_update")
            copy.execute("UPDATE sign_off SET signed_by_post = 'Chief of Charlie' WHERE id = 7")
            copy.commit()
        told = CliRunner().invoke(cli, ["ledger", "verify"])
    finally:
        settings.cache_clear()
    assert told.exit_code == 1
    assert "6 rows are as they were signed, then row 7 is not" in told.output


async def _withdraw_and_note(url: str) -> None:
    database = Database(settings_for(url))
    async with database.begin() as session:
        for number in range(3):
            await note(session, NOW, "kent", "Lee", "withdraw", f"card-{number}")
            row = Withdrawal(layer="kent", card=f"card-{number}", reason="[why]", who="Lee", post="lead", at=NOW)
            row.after_row, row.practice = 0, True
            await append(session, row)
    await database.close()


def test_verify_walks_every_chain_and_names_the_first_altered_row_of_each(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "know.db"
    monkeypatch.setenv("DATABASE_URL", sqlite_copy(sqlite_url, tmp_path))
    settings.cache_clear()
    asyncio.run(_withdraw_and_note(f"sqlite+aiosqlite:///{path}"))
    with closing(sqlite3.connect(path)) as copy:
        noted = copy.execute("SELECT count(*) FROM audit").fetchone()[0]
        # Other tests may have written here first, so the second row is not always ours.
        second = copy.execute("SELECT who FROM audit WHERE id = 2").fetchone()[0]
    try:
        whole = CliRunner().invoke(cli, ["ledger", "verify"])
        with closing(sqlite3.connect(path)) as copy:
            copy.execute("DROP TRIGGER withdrawal_no_update")
            copy.execute("UPDATE withdrawal SET reason = 'no reason' WHERE id > 1")
            copy.execute("DROP TRIGGER audit_no_delete")
            copy.execute("DELETE FROM audit WHERE id = 1")
            copy.commit()
        told = CliRunner().invoke(cli, ["ledger", "verify"])
    finally:
        settings.cache_clear()
    assert whole.exit_code == 0
    for chain in ("Ledger", "Withdrawals: 3", f"Audit log: {noted}"):
        assert re.search(rf"^{chain}.* rows, every one as it was", whole.output, re.M)
    assert told.exit_code == 1
    assert re.search(r"^Ledger: \d+ rows, every one as it was signed", told.output, re.M)
    assert "Withdrawals: 1 rows are as they were written, then row 2 is not" in told.output
    assert "Row 2 says: card-1 of kent" in told.output
    assert "Audit log: 0 rows are as they were written, then row 2 is not" in told.output
    assert f"Row 2 says: {second} on" in told.output


def test_verify_says_so_when_there_is_no_ledger_and_makes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'gone.db'}")
    settings.cache_clear()
    try:
        told = CliRunner().invoke(cli, ["ledger", "verify"])
    finally:
        settings.cache_clear()
    assert told.exit_code == 1
    assert "the ledger cannot be read" in str(told.exception)
    assert not (tmp_path / "gone.db").exists()


async def test_a_row_of_another_shape_is_left_out_and_the_rest_is_shown(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    words = await _some_words(database)
    session = database._sessions()
    row = await ledger.add(session, signed(words, card="odd", layer="essex"))
    columns = {name: getattr(row, name) for name in (column.name for column in row.__table__.columns) if name != "id"}
    await session.rollback()
    odd = {**columns, "words": "{}", "fingerprint": hashlib.sha256(b"{}").hexdigest()}
    await append(session, ledger.LedgerRow(**odd))
    found = await ledger.signoffs(session, practice=True)
    await session.rollback()
    await session.close()
    assert found
    assert not any(signoff.layer == "essex" for signoff in found)
    assert "cannot be read by this release" in caplog.text


async def test_two_signatures_at_once_never_fork_the_chain(database: Database) -> None:
    words = await _some_words(database)

    async def one(card: str) -> bool:
        try:
            async with database.begin() as session:
                await ledger.add(session, signed(words, card=card, layer="surrey"))
                await asyncio.sleep(0.05)
        except (IntegrityError, DBAPIError):
            return False
        return True

    outcomes = await asyncio.gather(*(one(f"card-{number}") for number in range(4)))
    assert any(outcomes)
    async with database.begin() as session:
        previous = list(await session.scalars(ledger.select(ledger.LedgerRow.previous)))
    assert len(previous) == len(set(previous))


async def test_practice_rows_are_not_real_ones(database: Database) -> None:
    async with database.begin() as session:
        assert await ledger.signoffs(session, practice=False) == []
        assert await ledger.signoffs(session, practice=True)


async def test_the_newest_signature_wins(database: Database) -> None:
    words = await _some_words(database)
    other = replace(words, about="phone")
    async with database.begin() as session:
        await ledger.add(session, signed(words, card="twice", layer="dorset"))
        await ledger.add(session, signed(other, card="twice", layer="dorset"))
    async with database.begin() as session:
        found = [item for item in await ledger.signoffs(session, practice=True) if item.card == "twice"]
    assert found[-1].words.about == "phone"


@pytest.mark.parametrize(
    ("writer", "reviewer", "signer"), [("A", "B", "B"), ("A", "A", "B"), ("A", "B", "A"), ("A", "A", "A")]
)
def test_nobody_signs_or_approves_their_own_words(words: SignedWords, writer: str, reviewer: str, signer: str) -> None:
    with pytest.raises(NotSigned):
        sign(
            NATIONAL,
            "x",
            words,
            written_by=[writer],
            reviewed_by=reviewer,
            signer=Signer(signer, "post"),
            signed_on=TODAY,
            review_by=TODAY + timedelta(days=1),
            practice=True,
        )


def test_no_author_and_no_future_review_date_are_refused(words: SignedWords) -> None:
    with pytest.raises(NotSigned):
        sign(
            NATIONAL,
            "x",
            words,
            written_by=[],
            reviewed_by="R",
            signer=Signer("S", "post"),
            signed_on=TODAY,
            review_by=TODAY + timedelta(days=1),
            practice=True,
        )
    with pytest.raises(NotSigned):
        sign(
            NATIONAL,
            "x",
            words,
            written_by=["W"],
            reviewed_by="R",
            signer=Signer("S", "post"),
            signed_on=TODAY,
            review_by=TODAY,
            practice=True,
        )


def test_words_come_back_from_their_canonical_form(words: SignedWords) -> None:
    assert SignedWords.from_json(words.as_json()) == words


@pytest.fixture
def words(renderer, cards) -> SignedWords:  # noqa: ANN001
    return renderer.words(cards["bodycam"], {})
