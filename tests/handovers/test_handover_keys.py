"""Every handover has a key of its own, and forgetting destroys it: no file of the database opens any more."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Executable, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.concerns import open_concern, record
from api.records.handovers.end_handover import forget
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import MessageBody
from api.records.handovers.resealing import DRAWERS, reseal
from api.records.handovers.tables import Concern, DataKey, Handover, Message
from api.records.handovers.wipe_keys import LOCK_MILLISECONDS, NOT_WIPED, rewrite_table, wipe
from tests.handover_app import Child, House, Worker, house, two_houses
from tests.handovers.raw_files import opened_from_files
from tests.handovers.test_handover_forgotten import (
    ANSWERED,
    CONCERN,
    CORRECTED,
    NAME,
    NUMBER,
    QUESTION,
    SAID,
    SAY,
    whole_talk,
)
from tests.records.test_only_added_to import down, up

WORDS = (NAME, QUESTION, SAID, ANSWERED, CORRECTED, NUMBER, SAY)
OTHERS = "gooseberry"
OLD, NEW = "k1-" + "x" * 40, "k2-" + "y" * 40


@pytest.fixture
async def here(own_url: str) -> AsyncIterator[House]:
    """One process over each database in turn."""
    async with house(own_url) as one:
        yield one


@pytest.fixture
async def on_postgres(own_postgres: str) -> AsyncIterator[House]:
    """The same on PostgreSQL alone, whose files keep what was deleted."""
    async with house(own_postgres) as one:
        yield one


def among(opened: str) -> list[str]:
    return [word for word in (*WORDS, CONCERN) if word in opened]


async def keys(one: House) -> list[DataKey]:
    return [key for key in await one.rows(DataKey) if key.sealed]


@pytest.mark.parametrize("how", ["the child asks", "its date has come"])
async def test_with_the_operators_keys_nothing_in_the_files_opens_afterwards(here: House, how: str) -> None:
    child, ade = await whole_talk(here)
    # It all opens before, or finding nothing afterwards would mean nothing.
    assert {NAME, QUESTION, SAID, CORRECTED, NUMBER, SAY, CONCERN} <= set(among(await opened_from_files(here)))
    if how == "the child asks":
        await child.does(forget)
        assert await wipe(here.database)
    else:
        here.clock.move(days=7)
    other = await here.child(ade.advocate.provider, OTHERS)
    assert (await here.sweep()).forgotten == (how != "the child asks")
    opened = await opened_from_files(here)
    # The record of concern has its own time, and nobody else's words went.
    assert among(opened) == [CONCERN]
    assert OTHERS in opened
    assert (await other.gets())[0].said.text == OTHERS
    here.clock.move(days=365)
    assert (await here.sweep()).concerns == 1
    assert among(await opened_from_files(here)) == []


async def test_without_the_wiping_postgres_would_keep_it(on_postgres: House) -> None:
    """What this is for; and a process that is killed before it could wipe leaves that to the next sweep of any."""
    child, _ = await whole_talk(on_postgres)
    await child.does(forget)
    assert await on_postgres.kept(child.ref) is None
    assert {NAME, QUESTION} <= set(among(await opened_from_files(on_postgres, vacuum=False)))
    async with house(str(on_postgres.settings.database_url), on_postgres.clock) as next_one:
        assert (await next_one.sweep()).faults == ()
        assert among(await opened_from_files(next_one)) == [CONCERN]


async def test_a_rewriting_that_is_killed_half_way_loses_nothing(on_postgres: House) -> None:
    provider = await on_postgres.provider()
    gone, stays = await on_postgres.child(provider, QUESTION), await on_postgres.child(provider, OTHERS)
    await gone.does(forget)
    async with on_postgres.database.engine.connect() as dying, on_postgres.database.engine.connect() as killer:
        pid = await dying.scalar(text("SELECT pg_backend_pid()"))
        await dying.execute(text("TRUNCATE data_key"))
        await killer.execute(text("SELECT pg_terminate_backend(:pid, 1000)"), {"pid": pid})
        await dying.invalidate()
    assert (await stays.gets())[0].said.text == OTHERS
    assert await wipe(on_postgres.database)
    assert QUESTION not in await opened_from_files(on_postgres)
    assert (await stays.gets())[0].said.text == OTHERS


async def test_a_forgetting_that_is_not_kept_leaves_it_alive_with_its_key(here: House) -> None:
    provider = await here.provider()
    child = await here.child(provider, QUESTION)

    async def killed(
        session: AsyncSession, handover_context: HandoverContext, handover: Handover, now: datetime
    ) -> None:
        await forget(session, handover_context, handover, now)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await child.does(killed)
    assert await wipe(here.database)
    assert [line.said.text for line in await child.gets()] == [QUESTION]


async def test_a_backup_that_reads_holds_wiping_up_and_nobody_else(on_postgres: House) -> None:
    provider = await on_postgres.provider()
    gone, stays = await on_postgres.child(provider, QUESTION), await on_postgres.child(provider)
    ade = await on_postgres.advocate(provider)
    await ade.claims(stays)
    async with on_postgres.database.engine.connect() as backup:
        await backup.execution_options(isolation_level="REPEATABLE READ")
        await backup.execute(text("SELECT * FROM data_key"))
        await gone.does(forget)
        wiping = asyncio.create_task(wipe(on_postgres.database, 2))
        longest = 0.0
        while not wiping.done():
            began = time.monotonic()
            await stays.says("hello")
            longest = max(longest, time.monotonic() - began)
        assert not wiping.result()
        # Beside this, the machine that runs the tests may be slow.
        assert longest < LOCK_MILLISECONDS / 1000 + 1
        assert (await on_postgres.sweep()).faults == (NOT_WIPED,)
        assert QUESTION in await opened_from_files(on_postgres, vacuum=False)
        await backup.rollback()
    assert (await on_postgres.sweep()).faults == ()
    assert QUESTION not in await opened_from_files(on_postgres)


async def test_somebody_with_an_older_view_keeps_no_key_alive(on_postgres: House) -> None:
    """VACUUM carries along what an older transaction may still want to see."""
    child = await on_postgres.child(await on_postgres.provider(), QUESTION)
    async with on_postgres.database.engine.connect() as old:
        await old.execution_options(isolation_level="REPEATABLE READ")
        await old.execute(text("SELECT 1 FROM provider"))
        await child.does(forget)
        assert await wipe(on_postgres.database)
        assert QUESTION not in await opened_from_files(on_postgres)


async def test_two_processes_wipe_and_write_at_once_and_no_word_is_lost(own_postgres: str) -> None:
    async with two_houses(own_postgres) as (one, two):
        provider = await one.provider()
        going = [await one.child(provider, f"{QUESTION} {number}") for number in range(12)]
        talking = await one.child(provider, OTHERS)

        async def goes(child: Child, by: House) -> bool:
            await child.at(by).does(forget)
            return await wipe(by.database, 5)

        async def writes() -> list[Child]:
            for number in range(12):
                await talking.at(two).says(f"{OTHERS} {number}")
            return [await two.child(provider, f"new {number}") for number in range(6)]

        *wiped, new = await asyncio.gather(*(goes(child, (one, two)[n % 2]) for n, child in enumerate(going)), writes())
        assert all(wiped)
        assert QUESTION not in await opened_from_files(one)
        assert len(await talking.gets()) == 13
        assert not any(line.said.lost for line in await talking.gets())
        assert [(await child.gets())[0].said.text for child in new] == [f"new {number}" for number in range(6)]


# What was kept before there were keys of their own


async def as_before(one: House, child: Child) -> None:
    """A handover and its record as the release before kept them: sealed with the operator's keys alone."""
    async with one.database.begin() as session:
        handover = (await session.scalars(select(Handover).where(Handover.id == child.id))).one()
        messages = list(await session.scalars(select(Message).where(Message.handover_id == child.id)))
        concerns = list(await session.scalars(select(Concern).where(Concern.handover_ref == child.ref)))
        handover.sealed = one.handover_context.message_cipher.close_sent(
            one.handover_context.message_cipher.sent(handover), []
        )
        for message in messages:
            message.sealed = (
                one.handover_context.message_cipher.close_said(one.handover_context.message_cipher.said(message), [])
                if message.sealed
                else ""
            )
        for concern in concerns:
            concern.sealed = one.handover_context.message_cipher.close_concern(
                one.handover_context.message_cipher.concerned(concern), []
            )
        await session.execute(delete(DataKey))


