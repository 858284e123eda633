"""The order of the line: turns between origins, danger first in each. A flood owns nothing, and nobody is passed by."""

import asyncio
import time

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text

from api.records.handovers.claims import let_go
from api.records.handovers.end_handover import close_by_clock, end
from api.records.handovers.queue_order import (
    MOST_AHEAD,
    line,
    open_of,
    place_in_line,
)
from api.records.handovers.states import Wants
from api.records.handovers.tables import Handover, Provider
from api.web.migrate import MIGRATIONS
from tests.handover_app import Child, House, Worker, house


async def in_line(here: House, provider: Provider) -> list[str]:
    """The names of who waits, in turn."""
    async with here.database.begin() as session:
        found = [one.ref for one in await line(session, provider.id)]
        assert found == [one.ref for one in await open_of(session, provider.id) if one.state == "waiting"]
    return found


async def place(here: House, child: Child) -> int:
    """A child's place in line."""
    async with here.database.begin() as session:
        return await place_in_line(session, await child.handover())


async def flood(here: House, provider: Provider, many: int, *, wants: Wants = "here", danger: bool = True) -> None:
    """So many asks of one origin, as rows."""
    first = await here.child(provider, wants=wants, danger=danger, origin="flood")
    async with here.database.begin() as session:
        names = ", ".join(column.name for column in Handover.__table__.columns if column.name not in ("id", "ref"))
        taken = names.replace("code_hash", "'c' || n")
        counter = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :many)"
        await session.execute(
            text(
                f"{counter} INSERT INTO handover (ref, {names}) "  # noqa: S608 - names of columns
                f"SELECT 'flood' || n, {taken} FROM handover, number WHERE ref = :ref"
            ).bindparams(many=many - 1, ref=first.ref)
        )


async def test_a_thousand_of_one_origin_leave_every_other_child_their_place(own_url: str) -> None:
    async with house(own_url) as here:
        ours = await here.provider()
        await flood(here, ours, 1_000)
        here.clock.move(minutes=10)
        real = [await here.child(ours, danger=True, origin=f"home {number}") for number in range(5)]
        calm = await here.child(ours, origin="home 6")
        assert [await place(here, one) for one in real] == [2, 3, 4, 5, 6]
        assert await place(here, calm) == 6 + MOST_AHEAD
        # And so it stays while advocates take one after the other.
        ade = await here.advocate(ours)
        taken = await take(here, ours, ade, 12)
        assert {one.ref for one in (*real, calm)} <= set(taken[: 7 + MOST_AHEAD])


async def take(here: House, provider: Provider, ade: Worker, many: int) -> list[str]:
    """Takes the first in line, again and again."""
    taken = list[str]()
    for _ in range(many):
        here.clock.move(seconds=20)
        await ade.arrives()
        async with here.database.begin() as session:
            first = (await line(session, provider.id))[0]
        child = Child(here, first.ref, "", "", first.id)
        await ade.claims(child)
        async with here.database.begin() as session:
            await close_by_clock(session, here.handover_context, await child.handover(), "child-left", here.clock())
        taken.append(first.ref)
    return taken


@pytest.mark.parametrize("danger", [True, False])
async def test_who_asks_while_a_flood_runs_waits_for_one_turn_of_it_and_not_for_all(
    own_sqlite: str, *, danger: bool
) -> None:
    async with house(own_sqlite) as here:
        ours = await here.provider()
        ade = await here.advocate(ours)
        await flood(here, ours, 100, danger=True)
        await take(here, ours, ade, MOST_AHEAD + 4)
        here.clock.move(minutes=1)
        late = await here.child(ours, danger=danger, origin="home")
        assert await place(here, late) == (1 if danger else 2)
        assert late.ref in await take(here, ours, ade, 2)


async def test_spaced_asks_of_one_origin_are_still_one_origin(own_url: str) -> None:
    async with house(own_url) as here:
        ours = await here.provider()
        for _ in range(12):
            await here.child(ours, danger=True, origin="flood")
            here.clock.move(minutes=30)
        real = await here.child(ours, danger=True, origin="home")
        assert await place(here, real) == 2


async def test_in_a_school_danger_is_first_and_everybody_gets_a_turn(own_url: str) -> None:
    async with house(own_url) as here:
        ours = await here.provider()
        calm = [await here.child(ours, origin="school") for _ in range(4)]
        home = await here.child(ours, origin="home")
        grave = [await here.child(ours, danger=True, origin="school") for _ in range(2)]
        in_turn = await in_line(here, ours)
        assert in_turn[:3] == [grave[0].ref, grave[1].ref, home.ref]
        assert in_turn[3:] == [one.ref for one in calm]
        # New homes ask all the time: nobody of the school is passed by for longer than one turn of each.
        ade = await here.advocate(ours)
        taken = list[str]()
        for number in range(16):
            await here.child(ours, origin=f"new {number}")
            taken += await take(here, ours, ade, 1)
        assert {one.ref for one in (home, *grave)} <= set(taken[:3])
        assert len({one.ref for one in calm} & set(taken)) >= 2


