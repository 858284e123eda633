"""The sweep: what happens when nobody does anything, once each however many sweep, and on whatever clock."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from api.__main__ import cli
from api.records import outbox
from api.records.handovers.call_backs import attempt
from api.records.handovers.claims import EnoughOpen
from api.records.handovers.concerns import record
from api.records.handovers.end_handover import close, end
from api.records.handovers.new_handover import call_me
from api.records.handovers.presence import NotHere, leave, still_here
from api.records.handovers.pubsub import CHANNEL, queue
from api.records.handovers.queries import page_is_here
from api.records.handovers.retention import RetentionResult
from api.records.handovers.retention_worker import RetentionWorker
from api.records.handovers.tables import Concern, Handover, Message, Presence, Provider, WebhookCall
from api.records.letters import Letter, post
from api.web.pg_listen import listen
from api.web.settings import settings
from tests.handover_app import (
    CALL,
    ROTA,
    Child,
    House,
    Worker,
    house,
    told,
    two_houses,
)
from tests.served import ROOT

NOTHING_SWEPT = "Swept: rung again for 0, let go 0, closed 0, forgotten 0, concerns forgotten 0"


@pytest.fixture
async def here(own_url: str) -> AsyncIterator[House]:
    """One process over each database in turn."""
    async with house(own_url) as one:
        yield one


async def opens(child: Child) -> None:
    """The child's page asks for news, as it does while it is open."""
    async with child.house.database.begin() as session:
        await page_is_here(session, await session.get_one(Handover, child.id), child.house.clock())


async def asks(worker: Worker) -> bool:
    """The advocate's page asks for news, as it does while it is open."""
    async with worker.house.database.begin() as session:
        return await still_here(session, worker.id, worker.house.clock())


async def letters(one: House) -> list[Letter]:
    return await one.rows(Letter)


async def test_a_provider_is_rung_again_soon_at_first_and_then_ever_more_rarely(here: House) -> None:
    provider = await here.provider()
    child = await here.child(provider)
    asked = here.clock()
    rung = [timedelta(0)]
    while here.clock() - asked < timedelta(hours=5):
        here.clock.move(minutes=3)
        await opens(child)
        if (await here.sweep()).rung:
            rung.append(here.clock() - asked)
    gaps = [then - before for before, then in pairwise(rung)]
    assert gaps[:3] == [timedelta(minutes=3)] * 3
    assert gaps == sorted(gaps)
    assert max(gaps) == timedelta(minutes=30)
    assert len(await letters(here)) == len(rung)
    first, *_, last = await letters(here)
    assert (first.email, first.layer) == (ROTA, provider.layer)
    assert "They asked just now" in first.body
    assert f"{int(rung[-1].total_seconds() // 60)} minutes ago" in last.body
    assert "https://know.example/console" in last.body


async def test_nobody_is_rung_for_whom_somebody_answers_or_who_has_left(here: House) -> None:
    provider = await here.provider()
    ade = await here.advocate(provider)
    claimed, ended = await here.child(provider), await here.child(provider)
    await ade.claims(claimed)
    await ended.does(end)
    for _ in range(5):
        here.clock.move(minutes=1)
        await asks(ade)
        assert (await here.sweep()).rung == 0
    # They asked at the same moment, and one letter tells of both.
    assert len(await letters(here)) == 1


async def test_a_call_back_is_rung_for_when_it_is_due_and_not_before(here: House) -> None:
    provider = await here.provider()
    await here.child(provider, wants="call-back")
    here.clock.move(minutes=59)
    assert (await here.sweep()).rung == 0
    here.clock.move(minutes=1)
    assert (await here.sweep()).rung == 1
    assert (await here.sweep()).rung == 0


async def test_talks_of_an_advocate_whose_browser_has_gone_go_back_to_their_place_in_line(here: House) -> None:
    provider = await here.provider()
    ade, bea = await here.advocate(provider, "Ade"), await here.advocate(provider, "Bea")
    first, second = await here.child(provider), await here.child(provider)
    await ade.claims(first)
    await bea.claims(second)
    asked = (await first.handover()).asked_at
    for _ in range(2):
        here.clock.move(seconds=70)
        await asks(bea)
        assert await here.sweep() == RetentionResult()
    here.clock.move(seconds=40)
    await asks(bea)
    assert await here.sweep() == RetentionResult(let_go=1)
    kept = await first.handover()
    assert (kept.state, kept.asked_at, kept.claimed_by) == ("waiting", asked, None)
    assert (await second.handover()).claimed_by == bea.id
    assert [line.kind for line in await here.lines(first.ref)] == ["claimed", "let-go"]
    # The provider is told at once that somebody waits again.
    assert len(await letters(here)) == 2
    assert (await here.counts(provider))["let-go-by-clock"] == 1
    await bea.claims(first)


