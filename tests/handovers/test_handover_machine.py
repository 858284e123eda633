"""Children, two advocates, a supervisor, Charlie and the clock, in any order: nobody is ever stuck."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from accessibility.yaml_text import read_yaml
from api.records.handovers import claims, conversation, end_handover
from api.records.handovers.call_backs import REACHED, attempt
from api.records.handovers.claims import EnoughOpen
from api.records.handovers.concerns import record
from api.records.handovers.message_cipher import MessageBody, opened
from api.records.handovers.new_handover import call_me, wait_here
from api.records.handovers.presence import NotHere, leave, still_here
from api.records.handovers.queries import of_page, of_provider, page_is_here
from api.records.handovers.states import OPEN, AlreadyClaimed, NotNow, NotYours, State, Wants, bot_is_silent
from api.records.handovers.tables import Count, Handover, Message
from tests.handover_app import CALL, Child, House, Worker, told

TABLE = read_yaml(Path(__file__).with_name("handover_table.yml").read_text("utf-8"))
TOLD = (NotNow, NotYours, AlreadyClaimed, EnoughOpen, NotHere, conversation.TooLate)
KEEP_DAYS, MOST_OPEN = 3, 2
WHICH = st.integers(min_value=0, max_value=2)
NAMES = ("Ade", "Bea", "Sue")
HOLDER = "whoever has it"
WHO = st.sampled_from([HOLDER, HOLDER, *NAMES])
JUMPS = st.sampled_from([20, 60, 100, 240, 3_700, 86_500, 4 * 86_400, -3_600, -86_400])
LONGEST = timedelta(days=30)
"""How long after everybody has gone a handover is over and forgotten at the latest."""


@dataclass
class Story:
    """What we know of one handover from what was done, beside what is kept of it."""

    child: Child
    asked_at: datetime
    state: State
    held: bool = False
    closed: bool = False
    gone: bool = False
    has: dict[int, str] = field(default_factory=dict)
    up_to: int = 0
    sent: list[int] = field(default_factory=list)
    holder: int | None = None


class People(RuleBasedStateMachine):
    """Everybody presses everything. After each step, what is kept must agree with what was done."""

    empty: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        # In memory where there is such a place: thousands of small commits would wait for the disk.
        memory = Path("/dev/shm")  # noqa: S108
        self.folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
        shutil.copy(self.empty, Path(self.folder.name) / "know.db")
        self.house = House(f"sqlite+aiosqlite:///{self.folder.name}/know.db")
        self.stories: list[Story] = []
        self.times_claimed = 0

    @initialize(later=st.booleans(), claimed=st.booleans())
    def people_come(self, later: bool, claimed: bool) -> None:
        """Ours, Charlie of another provider, and the first child, whom somebody may answer at once."""
        self.do(self._people_come())
        self._asks("call-back" if later else "here", danger=False)
        if claimed:
            self._claims(0, "Ade")

    async def _people_come(self) -> None:
        one = self.house
        self.ours = await one.provider(keep_days=KEEP_DAYS, most_open=MOST_OPEN)
        his = await one.provider("charlies")
        self.workers = {name: await one.advocate(self.ours, name, supervisor=name == "Sue") for name in NAMES}
        self.charlies = [await one.advocate(his, "Charlie"), await one.advocate(his, "Chief", supervisor=True)]

    def do(self, work: Awaitable[Any]) -> Any:
        """Does it now."""

        async def awaited() -> Any:
            return await work

        return self.runner.run(awaited())

    def press(
        self, which: int, act: str, who: str, work: Callable[[Child], Awaitable[Any]], *, same: bool = False
    ) -> bool:
        """Somebody does something with a handover. `same`: done again, it is not refused and changes nothing.

        True when it was done: the table allows it then. What is kept is looked at after each step.
        """
        story = self.stories[which % len(self.stories)]
        error = self.do(told(work(story.child)))
        if error is not None:
            assert isinstance(error, TOLD), repr(error)
            return False
        assert not story.gone
        allowed = who in TABLE["may"][story.state].get(act, ())
        assert allowed or same, f"{who} may not {act} when {story.state}"
        story.state = TABLE["leads-to"][story.state].get(act, story.state) if allowed else story.state
        return allowed

    def chosen(self, which: int, name: str) -> tuple[Story, Worker]:
        """A story, and who does something with it: somebody by name, or whoever has it, or else Ade."""
        story = self.stories[which % len(self.stories)]
        having = (worker for worker in self.workers.values() if name == HOLDER and worker.id == story.holder)
        return story, next(having, self.workers.get(name, self.workers["Ade"]))

    # What the children do.

    @precondition(lambda self: len(self.stories) < 3)
    @rule(later=st.booleans(), danger=st.booleans())
    def asks(self, later: bool, danger: bool) -> None:
        """Somebody asks for a person, here or by a call."""
        self._asks("call-back" if later else "here", danger=danger)

    def _asks(self, wants: Wants, *, danger: bool) -> None:
        child = self.do(self.house.child(self.ours, "q", wants, danger=danger))
        self.stories.append(Story(child, self.house.clock(), "waiting" if wants == "here" else "call-back"))

    some = precondition(lambda self: bool(self.stories))

    @some
    @rule(which=WHICH)
    def child_says(self, which: int) -> None:
        self.press(which, "say", "child", lambda child: child.says("words"))

    @some
    @rule(which=WHICH)
    def child_looks(self, which: int) -> None:
        """Their page asks for news, and remembers what it got."""
        story = self.stories[which % len(self.stories)]
        lines = self.do(told_or(story.child.gets(story.up_to)))
        assert (lines is None) is story.gone
        for line in lines or ():
            assert line.number not in story.has
            story.has[line.number] = line.said.text or line.kind
            story.up_to = line.change
        if not story.gone:
            self.do(self._page_is_here(story))

    async def _page_is_here(self, story: Story) -> None:
        async with self.house.database.begin() as session:
            await page_is_here(session, await session.get_one(Handover, story.child.id), self.house.clock())

    @some
    @rule(which=WHICH, hours=st.sampled_from([1, 30]))
    def child_wants_a_call(self, which: int, hours: int) -> None:
        window = self.house.window(hours=hours)
        self.press(which, "call-back", "child", lambda child: child.does(call_me, CALL, window), same=True)

    @some
    @rule(which=WHICH)
    def child_is_here_again(self, which: int) -> None:
        self.press(which, "here", "child", lambda child: child.does(wait_here))

    @some
    @rule(which=WHICH)
    def child_ends(self, which: int) -> None:
        story = self.stories[which % len(self.stories)]
        if self.press(which, "end", "child", lambda child: child.does(end_handover.end), same=True):
            story.held, story.closed = False, True
        assert story.closed or story.gone

    @some
    @rule(which=WHICH)
    def child_has_it_forgotten(self, which: int) -> None:
        story = self.stories[which % len(self.stories)]
        error = self.do(told(story.child.does(end_handover.forget)))
        assert isinstance(error, NotYours) if story.gone else error is None
        story.held, story.closed, story.gone = False, True, True

    @some
    @rule(which=WHICH)
    def child_rates(self, which: int) -> None:
        story = self.stories[which % len(self.stories)]
        error = self.do(told(self._rates(story.child)))
        assert (error is None) is (story.closed and not story.gone)

    async def _rates(self, child: Child) -> None:
        async with self.house.database.begin() as session:
            handover = await of_page(session, self.house.handover_context.message_cipher, child.ref, child.secret)
            await end_handover.rate(session, handover, "good", self.house.clock())

    # What the advocates and the supervisor do.

    @rule(name=st.sampled_from(NAMES))
    def arrives(self, name: str) -> None:
        self.do(self.workers[name].arrives())

    @rule(name=st.sampled_from(NAMES))
    def leaves(self, name: str) -> None:
        self.do(self._with(self.workers[name], leave))

    async def _with(self, worker: Worker, act: Callable[..., Awaitable[Any]]) -> None:
        async with self.house.database.begin() as session:
            await act(session, self.house.handover_context, worker.advocate, self.house.clock())

    @rule(name=st.sampled_from(NAMES))
    def browser_asks(self, name: str) -> None:
        self.do(self._still_here(self.workers[name]))

    async def _still_here(self, worker: Worker) -> None:
        async with self.house.database.begin() as session:
            await still_here(session, worker.id, self.house.clock())

    @some
    @rule(which=WHICH, name=WHO)
    def claims(self, which: int, name: str) -> None:
        self._claims(which, name)

    def _claims(self, which: int, name: str) -> None:
        story, worker = self.chosen(which, name)
        if self.press(which, "claim", role(worker), worker.claims, same=True):
            assert not story.held
            story.held = True
            self.times_claimed += 1

    @some
    @rule(which=WHICH, name=WHO)
    def lets_go(self, which: int, name: str) -> None:
        story, worker = self.chosen(which, name)
        if self.press(which, "let-go", role(worker), lambda child: worker.does(claims.let_go, child)):
            story.held = False

    @some
    @rule(which=WHICH, name=WHO, to=st.sampled_from(NAMES))
    def passes_on(self, which: int, name: str, to: str) -> None:
        (_, worker), colleague = self.chosen(which, name), self.workers[to]
        self.press(which, "transfer", role(worker), lambda child: worker.does(claims.transfer, child, colleague.id))

    @some
    @rule(which=WHICH, name=WHO)
    def advocate_says(self, which: int, name: str) -> None:
        story, worker = self.chosen(which, name)
        sent: list[Any] = []

        async def says(child: Child) -> None:
            sent.append(await worker.says(child, "answer"))

        if self.press(which, "say", "advocate", says):
            story.sent.append(sent[0].number)

    @precondition(lambda self: any(story.sent for story in self.stories))
    @rule(which=WHICH, name=WHO)
    def advocate_edits(self, which: int, name: str) -> None:
        story, worker = self.chosen(which, name)
        if not story.sent:
            return
        number = story.sent[-1]
        error = self.do(told(worker.does(conversation.edit, story.child, number, MessageBody("answer, mended"))))
        assert error is None or isinstance(error, TOLD)
        assert error is not None or number not in story.has

    @some
    @rule(which=WHICH, name=WHO, outcome=st.sampled_from(REACHED), again=st.booleans())
    def tries_to_call(self, which: int, name: str, outcome: str, again: bool) -> None:
        story, worker = self.chosen(which, name)
        window = self.house.window(hours=1) if again else None
        error = self.do(told(worker.does(attempt, story.child, outcome, window)))
        if error is None:
            assert story.state == "calling"
            if again and outcome != "reached":
                story.state, story.held = "call-back", False
        assert error is None or isinstance(error, TOLD)

    @some
    @rule(which=WHICH, name=WHO)
    def closes(self, which: int, name: str) -> None:
        story, worker = self.chosen(which, name)
        if self.press(which, "close", "advocate", lambda child: worker.does(end_handover.close, child, "answered")):
            story.held, story.closed = False, True

    @some
    @rule(which=WHICH, stop=st.booleans())
    def supervisor_watches(self, which: int, stop: bool) -> None:
        act = claims.unwatch if stop else claims.watch
        story = self.stories[which % len(self.stories)]
        error = self.do(told(self.workers["Sue"].does(act, story.child)))
        assert error is None or isinstance(error, NotYours if story.gone else NotNow)

    # What nobody does.

    @rule(seconds=JUMPS)
    def time_passes(self, seconds: int) -> None:
        """The clock moves, or is put back, and somebody sweeps."""
        self.house.clock.move(seconds=seconds)
        swept = self.do(self.house.sweep())
        assert swept.faults == ()
        kept = {row.ref: row for row in self.do(self.house.rows(Handover))}
        for story in self.stories:
            self._after_a_sweep(story, kept.get(story.child.ref))

    def _after_a_sweep(self, story: Story, kept: Handover | None) -> None:
        """The clock may only let go, close, and forget what was closed before."""
        if kept is None:
            assert story.closed
            story.gone = True
            return
        let_go = TABLE["leads-to"][story.state].get("let-go", story.state)
        assert kept.state in {story.state, let_go, "closed"}
        story.held = story.held and kept.state == story.state
        story.closed, story.state = kept.state == "closed", kept.state

    # What must be so whenever somebody looks.

    @some
    @rule(which=WHICH, chief=st.booleans())
    def charlie_tries_everything(self, which: int, chief: bool) -> None:
        charlie, child = self.charlies[chief], self.stories[which % len(self.stories)].child
        for act, *more in (
            (claims.claim,),
            (claims.let_go,),
            (claims.transfer, charlie.id),
            (claims.watch,),
            (claims.unwatch,),
            (conversation.say_as_advocate, MessageBody("x"), "x"),
            (conversation.edit, 1, MessageBody("x")),
            (attempt, "reached", None),
            (record, "harm", "x"),
            (end_handover.close, "answered"),
        ):
            assert isinstance(self.do(told(charlie.does(act, child, *more))), NotYours)

    @invariant()
    def what_is_kept_agrees_with_what_was_done(self) -> None:
        if self.stories:
            self.do(self._agrees())

    async def _agrees(self) -> None:
        async with self.house.database.begin() as session:
            rows = {row.ref: row for row in await session.scalars(select(Handover))}
            messages = list(await session.scalars(select(Message).order_by(Message.number)))
            counts: Counter[str] = Counter()
            for row in await session.scalars(select(Count)):
                counts[row.what] += row.count
            for story in self.stories:
                error = await told(of_provider(session, self.charlies[0].advocate, story.child.ref))
                assert isinstance(error, NotYours)
        assert set(rows) == {story.child.ref for story in self.stories if not story.gone}
        for story in self.stories:
            kept = rows.get(story.child.ref)
            story.holder = kept.claimed_by if kept else None
            if kept:
                self._is_so(story, kept)
                # What the child's page has is never changed behind its back.
                lines = opened(
                    self.house.handover_context.message_cipher, [one for one in messages if one.handover_id == kept.id]
                )
                said = {line.number: line.said.text or line.kind for line in lines}
                assert {number: said[number] for number in story.has} == story.has
        held = Counter(row.claimed_by for row in rows.values() if row.claimed_by and not row.closed_at)
        assert all(times <= MOST_OPEN for times in held.values())
        self._add_up(counts)

    def _is_so(self, story: Story, kept: Handover) -> None:
        assert kept.state == story.state
        # Nothing moves the first ask; nothing opens what is closed.
        assert kept.asked_at == story.asked_at
        assert (kept.state == "closed") is story.closed
        # The bot says nothing just while somebody has it.
        assert bot_is_silent(kept.state) is story.held
        # The child may always write and go, or is told that it is over.
        child_may = {act for act, who in TABLE["may"][kept.state].items() if "child" in who}
        assert child_may >= ({"say", "end"} if kept.state in OPEN else {"purge"})

    def _add_up(self, counts: dict[str, int]) -> None:
        assert counts["asked"] == len(self.stories)
        closed = sum(times for what, times in counts.items() if what.startswith("closed-"))
        assert closed == sum(story.closed for story in self.stories)
        assert counts.get("forgotten", 0) == sum(story.gone for story in self.stories)
        assert counts.get("claimed", 0) == self.times_claimed

    def teardown(self) -> None:
        """Wherever it has got to: there is a way to a person, and when everybody leaves, a goodbye with a date."""
        try:
            for story in self.stories:
                if not story.closed:
                    self._reaches_a_person(story)
            ends = self.house.clock() + LONGEST
            while self.house.clock() < ends:
                self.house.clock.move(days=2)
                assert self.do(self.house.sweep()).faults == ()
            assert self.do(self.house.rows(Handover)) == []
        finally:
            self.do(self.house.database.close())
            self.runner.close()
            self.folder.cleanup()

    def _reaches_a_person(self, story: Story) -> None:
        """Whoever had it has gone; somebody new comes, and answers."""
        self.house.clock.move(hours=1, seconds=1)
        self.do(self.house.sweep())
        kept = self.do(self.house.kept(story.child.ref))
        if kept.state == "closed":
            assert self.do(story.child.gets())[-1].kind == "closed-by-clock"
            return
        fresh = self.do(self.house.advocate(self.ours, "Fresh"))
        self.do(fresh.claims(story.child))
        self.do(story.child.says("is anybody there"))
        self.do(fresh.says(story.child, "yes"))
        assert [line.said.text for line in self.do(story.child.gets())][-2:] == ["is anybody there", "yes"]


def role(worker: Worker) -> str:
    """What the table calls them."""
    return "supervisor" if worker.advocate.supervisor else "advocate"


async def told_or(work: Awaitable[Any]) -> Any:
    """What came of it; None where there is no such handover."""
    try:
        return await work
    except NotYours:
        return None


@pytest.mark.faults
def test_from_every_state_there_is_a_way_on(empty_sqlite: Path) -> None:
    class Here(People):
        empty = empty_sqlite

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
