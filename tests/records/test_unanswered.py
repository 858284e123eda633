"""Answers we could not give: counts by force and month that add up, are never lost, and hold nothing of the words."""

import asyncio
import secrets
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.exc import SQLAlchemyError

from api.records.unanswered_counts import EVERYWHERE, FEWEST, Tally, Unanswered, month_of
from api.web.database import Database
from api.web.migrate import migrate
from tests.conftest import settings_for
from tests.desk_app import desk_app
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.json_child import Child

DAY = date(2026, 11, 25)
TYPED = "zebrafish marmalade my name is Quentin"
COUNTING = """
import asyncio, sys
from datetime import date
from api.web.database import Database
from api.web.settings import Settings
from api.records.unanswered_counts import Tally

async def count(url, force, times):
    database = Database(Settings.model_validate({"DATABASE_URL": url}))
    tally = Tally(database, lambda: date(2026, 11, 25))
    for _ in range(times):
        tally.add(force)
        await tally.write()
    await database.close()

asyncio.run(count(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


@pytest.fixture
def force() -> str:
    """A force that no other test counts for."""
    return f"test-{secrets.token_hex(6)}"


@pytest.fixture
async def database(database_url: str):  # noqa: ANN201
    found = Database(settings_for(database_url))
    yield found
    await found.close()


async def counted(database: Database, force: str) -> dict[str, int]:
    async with database.begin() as session:
        rows = await session.scalars(select(Unanswered).where(Unanswered.force == force))
        return {row.month: row.count for row in rows}


def rows_of(path: Path) -> Counter[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as file:
        rows = file.execute("SELECT force, month, count FROM unanswered").fetchall()
    return Counter({(force, month): count for force, month, count in rows})


async def test_counts_add_up_by_force_and_month(database: Database, force: str) -> None:
    today = [DAY]
    tally = Tally(database, lambda: today[0])
    for _ in range(3):
        tally.add(force)
    await tally.write()
    tally.add(force)
    today[0] = date(2026, 12, 1)
    tally.add(force)
    await tally.write()
    await tally.write()
    assert await counted(database, force) == {"2026-11": 4, "2026-12": 1}


@pytest.mark.parametrize(("times", "told"), [(FEWEST - 1, {}), (FEWEST, {"2026-11": FEWEST})])
async def test_fewer_than_ten_are_never_told(database: Database, force: str, times: int, told: dict[str, int]) -> None:
    tally = Tally(database, lambda: DAY)
    for _ in range(times):
        tally.add(force)
    await tally.write()
    assert await tally.told(force) == told


async def test_the_counts_of_two_processes_add_up_on_postgresql(postgres_url: str, force: str) -> None:
    both = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", COUNTING, postgres_url, force, str(times), cwd=Path(__file__).parents[2]
        )
        for times in (7, 12)
    ]
    assert await asyncio.gather(*(process.wait() for process in both)) == [0, 0]
    database = Database(settings_for(postgres_url))
    assert await counted(database, force) == {"2026-11": 19}
    await database.close()


async def test_a_database_that_is_away_loses_no_count(tmp_path: Path, force: str) -> None:
    settings = settings_for(f"sqlite+aiosqlite:///{tmp_path / 'know.db'}")
    database = Database(settings)
    tally = Tally(database, lambda: DAY)
    tally.add(force)
    with pytest.raises(SQLAlchemyError):
        await tally.write()
    assert await tally.told(force) is None
    tally.add(force)
    ended = asyncio.Event()
    keeping = asyncio.create_task(tally.keep(ended, every=0.01))
    await asyncio.sleep(0.1)
    await asyncio.to_thread(migrate, settings)
    for _ in range(200):
        if await counted(database, force):
            break
        await asyncio.sleep(0.02)
    ended.set()
    await keeping
    assert await counted(database, force) == {"2026-11": 2}
    await database.close()


async def test_a_message_we_cannot_answer_is_counted_once_and_without_its_words(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with desk_app(sqlite_url, tmp_path) as desk:
        # Other tests may have counted in the database that this one began as a copy of.
        before = rows_of(tmp_path / "know.db")
        brain: FakeBrain = doors(desk.app).chat.helper.listener.brain
        brain.tell("how long do you keep my phone", ("my-phone", 0.95))
        brain.waver("phone or photo", "cctv-anpr", "prevent-record")
        async with desk.browser() as browser:
            for slug in ("northmoor", "kent", None):
                child = Child(browser)
                await child.start(slug)
                for said, kind in (
                    ("how long do you keep my phone", "card"),
                    ("phone or photo", "choices"),
                    ("i want to kill myself", "alarm"),
                    (TYPED, "not-sure"),
                ):
                    assert (await child.say(said))["kind"] == kind
            brain.away = True
            child = Child(browser)
            await child.start("northmoor")
            assert (await child.say(TYPED))["kind"] == "bot-away"
            brain.away = False
            page = (await browser.get("/northmoor")).text
            chat = page.partition('name="chat" value="')[2].partition('"')[0]
            await browser.post("/northmoor/say", data={"chat": chat, "text": TYPED})
    # The app has ended, so what it counted is written.
    added = rows_of(tmp_path / "know.db") - before
    this = month_of(date.today())
    assert added == {(EVERYWHERE, this): 1, ("kent", this): 1, ("northmoor", this): 2}


async def test_the_table_has_no_place_for_words(database: Database) -> None:
    async with database.engine.connect() as connection:
        columns = await connection.run_sync(lambda sync: inspect(sync).get_columns("unanswered"))
    assert {column["name"] for column in columns} == {"id", "force", "month", "count"}


async def test_an_answer_never_waits_for_the_count(sqlite_url: str, tmp_path: Path) -> None:
    async with desk_app(sqlite_url, tmp_path) as desk:
        before = (await counted(desk.database, "kent")).get(month_of(date.today()), 0)
        tally: Tally = doors(desk.app).register.tally
        with closing(sqlite3.connect(tmp_path / "know.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            async with desk.browser() as browser:
                child = Child(browser)
                await child.start("kent")
                tally.add("kent")
                writing = asyncio.create_task(tally.write())
                await asyncio.sleep(0.05)
                started = time.perf_counter()
                assert (await child.say(TYPED))["kind"] == "not-sure"
                assert time.perf_counter() - started < 1
                assert not writing.done()
            other.execute("ROLLBACK")
        await writing
        await tally.write()
        assert (await counted(desk.database, "kent"))[month_of(date.today())] == before + 2
