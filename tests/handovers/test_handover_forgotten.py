"""Forgotten: what a child and an advocate wrote is gone from the raw database, and was never anywhere else."""

import json
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Text, cast, func, literal_column, select, table

from api.records.audit import AuditRow
from api.records.handovers.call_backs import attempt, reveal
from api.records.handovers.claims import claim, let_go, transfer, unwatch, watch
from api.records.handovers.concerns import open_concern, record
from api.records.handovers.conversation import edit
from api.records.handovers.end_handover import close, forget
from api.records.handovers.message_cipher import CallBack, MessageBody, Sent
from api.records.handovers.new_handover import Ask, CallWindow, ask, call_me
from api.records.handovers.tables import CallAttempt, Concern, Handover, Message, Watch, WebhookCall
from api.records.letters import Letter
from api.web.database import Base
from tests.handover_app import (
    Child,
    House,
    Worker,
    house,
)

NAME, QUESTION, SAID, ANSWERED, CORRECTED = (
    "Zebedee",
    "marmalade-one",
    "marmalade-two",
    "tangerine-one",
    "tangerine-two",
)
NUMBER, WHOSE, SAY, CODE, CONCERN = "+447700900461", "auntie-kumquat", "library-kumquat", "otter-kumquat", "satsuma-one"
PLANTED = (NAME, QUESTION, SAID, ANSWERED, CORRECTED, NUMBER, NUMBER[3:], WHOSE, SAY, CODE, CONCERN)
OTHER_CALL = CallBack(NUMBER, WHOSE, voicemail=True, say=SAY, code_word=CODE)


@pytest.fixture
async def here(own_url: str) -> AsyncIterator[House]:
    """One process over each database in turn."""
    async with house(own_url) as one:
        yield one


async def whole_talk(one: House, *, keep_days: int = 7) -> tuple[Child, Worker]:
    """Everything that can happen in one, with planted words wherever somebody may write; closed at its end."""
    provider = await one.provider(keep_days=keep_days, hook_url="https://rota.example.org/know", hook_secret="sealed")
    ade, bea = await one.advocate(provider, "Ade"), await one.advocate(provider, "Bea")
    sue = await one.advocate(provider, "Sue", supervisor=True)
    window = CallWindow(one.clock(), one.clock() + timedelta(hours=2))
    sent = Sent(NAME, QUESTION, ("bodycam",), None)
    async with one.database.begin() as session:
        new = Ask("once " + "x" * 20, "northmoor", "standard", False, "here", sent, {"who": "f"})
        asked = await ask(session, one.handover_context, provider, new, one.clock())
    child = Child(one, asked.handover.ref, asked.secret, asked.words, asked.handover.id)
    await ade.does(claim, child)
    await ade.does(transfer, child, bea.id)
    await sue.does(watch, child)
    await child.says(SAID)
    message = await bea.says(child, ANSWERED)
    await bea.does(edit, child, message.number, MessageBody(CORRECTED, card="bodycam"))
    await child.gets()
    await bea.does(record, child, "harm", CONCERN)
    await child.does(call_me, OTHER_CALL, window)
    await bea.does(reveal, child, "to-call-now")
    await bea.does(attempt, child, "no-answer", window)
    await sue.does(unwatch, child)
    await bea.does(claim, child)
    await bea.does(let_go, child)
    await ade.does(claim, child)
    await ade.does(close, child, "answered")
    return child, ade


async def sealed_of(one: House) -> list[str]:
    """Every sealed string that there is of it now, its record of concern apart, and the hashes of its secrets."""
    kept = [row.sealed for row in await one.rows(Message) if row.sealed]
    return [*kept, *(part for row in await one.rows(Handover) for part in (row.sealed, row.code_hash, row.key_hash))]


def raw(one: House) -> bytes:
    """Every byte of the database's files, as somebody with the disk in their hands reads them."""
    file = one.settings.sqlite_file
    assert file
    return b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))


