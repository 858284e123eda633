"""When a child may not be safe: what the advocate is told to do, and a record of concern that is kept apart."""

import pytest
from sqlalchemy import select

from api.records.handovers.end_handover import end, forget
from api.records.handovers.tables import Concern, Provider
from tests.console_app import OURS, person, provider
from tests.console_conversation import found, plain
from tests.desk_app import DeskApp, Person
from tests.waiting import WORDS, child, handover_context, takes

PLANTED = "the tapir sings at noon"


@pytest.fixture
async def ours(desk: DeskApp) -> Provider:
    return await provider(desk, lead="Lena, extension 12 (invented)", keep_concern_days="400")


@pytest.fixture
async def page(desk: DeskApp, ours: Provider, ann: Person) -> str:
    """The address of the panel, for a talk that Ann has."""
    ref = await child(desk, ours)
    await takes(ann, ref)
    return f"/console/talk/{ref}/safeguarding"


async def concerns(desk: DeskApp) -> list[Concern]:
    async with desk.database.begin() as session:
        return list(await session.scalars(select(Concern)))


async def test_what_to_do_is_said_in_order_and_the_child_is_told_first(ann: Person, page: str) -> None:
    text = plain((await ann.get(page)).text)
    in_order = (
        "In danger now? Ring 999",
        "Stay with the child.",
        "Do not ask what happened",
        "Never promise to keep a secret.",
        "Ring the person below.",
        "Tell the child before you tell others:",
        "Record it",
        "Lena, extension 12 (invented)",
        "0808 800 5000",
    )
    places = [text.index(words) for words in in_order]
    assert places == sorted(places)


async def test_a_record_is_kept_sealed_apart_and_for_its_own_time(desk: DeskApp, ann: Person, page: str) -> None:
    answer = await ann.post(page, reason="harm", text=f" {PLANTED}\r\nand more ")
    assert answer.status_code == 303
    assert "Recorded." in (await ann.get(answer.headers["location"])).text
    kept = (await concerns(desk))[0]
    assert (kept.reason, kept.account_id) == ("harm", ann.account.id)
    assert (kept.keep_until - kept.at).days == 400
    assert "tapir" not in kept.sealed
    assert handover_context(desk).message_cipher.concerned(kept) == f"{PLANTED}\nand more"


async def test_pressed_twice_it_is_one_record_and_later_it_is_another(desk: DeskApp, ann: Person, page: str) -> None:
    for _ in range(2):
        assert (await ann.post(page, reason="harm", text=PLANTED)).status_code == 303
    assert len(await concerns(desk)) == 1
    desk.clock.move(minutes=2)
    await ann.post(page, reason="harm", text=PLANTED)
    assert len(await concerns(desk)) == 2


async def test_it_outlives_the_talk_and_the_page_says_so(desk: DeskApp, ann: Person, page: str) -> None:
    assert "kept apart from the talk" in (await ann.get(page)).text
    await ann.post(page, reason="harm", text=PLANTED)
    async with desk.database.begin() as session:
        receipt = await forget(session, handover_context(desk), await found(session, page.split("/")[3]), desk.clock())
    assert receipt.concern
    assert len(await concerns(desk)) == 1


@pytest.mark.parametrize(
    ("reason", "text", "told"),
    [
        ("", PLANTED, "Choose what it is about."),
        ("nonsense", PLANTED, "Choose what it is about."),
        ("harm", " ", "Write what you know and what was done."),
        ("harm", "x" * 10_001, "It has 10,001 letters; at most 10,000 are kept."),
    ],
)
async def test_what_is_missing_is_said_and_what_was_typed_stays(
    desk: DeskApp, ann: Person, page: str, reason: str, text: str, told: str
) -> None:
    answer = await ann.post(page, reason=reason, text=text)
    assert answer.status_code == 422
    assert told in answer.text
    assert f">{text.strip()}</textarea>" in answer.text
    assert await concerns(desk) == []


async def test_after_the_talk_has_ended_it_can_still_be_recorded(desk: DeskApp, ann: Person, page: str) -> None:
    async with desk.database.begin() as session:
        await end(session, handover_context(desk), await found(session, page.split("/")[3]), desk.clock())
    assert (await ann.post(page, reason="harm", text=PLANTED)).status_code == 303


async def test_a_colleague_who_may_not_read_the_talk_records_nothing(desk: DeskApp, ann: Person, page: str) -> None:
    ben = await person(desk, OURS, "advocate", "Ben")
    opened = await ben.get(page)
    assert "This talk is with Ann" in opened.text
    assert WORDS not in opened.text
    answer = await ben.post(page, reason="harm", text=PLANTED)
    assert answer.status_code == 409
    assert PLANTED in answer.text, "what they typed is theirs to copy"
    assert await concerns(desk) == []


async def test_a_supervisor_who_watches_may_record(desk: DeskApp, ann: Person, page: str) -> None:
    sue = await person(desk, OURS, "supervisor", "Sue")
    await sue.post(f"/console/queue/{page.split('/')[3]}/watch")
    assert (await sue.post(page, reason="danger-now", text=PLANTED)).status_code == 303
    assert [one.account_id for one in await concerns(desk)] == [sue.account.id]
