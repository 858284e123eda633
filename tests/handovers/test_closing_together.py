"""Closing many asks that are alike: never by one person, only who was on the page, in the log, and undone for a day."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from api.records.audit import AuditRow
from api.records.handovers.bulk_closing import (
    ClosingOver,
    SamePerson,
    closings_of,
    confirm,
    give_up,
    propose,
    undo,
)
from api.records.handovers.end_handover import forget
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.queue_order import line
from api.records.handovers.states import NotYours
from api.records.handovers.tables import Closing, Provider
from tests.handover_app import Child, House, Worker, house

MANY = 30


async def does(worker: Worker, act: Callable[..., Awaitable[Any]], *more: object) -> Any:
    """Something that an advocate's page may do with many, in one transaction."""
    here = worker.house
    async with here.database.begin() as session:
        return await act(session, here.handover_context, worker.advocate, *more, here.clock())


async def school(here: House, ours: Provider, many: int = MANY) -> list[Child]:
    """So many children of one school, every third in danger."""
    return [await here.child(ours, danger=number % 3 == 0, origin="school") for number in range(many)]


async def waiting(here: House, provider: Provider) -> int:
    """How many stand in line."""
    async with here.database.begin() as session:
        return len(await line(session, provider.id))


async def test_one_proposes_another_closes_and_it_is_undone(own_url: str) -> None:
    async with house(own_url) as here:
        ours = await here.provider()
        ade, bea = await here.advocate(ours), await here.advocate(ours, "Bea")
        children = await school(here, ours)
        elsewhere = await here.child(ours, origin="home")
        closing = await does(ade, propose, children[3].ref, children[-2].ref)
        assert await waiting(here, ours) == MANY + 1
        late = await here.child(ours, danger=True, origin="school")
        with pytest.raises(SamePerson):
            await does(ade, confirm, closing.ref)
        await bea.claims(children[5])
        here.clock.move(minutes=1)
        # The last was not on the page, one has been taken, and one came later.
        assert await does(bea, confirm, closing.ref) == MANY - 2
        states = [(await one.handover()).state for one in (children[0], children[5], children[-1], late, elsewhere)]
        assert states == ["closed", "talking", "waiting", "waiting", "waiting"]
        one = await children[0].handover()
        assert (one.closed_by, one.outcome, one.origin, one.purge_at is None) == ("advocate", "no-answer", None, False)
        assert [each.kind for each in await children[0].gets()] == ["closed-by-advocate"]
        with pytest.raises(ClosingOver):
            await does(bea, confirm, closing.ref)
        here.clock.move(hours=23)
        assert await does(ade, undo, closing.ref) == MANY - 2
        one = await children[0].handover()
        assert (one.state, one.outcome, one.purge_at, one.closed_at) == ("waiting", None, None, None)
        assert await waiting(here, ours) == MANY + 1
        # They are back as one, so that they own no more of the line than before.
        async with here.database.begin() as session:
            places = [each.ref for each in await line(session, ours.id)]
        assert places.index(elsewhere.ref) < 10
        said = [(row.who, row.what) for row in await here.rows(AuditRow) if row.about == closing.ref]
        assert said == [
            ("Ade", f"propose to close {MANY - 1} together"),
            ("Bea", f"close {MANY - 2} together"),
            ("Ade", f"undo closing: {MANY - 2} are back"),
        ]
        with pytest.raises(ClosingOver):
            await does(ade, undo, closing.ref)


async def test_after_a_day_it_stays_and_a_proposal_lapses_after_half_an_hour(own_url: str) -> None:
    async with house(own_url) as here:
        ours = await here.provider()
        ade, bea = await here.advocate(ours), await here.advocate(ours, "Bea")
        children = await school(here, ours, 6)
        stale = await does(ade, propose, children[0].ref, children[-1].ref)
        here.clock.move(minutes=31)
        with pytest.raises(ClosingOver):
            await does(bea, confirm, stale.ref)
        given_up = await does(ade, propose, children[0].ref, children[-1].ref)
        await does(bea, give_up, given_up.ref)
        with pytest.raises(ClosingOver):
            await does(bea, confirm, given_up.ref)
        assert await waiting(here, ours) == 6
        closing = await does(bea, propose, children[0].ref, children[-1].ref)
        assert await does(ade, confirm, closing.ref) == 6
        here.clock.move(hours=24, minutes=1)
        with pytest.raises(ClosingOver):
            await does(bea, undo, closing.ref)
        here.clock.move(hours=3)
        await here.sweep()
        assert await here.rows(Closing) == []


async def test_charlie_neither_sees_nor_does_any_of_it(own_url: str) -> None:
    async with house(own_url) as here:
        ours, theirs = await here.provider(), await here.provider("other-voices")
        ade, charlie = await here.advocate(ours), await here.advocate(theirs, "Charlie", supervisor=True)
        children = await school(here, ours, 5)
        his = await here.child(theirs, origin="school")
        closing = await does(ade, propose, children[0].ref, children[-1].ref)
        for act, about in ((propose, (children[0].ref, children[-1].ref)), (propose, (his.ref, children[-1].ref))):
            with pytest.raises(NotYours):
                await does(charlie, act, *about)
        for act in (confirm, give_up, undo):
            with pytest.raises(NotYours):
                await does(charlie, act, closing.ref)

        async def seen(session: Any, _handover_context: HandoverContext, advocate: Any, now: Any) -> Any:
            return await closings_of(session, advocate, now)

        assert await does(charlie, seen) == []
        assert [one.ref for one in await does(ade, seen)] == [closing.ref]
        assert await waiting(here, ours) == 5


async def test_what_the_child_deletes_meanwhile_is_gone(own_sqlite: str) -> None:
    async with house(own_sqlite) as here:
        ours = await here.provider()
        ade, bea = await here.advocate(ours), await here.advocate(ours, "Bea")
        children = await school(here, ours, 4)
        closing = await does(ade, propose, children[0].ref, children[-1].ref)
        await does(bea, confirm, closing.ref)
        from_page = children[0]
        await from_page.does(forget)
        assert await does(bea, undo, closing.ref) == 3
        assert await here.kept(from_page.ref) is None
