"""The stream of an open page: none lost, none twice, in order, over cuts, lost bells, edits and a database away."""

import asyncio
import json
import random
import re

import pytest
from sqlalchemy import text

from api.web.database import Database
from tests.child_conversation import Adult, Stage, TalkChild
from tests.conftest import settings_for
from tests.events import Event, Stream, stream


@pytest.fixture
async def sam(on: Stage) -> Adult:
    """An advocate."""
    return await on.adult()


def words(event: Event) -> str:
    """A line in its words alone."""
    found = re.search(r'class="happened"[^>]*>(.*?)</p>|<div class="line-words">.*?<p[^>]*>(.*?)</p>', event.data, re.S)
    assert found, event.data
    return found[1] or found[2]


async def talking(on: Stage, sam: Adult, question: str = "") -> TalkChild:
    child = await on.child(question)
    await sam.claim()
    return child


async def lines(heard: Stream, count: int) -> list[Event]:
    """The next so many lines."""
    return [await heard.next("line") for _ in range(count)]


async def test_all_since_the_page_was_opened_comes_at_once_and_then_whatever_is_said(on: Stage, sam: Adult) -> None:
    child = await talking(on, sam, "asked before")
    async with on.listen(child, after=1) as heard:
        assert words(await heard.next("line")) == "Sam is here now."
        await sam.say("hello")
        await child.open()
        await child.say("hi there")
        new = await lines(heard, 2)
        assert [words(event) for event in new] == ["hello", "hi there"]
        assert [event.id for event in new] == ["3", "4"]
        assert "asked before" not in str(new)
        assert 'class="said person-said"' in new[1].data
        assert "Sent" in new[1].data


async def test_the_headers_keep_a_stream_unread_by_others_and_unbuffered(one: Stage) -> None:
    child = await one.child()
    async with one.listen(child, accept_encoding="gzip") as heard:
        await heard.next("looked")
        assert heard.status == 200
        assert heard.headers["content-type"].startswith("text/event-stream")
        assert heard.headers["x-accel-buffering"] == "no"
        assert "no-store" in heard.headers["cache-control"]
        assert "content-encoding" not in heard.headers
        assert heard.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in heard.headers["content-security-policy"]


async def test_the_standing_comes_with_every_change_and_only_then(on: Stage) -> None:
    sam, jo, child = await on.adult(), await on.adult("Jo", "supervisor"), await on.child()
    async with on.listen(child) as heard:
        first = (await heard.next("status")).data
        assert "Nobody is reading yet." in first
        assert 'data-state="waiting"' in first
        assert 'name="read"' in first
        await sam.claim()
        claimed = (await heard.next("status")).data
        assert "An advocate called Sam from Moor Voices (invented) is reading." in claimed
        assert 'name="read"' not in claimed
        await jo.watch()
        assert "Sam and a manager called Jo are reading." in (await heard.next("status")).data
        await sam.let_go()
        waiting = (await heard.next("status")).data
        assert "You are number 1 in line." in waiting
        assert "A manager called Jo" in waiting


async def test_the_place_in_line_moves_up(on: Stage) -> None:
    on.person_app.look_every(seconds=0.1)
    first = await on.child()
    second = await on.child()
    async with on.listen(second) as heard:
        assert "You are number 2 in line." in (await heard.next("status")).data
        await first.open()
        await first.press("act", "end")
        assert "You are number 1 in line." in (await heard.next("status")).data
        on.clock.move(minutes=2)
        assert "We are still looking" in (await heard.next("status")).data


async def test_a_bell_that_nobody_heard_loses_nothing(on: Stage, sam: Adult, monkeypatch: pytest.MonkeyPatch) -> None:
    on.person_app.look_every(seconds=0.2)
    child = await talking(on, sam)
    async with on.listen(child, after=1) as heard:
        await heard.next("looked")
        # Another process said it, and its ring was lost on the way.
        monkeypatch.setattr(on.handover_context.pubsub, "ring", lambda _bell: None)
        await sam.say("did you hear")
        assert words(await heard.next("line")) == "did you hear"


async def test_what_is_said_between_opening_and_listening_is_not_lost(on: Stage, sam: Adult) -> None:
    child = await talking(on, sam)
    await child.open()
    after = int(child.form.values["after"])
    await sam.say("between")
    async with on.listen(child, after=after) as heard:
        assert words(await heard.next("line")) == "between"


async def test_after_a_cut_it_goes_on_from_the_last_that_was_heard(on: Stage, sam: Adult) -> None:
    child = await talking(on, sam)
    async with on.listen(child) as heard:
        assert words(await heard.next("line")) == "Sam is here now."
        await sam.say("one")
        last = (await heard.next("line")).id
    for number in ("two", "three"):
        await sam.say(number)
    # The header of the browser wins over what stands in the address.
    async with on.listen(child, after=0, last_event_id=last) as heard:
        assert [words(event) for event in await lines(heard, 2)] == ["two", "three"]
        await heard.next("looked")