async def test_whoever_leaves_has_three_minutes_to_pass_their_talks_on(here: House) -> None:
    provider = await here.provider()
    ade = await here.advocate(provider)
    child = await here.child(provider)
    await ade.claims(child)
    async with here.database.begin() as session:
        await leave(session, here.handover_context, ade.advocate, here.clock())
    here.clock.move(minutes=2, seconds=50)
    assert not await asks(ade)
    assert (await here.sweep()).let_go == 0
    here.clock.move(seconds=10)
    assert (await here.sweep()).let_go == 1


async def test_a_call_is_made_away_from_the_page_and_let_go_only_after_an_hour(here: House) -> None:
    provider = await here.provider()
    ade = await here.advocate(provider)
    child = await here.child(provider, wants="call-back")
    await ade.claims(child)
    here.clock.move(minutes=59)
    assert (await here.sweep()).let_go == 0
    here.clock.move(minutes=1)
    assert (await here.sweep()).let_go == 1
    assert (await child.handover()).state == "call-back"


@pytest.mark.parametrize(("claimed", "outcome"), [(False, "no-answer"), (True, "child-left")])
async def test_a_page_that_nobody_comes_back_to_for_a_day_is_closed(here: House, claimed: bool, outcome: str) -> None:
    provider = await here.provider()
    ade = await here.advocate(provider)
    child = await here.child(provider)
    if claimed:
        await ade.claims(child)
    for _ in range(24):
        here.clock.move(minutes=59, seconds=50)
        await ade.arrives()
        assert (await here.sweep()).closed == 0
    here.clock.move(minutes=4)
    await ade.arrives()
    assert (await here.sweep()).closed == 1
    kept = await child.handover()
    assert (kept.closed_by, kept.outcome) == ("clock", outcome)
    # Whoever comes back with their three words is told so, until the words are forgotten.
    assert (await child.gets())[-1].kind == "closed-by-clock"


async def test_a_page_that_is_open_is_never_closed_by_the_clock(here: House) -> None:
    provider = await here.provider()
    child = await here.child(provider)
    for _ in range(60):
        here.clock.move(hours=1)
        await opens(child)
        assert (await here.sweep()).closed == 0
    assert (await child.handover()).state == "waiting"


@pytest.mark.parametrize(
    ("tried", "outcome"), [((), "no-answer"), (("no-answer",), "not-reached"), (("no-answer", "reached"), "answered")]
)
async def test_a_call_that_never_came_about_is_closed_three_days_after_its_last_safe_time(
    here: House, tried: tuple[str, ...], outcome: str
) -> None:
    provider = await here.provider()
    ade = await here.advocate(provider)
    child = await here.child(provider, wants="call-back")
    for reached in tried:
        await ade.claims(child)
        again = None if reached == "reached" else here.window(hours=1)
        await ade.does(attempt, child, reached, again)
    here.clock.move(days=3, hours=2, minutes=59)
    assert (await here.sweep()).closed == 0
    here.clock.move(minutes=1)
    assert (await here.sweep()).closed == 1
    assert (await child.handover()).outcome == outcome


async def test_a_call_back_without_a_time_is_not_kept_for_ever(here: House) -> None:
    provider = await here.provider()
    child = await here.child(provider, wants="call-back")
    async with here.database.begin() as session:
        await session.execute(update(Handover).values(due_from=None, due_until=None))
    here.clock.move(minutes=3)
    assert (await here.sweep()).rung == 1
    here.clock.move(days=3)
    assert (await here.sweep()).closed == 1
    assert (await child.handover()).closed_by == "clock"


