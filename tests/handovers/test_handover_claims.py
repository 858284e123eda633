"""Claiming: one winner however many press at once, nobody has more than they may, and only who is here may claim."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import update

from api.records.audit import AuditRow
from api.records.handovers.claims import (
    EnoughOpen,
    claim,
    let_go,
    may_read,
    transfer,
    unwatch,
    watch,
    watching,
)
from api.records.handovers.concerns import concerns_of, open_concern, record
from api.records.handovers.conversation import edit, say_as_advocate
from api.records.handovers.end_handover import close, end, forget
from api.records.handovers.message_cipher import MessageBody
from api.records.handovers.presence import NotHere, here_since, leave, still_here, who_is_here
from api.records.handovers.queue_order import line, place_in_line
from api.records.handovers.states import AlreadyClaimed, NotNow, NotYours
from api.records.handovers.tables import Handover, Provider, Watch
from tests.handover_app import (
    Child,
    House,
    Worker,
    house,
    told,
    two_houses,
)

RACES = 1000


@pytest.fixture
async def here(own_url: str) -> AsyncIterator[House]:
    """One process over each database in turn."""
    async with house(own_url) as one:
        yield one


@pytest.mark.faults
async def test_a_thousand_races_have_a_thousand_winners_and_each_loser_learns_who_won(
    own_url: str,
) -> None:
    async with two_houses(own_url) as (one, two):
        provider = await one.provider(most_open=RACES)
        ade, bea = await one.advocate(provider, "Ade"), await two.advocate(provider, "Bea")
        children = [await one.child(provider) for _ in range(RACES)]
        won: Counter[str] = Counter()
        for number, child in enumerate(children):
            presses = [told(ade.claims(child)), told(bea.claims(child))]
            # Whose press is sent off first changes from race to race.
            answers = await asyncio.gather(*presses[:: -1 if number % 2 else 1])
            answers = answers[:: -1 if number % 2 else 1]
            losers = [answer for answer in answers if answer]
            assert len(losers) == 1
            assert isinstance(losers[0], AlreadyClaimed)
            winner, number = ("Ade", ade.id) if answers[0] is None else ("Bea", bea.id)
            assert losers[0].winner == winner
            assert (await child.handover()).claimed_by == number
            won[winner] += 1
        assert sum(won.values()) == RACES
        # A race that one side always wins would be no race.
        assert min(won["Ade"], won["Bea"]) > 0, won
        assert (await one.counts(provider))["claimed"] == RACES
        logged = Counter(row.who for row in await one.rows(AuditRow) if row.what == "claim")
        assert logged == won
        for child in children[:20]:
            assert [line.kind for line in await one.lines(child.ref)] == ["claimed"]


async def test_claimed_twice_by_the_same_advocate_it_is_claimed_once(own_url: str) -> None:
    async with two_houses(own_url) as (one, two):
        provider = await one.provider(most_open=1)
        ade = await one.advocate(provider)
        child = await one.child(provider)
        assert await asyncio.gather(told(ade.claims(child)), told(ade.at(two).claims(child))) == [None, None]
        await ade.claims(child)
        assert [line.kind for line in await one.lines(child.ref)] == ["claimed"]
        assert (await one.counts(provider))["claimed"] == 1


async def test_nobody_gets_more_than_they_may_have_however_many_buttons_are_pressed_at_once(
    own_url: str,
) -> None:
    async with two_houses(own_url) as (one, two):
        provider = await one.provider(most_open=3)
        ade = await one.advocate(provider)
        for _ in range(8):
            children = [await one.child(provider) for _ in range(6)]
            presses = [ade.at(place).claims(child) for child, place in zip(children, (one, two) * 3, strict=True)]
            answers = await asyncio.gather(*map(told, presses))
            assert sum(answer is None for answer in answers) == 3
            assert {type(answer) for answer in answers if answer} == {EnoughOpen}
            assert all(answer.most == 3 for answer in answers if isinstance(answer, EnoughOpen))
            for child in children:
                await child.does(end)


async def test_what_is_passed_on_and_what_is_claimed_at_once_are_not_too_many_together(
    own_url: str,
) -> None:
    async with two_houses(own_url) as (one, two):
        provider = await one.provider(most_open=1)
        ade, bea = await one.advocate(provider, "Ade"), await two.advocate(provider, "Bea")
        outcomes: Counter[tuple[bool, bool]] = Counter()
        for _ in range(40):
            passed, free = await one.child(provider), await one.child(provider)
            await ade.claims(passed)
            got, took = await asyncio.gather(told(ade.does(transfer, passed, bea.id)), told(bea.claims(free)))
            outcomes[got is None, took is None] += 1
            assert {type(answer) for answer in (got, took)} == {type(None), EnoughOpen}
            for child in (passed, free):
                await child.does(end)
        assert set(outcomes) <= {(True, False), (False, True)}


async def test_only_somebody_who_is_here_claims(here: House) -> None:
    provider = await here.provider()
    ade = await here.advocate(provider, here=False)
    child = await here.child(provider)
    assert isinstance(await told(ade.claims(child)), NotHere)
    await ade.arrives()
    here.clock.move(seconds=76)
    assert isinstance(await told(ade.claims(child)), NotHere)
    await ade.arrives()
    await seen(ade, leave)
    assert isinstance(await told(ade.claims(child)), NotHere)
    assert (await child.handover()).state == "waiting"
    await ade.arrives()
    await ade.claims(child)
    assert (await child.handover()).state == "talking"


async def test_somebody_is_here_until_their_browser_is_quiet_or_they_leave(here: House) -> None:
    provider, other = await here.provider(), await here.provider("charlies")
    ade, bea = await here.advocate(provider, "Ade"), await here.advocate(provider, "Bea")
    await here.advocate(other, "Charlie")
    began = here.clock()

    async def around() -> list[str]:
        async with here.database.begin() as session:
            return [account.name for account in await who_is_here(session, provider.slug, here.clock())]

    async def ping(worker: Worker) -> bool:
        async with here.database.begin() as session:
            return await still_here(session, worker.id, here.clock())

    assert await around() == ["Ade", "Bea"]
    for _ in range(3):
        here.clock.move(seconds=60)
        assert await ping(ade)
    assert await around() == ["Ade"]
    assert not await ping(bea)
    # Pressed again, they have been here since the first time; come back, since now.
    await ade.arrives()
    await bea.arrives()
    async with here.database.begin() as session:
        assert await here_since(session, ade.id, here.clock()) == began
        assert await here_since(session, bea.id, here.clock()) == here.clock()
    await seen(ade, leave)
    assert await around() == ["Bea"]
    assert not await ping(ade)


async def seen(worker: Worker, act: Callable[..., Awaitable[Any]]) -> None:
    """Leaves, or comes."""
    async with worker.house.database.begin() as session:
        await act(session, worker.house.handover_context, worker.advocate, worker.house.clock())


async def test_danger_stands_above_and_then_who_asked_first(here: House) -> None:
    provider, other = await here.provider(), await here.provider("charlies")
    ade = await here.advocate(provider)
    asked = []
    for danger in (False, True, False, True):
        asked.append(await here.child(provider, danger=danger))
        await here.child(other)
        here.clock.move(seconds=5)
    await here.child(provider, wants="call-back")
    first, second, third, fourth = asked
    async with here.database.begin() as session:
        assert [one.ref for one in await line(session, provider.id)] == [c.ref for c in (second, fourth, first, third)]
        assert await place_in_line(session, await third.handover()) == 4
    await ade.claims(second)
    await ade.does(let_go, second)
    async with here.database.begin() as session:
        # Back in its place, not at the end.
        assert await place_in_line(session, await second.handover()) == 1


async def test_it_is_passed_to_a_colleague_who_is_here_and_to_nobody_else(here: House) -> None:
    provider, other = await here.provider(), await here.provider("charlies")
    ade, bea = await here.advocate(provider, "Ade"), await here.advocate(provider, "Bea")
    away, sue = await here.advocate(provider, "Away", here=False), await here.advocate(provider, "Sue", supervisor=True)
    charlie = await here.advocate(other, "Charlie")
    child = await here.child(provider)
    await ade.claims(child)
    for nobody in (away.id, charlie.id, 10_000):
        assert isinstance(await told(ade.does(transfer, child, nobody)), NotHere)
    assert isinstance(await told(bea.does(transfer, child, bea.id)), NotYours)
    await ade.does(transfer, child, ade.id)
    await ade.does(transfer, child, bea.id)
    assert (await child.handover()).claimed_by == bea.id
    assert isinstance(await told(ade.says(child, "still me")), NotYours)
    # A supervisor may take it over for the provider.
    await sue.does(transfer, child, sue.id)
    told_to_the_child = [(line.kind, line.said.who) for line in await here.lines(child.ref)]
    assert told_to_the_child == [("claimed", "Ade"), ("transferred", "Bea"), ("transferred", "Sue")]


async def test_a_supervisor_reads_along_only_when_the_child_was_told(own_url: str) -> None:
    async with two_houses(own_url) as (one, two):
        provider = await one.provider()
        ade, sue = await one.advocate(provider, "Ade"), await one.advocate(provider, "Sue", supervisor=True)
        child = await one.child(provider)
        await ade.claims(child)
        assert isinstance(await told(ade.does(watch, child)), NotYours)
        await asyncio.gather(sue.does(watch, child), sue.at(two).does(watch, child))
        assert [line.kind for line in await one.lines(child.ref)] == ["claimed", "watched"]
        assert len(await one.rows(Watch)) == 1
        async with one.database.begin() as session:
            kept = await child.handover()
            assert may_read(sue.advocate, kept, watches=await watching(session, kept, sue.id))
            assert not may_read(sue.advocate, kept, watches=False)
        await sue.does(unwatch, child)
        await sue.does(unwatch, child)
        assert [line.kind for line in await one.lines(child.ref)] == ["claimed", "watched", "unwatched"]
        await ade.does(close, child, "answered")
        assert isinstance(await told(sue.does(watch, child)), NotNow)


async def test_what_is_claimed_closed_or_gone_is_said_to_be_so(here: House) -> None:
    provider = await here.provider()
    ade, bea = await here.advocate(provider, "Ade"), await here.advocate(provider, "Bea")
    child = await here.child(provider)
    await ade.claims(child)
    assert isinstance(await told(bea.does(let_go, child)), NotYours)
    assert isinstance(await told(bea.does(close, child, "answered")), NotYours)
    await child.does(end)
    for press in (ade.claims(child), bea.claims(child), ade.does(let_go, child), ade.does(close, child, "answered")):
        assert isinstance(await told(press), NotNow)


async def test_who_holds_an_old_page_of_a_talk_that_is_gone_is_told_there_is_none(own_url: str) -> None:
    async with two_houses(own_url) as (one, two):
        provider = await one.provider()
        ade, sue = await one.advocate(provider, "Ade"), await one.advocate(provider, "Sue", supervisor=True)

        async def too_late(act: Callable[..., Awaitable[Any]], *more: object) -> Exception | None:
            """Looked up before the child has it forgotten, done after."""
            child = await one.child(provider)
            await ade.claims(child)
            async with one.database.begin() as session:
                old = await session.get_one(Handover, child.id)
                session.expunge(old)
            await child.at(two).does(forget)
            async with one.database.begin() as session:
                old = await session.merge(old, load=False)
                who = (sue if act is watch else ade).advocate
                return await told(act(session, one.handover_context, who, old, *more, one.clock()))

        for act, more in (
            (claim, ()),
            (let_go, ()),
            (watch, ()),
            (close, ("answered",)),
            (say_as_advocate, (MessageBody("hello"), "x1")),
            (edit, (1, MessageBody("hello"))),
        ):
            assert isinstance(await too_late(act, *more), NotYours), act


async def test_charlie_of_another_provider_finds_nothing_whatever_he_presses(here: House) -> None:
    ours, his = await here.provider(), await here.provider("charlies")
    ade = await here.advocate(ours, "Ade")
    charlie = await here.advocate(his, "Charlie")
    boss = await here.advocate(his, "Boss", supervisor=True)
    child = await here.child(ours, "what happens to my phone")
    await ade.claims(child)
    concern = await ade.does(record, child, "harm", "something")
    before = [(row.kind, row.said.text) for row in await here.lines(child.ref)]
    for who in (charlie, boss):
        for act, *more in (
            (claim,),
            (let_go,),
            (transfer, who.id),
            (watch,),
            (unwatch,),
            (close, "answered"),
            (say_as_advocate, MessageBody("hello"), "id"),
            (edit, 1, MessageBody("hello")),
            (record, "harm", "text"),
        ):
            assert isinstance(await told(who.does(act, child, *more)), NotYours), act
        await here_with_the_row_itself(who, child)
        async with here.database.begin() as session:
            assert list(await concerns_of(session, who.advocate)) == []
            with pytest.raises(NotYours):
                await open_concern(
                    session, here.handover_context, who.advocate, concern.ref, "to-act-on-it", here.clock()
                )
    assert [(row.kind, row.said.text) for row in await here.lines(child.ref)] == before
    assert (await child.handover()).claimed_by == ade.id


async def here_with_the_row_itself(who: Worker, child: Child) -> None:
    """Even a door that forgot to look it up by provider lets nobody of another in."""
    for act, *more in ((claim,), (let_go,), (transfer, who.id), (watch,), (close, "answered")):
        async with who.house.database.begin() as session:
            handover = await session.get_one(Handover, child.id)
            done = act(session, who.house.handover_context, who.advocate, handover, *more, who.house.clock())
            assert isinstance(await told(done), NotYours), act


async def test_the_most_that_one_may_have_is_the_providers_own(here: House) -> None:
    provider = await here.provider(most_open=1)
    ade = await here.advocate(provider)
    first, second = await here.child(provider), await here.child(provider)
    await ade.claims(first)
    assert isinstance(await told(ade.claims(second)), EnoughOpen)
    async with here.database.begin() as session:
        await session.execute(update(Provider).values(most_open=2))
        ade.advocate.provider.most_open = 2
    await ade.claims(second)