async def test_what_was_kept_before_opens_and_gets_a_key(here: House) -> None:
    child, _ = await whole_talk(here)
    await as_before(here, child)
    lines = [line.said for line in await here.lines(child.ref)]
    assert not any(said.lost for said in lines)
    swept = await here.sweep()
    assert (swept.keyed, swept.faults) == (2, ())
    assert [line.said for line in await here.lines(child.ref)] == lines
    async with here.database.begin() as session:
        handover = (await session.scalars(select(Handover))).one()
        assert here.handover_context.message_cipher.sent(handover).name == NAME
        (concern,) = list(await session.scalars(select(Concern)))
        assert here.handover_context.message_cipher.concerned(concern) == CONCERN
    assert len(await keys(here)) == 2
    assert (await here.sweep()).keyed == 0
    # On PostgreSQL the files still hold the rows of before, until they are rewritten once.
    for table in ("handover", "message", "concern"):
        assert await rewrite_table(here.database, table)
    await child.does(forget)
    assert await wipe(here.database)
    assert among(await opened_from_files(here)) == [CONCERN]


async def test_whoever_writes_before_the_sweep_gives_the_key(here: House) -> None:
    provider = await here.provider()
    child, ade = await here.child(provider, QUESTION), await here.advocate(provider)
    await as_before(here, child)
    await ade.claims(child)
    await asyncio.gather(child.says(SAID), ade.says(child, ANSWERED))
    assert len(await keys(here)) == 1
    said = [line.said.text for line in await ade.reads(child)]
    assert (said[0], sorted(said[2:])) == (QUESTION, sorted([SAID, ANSWERED]))
    assert (await here.sweep()).keyed == 0