async def test_words_are_forgotten_on_their_date_and_concerns_on_theirs(here: House) -> None:
    provider = await here.provider(keep_days=7, keep_concern_days=30)
    ade = await here.advocate(provider)
    child, other = await here.child(provider, "words"), await here.child(provider, "more words")
    await ade.claims(child)
    await ade.does(record, child, "harm", "what to do")
    await ade.does(close, child, "answered")
    here.clock.move(days=6, hours=23)
    await opens(other)
    assert (await here.sweep()).forgotten == 0
    here.clock.move(hours=1)
    assert (await here.sweep()).forgotten == 1
    assert await here.kept(child.ref) is None
    assert [message.handover_id for message in await here.rows(Message)] == [other.id]
    assert len(await here.rows(Concern)) == 1
    here.clock.move(days=23)
    await opens(other)
    assert (await here.sweep()).concerns == 1
    assert await here.rows(Concern) == []
    counts = await here.counts(provider)
    assert (counts["concern"], counts["concern-forgotten"], counts["forgotten"]) == (1, 1, 1)


async def test_what_was_kept_shorter_or_longer_when_it_closed_stays_so(here: House) -> None:
    provider = await here.provider(keep_days=2)
    child = await here.child(provider)
    await child.does(end)
    async with here.database.begin() as session:
        await session.execute(update(Provider).values(keep_days=90))
    here.clock.move(days=2)
    assert (await here.sweep()).forgotten == 1


@pytest.mark.faults
async def test_two_sweepers_at_once_do_each_thing_once(own_url: str) -> None:
    async with two_houses(own_url) as (one, two):
        provider = await one.provider(most_open=100, hook_url="https://rota.example.org/know")
        ade = await one.advocate(provider)
        parts: dict[str, list[Child]] = {name: [] for name in ("claimed", "waiting", "over", "old")}
        for _ in range(15):
            for children in parts.values():
                children.append(await one.child(provider, "words"))
        for child in parts["claimed"]:
            await ade.claims(child)
        for child in parts["old"]:
            await ade.claims(child)
            await ade.does(close, child, "answered")
        for child in parts["claimed"][:5]:
            await ade.does(record, child, "harm", "text")
        one.clock.move(days=400)
        await asyncio.gather(*map(opens, [*parts["claimed"], *parts["waiting"]]))
        before = len(await letters(one)), len(await one.rows(WebhookCall))
        done = await asyncio.gather(one.sweep(), two.sweep(), one.sweep(), two.sweep())
        total = {part: sum(getattr(each, part) for each in done) for part in ("let_go", "closed", "forgotten", "rung")}
        assert total == {"let_go": 15, "closed": 15, "forgotten": 15, "rung": 15}
        assert sum(each.concerns for each in done) == 5
        assert not any(each.faults for each in done)
        # A call for each that was let go, one for each that still waited, and not one more; and hardly any letters.
        assert len(await one.rows(WebhookCall)) - before[1] == 30
        assert 1 <= len(await letters(one)) - before[0] <= len(done)
        counts = await one.counts(provider)
        assert (counts["let-go-by-clock"], counts["closed-no-answer"], counts["forgotten"]) == (15, 15, 15)
        for child in parts["over"]:
            assert [line.kind for line in await one.lines(child.ref)] == ["words", "closed-by-clock"]


async def test_whoever_comes_back_while_it_is_swept_is_not_let_go_or_closed(own_url: str) -> None:
    async with two_houses(own_url) as (one, two):
        provider = await one.provider(most_open=100)
        ade, bea = await one.advocate(provider, "Ade"), await one.advocate(provider, "Bea")
        children = [await one.child(provider) for _ in range(30)]
        for child in children:
            await ade.claims(child)
        one.clock.move(minutes=4)
        await bea.arrives()

        async def change_hands(child: Child) -> None:
            """Somebody lets it go and somebody else takes it, while a sweeper has it on its list."""
            async with two.database.begin() as session:
                hers = update(Handover).where(Handover.id == child.id, Handover.claimed_by == ade.id)
                await session.execute(hers.values(claimed_by=bea.id, claimed_at=one.clock()))

        swept, *_ = await asyncio.gather(one.sweep(), *map(change_hands, reversed(children)))
        kept = [await child.handover() for child in children]
        assert swept.let_go == sum(handover.claimed_by is None for handover in kept)
        for child, handover in zip(children, kept, strict=True):
            # Whatever was first: nothing was taken from her who is here, and the child was told no more than was so.
            told_so = [line.kind for line in await one.lines(child.ref)].count("let-go")
            assert (handover.claimed_by, told_so) in ((None, 1), (bea.id, 0))


