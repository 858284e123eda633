"""A child who may be in danger, at the console: what was heard is said by its kind alone, to whoever may read it."""

import re

import pytest

from api.console.danger_view import HEARD
from api.records.handovers.tables import Provider
from content.danger import Kind
from tests.child_conversation import Stage, TalkChild
from tests.console_conversation import plain
from tests.desk_app import Person

WORDS = "my dad hits me with a quokka"


@pytest.fixture
async def on(on_both: Stage) -> Stage:
    return await on_both.cleared()


async def claimed(on: Stage, question: str, *, danger: bool) -> tuple[TalkChild, Person, str]:
    """A child, the advocate who has them, and the name of their handover."""
    child = await on.child(question, danger=danger)
    await child.open()
    advocate = await on.person_app.person(on.provider.layer, "advocate")
    await advocate.post("/console/here")
    ref = on.handle(child).ref
    assert (await advocate.post(f"/console/queue/{ref}/claim")).status_code == 303
    return child, advocate, ref


async def banner(who: Person, path: str) -> str:
    """What the banner says on a page, as it is read; "" where there is none."""
    found = re.search(r'<section class="danger-bar".*?</section>', (await who.get(path)).text, re.S)
    return plain(found[0]) if found else ""


def test_there_are_words_for_every_kind_that_the_alarm_hears() -> None:
    assert set(Kind) <= set(HEARD)


async def test_the_kind_of_what_they_wrote_is_said_and_none_of_their_words(on: Stage) -> None:
    child, advocate, ref = await claimed(on, "Who sees it?", danger=False)
    talk = f"/console/talk/{ref}"
    assert await banner(advocate, talk) == ""
    await child.say(WORDS)
    await child.say("Line two")
    for path in (talk, f"{talk}/safeguarding", f"{talk}/close", f"/console/queue/{ref}/pass-on"):
        said = await banner(advocate, path)
        assert HEARD[Kind.HARM_NOW] in said
        assert "quokka" not in said


async def test_what_rang_before_they_asked_is_not_guessed(on: Stage) -> None:
    _, advocate, ref = await claimed(on, "Who sees it?", danger=True)
    said = await banner(advocate, f"/console/talk/{ref}")
    assert "May be in danger" in said
    assert not any(words in said for words in HEARD.values())


async def test_a_record_says_it_and_the_kind_only_to_whoever_may_read_the_talk(on: Stage) -> None:
    _, advocate, ref = await claimed(on, WORDS, danger=True)
    await advocate.post(f"/console/talk/{ref}/safeguarding", reason="harm", text="What I know.")
    listed = (await advocate.get("/console/concerns")).text
    found = re.search(r'href="(/console/concerns/[^"]+)"', listed)
    assert found
    supervisor = await on.person_app.person(on.provider.layer, "supervisor")
    theirs, others = await banner(advocate, found[1]), await banner(supervisor, found[1])
    assert HEARD[Kind.HARM_NOW] in theirs
    assert "May be in danger" in others
    assert HEARD[Kind.HARM_NOW] not in others


async def test_a_lead_whose_name_ends_with_a_full_stop_is_read_out_as_one_sentence(on: Stage) -> None:
    _, advocate, ref = await claimed(on, WORDS, danger=True)
    async with on.database.begin() as session:
        provider = await session.get_one(Provider, on.provider.id)
        provider.lead = "Lena (invented). Any time."
    assert "Lena (invented). Any time ." in await banner(advocate, f"/console/talk/{ref}")
    async with on.database.begin() as session:
        (await session.get_one(Provider, on.provider.id)).lead = on.provider.lead
