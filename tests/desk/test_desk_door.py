"""The door of a force: who shuts it, what a child is told meanwhile, and that help is never shut out."""

import asyncio

import httpx
import pytest
from sqlalchemy import select

from api.records.audit import log_of
from api.records.force_availability import (
    MESSAGES,
    ForceSetting,
    close_door,
    closed_doors,
    decided,
    name_provider,
    open_door,
)
from api.records.handovers.providers import add, provider_of
from api.records.handovers.tables import Provider
from api.records.people import operator
from api.web.database import Database
from api.web.pg_listen import CHANGED, listen
from content.interface import load_interface
from content.review import NotAllowed
from tests.conftest import release_for
from tests.desk_app import DeskApp, Person
from tests.doors import doors
from tests.json_child import Child

DOOR = "/desk/northmoor/door"
WORDS = load_interface()
TOLD = WORDS["door_checking"]
DANGER = "i want to kill myself"


@pytest.fixture
async def lead(desk: DeskApp) -> Person:
    return await desk.person("northmoor", "lead", "Lee Lead")


async def shut(lead: Person, message: str = "door_checking") -> None:
    """The lead shuts the door of Northmoor."""
    assert (await lead.post(f"{DOOR}/close", message=message)).status_code == 303


@pytest.mark.parametrize("message", MESSAGES)
async def test_a_shut_door_is_a_vetted_sentence_and_the_ways_to_help(desk: DeskApp, lead: Person, message: str) -> None:
    await shut(lead, message)
    page = await desk.browser().get("/northmoor")
    assert page.status_code == 503
    assert WORDS[message] in page.text
    assert WORDS["door_heading"] in page.text
    assert WORDS["closed_body"] not in page.text
    assert "tel:999" in page.text
    assert "tel:08001111" in page.text
    assert 'value="person"' in page.text


async def test_programs_get_a_problem_that_says_why(desk: DeskApp, lead: Person) -> None:
    browser = desk.browser()
    child = Child(browser)
    await child.start()
    await shut(lead)
    answers = [
        await browser.post("/api/v1/chats", json={"force": "northmoor", "level": "easy"}),
        await browser.post("/api/v1/chats/say", json={"chat": child.token, "text": "who do you tell"}),
        await browser.post("/api/v1/chats/say", json={"chat": child.token, "card": "bodycam"}),
        await browser.get("/api/v1/forces/northmoor/cards"),
        await browser.get("/api/v1/forces/northmoor/cards/bodycam"),
    ]
    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert TOLD in answer.json()["title"]
        assert "999" in answer.json()["title"]
        assert "0800 1111" in answer.json()["title"]


async def test_the_next_message_of_a_talk_under_way_is_told_too(desk: DeskApp, lead: Person) -> None:
    browser = desk.browser()
    child = Child(browser)
    await child.start()
    await shut(lead)
    page = await browser.post("/northmoor/say", data={"chat": child.token, "text": "who do you tell"})
    assert page.status_code == 503
    assert TOLD in page.text
    fragment = await browser.post(
        "/northmoor/say", data={"chat": child.token, "text": "who do you tell"}, headers={"X-Fragment": "1"}
    )
    assert fragment.status_code == 503
    for said in (TOLD, WORDS["closed_danger"], WORDS["closed_talk"]):
        assert said in fragment.text
    assert (await browser.post("/northmoor/say", data={"chat": "too old", "text": "hello"})).status_code == 503


@pytest.mark.parametrize("token", ["of this talk", "none", "too old"])
async def test_danger_is_heard_behind_a_shut_door(desk: DeskApp, lead: Person, token: str) -> None:
    browser = desk.browser()
    child = Child(browser)
    await child.start()
    await shut(lead)
    chat = {"of this talk": child.token, "none": "", "too old": "too old"}[token]
    answer = await browser.post("/northmoor/say", data={"chat": chat, "text": DANGER}, follow_redirects=True)
    assert answer.status_code == 200
    assert "data-alarm" in answer.text
    assert TOLD not in answer.text
    assert "kill" not in str(answer.url)
    if token != "none":
        said = await browser.post("/api/v1/chats/say", json={"chat": chat, "text": DANGER})
        assert said.json()["reply"]["alarm"] == "suicide"
        assert said.json()["reply"]["card"]["layer"] == "national"