# The operator's keys change, or are missing


async def test_keys_missing_for_a_while_lose_nothing(own_sqlite: str) -> None:
    """Somebody forgets the older key in the settings, children go on writing, and it is put back."""
    async with house(own_sqlite, secret=OLD) as old:
        provider = await old.provider()
        child, ade = await old.child(provider, QUESTION), await old.advocate(provider)
        await ade.claims(child)
    async with house(own_sqlite, old.clock, secret=NEW) as wrong:
        assert await ade.at(wrong).says(child, ANSWERED)
        assert [line.said.lost for line in await wrong.lines(child.ref)] == [True, True, False]
    async with house(own_sqlite, old.clock, sealing_keys=OLD, secret=NEW) as mended:
        assert [line.said.text for line in await mended.lines(child.ref)] == [QUESTION, "", ANSWERED]
        await child.at(mended).does(forget)
        assert await wipe(mended.database)
        assert await mended.rows(DataKey) == []


async def test_the_operators_keys_change_and_the_older_can_go(own_url: str) -> None:
    async with house(own_url, secret=OLD) as old:
        child, _ = await whole_talk(old)
        lines = [line.said for line in await old.lines(child.ref)]
    async with house(own_url, old.clock, secret=OLD, sealing_keys=NEW) as both:
        for drawer in (one for one in DRAWERS if one.name not in ("code apps", "secrets of providers' own systems")):
            done = [step async for step in reseal(both.database, drawer, both.settings)][-1]
            assert (done.lost, done.renewed) == ((), done.looked)
    async with house(own_url, old.clock, secret=NEW) as new:
        assert [line.said for line in await new.lines(child.ref)] == lines
        (handover,), (concern,) = await new.rows(Handover), await new.rows(Concern)
        assert new.handover_context.message_cipher.sent(handover).name == NAME
        assert new.handover_context.message_cipher.concerned(concern) == CONCERN


