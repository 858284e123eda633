"""What a list of handovers shows beside each, on both databases."""

from collections.abc import AsyncIterator

import pytest

from api.records.handovers.call_backs import attempt
from api.records.handovers.claims import unwatch, watch
from api.records.handovers.queue_overview import not_answered, tries, watched_by
from tests.handover_app import House, house


@pytest.fixture
async def home(own_url: str) -> AsyncIterator[House]:
    async with house(own_url) as found:
        yield found


async def test_what_a_child_wrote_since_an_advocate_last_did(home: House) -> None:
    provider = await home.provider()
    ann = await home.advocate(provider, "Ann")
    quiet, loud, answered = [await home.child(provider, question) for question in ("", "one", "one")]
    for child in (quiet, loud, answered):
        await ann.claims(child)
    await loud.says("two")
    await ann.says(answered, "Hello.")
    await answered.says("three")
    handovers = [await child.handover() for child in (quiet, loud, answered)]
    async with home.database.begin() as session:
        assert await not_answered(session, handovers) == {loud.id: 2, answered.id: 1}
        assert await not_answered(session, handovers[:1]) == {}
        assert await not_answered(session, []) == {}


async def test_how_often_somebody_tried_to_call(home: House) -> None:
    provider = await home.provider()
    ann = await home.advocate(provider, "Ann")
    called, other = [await home.child(provider, wants="call-back") for _ in range(2)]
    for child in (called, other):
        await ann.claims(child)
    for outcome in ("no-answer", "not-safe"):
        await ann.does(attempt, called, outcome, None)
    async with home.database.begin() as session:
        assert await tries(session, [await called.handover(), await other.handover()]) == {called.id: 2}
        assert await tries(session, []) == {}


async def test_what_a_supervisor_watches_now(home: House) -> None:
    provider = await home.provider()
    ann, sue = await home.advocate(provider, "Ann"), await home.advocate(provider, "Sue", supervisor=True)
    first, second = await home.child(provider), await home.child(provider)
    for child in (first, second):
        await ann.claims(child)
        await sue.does(watch, child)
    await sue.does(unwatch, first)
    async with home.database.begin() as session:
        assert await watched_by(session, sue.id) == {second.id}
        assert await watched_by(session, ann.id) == set()