async def test_a_clock_that_jumps_an_hour_loses_nothing(here: House) -> None:
    child, ade, waiting = await day(here)
    before = [(line.number, line.said.text) for line in await here.lines(child.ref)]
    here.clock.move(hours=1)
    swept = await here.sweep()
    assert (swept.let_go, swept.closed, swept.forgotten) == (1, 0, 0)
    assert [(line.number, line.said.text) for line in await here.lines(child.ref)][: len(before)] == before
    assert isinstance(await told(ade.claims(child)), NotHere)
    await ade.arrives()
    await ade.claims(child)
    await ade.says(child, "sorry, our clock was wrong")
    assert (await waiting.handover()).state == "waiting"


async def test_a_clock_that_is_put_back_a_day_loses_nothing_and_holds_nothing_up(here: House) -> None:
    child, _, waiting = await day(here)
    before = [(line.number, line.said.text) for line in await here.lines(child.ref)]
    rung = len(await letters(here))
    here.clock.move(days=-1)
    assert await here.sweep() == RetentionResult()
    await child.says("hello?")
    assert [(line.number, line.said.text) for line in await child.gets()] == [*before, (len(before) + 1, "hello?")]
    assert (await waiting.handover()).state == "waiting"
    # Nobody has heard of the advocate for four minutes now, though they were last seen tomorrow.
    here.clock.move(minutes=4)
    await opens(waiting)
    assert await here.sweep() == RetentionResult(let_go=1, rung=1)
    assert len(await letters(here)) > rung
    # And what nobody comes back to is closed a day from now, not two.
    here.clock.move(hours=24)
    assert (await here.sweep()).closed == 2


async def day(one: House) -> tuple[Child, Worker, Child]:
    """An ordinary moment: a talk, and somebody who waits."""
    provider = await one.provider()
    ade = await one.advocate(provider)
    child, waiting = await one.child(provider, "what is a caution"), await one.child(provider)
    await ade.claims(child)
    await ade.says(child, "hello")
    return child, ade, waiting


async def test_letters_that_a_wrong_clock_put_off_are_sent(here: House) -> None:
    async with here.database.begin() as session:
        await post(session, layer="x", email=ROTA, subject="s", body="b", now=here.clock())
        await post(session, layer="x", email=ROTA, subject="s", body="b", now=here.clock() - timedelta(days=1))
    here.clock.move(days=-1)
    async with here.database.begin() as session:
        for _ in range(2):
            letter = await outbox.take(session, Letter, here.clock())
            assert letter
            await outbox.failed(session, letter, "no", here.clock())
        # Each waits its turn now, by the clock as it is.
        assert await outbox.take(session, Letter, here.clock()) is None


async def test_one_that_cannot_be_swept_holds_up_no_other_and_is_told_of(
    here: House, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = await here.provider("broken"), await here.provider()
    bad, good = await here.child(broken), await here.child(whole)
    async with here.database.begin() as session:
        await session.execute(update(Provider).where(Provider.slug == "broken").values(rota="not JSON"))
    here.clock.move(minutes=3)
    swept = await here.sweep()
    assert (swept.rung, swept.faults) == (1, ("JSONDecodeError",))
    assert (await good.handover()).rung_at == here.clock()
    assert (await bad.handover()).rung_at != here.clock()
    sweeper = RetentionWorker(here.database, here.handover_context, here.clock)
    for _ in range(3):
        await sweeper.round()
    assert [record.getMessage() for record in caplog.records if "swept" in record.getMessage()] == [
        "handovers are not swept until this has passed: JSONDecodeError"
    ]


async def test_a_database_that_is_away_is_swept_next_time(tmp_path: object, caplog: pytest.LogCaptureFixture) -> None:
    async with house(f"sqlite+aiosqlite:///{tmp_path}/none.db") as one:
        sweeper = RetentionWorker(one.database, one.handover_context, one.clock)
        for _ in range(3):
            await sweeper.round()
    assert len([record for record in caplog.records if "FileNotFoundError" in record.getMessage()]) == 1


@dataclass(frozen=True)
class Swept:
    """What the command printed, and its exit status."""

    status: int
    out: str
    wrong: str


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Awaitable[Swept]]]:
    """`python -m api sweep` on a database, in this process."""

    async def typed(url: str, *more: str) -> Swept:
        monkeypatch.setenv("DATABASE_URL", url)
        settings.cache_clear()
        found = await asyncio.to_thread(CliRunner(env={"COLUMNS": "200"}).invoke, cli, ["sweep", *more])
        return Swept(found.exit_code, found.stdout.strip(), found.stderr.strip())

    yield typed
    settings.cache_clear()