async def test_those_of_no_known_origin_stand_as_they_always_did(own_url: str) -> None:
    async with house(own_url) as here:
        ours = await here.provider()
        calm = [await here.child(ours) for _ in range(3)]
        grave = [await here.child(ours, danger=True) for _ in range(6)]
        assert await in_line(here, ours) == [one.ref for one in (*grave, *calm)]


async def test_two_advocates_who_take_two_of_one_origin_at_once_both_get_them(own_postgres: str) -> None:
    async with house(own_postgres) as here:
        ours = await here.provider(most_open=100)
        ade, bea = await here.advocate(ours), await here.advocate(ours, "Bea")
        children = [await here.child(ours, origin="school") for _ in range(20)]
        for one, other in zip(children[::2], children[1::2], strict=True):
            await asyncio.gather(ade.claims(one), bea.claims(other))
        assert await in_line(here, ours) == []


class TestOrigins:
    async def test_the_name_goes_when_it_is_taken_or_closed_and_stays_gone(self, own_url: str) -> None:
        async with house(own_url) as here:
            ours = await here.provider()
            ade = await here.advocate(ours)
            taken, left, waits = [await here.child(ours, origin="home") for _ in range(3)]
            await ade.claims(taken)
            await left.does(end)
            assert [(await one.handover()).origin for one in (taken, left, waits)] == [None, None, "home"]
            kept = await waits.handover()
            assert (kept.turns, kept.turned_at) == (1, here.clock())

    async def test_who_is_let_go_of_stands_alone_and_where_they_stood(self, own_url: str) -> None:
        async with house(own_url) as here:
            ours = await here.provider()
            ade = await here.advocate(ours)
            await flood(here, ours, 20, danger=False)
            here.clock.move(minutes=1)
            first = await here.child(ours, origin="flood")
            here.clock.move(minutes=1)
            await ade.arrives()
            await ade.claims(first)
            await ade.does(let_go, first)
            assert await place(here, first) == 1

    async def test_after_a_day_nobody_knows_any_more_who_was_alike(self, own_url: str) -> None:
        async with house(own_url) as here:
            ours = await here.provider()
            old, alike = [await here.child(ours, wants="call-back", origin="another home") for _ in range(2)]
            here.clock.move(hours=23)
            new = await here.child(ours, origin="home")
            await here.sweep()
            assert (await old.handover()).origin == "another home"
            here.clock.move(hours=1)
            await here.sweep()
            names = [(await one.handover()).origin for one in (old, alike, new)]
            assert names[0] == names[1]
            assert str(names[0]).startswith("alike ")
            assert names[2] == "home"
            here.clock.move(hours=1)
            await here.sweep()
            assert (await old.handover()).origin == names[0]


async def test_a_thousand_who_wait_are_put_in_order_quickly(own_url: str) -> None:
    async with house(own_url) as here:
        ours = await here.provider()
        await flood(here, ours, 1_000)
        real = await here.child(ours, danger=True, origin="home")
        began = time.perf_counter()
        for _ in range(10):
            assert await place(here, real) == 2
        assert time.perf_counter() - began < 10 * 0.1


async def test_charlie_of_another_provider_sees_and_changes_nothing(own_url: str) -> None:
    async with house(own_url) as here:
        ours, theirs = await here.provider(), await here.provider("other-voices")
        charlie = await here.advocate(theirs, "Charlie")
        mine = [await here.child(ours, origin="school") for _ in range(2)]
        his = await here.child(theirs, origin="school")
        await charlie.claims(his)
        assert (await mine[1].handover()).turned_at is None
        assert await in_line(here, theirs) == []
        async with here.database.begin() as session:
            assert len(list(await session.scalars(select(Handover).where(Handover.origin == "school")))) == 2


def test_its_migration_goes_back_and_forth_with_a_child_in_line(own_url: str) -> None:
    async def asks() -> None:
        async with house(own_url) as here:
            await here.child(await here.provider(), danger=True, origin="home")

    async def waits() -> list[tuple[str | None, int]]:
        async with house(own_url) as here:
            return [(one.origin, one.turns) for one in await here.rows(Handover)]

    asyncio.run(asks())
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = own_url
    command.downgrade(config, "0009")
    command.upgrade(config, "head")
    assert asyncio.run(waits()) == [(None, 0)]