@pytest.mark.parametrize("pressed", [{"act": "person"}, {"card": "in-danger"}, {"card": "talk-to-a-person"}])
async def test_the_ways_to_help_work_behind_a_shut_door(desk: DeskApp, lead: Person, pressed: dict[str, str]) -> None:
    browser = desk.browser()
    child = Child(browser)
    await child.start()
    await shut(lead)
    page = await browser.post("/northmoor/say", data={"chat": child.token, **pressed}, follow_redirects=True)
    assert page.status_code == 200
    assert "<article" in page.text
    said = await browser.post("/api/v1/chats/say", json={"chat": child.token, **pressed})
    assert said.json()["reply"]["card"]["key"] == pressed.get("card", "talk-to-a-person")


async def test_other_doors_stay_open_and_this_one_opens_again(desk: DeskApp, lead: Person) -> None:
    browser = desk.browser()
    await shut(lead)
    for path in ("/southmere", "/kent", "/england-and-wales", "/register", "/"):
        assert (await browser.get(path)).status_code == 200, path
    assert (await lead.post(f"{DOOR}/open")).status_code == 303
    page = await browser.get("/northmoor")
    assert page.status_code == 200
    assert TOLD not in page.text
    assert (await lead.post(f"{DOOR}/open")).status_code == 409
    async with desk.database.begin() as session:
        lines = [(line.who, line.what, line.about) for line in await log_of(session, "northmoor")]
    assert lines == [("Lee Lead", "open door", ""), ("Lee Lead", "close door", "door_checking")]
    assert TOLD in (await lead.get("/desk/northmoor/log")).text


async def test_a_child_who_moves_to_a_shut_force_is_told(desk: DeskApp, lead: Person) -> None:
    await shut(lead)
    browser = desk.browser()
    found = await browser.post("/where", data={"place": "Practiceford"}, follow_redirects=True)
    assert TOLD in found.text


@pytest.mark.parametrize("message", ["", "<b>go away</b>", "closed_body", "broken_body"])
async def test_only_the_chosen_sentences_can_be_shown(desk: DeskApp, lead: Person, message: str) -> None:
    page = await lead.post(f"{DOOR}/close", message=message)
    assert page.status_code == 422
    assert 'id="fault-message"' in page.text
    assert (await desk.browser().get("/northmoor")).status_code == 200


async def test_words_put_in_behind_our_back_are_never_shown(desk: DeskApp) -> None:
    async with desk.database.begin() as session:
        row = ForceSetting(layer="northmoor", name="closed", value="<b>go away</b>", who="Charlie", at=desk.clock())
        session.add(row)
    await doors(desk.app).pack_cache.refresh()
    page: httpx.Response = await desk.browser().get("/northmoor")
    assert page.status_code == 503
    assert "go away" not in page.text
    assert any(WORDS[name] in page.text for name in MESSAGES)
    lead = await desk.person("northmoor", "lead")
    assert "go away" not in (await lead.get(DOOR)).text


@pytest.fixture
async def voices(desk: DeskApp) -> Provider:
    async with desk.database.begin() as session:
        by = operator("tests")
        return await add(session, by, "young-voices", "Young Voices (invented)", practice=True, now=desk.clock())


async def answers(desk: DeskApp, force: str | None) -> str | None:
    """Who answers for a force."""
    async with desk.database.begin() as session:
        found = await provider_of(session, force, practice=True)
    return found.slug if found else None


async def test_a_lead_shuts_their_own_door_and_names_no_advocates(
    desk: DeskApp, lead: Person, voices: Provider
) -> None:
    assert (await lead.post(f"{DOOR}/provider", provider=voices.slug)).status_code == 409
    assert await answers(desk, "northmoor") is None
    admin = await desk.person("national", "admin")
    assert (await admin.post(f"{DOOR}/provider", provider=voices.slug)).status_code == 303
    assert await answers(desk, "northmoor") == voices.slug
    assert voices.name in (await lead.get(DOOR)).text
    assert '<option value="young-voices" selected>' in (await admin.get(DOOR)).text
    assert (await admin.post(f"{DOOR}/close", message="door_mending")).status_code == 303
    assert WORDS["door_mending"] in (await desk.browser().get("/northmoor")).text
    assert (await admin.post(f"{DOOR}/provider", provider="")).status_code == 303
    assert await answers(desk, "northmoor") is None
    assert "No independent advocacy organisation is named yet" in (await lead.get(DOOR)).text


