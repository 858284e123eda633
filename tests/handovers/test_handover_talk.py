"""The talk: in order, nothing twice, nothing missed, and never changed once the child's page has it."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest
from sqlalchemy import func, select

from api.records.handovers import conversation
from api.records.handovers.claims import let_go, transfer
from api.records.handovers.conversation import TooLate
from api.records.handovers.end_handover import close, end, forget, rate
from api.records.handovers.message_cipher import MessageBody, OpenedMessage
from api.records.handovers.new_handover import call_me, wait_here
from api.records.handovers.queries import by_words, of_page
from api.records.handovers.states import NotNow, NotYours
from api.records.handovers.tables import Handover, Message
from api.records.letters import Letter
from tests.handover_app import (
    CALL,
    Child,
    House,
    Worker,
    house,
    told,
    two_houses,
)

RACES = 200
EACH = 60


@pytest.fixture
async def here(own_url: str) -> AsyncIterator[House]:
    """One process over each database in turn."""
    async with house(own_url) as one:
        yield one


async def talking(one: House) -> tuple[Child, Worker]:
    """A child, and the advocate who has just claimed them."""
    provider = await one.provider()
    ade = await one.advocate(provider)
    child = await one.child(provider, "why did they take my phone")
    await ade.claims(child)
    return child, ade


def texts(lines: list[OpenedMessage]) -> list[str]:
    """What was said, or what happened."""
    return [line.said.text or line.kind for line in lines]


async def test_what_is_said_comes_in_the_order_in_which_it_was_said_on_both_sides(here: House) -> None:
    child, ade = await talking(here)
    await ade.says(child, "hello, I am Ade")
    await child.says("hello")
    await ade.says(child, "what did they say to you?")
    whole = ["why did they take my phone", "claimed", "hello, I am Ade", "hello", "what did they say to you?"]
    for lines in (await child.gets(), await ade.reads(child), await here.lines(child.ref)):
        assert texts(lines) == whole
        assert [line.number for line in lines] == [1, 2, 3, 4, 5]
    # What a page has is not sent to it again.
    assert texts(await child.gets(after=4)) == whole[4:]
    assert await child.gets(after=5) == []


async def test_sent_twice_it_is_one_message_also_at_once_and_to_two_processes(own_url: str) -> None:
    async with two_houses(own_url) as (one, two):
        child, ade = await talking(one)
        for number in range(25):
            by_child, by_ade = f"c{number}", f"a{number}"
            sends = [
                *(child.at(place).says(f"child {number}", by_child) for place in (one, two, one, two)),
                *(ade.at(place).says(child, f"ade {number}", by_ade) for place in (one, two, one, two)),
            ]
            kept = await asyncio.gather(*sends)
            assert len({message.id for message in kept}) == 2
        # And long after, when the page was asleep.
        assert (await child.says("child 3", "c3")).id == (await child.at(two).says("child 3", "c3")).id
        said = Counter(texts(await one.lines(child.ref)))
        expected = {f"{who} {number}": 1 for number in range(25) for who in ("child", "ade")}
        assert said == {"why did they take my phone": 1, "claimed": 1, **expected}


async def test_nobodys_message_is_swallowed_by_the_name_of_somebody_elses(here: House) -> None:
    child, ade = await talking(here)
    await child.says("mine", "same")
    assert isinstance(await told(ade.says(child, "not lost without a word", "same")), NotYours)
    assert isinstance(await told(ade.says(child, "nor this", "first")), NotYours)
    await ade.says(child, "ours", "other")
    assert isinstance(await told(child.says("nor mine", "other")), NotYours)
    assert texts(await here.lines(child.ref)) == ["why did they take my phone", "claimed", "mine", "ours"]


async def test_only_whoever_has_claimed_it_writes_and_nobody_once_it_is_closed(here: House) -> None:
    child, ade = await talking(here)
    bea = await here.advocate(ade.advocate.provider, "Bea")
    assert isinstance(await told(bea.says(child, "hello")), NotYours)
    sent = await ade.says(child, "one", "one")
    await ade.does(transfer, child, bea.id)
    assert isinstance(await told(ade.says(child, "two")), NotYours)
    # What was sent before, and is sent again because the answer was lost, is known.
    assert (await ade.says(child, "one", "one")).id == sent.id
    await bea.does(let_go, child)
    assert isinstance(await told(bea.says(child, "three")), NotYours)
    await child.says("still here")
    await child.does(end)
    for late in (child.says("late"), ade.says(child, "late"), bea.says(child, "late")):
        assert isinstance(await told(late), NotNow)
    assert texts(await here.lines(child.ref))[-2:] == ["still here", "closed-by-child"]


async def test_a_message_is_changed_until_the_childs_page_has_it_and_never_after(here: House) -> None:
    child, ade = await talking(here)
    bea = await here.advocate(ade.advocate.provider, "Bea")
    message = await ade.says(child, "they may keep it for a yaer")
    await child.says("ok")
    changed = await ade.does(conversation.edit, child, message.number, MessageBody("they may keep it for a year"))
    # Its place in the talk is the same; in the stream it is new, so that a page that has the old one learns of it.
    assert changed.number == message.number < changed.change
    assert [line.number for line in await ade.reads(child, after=changed.change - 1)] == [message.number]
    assert isinstance(await told(bea.does(conversation.edit, child, message.number, MessageBody("no"))), NotYours)
    mine = next(line.number for line in await here.lines(child.ref) if line.writer == "child")
    assert isinstance(await told(ade.does(conversation.edit, child, mine, MessageBody("no"))), NotYours)
    assert isinstance(await told(ade.does(conversation.edit, child, 99, MessageBody("no"))), NotYours)
    fetched = [line for line in await child.gets() if line.number == message.number]
    assert [(line.said.text, line.edited) for line in fetched] == [("they may keep it for a year", True)]
    assert isinstance(await told(ade.does(conversation.edit, child, message.number, MessageBody("or more"))), TooLate)
    # A refused edit takes no place.
    assert (await child.handover()).changes == changed.change


async def test_an_advocate_sees_what_the_childs_page_has(here: House) -> None:
    child, ade = await talking(here)
    await ade.says(child, "hello")
    assert [line.fetched for line in await ade.reads(child) if line.writer == "advocate"] == [False]
    await child.gets()
    assert [line.fetched for line in await ade.reads(child) if line.writer == "advocate"] == [True]


@pytest.mark.faults
@pytest.mark.parametrize("new", [False, True], ids=["known to the page's process", "sent at that moment"])
async def test_whatever_the_page_got_is_what_stays_however_close_the_edit_was(
    own_url: str,
    new: bool,
) -> None:
    async with two_houses(own_url) as (one, two):
        child, ade = await talking(one)
        outcomes: Counter[str] = Counter()
        for number in range(RACES):
            before = (await child.handover()).changes
            await child.gets(before)
            if new:
                # The page looks just when the message comes, and the edit comes after both.
                looks = after(number % 8 / 1000, child.at(two).gets(before))
                message, lines = await asyncio.gather(ade.says(child, "first"), looks)
                answer = await told(ade.does(conversation.edit, child, message.number, MessageBody("second")))
            else:
                message = await ade.says(child, "first")
                first, then = (one, two) if number % 2 else (two, one)
                edits = told(ade.at(first).does(conversation.edit, child, message.number, MessageBody("second")))
                looks = child.at(then).gets(before)
                # Either is first now and then, and mostly they are as close as can be.
                answer, lines = await asyncio.gather(
                    after(0.1 if number == 0 else 0, edits), after(0.1 if number == 1 else 0, looks)
                )
            assert answer is None or isinstance(answer, TooLate)
            got = [line.said.text for line in lines if line.number == message.number]
            stays = [line.said.text for line in await one.lines(child.ref) if line.number == message.number]
            if got:
                assert got == stays
            assert (answer is None) is (stays == ["second"])
            outcomes["edited" if answer is None else "too late"] += 1
            outcomes["got" if got else "not yet"] += 1
        if not new:
            # The child's page fetches what there is: it gets the one or the other, every time.
            assert outcomes["got"] == RACES
            assert min(outcomes["edited"], outcomes["too late"]) > 0, outcomes


async def after(seconds: float, work: Awaitable[Any]) -> Any:
    """Does it a little later."""
    if seconds:
        await asyncio.sleep(seconds)
    return await work


class Page:
    """A page that follows a talk by its changes, as a stream does, and remembers what it has."""

    def __init__(self) -> None:
        self.has: dict[int, str] = {}
        self.after, self.twice = 0, 0

    def take(self, lines: list[OpenedMessage]) -> None:
        """What came since it last looked."""
        changes = [line.change for line in lines]
        assert changes == sorted(set(changes))
        assert all(change > self.after for change in changes)
        for line in lines:
            self.twice += line.number in self.has
            self.has[line.number] = line.said.text or line.kind
            self.after = line.change


@pytest.mark.faults
async def test_pages_that_follow_miss_nothing_while_both_sides_write_and_edit(own_url: str) -> None:
    async with two_houses(own_url) as (one, two):
        child, ade = await talking(one)
        childs, ades, done = Page(), Page(), asyncio.Event()

        async def child_writes(place: House, name: str) -> None:
            for number in range(EACH):
                await child.at(place).says(f"{name} {number}")

        async def ade_writes(place: House, name: str) -> None:
            for number in range(EACH):
                message = await ade.at(place).says(child, f"{name} {number}")
                if number % 2:
                    await told(
                        ade.does(conversation.edit, child, message.number, MessageBody(f"{name} {number} mended"))
                    )

        async def follow() -> None:
            while not done.is_set():
                childs.take(await child.at(two).gets(childs.after))
                ades.take(await ade.reads(child, ades.after))

        following = asyncio.create_task(follow())
        await asyncio.gather(child_writes(one, "c"), child_writes(two, "d"), ade_writes(one, "a"), ade_writes(two, "b"))
        done.set()
        await following
        childs.take(await child.gets(childs.after))
        ades.take(await ade.reads(child, ades.after))

        kept = await one.lines(child.ref)
        whole = {line.number: line.said.text or line.kind for line in kept}
        assert len(whole) == 4 * EACH + 2
        assert childs.has == ades.has == whole
        # The child's page never had a message that was then changed, so it never got one twice.
        assert childs.twice == 0
        assert [line.number for line in kept] == sorted({line.number for line in kept})
        for name in "abcd":
            mine = [text.split()[1] for text in whole.values() if text.startswith(f"{name} ")]
            assert mine == [str(number) for number in range(EACH)]


async def test_asked_twice_from_the_same_page_also_at_once_it_is_one_handover(own_url: str) -> None:
    async with two_houses(own_url) as (one, two):
        provider = await one.provider()
        for _ in range(10):
            once = secrets.token_hex(16)
            asks = [place.child(provider, "am I in trouble", once=once) for place in (one, two, one, two)]
            first, *others = await asyncio.gather(*asks)
            assert all(
                (c.ref, c.secret, c.words, c.id) == (first.ref, first.secret, first.words, first.id) for c in others
            )
            assert texts(await one.lines(first.ref)) == ["am I in trouble"]
        assert (await one.counts(provider))["asked"] == 10
        # All in the same two minutes of this clock.
        assert len(await one.rows(Letter)) == 1


async def test_the_first_ask_stays_the_first_whatever_comes_later(here: House) -> None:
    provider = await here.provider()
    ade = await here.advocate(provider)
    child = await here.child(provider)
    asked = (await child.handover()).asked_at
    here.clock.move(minutes=7)
    await child.says("hello?")
    await child.does(call_me, CALL, here.window(hours=3))
    assert (await child.handover()).state == "call-back"
    here.clock.move(minutes=7)
    await child.does(wait_here)
    await ade.arrives()
    await ade.claims(child)
    await child.does(call_me, CALL, here.window(hours=4))
    assert (await child.handover()).state == "calling"
    await ade.does(let_go, child)
    kept = await child.handover()
    assert (kept.state, kept.asked_at) == ("call-back", asked)
    assert here.handover_context.message_cipher.sent(kept).call == CALL


async def test_only_the_page_that_came_back_last_may_have_it(here: House) -> None:
    child, _ = await talking(here)
    async with here.database.begin() as session:
        await by_words(
            session, here.handover_context.message_cipher, child.words.replace("-", " ").upper(), "a new page's secret"
        )
    assert isinstance(await told(child.gets()), NotYours)
    async with here.database.begin() as session:
        found = await of_page(session, here.handover_context.message_cipher, child.ref, "a new page's secret")
        assert found.id == child.id
        with pytest.raises(NotYours):
            await by_words(session, here.handover_context.message_cipher, "abacus-abdomen-abide", "guess")


async def test_ended_or_forgotten_from_two_pages_at_once_it_is_done_once(own_url: str) -> None:
    async with two_houses(own_url) as (one, two):
        provider = await one.provider(most_open=99)
        ade = await one.advocate(provider)
        for _ in range(12):
            child = await one.child(provider, "q")
            await ade.claims(child)
            # The child presses end just as their advocate closes: it is closed, and nobody is told of an error.
            answers = await asyncio.gather(told(child.at(two).does(end)), told(ade.does(close, child, "answered")))
            assert answers[0] is None
            kept = await child.handover()
            assert (kept.closed_by, kept.outcome) in {("child", "child-left"), ("advocate", "answered")}
            assert (kept.closed_by == "advocate") is (answers[1] is None)
            gone = await asyncio.gather(child.does(forget), child.at(two).does(forget), return_exceptions=True)
            assert sum(isinstance(answer, NotYours) for answer in gone) == 1
            assert await one.kept(child.ref) is None
        counts = await one.counts(provider)
        assert counts["closed-child-left"] + counts.get("closed-answered", 0) == counts["forgotten"] == 12


async def test_the_receipt_counts_what_people_wrote_and_nothing_stays(here: House) -> None:
    child, ade = await talking(here)
    await ade.says(child, "hello")
    await child.says("delete it all please")
    receipt = await child.does(forget)
    assert (receipt.messages, receipt.concern) == (3, False)
    async with here.database.begin() as session:
        for table in (Handover, Message):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
    assert (await here.counts(ade.advocate.provider))["forgotten"] == 1


async def test_a_child_says_what_they_thought_of_it_once_and_after_the_end(here: House) -> None:
    child, ade = await talking(here)

    async def press(face: str) -> Exception | None:
        async with here.database.begin() as session:
            handover = await of_page(session, here.handover_context.message_cipher, child.ref, child.secret)
            return await told(rate(session, handover, face, here.clock()))  # type: ignore[arg-type]

    assert isinstance(await press("good"), NotNow)
    await child.does(end)
    assert await press("good") is None
    assert await press("bad") is None
    counts = await here.counts(ade.advocate.provider)
    assert {what: times for what, times in counts.items() if what.startswith("face")} == {"face-good": 1}