def found_in(raw_bytes: bytes, texts: list[str]) -> list[str]:
    """Which of these texts are in there, whole or the middle of them."""
    return [text for text in texts if text[len(text) // 4 : len(text) // 4 + 40].encode() in raw_bytes]


@pytest.mark.parametrize("how", ["the child asks", "its date has come"])
async def test_on_sqlite_no_byte_of_it_is_left_in_any_file(own_sqlite: str, how: str) -> None:
    async with house(own_sqlite) as one:
        child, _ = await whole_talk(one)
        texts = await sealed_of(one)
        assert len(texts) > 8
        # They are there before, or finding none afterwards would mean nothing.
        assert found_in(raw(one), texts) == texts
        assert not any(word.encode() in raw(one) for word in PLANTED)
        if how == "the child asks":
            await child.does(forget)
        else:
            one.clock.move(days=7)
        assert (await one.sweep()).forgotten == (how != "the child asks")
        assert await one.kept(child.ref) is None
        assert found_in(raw(one), texts) == []
        # What has its own time is still there, closed.
        (concern,) = await one.rows(Concern)
        assert one.handover_context.message_cipher.concerned(concern) == CONCERN
        one.clock.move(days=365)
        assert (await one.sweep()).concerns == 1
        assert found_in(raw(one), [concern.sealed]) == []


async def test_on_sqlite_what_was_mended_before_it_was_fetched_is_not_kept_either(own_sqlite: str) -> None:
    async with house(own_sqlite) as one:
        provider = await one.provider()
        ade = await one.advocate(provider)
        child = await one.child(provider)
        await ade.claims(child)
        message = await ade.says(child, ANSWERED)
        await ade.does(edit, child, message.number, MessageBody(CORRECTED))
        await one.sweep()
        assert found_in(raw(one), [message.sealed]) == []
        assert [line.said.text for line in await child.gets()][-1] == CORRECTED


async def test_somebody_who_reads_holds_the_log_up_and_the_next_sweep_empties_it(own_sqlite: str) -> None:
    async with house(own_sqlite) as one, house(own_sqlite) as other:
        child, _ = await whole_talk(one)
        texts = await sealed_of(one)
        async with other.database.engine.connect() as reading:
            await reading.exec_driver_sql("BEGIN")
            await reading.exec_driver_sql("SELECT * FROM message")
            await child.does(forget)
            assert not await one.database.empty_log()
            # Nobody waits for it, and nothing else is held up.
            await one.sweep()
            assert found_in(raw(one), texts)
            await reading.rollback()
        await one.sweep()
        assert found_in(raw(one), texts) == []


@pytest.mark.parametrize("how", ["the child asks", "its date has come"])
async def test_on_both_databases_no_row_of_it_is_left(here: House, how: str) -> None:
    child, ade = await whole_talk(here)
    assert await rows_with(here, str(child.id), "handover_id") > 0
    if how == "the child asks":
        await child.does(forget)
    else:
        here.clock.move(days=7)
        assert (await here.sweep()).forgotten == 1
    for gone in (Handover, Message, CallAttempt, Watch):
        assert await here.rows(gone) == []
    # Beside counts, what is left names it by its reference alone: who did what in the log, and when a bell was rung.
    assert {type(row) for row in await naming(here, child.ref)} <= {AuditRow, WebhookCall, Concern}
    counts = await here.counts(ade.advocate.provider)
    assert (counts["asked"], counts["closed-answered"], counts["forgotten"]) == (1, 1, 1)


async def rows_with(one: House, value: str, column: str) -> int:
    """How many rows of every table have this value in this column."""
    async with one.database.begin() as session:
        found = 0
        for name, columns in ((each.name, each.columns) for each in Base.metadata.sorted_tables):
            if column in columns:
                wanted = (
                    select(func.count())
                    .select_from(table(name))
                    .where(cast(literal_column(f'"{column}"'), Text) == value)
                )
                found += await session.scalar(wanted) or 0
        return found


async def naming(one: House, ref: str) -> list[object]:
    """Every row of every table that has this text in any of its columns."""
    columns = {mapper.class_: [column.key for column in mapper.column_attrs] for mapper in Base.registry.mappers}
    rows = [row for kind in columns for row in await one.rows(kind)]
    return [row for row in rows if any(ref in str(getattr(row, column)) for column in columns[type(row)])]


async def test_no_word_is_ever_in_a_row_a_letter_a_knock_or_the_log(
    here: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        child, ade = await whole_talk(here)
        (concern,) = await here.rows(Concern)
        sue = await here.advocate(ade.advocate.provider, "Sue", supervisor=True)
        async with here.database.begin() as session:
            opened = await open_concern(
                session, here.handover_context, sue.advocate, concern.ref, "to-act-on-it", here.clock()
            )
        assert opened[1] == CONCERN
        here.clock.move(days=1)
        await here.sweep()
        kept = [row for mapper in Base.registry.mappers for row in await here.rows(mapper.class_)]
        columns = {mapper.class_: [column.key for column in mapper.column_attrs] for mapper in Base.registry.mappers}
        everything = "\n".join(str([getattr(row, key) for key in columns[type(row)]]) for row in kept)
        await child.does(forget)
        await here.sweep()
    said = "\n".join(record.getMessage() for record in caplog.records)
    # The driver's own lines are there, so they have been looked through.
    assert "INSERT INTO message" in said or here.database.engine.dialect.name == "postgresql"
    for word in (*PLANTED, child.words, child.secret):
        assert word not in everything, word
        assert word not in said, word
    assert {type(row) for row in kept} >= {Letter, WebhookCall, AuditRow, Handover, Message, Concern}
    for letter in (row for row in kept if isinstance(row, Letter)):
        assert child.ref not in letter.subject + letter.body
    for knock in (row for row in kept if isinstance(row, WebhookCall)):
        assert set(json.loads(knock.body)) == {"event", "provider", "handover", "wants", "danger", "asked_at"}


async def test_a_key_that_is_gone_loses_the_words_and_not_the_child(own_sqlite: str, tmp_path: Path) -> None:
    first = {"secret": "k1-" + "x" * 40}
    async with house(own_sqlite, **first) as old:
        provider = await old.provider()
        ade = await old.advocate(provider)
        child = await old.child(provider, QUESTION)
        await ade.claims(child)
    # A newer key before it: everything is still found and read, and what is new is closed with the newer.
    async with house(own_sqlite, old.clock, sealing_keys="k2-" + "y" * 40, **first) as both:
        assert (await child.at(both).gets())[0].said.text == QUESTION
        await child.at(both).says(SAID)
        assert [line.said.text for line in await both.lines(child.ref)] == [QUESTION, "", SAID]
    async with house(own_sqlite, old.clock, secret="k2-" + "y" * 40) as new:
        lines = await new.lines(child.ref)
        assert [(line.said.text, line.said.lost) for line in lines] == [("", True), ("", True), (SAID, False)]
        assert await ade.at(new).says(child, "I am still here")