async def test_an_organisation_is_chosen_and_never_typed(desk: DeskApp, voices: Provider) -> None:
    admin = await desk.person("national", "admin")
    refused = await admin.post(f"{DOOR}/provider", provider="Friends of the Force")
    assert refused.status_code == 422
    assert "Choose one of the organisations in the list." in refused.text
    assert await answers(desk, "northmoor") is None


async def test_in_practice_no_real_force_gets_an_invented_organisation(desk: DeskApp, voices: Provider) -> None:
    admin = await desk.person("national", "admin")
    refused = await admin.post("/desk/kent/door/provider", provider=voices.slug)
    assert refused.status_code == 409
    assert "practice version" in refused.text
    assert await answers(desk, "kent") is None
    assert (await admin.get("/desk/kent/door")).status_code == 200


async def test_a_name_from_before_there_were_organisations_answers_for_nobody(desk: DeskApp, lead: Person) -> None:
    async with desk.database.begin() as session:
        session.add(ForceSetting(layer="northmoor", name="provider", value="Old Name", who="W", at=desk.clock()))
    assert await answers(desk, "northmoor") is None
    page = await lead.get(DOOR)
    assert "Nobody answers." in page.text
    assert "Old Name" in page.text


async def test_the_national_words_have_no_door_and_an_organisation(desk: DeskApp, voices: Provider) -> None:
    admin, editor = await desk.person("national", "admin"), await desk.person("national", "editor")
    page = await admin.get("/desk/national/door")
    assert page.status_code == 200
    assert "do not say where they live" in page.text
    assert "Close the door" not in page.text
    assert (await admin.post("/desk/national/door/close", message="door_checking")).status_code == 409
    assert (await desk.browser().get("/england-and-wales")).status_code == 200
    assert (await editor.post("/desk/national/door/provider", provider=voices.slug)).status_code == 409
    assert await answers(desk, None) is None
    assert (await admin.post("/desk/national/door/provider", provider=voices.slug)).status_code == 303
    assert await answers(desk, None) == voices.slug
    assert await answers(desk, "northmoor") is None


@pytest.mark.parametrize("doing", ["", "/close", "/open", "/provider"])
async def test_an_organisation_has_no_door(desk: DeskApp, voices: Provider, doing: str) -> None:
    admin = await desk.person("national", "admin")
    path = f"/desk/{voices.layer}/door{doing}"
    answer = await (admin.post(path, message="door_checking", provider=voices.slug) if doing else admin.get(path))
    assert answer.status_code == 404
    assert doors(desk.app).pack_cache.closed == {}


async def test_the_newest_decision_counts(own_database: Database, desk: DeskApp) -> None:
    by, now = operator("tests"), desk.clock()
    async with own_database.begin() as session:
        await close_door(session, by, "kent", "door_checking", now)
        await close_door(session, by, "essex", "door_mending", now)
        await close_door(session, by, "kent", "door_changing", now)
        voices = await add(session, by, "young-voices", "Young Voices", practice=False, now=now)
        forces = release_for(practice=False).forces
        await name_provider(session, by, "kent", voices, forces=forces, practice=False, now=now)
        assert await closed_doors(session) == {"kent": "door_changing", "essex": "door_mending"}
        await open_door(session, by, "kent", now)
        assert await closed_doors(session) == {"essex": "door_mending"}
        assert {name: row.value for name, row in (await decided(session, "kent")).items()} == {
            "provider": "young-voices"
        }
        with pytest.raises(NotAllowed):
            await open_door(session, by, "kent", now)
        assert len(list(await session.scalars(select(ForceSetting)))) == 5


async def test_a_shut_door_wakes_every_process(own_database: Database, desk: DeskApp) -> None:
    if own_database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite serves one process")
    heard: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def look(_said: str) -> None:
        async with own_database.begin() as session:
            await heard.put(await closed_doors(session))

    listening = asyncio.create_task(listen(own_database, {CHANGED: look}))
    try:
        async with asyncio.timeout(2):
            assert await heard.get() == {}
            async with own_database.begin() as session:
                await close_door(session, operator("tests"), "kent", "door_checking", desk.clock())
            assert await heard.get() == {"kent": "door_checking"}
            async with own_database.begin() as session:
                await open_door(session, operator("tests"), "kent", desk.clock())
            assert await heard.get() == {}
    finally:
        listening.cancel()
        await asyncio.wait([listening])