@pytest.mark.parametrize("seed", range(4))
async def test_over_many_cuts_none_is_lost_none_doubled_and_the_order_is_kept(on: Stage, sam: Adult, seed: int) -> None:
    child, dice = await talking(on, sam), random.Random(seed)  # noqa: S311
    await child.open()
    got: dict[int, str] = {}
    order: list[int] = []
    last, said = 1, [f"line {turn}" for turn in range(20)]

    async def both_sides() -> None:
        for turn, line in enumerate(said):
            if turn % 2:
                await sam.say(line)
            else:
                await child.post("say", {**child.form.values, "client_id": line, "text": line})
            await asyncio.sleep(dice.random() * 0.01)

    async def page() -> None:
        nonlocal last
        while len(got) < len(said):
            async with on.listen(child, after=last) as heard:
                for _ in range(dice.randint(1, 6)):
                    if len(got) == len(said):
                        break
                    event = await heard.next("line")
                    assert int(event.id) > last, "a line came twice"
                    last = int(event.id)
                    order.append(last)
                    got[last] = words(event)

    await asyncio.gather(both_sides(), page())
    assert order == sorted(order)
    assert [got[change] for change in order] == said


async def test_an_edit_comes_once_in_its_new_words(on: Stage, sam: Adult) -> None:
    child = await talking(on, sam)
    wrong, after = await sam.say("wrong"), await sam.say("after it")
    await sam.edit(wrong.number, "right")
    async with on.listen(child, after=1) as heard:
        new = await lines(heard, 2)
        assert [words(event) for event in new] == ["after it", "right"]
        # By changes, so that a cut between the two loses neither.
        assert [int(event.id) for event in new] == [after.change, after.change + 1]
        assert f'data-number="{wrong.number}"' in new[1].data
    async with on.listen(child, last_event_id=new[0].id) as heard:
        assert words(await heard.next("line")) == "right"


async def test_several_tabs_hear_the_same(on: Stage, sam: Adult) -> None:
    child = await talking(on, sam)
    async with on.listen(child) as one_tab, on.listen(child) as other_tab:
        await lines(one_tab, 1)
        await lines(other_tab, 1)
        await sam.say("to all")
        for tab in (one_tab, other_tab):
            assert words(await tab.next("line")) == "to all"


async def test_a_level_shows_lines_at_that_level(on: Stage, sam: Adult) -> None:
    child = await talking(on, sam)
    await sam.say("You are on bail.")
    found = []
    for level in ("standard", "easy"):
        address = f"/northmoor/person/stream?here={child.here}&after=1&level={level}"
        async with stream(on.app, address) as heard:
            found.append((await heard.next("line")).data)
    assert "Hard words" in found[0]
    assert found[0] != found[1]


async def test_a_new_handle_comes_at_once_and_every_ten_minutes(on: Stage) -> None:
    on.person_app.look_every(seconds=0.05)
    child = await on.child()
    async with on.listen(child) as heard:
        first = (await heard.next("handle")).data
        assert first != child.here
        on.clock.move(minutes=9)
        for _ in range(2):
            await heard.next("looked")
        on.clock.move(minutes=1)
        second = (await heard.next("handle")).data
        assert second not in (first, child.here)
        # Open for hours, the page never sleeps: its last handle is never old.
        for _ in range(6):
            on.clock.move(minutes=10)
            child.first = (await heard.next("handle")).data
        assert (await child.open()).status_code == 200


@pytest.mark.parametrize("here", ["", "nonsense"])
async def test_a_stale_handle_ends_the_stream_and_says_so(one: Stage, here: str) -> None:
    child = await one.child("zebrafish")
    child.first = here
    async with one.listen(child) as heard:
        assert await heard.end() == ["stale"]
    assert (await child.browser.get(f"/narnia/person/stream?here={here}")).status_code == 404


async def test_leaving_in_one_tab_ends_the_stream_of_every_other(on: Stage) -> None:
    child = await on.child()
    async with on.listen(child) as heard:
        await heard.next("looked")
        await child.browser.post("/leave", data={"here": child.here})
        assert "stale" in await heard.end()


async def test_coming_back_elsewhere_ends_the_stream_here(on: Stage) -> None:
    child = await on.child()
    async with on.listen(child) as heard:
        await heard.next("looked")
        await child.browser.post("/northmoor/person/back", data={"words": child.words})
        # It looks by itself within seconds; a ring brings that forward.
        on.handover_context.pubsub.ring(f"talk {(await on.handover()).id}")
        assert "stale" in await heard.end()


