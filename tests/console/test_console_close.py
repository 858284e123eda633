"""Closing a talk, or giving it away: first what the child will see, then it is done."""

import pytest

from api.records.handovers.end_handover import end
from api.records.handovers.tables import Provider
from tests.console_app import OURS, person, provider
from tests.console_conversation import found, plain
from tests.desk_app import DeskApp, Person
from tests.doors import doors
from tests.waiting import WORDS, child, handover_context, kept, takes


@pytest.fixture
async def ours(desk: DeskApp) -> Provider:
    return await provider(desk, keep_days="9")


@pytest.fixture
async def talk(desk: DeskApp, ours: Provider, ann: Person) -> str:
    ref = await child(desk, ours)
    await takes(ann, ref)
    return ref


async def test_first_what_the_child_will_see_and_nothing_is_done(desk: DeskApp, ann: Person, talk: str) -> None:
    ben = await person(desk, OURS, "advocate", "Ben")
    await ben.post("/console/here")
    page = await ann.get(f"/console/talk/{talk}/close")
    text = plain(page.text)
    pack = doors(desk.app).pack_cache.pack("northmoor")
    for key in ("person-closed", "person-not-reached"):
        signed = pack.card(key, doors(desk.app).pack_cache.today())
        assert signed.words.levels["simple"].bubbles[0].text[:40] in text
    assert "Ben is here now. The advocate from before has gone." in text
    assert "The advocate had to go. You keep your place." in text
    assert f'action="/console/queue/{talk}/pass-on"' in page.text
    assert f'action="/console/queue/{talk}/let-go"' in page.text
    assert (await kept(desk, talk)).state == "talking"


@pytest.mark.parametrize("outcome", ["answered", "passed-on", "not-reached"])
async def test_closed_with_an_outcome(desk: DeskApp, ann: Person, talk: str, outcome: str) -> None:
    answer = await ann.post(f"/console/talk/{talk}/close", outcome=outcome)
    assert answer.status_code == 303
    handover = await kept(desk, talk)
    assert (handover.state, handover.outcome, handover.closed_by) == ("closed", outcome, "advocate")
    assert handover.purge_at
    assert (handover.purge_at - desk.clock()).days == 9
    assert "This talk is over." in (await ann.get(answer.headers["location"])).text


@pytest.mark.parametrize("outcome", ["", "child-left", "no-answer", "nonsense"])
async def test_not_without_one_of_these(desk: DeskApp, ann: Person, talk: str, outcome: str) -> None:
    answer = await ann.post(f"/console/talk/{talk}/close", outcome=outcome)
    assert answer.status_code == 422
    assert "Choose how it ended." in answer.text
    assert (await kept(desk, talk)).state == "talking"


async def test_only_by_whoever_has_it(desk: DeskApp, ann: Person, talk: str) -> None:
    sue, ben = await person(desk, OURS, "supervisor", "Sue"), await person(desk, OURS, "advocate", "Ben")
    await sue.post(f"/console/queue/{talk}/watch")
    for who in (sue, ben):
        answer = await who.post(f"/console/talk/{talk}/close", outcome="answered")
        assert answer.status_code == 409
        assert "The talk is not with you any more. Nothing was changed." in answer.text
    assert "<h1>Close" not in (await sue.get(f"/console/talk/{talk}/close")).text
    assert (await kept(desk, talk)).state == "talking"
    assert WORDS not in (await ben.get(f"/console/talk/{talk}/close")).text


async def test_closed_meanwhile(desk: DeskApp, ann: Person, talk: str) -> None:
    async with desk.database.begin() as session:
        await end(session, handover_context(desk), await found(session, talk), desk.clock())
    answer = await ann.post(f"/console/talk/{talk}/close", outcome="answered")
    assert answer.status_code == 409
    assert "It is over" in answer.text
    assert (await kept(desk, talk)).outcome == "child-left"
    assert "This talk is over." in (await ann.get(f"/console/talk/{talk}/close")).text