async def test_a_talk_restored_without_its_key_says_so_and_goes_on(here: House) -> None:
    """As from a copy of the database that holds no keys."""
    provider = await here.provider()
    child, ade = await here.child(provider, QUESTION), await here.advocate(provider)
    async with here.database.begin() as session:
        await session.execute(delete(DataKey))
    await here.sweep()
    assert [line.said for line in await child.gets()] == [MessageBody(lost=True)]
    await ade.claims(child)
    await ade.says(child, ANSWERED)
    assert [line.said.text for line in await child.gets()][-1] == ANSWERED


async def test_keys_put_back_of_what_is_not_there_are_destroyed(here: House) -> None:
    """A copy of the keys may be newer than the copy of the rows."""
    provider = await here.provider()
    child = await here.child(provider, QUESTION)
    async with here.database.begin() as session:
        for number in range(3):
            key = here.handover_context.message_cipher.new_key()
            key.handover_id, key.concern_id = (None, 7) if number else (child.id + 5, None)
            session.add(key)
    assert (await here.sweep()).faults == ()
    assert [key.handover_id for key in await here.rows(DataKey)] == [child.id]
    assert (await child.gets())[0].said.text == QUESTION


# What else could keep a key


async def test_statistics_hold_no_key(on_postgres: House) -> None:
    provider = await on_postgres.provider()
    for _ in range(20):
        await on_postgres.child(provider, QUESTION)
    async with on_postgres.database.begin() as session:
        await session.execute(text("ANALYZE"))
        known = select(text("attname")).select_from(text("pg_stats")).where(text("tablename = 'data_key'"))
        assert "sealed" not in set(await session.scalars(known))


def test_the_table_is_not_dropped_while_it_holds_keys(own_url: str) -> None:
    async def do(act: Executable) -> None:
        async with house(own_url) as one, one.database.begin() as session:
            await session.execute(act)

    asyncio.run(do(insert(DataKey).values(handover_id=1, sealed="a key")))
    with pytest.raises(ValueError, match="would lose them"):
        down(own_url, "0008-1")
    asyncio.run(do(delete(DataKey)))
    down(own_url, "0008-1")
    up(own_url, "head")


async def test_each_has_its_own_key_and_the_row_alone_opens_nothing(here: House) -> None:
    provider = await here.provider()
    one, two = await here.child(provider, QUESTION), await here.child(provider, OTHERS)
    assert len({key.sealed for key in await keys(here)}) == 2
    async with here.database.begin() as session:
        swapped = {one.id: two.id, two.id: one.id}
        for key in await session.scalars(select(DataKey)):
            await session.execute(
                update(DataKey).where(DataKey.id == key.id).values(handover_id=swapped[key.handover_id or 0])
            )
    assert [line.said.lost for child in (one, two) for line in await here.lines(child.ref)] == [True, True]


async def test_a_concern_outlives_its_talk_and_goes_with_its_own_key(here: House) -> None:
    provider = await here.provider(keep_concern_days=30)
    ade: Worker = await here.advocate(provider)
    child = await here.child(provider, QUESTION)
    await ade.claims(child)
    concern = await ade.does(record, child, "harm", CONCERN)
    await child.does(forget)
    assert await wipe(here.database)
    async with here.database.begin() as session:
        found = await open_concern(
            session, here.handover_context, ade.advocate, concern.ref, "to-act-on-it", here.clock()
        )
    assert found[1] == CONCERN
    here.clock.now += timedelta(days=31)
    assert (await here.sweep()).concerns == 1
    assert await here.rows(DataKey) == []
