"""Bells: they ring once something is kept, in every process, never for what was undone, and for all after a silence."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from sqlalchemy import text
from sqlalchemy.event import registry

from api.main import create_app
from api.records.handovers.claims import claim
from api.records.handovers.pubsub import CHANNEL, PubSub, queue, rings, talk
from api.records.handovers.queries import of_provider
from api.records.handovers.subscribe import news
from api.web.pg_listen import listen
from tests.conftest import release_for, settings_for
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.handover_app import (
    House,
    house,
    two_houses,
)

SOON, NEVER = 5.0, 0.3


@pytest.fixture
async def here(own_url: str) -> AsyncIterator[House]:
    """One process over each database in turn."""
    async with house(own_url) as one:
        yield one


async def heard(rung: asyncio.Event, seconds: float) -> bool:
    """True when it rings within so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await rung.wait()
    was = rung.is_set()
    rung.clear()
    return was


async def test_a_bell_rings_when_it_is_kept_and_not_before(here: House) -> None:
    with here.handover_context.pubsub.hearing(talk(1)) as mine, here.handover_context.pubsub.hearing(talk(2)) as others:
        async with here.database.begin() as session:
            await here.handover_context.pubsub.tell(session, talk(1))
            await here.handover_context.pubsub.tell(session, talk(1), queue(1))
            await asyncio.sleep(NEVER)
            assert not mine.is_set()
        assert mine.is_set()
        assert not others.is_set()


async def test_what_is_undone_never_rings(own_postgres: str) -> None:
    async with two_houses(own_postgres) as (one, two), listening(two):
        with (
            one.handover_context.pubsub.hearing(talk(1)) as here,
            two.handover_context.pubsub.hearing(talk(1)) as there,
        ):
            with pytest.raises(ZeroDivisionError):
                await self_undoing(one)
            async with one.database.begin() as session:
                await one.handover_context.pubsub.tell(session, talk(1))
                await session.rollback()
            assert not await heard(here, NEVER)
            assert not await heard(there, NEVER)
            async with one.database.begin() as session:
                await one.handover_context.pubsub.tell(session, talk(1))
            assert await heard(here, SOON)
            assert await heard(there, SOON)


async def self_undoing(one: House) -> None:
    """Rings, and then something goes wrong."""
    async with one.database.begin() as session:
        await one.handover_context.pubsub.tell(session, talk(1))
        raise ZeroDivisionError


async def test_undone_on_sqlite_it_never_rings_either(own_sqlite: str) -> None:
    async with house(own_sqlite) as one:
        with one.handover_context.pubsub.hearing(talk(1)) as mine:
            with pytest.raises(ZeroDivisionError):
                await self_undoing(one)
            assert not await heard(mine, NEVER)


@asynccontextmanager
async def listening(one: House) -> AsyncIterator[None]:
    """As the app does from its start to its end. Begins once the line is open."""
    with one.handover_context.pubsub.hearing("the line is open") as opened:
        task = asyncio.create_task(listen(one.database, {CHANNEL: one.handover_context.pubsub.heard}))
        await asyncio.wait_for(opened.wait(), SOON)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_everybody_is_woken_when_the_line_was_cut_and_is_open_again(own_postgres: str) -> None:
    async with two_houses(own_postgres) as (one, two), listening(two):
        with (
            two.handover_context.pubsub.hearing(talk(1)) as first,
            two.handover_context.pubsub.hearing(queue(7)) as second,
        ):
            async with one.database.begin() as session:
                cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = "
                killed = (await session.execute(text(f"{cut} current_database()"))).all()
                assert len(killed) == 1
                # Rung while nobody listens: it is not in any queue afterwards.
                await one.handover_context.pubsub.tell(session, talk(1))
            assert await heard(first, SOON)
            assert await heard(second, SOON)


async def test_two_apps_on_postgres_wake_each_others_pages(own_postgres: str) -> None:
    settings = settings_for(own_postgres)
    one, two = (create_app(settings, FakeBrain(), release_for(practice=True)) for _ in range(2))
    async with one.router.lifespan_context(one), two.router.lifespan_context(two), house(own_postgres) as outside:
        for app in (one, two):
            # Until its line is open: everybody is woken then.
            with doors(app).person_door.handover_context.pubsub.hearing("the line is open") as opened:
                for _ in range(50):
                    async with outside.database.begin() as session:
                        await outside.handover_context.pubsub.tell(session, "the line is open")
                    if await heard(opened, 0.1):
                        break
        provider = await outside.provider()
        ade = await outside.advocate(provider)
        child = await outside.child(provider)
        pubsub = [doors(app).person_door.handover_context.pubsub for app in (one, two)]
        with (
            pubsub[0].hearing(talk(child.id)) as first,
            pubsub[1].hearing(talk(child.id), queue(provider.id)) as second,
        ):
            start = time.monotonic()
            async with doors(one).person_door.database.begin() as session:
                handover = await of_provider(session, ade.advocate, child.ref)
                await claim(session, doors(one).person_door.handover_context, ade.advocate, handover, outside.clock())
            assert await heard(first, SOON)
            assert await heard(second, SOON)
            assert time.monotonic() - start < SOON


async def test_whoever_looks_for_news_gets_it_at_once_and_at_every_ring(here: House) -> None:
    provider = await here.provider()
    child = await here.child(provider)
    found: list[int] = []

    async def read(session: object) -> int:
        return len(await here.lines(child.ref))

    looking = news(here.database, here.handover_context, (talk(child.id),), read)
    found.append(await anext(looking) or 0)
    for _ in range(3):
        await child.says("hello")
        found.append(await asyncio.wait_for(anext(looking), SOON) or 0)
    assert found == [0, 1, 2, 3]
    # What rings while it reads is not lost.
    await child.says("one")
    await child.says("two")
    assert await asyncio.wait_for(anext(looking), SOON) == 5
    await looking.aclose()
    assert here.handover_context.pubsub._waiting == {}


async def test_a_bell_that_nobody_rings_is_waited_for_no_longer_than_asked() -> None:
    start = time.monotonic()
    await rings(asyncio.Event(), 0.05)
    assert 0.04 < time.monotonic() - start < SOON


async def test_bells_leave_nothing_behind(own_sqlite: str) -> None:
    async with house(own_sqlite) as one:

        async def some(times: int) -> int:
            for number in range(times):
                with one.handover_context.pubsub.hearing(talk(number)):
                    async with one.database.begin() as session:
                        await one.handover_context.pubsub.tell(session, talk(number))
                    with pytest.raises(ZeroDivisionError):
                        await self_undoing(one)
            gc.collect()
            return len(registry._key_to_collection)

        before = await some(20)
        assert await some(200) <= before + 5
        assert one.handover_context.pubsub._waiting == {}


async def test_bells_of_another_kind_of_app_are_none_of_ours() -> None:
    pubsub = PubSub()
    with pubsub.hearing(talk(1), queue(1)) as rung:
        pubsub.ring(talk(2))
        assert not rung.is_set()
        await pubsub.heard(queue(1))
        assert rung.is_set()
        rung.clear()
        await pubsub.heard("")
        assert rung.is_set()
    pubsub.ring(talk(1))