@pytest.mark.faults
def test_the_command_runs_as_an_operator_types_it(own_sqlite: str) -> None:
    environment = {**os.environ, "DATABASE_URL": own_sqlite, "COLUMNS": "200"}
    swept = subprocess.run(
        [sys.executable, "-m", "api", "sweep"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (swept.returncode, swept.stderr) == (0, "")
    assert swept.stdout.strip() == NOTHING_SWEPT


async def test_the_command_sweeps_once_and_prints_what_it_did(
    here: House, own_url: str, command: Callable[..., Awaitable[Swept]]
) -> None:
    provider = await here.provider()
    ade = await here.advocate(provider)
    here.clock.move(minutes=-10)
    waiting, left = await here.child(provider), await here.child(provider)
    await ade.arrives()
    await ade.claims(left)
    here.clock.move(days=-30)
    done = await here.child(provider)
    await done.does(end)
    said = "Swept: rung again for 1, let go 1, closed 0, forgotten 1, concerns forgotten 0"
    assert await command(own_url) == Swept(0, said, "")
    assert (await waiting.handover()).state == (await left.handover()).state == "waiting"
    assert await here.kept(done.ref) is None
    assert (await command(own_url)).out == NOTHING_SWEPT


async def test_the_command_says_what_it_could_not_sweep_and_where_it_is_not_needed(
    own_postgres: str, command: Callable[..., Awaitable[Swept]]
) -> None:
    async with house(own_postgres) as one:
        provider = await one.provider()
        one.clock.move(minutes=-10)
        await one.child(provider)
        async with one.database.begin() as session:
            await session.execute(update(Provider).values(rota="not JSON"))
        swept = await command(own_postgres)
        assert swept.status == 1
        assert swept.wrong == "1 could not be swept (JSONDecodeError). The next sweep tries again."
        assert "every 20 seconds" in " ".join((await command(own_postgres, "--help")).out.split())


@pytest.mark.faults
async def test_on_postgres_the_command_wakes_the_pages_of_a_running_service(
    own_postgres: str, command: Callable[..., Awaitable[Swept]]
) -> None:
    async with house(own_postgres) as one:
        provider = await one.provider()
        with one.handover_context.pubsub.hearing(queue(provider.id)) as rung:
            listening = asyncio.create_task(listen(one.database, {CHANNEL: one.handover_context.pubsub.heard}))
            # Everybody is woken when the line is opened.
            await asyncio.wait_for(rung.wait(), 10)
            one.clock.move(minutes=-10)
            await one.child(provider)
            await asyncio.sleep(0.3)
            rung.clear()
            assert (await command(own_postgres)).status == 0
            await asyncio.wait_for(rung.wait(), 10)
            listening.cancel()
            await asyncio.wait([listening])


async def test_a_child_who_changes_their_mind_is_swept_as_they_want_it_now(here: House) -> None:
    provider = await here.provider()
    child = await here.child(provider)
    here.clock.move(minutes=2)
    await child.does(call_me, CALL, here.window(hours=5))
    here.clock.move(hours=4)
    assert (await here.sweep()).rung == 0
    here.clock.move(hours=1)
    assert (await here.sweep()).rung == 1
    # Nobody's page is open, and that is as it should be: they wait for a call.
    here.clock.move(hours=25)
    assert (await here.sweep()).closed == 0


async def test_presence_of_nobody_is_made_up(here: House) -> None:
    provider = await here.provider()
    ade = await here.advocate(provider, here=False)
    await here.sweep()
    assert await here.rows(Presence) == []
    assert isinstance(await told(ade.claims(await here.child(provider))), NotHere)
    assert not issubclass(NotHere, EnoughOpen)