async def test_closed_it_sends_the_closing_card_and_ends(on: Stage, sam: Adult) -> None:
    child = await talking(on, sam)
    async with on.listen(child) as heard:
        await heard.next("looked")
        await sam.close()
        closing = (await heard.next("status")).data
        assert "The advocate has ended this talk." in closing
        assert 'data-state="closed"' in closing
        assert 'name="face"' in closing
        assert (await heard.end())[-1] == "closed"
    async with on.listen(child) as heard:
        assert (await heard.end())[-1] == "closed"


async def test_words_forgotten_end_every_stream(on: Stage) -> None:
    child = await on.child("zebrafish")
    async with on.listen(child, after=1) as heard:
        await heard.next("looked")
        await child.open()
        await child.do(act="forget")
        assert (await heard.end())[-1] == "stale"


async def test_away_it_says_so_once_and_goes_on_when_the_database_is_back(
    on: Stage, sam: Adult, monkeypatch: pytest.MonkeyPatch
) -> None:
    on.person_app.look_every(seconds=0.05, again=0.05)
    child = await talking(on, sam)
    dead = Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
    alive = on.database.begin
    async with on.listen(child, after=1) as heard:
        await heard.next("looked")
        monkeypatch.setattr(on.database, "begin", dead.begin)
        await heard.next("away")
        await asyncio.sleep(0.3)
        monkeypatch.setattr(on.database, "begin", alive)
        await sam.say("still here")
        # It may look once more before the message is there, and is then heard to be back first.
        after = {event.name: event for event in [await heard.next("away", "line", "status") for _ in range(2)]}
        assert after.keys() == {"line", "status"}
        assert words(after["line"]) == "still here"
    await dead.close()


async def test_away_from_the_start_it_says_so_and_then_begins(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    on.person_app.look_every(again=0.05)
    child = await on.child()
    dead = Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
    with monkeypatch.context() as away:
        away.setattr(on.database, "begin", dead.begin)
        async with on.listen(child) as heard:
            await heard.next("away")
            away.undo()
            assert "Nobody is reading yet." in (await heard.next("status")).data
    await dead.close()


async def test_a_quiet_stream_holds_no_connection(on: Stage) -> None:
    child = await on.child()
    async with on.listen(child) as heard, on.listen(child) as other:
        for tab in (heard, other):
            await tab.next("handle")
        # Quiet for a tenth of a second in a row: a busy machine may still be in the middle of a first look.
        quiet = 0
        async with asyncio.timeout(10):
            while quiet < 5:
                await asyncio.sleep(0.02)
                quiet = 0 if on.database.engine.pool.checkedout() else quiet + 1  # type: ignore[attr-defined]


async def test_a_page_that_is_gone_waits_for_no_bell_any_more(on: Stage) -> None:
    child = await on.child()
    async with on.listen(child) as heard:
        await heard.next("looked")
        assert on.handover_context.pubsub._waiting
    assert not on.handover_context.pubsub._waiting


async def test_an_open_page_is_noted_now_and_then(on: Stage) -> None:
    on.person_app.look_every(seconds=0.05)
    child = await on.child()
    begun = on.clock()
    async with on.listen(child) as heard:
        await heard.next("looked")
        on.clock.move(seconds=10)
        for _ in range(3):
            await heard.next("looked")
        assert (await on.handover()).seen_at == begun
        on.clock.move(seconds=50)
        for _ in range(3):
            await heard.next("looked")
        assert (await on.handover()).seen_at == on.clock()


async def test_programs_hear_the_same_as_json(on: Stage, sam: Adult) -> None:
    child = await on.child("asked before")
    address = "/api/v1/handovers/events?after=1&level=easy"
    async with stream(on.app, address, authorization=f"Bearer {child.here}") as heard:
        state = json.loads((await heard.next("status")).data)
        assert (state["state"], state["place"]) == ("waiting", 1)
        assert json.loads((await heard.next("handle")).data)["here"]
        await sam.claim()
        await sam.say("On bail.")
        claimed, said = await lines(heard, 2)
        assert json.loads(claimed.data)["text"] == "Sam is here now."
        assert (json.loads(said.data)["who"], json.loads(said.data)["text"]) == ("Sam", "On bail.")
    await sam.say("more")
    head = {"authorization": f"Bearer {child.here}", "last_event_id": said.id}
    async with stream(on.app, address, **head) as heard:
        assert json.loads((await heard.next("line")).data)["text"] == "more"
        await sam.close()
        assert (await heard.end())[-1] == "closed"
    async with on.database.begin() as session:
        assert (
            await session.scalar(text("SELECT count(*) FROM message WHERE fetched_at IS NULL AND writer <> 'child'"))
            <= 1
        )
