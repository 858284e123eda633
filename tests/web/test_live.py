"""Wake-ups: what is signed or withdrawn reaches every process at once, however often the line is cut."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from api.records.acts import add_act
from api.records.signing import sign_words, withdraw
from api.records.wording import Wording, Wordings
from api.web.database import Database
from api.web.pg_listen import CHANGED, listen, ring
from content.review import Actor
from content.signoff import NATIONAL
from tests.conftest import in_postgres, postgres_url_of, release_for, settings_for, sign_everything
from tests.desk_app import desk_app
from tests.doors import doors
from tests.json_child import Child
from tests.served import served

CARD, FORCE, WITHIN_SECONDS = "who-gets-told", "kent", 2.0
EDITOR, REVIEWER, LEAD = (
    Actor(number, f"{role} of Kent", f"the {role} (invented)", role, FORCE)
    for number, role in enumerate(("editor", "reviewer", "lead"), 1)
)


async def wording(database: Database, layer: str = FORCE) -> Wording:
    release = release_for(practice=True)
    async with database.begin() as session:
        return (await Wordings(release.cards, release.vetting).of(session, layer, [CARD]))[CARD]


async def sign_at_the_desk(database: Database) -> str:
    """The whole way: sent to review, approved, signed. Gives the fingerprint of what was signed."""
    for actor, kind in ((EDITOR, "submit"), (REVIEWER, "approve")):
        now = await wording(database)
        about = {"layer": FORCE, "card": CARD, "fingerprint": now.words.fingerprint, "at": datetime.now(UTC)}
        async with database.begin() as session:
            await add_act(session, now.acts, actor, kind, **about)
    now = await wording(database)
    async with database.begin() as session:
        await sign_words(
            session,
            LEAD,
            now,
            now.words.fingerprint,
            broken=0,
            now=datetime.now(UTC),
            today=date.today(),
            practice=True,
        )
    return now.words.fingerprint


async def withdraw_at_the_desk(database: Database) -> None:
    now = await wording(database)
    async with database.begin() as session:
        await withdraw(session, LEAD, now, "To be checked.", now=datetime.now(UTC), practice=True)


@pytest.fixture
def own_postgres(postgres_url: str) -> Iterator[str]:
    """The name of a PostgreSQL database of this test's own that is not made yet."""
    name = f"know_test_{secrets.token_hex(4)}"
    yield name
    asyncio.run(in_postgres(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(settings_for(url))
    yield database
    await database.close()


async def reaches(address: str, layer: str | None) -> float:
    """The seconds until a child of Kent is shown the card in the words of this layer; None: not shown any more."""
    start = time.monotonic()
    async with httpx.AsyncClient(base_url=address) as client:
        while time.monotonic() - start < 5 * WITHIN_SECONDS:
            child = Child(client)
            await child.start(FORCE)
            card = (await child.press(CARD))["card"]
            if (card["layer"] if card["key"] == CARD else None) == layer:
                return time.monotonic() - start
            await asyncio.sleep(0.02)
    raise AssertionError(f"{address} never showed {layer}")


@pytest.mark.faults
async def test_two_processes_show_what_was_signed_and_hide_what_was_withdrawn_at_once(
    own_postgres: str, tmp_path: Path
) -> None:
    await in_postgres(f"CREATE DATABASE {own_postgres}")
    url = postgres_url_of(own_postgres)
    await asyncio.to_thread(sign_everything, settings_for(url))
    with served(url, tmp_path / "one.log") as one, served(url, tmp_path / "two.log") as two:
        for address in (one, two):
            await reaches(address, NATIONAL)
        # What is made ahead when a process starts is not what is timed here.
        await asyncio.sleep(WITHIN_SECONDS * 3)
        async with opened(url) as database:
            await sign_at_the_desk(database)
            assert max(await asyncio.gather(reaches(one, FORCE), reaches(two, FORCE))) < WITHIN_SECONDS
            await withdraw_at_the_desk(database)
            assert max(await asyncio.gather(reaches(one, None), reaches(two, None))) < WITHIN_SECONDS
            # What is signed while nobody can hear it is read when the line is there again.
            async with database.begin() as session:
                killed = await session.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = :name AND pid <> pg_backend_pid()"
                    ),
                    {"name": own_postgres},
                )
                assert len(killed.all()) >= len("12")
            await sign_at_the_desk(database)
            assert max(await asyncio.gather(reaches(one, FORCE), reaches(two, FORCE))) < WITHIN_SECONDS
            await withdraw_at_the_desk(database)
            assert max(await asyncio.gather(reaches(one, None), reaches(two, None))) < WITHIN_SECONDS


class Ear:
    """Counts how often something was heard."""

    def __init__(self) -> None:
        self.times, self._more = 0, asyncio.Condition()

    async def heard(self, _said: str = "") -> None:
        async with self._more:
            self.times += 1
            self._more.notify_all()

    async def until(self, times: int) -> None:
        async with asyncio.timeout(10), self._more:
            await self._more.wait_for(lambda: self.times >= times)


@asynccontextmanager
async def listening(database: Database, danger_detector: Ear) -> AsyncIterator[None]:
    task = asyncio.create_task(listen(database, {CHANGED: danger_detector.heard}))
    yield
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_a_ring_is_heard_when_it_is_kept_and_not_when_it_is_undone(postgres_url: str) -> None:
    danger_detector = Ear()
    async with opened(postgres_url) as database, listening(database, danger_detector):
        await danger_detector.until(1)
        async with database.begin() as session:
            await ring(session)
            await session.rollback()
        await asyncio.sleep(0.3)
        assert danger_detector.times == 1
        async with database.begin() as session:
            await ring(session)
            await ring(session)
            await asyncio.sleep(0.3)
            assert danger_detector.times == 1
        await danger_detector.until(2)


async def test_a_database_that_is_away_is_listened_to_as_soon_as_it_is_there(own_postgres: str) -> None:
    danger_detector = Ear()
    async with opened(postgres_url_of(own_postgres)) as database, listening(database, danger_detector):
        await asyncio.sleep(0.7)
        assert danger_detector.times == 0
        await in_postgres(f"CREATE DATABASE {own_postgres}")
        await danger_detector.until(1)


async def test_what_hearing_fails_on_is_heard_again(postgres_url: str) -> None:
    class Deaf(Ear):
        async def heard(self, _said: str = "") -> None:
            await super().heard()
            if self.times == 1:
                raise OSError

    danger_detector = Deaf()
    async with opened(postgres_url) as database, listening(database, danger_detector):
        await danger_detector.until(2)


async def test_on_sqlite_the_same_process_shows_the_next_child_what_was_signed(sqlite_url: str, tmp_path: Path) -> None:
    async with desk_app(sqlite_url, tmp_path) as desk:
        await listen(desk.database, {CHANGED: Ear().heard})
        child = Child(desk.browser())
        await child.start(FORCE)
        assert (await child.press(CARD))["card"]["layer"] == NATIONAL
        fingerprint = await sign_at_the_desk(desk.database)
        await doors(desk.app).pack_cache.refresh()
        card = (await child.press(CARD))["card"]
        assert (card["layer"], card["signoff"]["fingerprint"]) == (FORCE, fingerprint)
