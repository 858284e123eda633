"""A flood against the line to a person, over the web: no ask is refused, and no address is kept anywhere."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import select, text

from api.records.audit import log_of
from api.records.embeds import new_key
from api.records.handovers.similar_asks import SMALLEST
from api.records.handovers.tables import Handover, Provider
from api.records.people import operator
from tests.console_app import OURS, THEIRS, person, provider
from tests.console_conversation import plain
from tests.desk_app import DeskApp, Person
from tests.doors import doors
from tests.person_app import NOON, JsonChild, PageChild, PersonApp, person_app
from tests.waiting import NAME, WORDS, child, kept

PROXY = "10.0.0.2"
FLOOD = 40


@asynccontextmanager
async def behind_proxy(app: PersonApp, address: str, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at this address, as our proxy sends it on."""
    transport = httpx.ASGITransport(app.app, client=(PROXY, 1))
    sent = {"X-Forwarded-For": f"192.0.2.1, {address}", **headers}
    async with httpx.AsyncClient(transport=transport, base_url="http://know.test", headers=sent) as browser:
        yield browser


@pytest.fixture
async def app(signed_url: str) -> AsyncIterator[PersonApp]:
    async with person_app(signed_url, NOON, trusted_proxies="10.0.0.0/8") as found:
        yield found


async def origins(app: PersonApp) -> list[str | None]:
    """What is kept of where each handover was asked from, in order."""
    async with app.database.begin() as session:
        return list(await session.scalars(select(Handover.origin).order_by(Handover.id)))


async def test_pages_and_programs_of_one_network_are_one_origin_and_its_address_is_nowhere(app: PersonApp) -> None:
    await app.provider()
    async with (
        behind_proxy(app, "203.0.113.9") as one,
        behind_proxy(app, "203.0.113.200") as near,
        behind_proxy(app, "198.51.100.7") as far,
    ):
        await PageChild(one, "northmoor").ask()
        await JsonChild(near).ask(wants="here")
        await JsonChild(far).ask(wants="here")
    first, second, third = await origins(app)
    assert first == second != third
    async with app.database.begin() as session:
        rows = str((await session.execute(text("SELECT * FROM handover"))).all())
    assert not re.search(r"203\.0|198\.51|192\.0\.2|10\.0\.0", rows)


async def test_an_app_of_a_force_is_one_origin_wherever_it_asks_from(app: PersonApp) -> None:
    await app.provider()
    async with app.database.begin() as session:
        key = (await new_key(session, operator("tests"), "northmoor", app.clock())).key
    await doors(app.app).pack_cache.refresh()
    for address in ("203.0.113.9", "198.51.100.7"):
        async with behind_proxy(app, address, **{"X-Know-Key": key}) as browser:
            await JsonChild(browser).ask(wants="here")
    async with behind_proxy(app, "203.0.113.9") as browser:
        await JsonChild(browser).ask(wants="here")
    first, second, third = await origins(app)
    assert first == second != third


async def test_no_ask_is_refused_and_a_child_of_elsewhere_is_second(app: PersonApp) -> None:
    await app.provider()
    async with behind_proxy(app, "203.0.113.9") as browser:
        for _ in range(20):
            await JsonChild(browser).ask(wants="here", question="my dad is hitting me right now")
    async with behind_proxy(app, "198.51.100.7") as browser:
        real = JsonChild(browser)
        await real.ask(wants="here", question="my dad is hitting me right now")
        state = (await browser.get("/api/v1/handovers/state", headers={"Authorization": f"Bearer {real.here}"})).json()
        page = PageChild(browser, "northmoor")
        await page.back(real.words)
        assert page.page is not None
        html = (await browser.get(page.page.headers["location"])).text
    assert state["place"] == 2
    assert "You are number 2 in line." in html


async def test_many_at_once_of_one_place_keep_nobody_else_waiting_for_the_database(app: PersonApp) -> None:
    await app.provider()
    async with behind_proxy(app, "203.0.113.9") as browser, behind_proxy(app, "198.51.100.7") as elsewhere:
        flood, real = [JsonChild(browser) for _ in range(FLOOD)], JsonChild(elsewhere)
        for each in (*flood, real):
            await each.open()
        asked = [asyncio.create_task(each.send(each.body(wants="here"))) for each in (*flood, real)]
        answers = await asyncio.gather(*asked)
    assert [answer.status_code for answer in answers] == [201] * (FLOOD + 1)
    kept = await origins(app)
    alone = next(one for one in kept if kept.count(one) == 1)
    assert kept.index(alone) <= 3


class TestBeyondTheOpenPlaces:
    async def test_with_a_free_advocate_nothing_is_said_of_it(self, app: PersonApp) -> None:
        await app.advocate(await app.provider())
        page = app.child()
        await page.ask()
        assert "No advocate is free to talk right now." not in page.html
        program = app.json_child()
        assert not (await asked(program))["full"]

    async def test_with_nobody_here_the_numbers_and_a_call_are_there_at_once(self, app: PersonApp) -> None:
        await app.provider()
        await self.all_of_it(app)

    async def test_beyond_the_places_too_and_the_place_in_line_is_kept(self, app: PersonApp) -> None:
        await app.advocate(await app.provider(most_open="1"))
        first = app.json_child()
        assert not (await asked(first))["full"]
        await self.all_of_it(app, place=2)
        assert not (await state_of(first))["full"]

    async def all_of_it(self, app: PersonApp, place: int = 1) -> None:
        page = app.child()
        await page.ask()
        html = page.html
        for said in (
            "No advocate is free to talk right now. You keep your place.",
            "Call me later",
            "tel:999",
            "85258",
        ):
            assert said in html
        shown = (await page.browser.get("/northmoor/person/talk", params={"here": page.here})).text
        for said in ("No advocate is free to talk right now.", 'value="call-back"', "tel:999", "tel:08001111", "85258"):
            assert said in shown
        assert f"You are number {place} in line." in shown
        program = app.json_child()
        assert (await asked(program))["full"]
        state = await state_of(program)
        assert (state["full"], state["place"], state["state"]) == (True, place + 1, "waiting")
        assert {"Shout", "Samaritans"} <= {one["name"].split(" ")[0] for one in state["numbers"]}


async def asked(program: JsonChild) -> dict[str, object]:
    """What a program is told that has asked for a child."""
    await program.open()
    answer = (await program.send(program.body(wants="here"))).json()
    program.here = answer["here"]
    return answer


async def state_of(program: JsonChild) -> dict[str, object]:
    """Where the talk of a program stands."""
    sent = {"Authorization": f"Bearer {program.here}"}
    return (await program.browser.get("/api/v1/handovers/state", headers=sent)).json()


@pytest.fixture
async def ours(desk: DeskApp) -> Provider:
    return await provider(desk)


async def school(desk: DeskApp, ours: Provider, many: int) -> list[str]:
    """So many children of one school, the last of them in danger."""
    return [await child(desk, ours, danger=number == many - 1, origin="school") for number in range(many)]


class TestTheConsole:
    async def test_a_school_is_one_row_with_a_count_and_each_child_can_be_taken(
        self, desk: DeskApp, ours: Provider
    ) -> None:
        refs = await school(desk, ours, 30)
        ann = await person(desk, OURS, "advocate", "Ann")
        await ann.post("/console/here")
        page = (await ann.get("/console")).text
        assert "Waiting: 30" in page
        assert "29 more from the same place" in plain(page)
        # Danger is the one that is open.
        assert page.index(f'id="row-{refs[-1]}"') < page.index("<summary>")
        assert all(f"/console/queue/{ref}/claim" in page for ref in refs)
        assert WORDS not in page
        assert NAME not in page
        assert (await ann.post(f"/console/queue/{refs[7]}/claim")).status_code == 303
        assert "28 more from the same place" in plain((await ann.get("/console")).text)

    async def test_two_of_one_home_stand_as_they_are(self, desk: DeskApp, ours: Provider) -> None:
        await school(desk, ours, SMALLEST - 1)
        ann = await person(desk, OURS)
        assert "from the same place" not in (await ann.get("/console")).text

    async def test_those_hours_apart_are_not_alike(self, desk: DeskApp, ours: Provider) -> None:
        await school(desk, ours, 3)
        desk.clock.move(minutes=11)
        await child(desk, ours, danger=True, origin="school")
        ann = await person(desk, OURS)
        assert "2 more from the same place" in plain((await ann.get("/console")).text)

    async def test_of_a_flood_the_page_holds_some_and_the_groups_own_page_more(
        self, desk: DeskApp, ours: Provider
    ) -> None:
        refs = await school(desk, ours, 60)
        ann = await person(desk, OURS)
        page = (await ann.get("/console")).text
        assert page.count("Has waited") == 41
        assert f"/console/queue/{refs[-1]}/alike" in page
        assert (await ann.get(f"/console/queue/{refs[-1]}/alike")).text.count("Has waited") == 60

    async def test_closing_takes_two_and_the_page_says_why(self, desk: DeskApp, ours: Provider) -> None:
        refs = await school(desk, ours, 4)
        ann, ben = [await person(desk, OURS, "advocate", name) for name in ("Ann", "Ben")]
        proposed = await ann.post(f"/console/queue/{refs[0]}/alike", newest=refs[-1])
        address = proposed.headers["location"]
        own = await ann.get(address)
        assert "A colleague must look" in own.text
        assert f"{address}/confirm" not in own.text
        refused = await ann.post(f"{address}/confirm")
        assert refused.status_code == 409
        assert "It takes a colleague to close them." in plain(refused.text)
        assert "Ann proposes to close 4 together." in plain((await ben.get("/console")).text)
        assert (await kept(desk, refs[0])).state == "waiting"
        assert (await ben.post(f"{address}/confirm")).status_code == 303
        assert (await kept(desk, refs[0])).state == "closed"
        assert "Ben closed 4 together" in plain((await ann.get("/console")).text)
        assert (await ann.post(f"{address}/undo")).status_code == 303
        assert (await kept(desk, refs[0])).state == "waiting"
        undone = plain((await ben.get(address)).text)
        assert "It was undone" in undone
        assert "Ben closed them together" in undone
        async with desk.database.begin() as session:
            told = [(row.who, row.what) for row in await log_of(session, ours.layer) if "together" in row.what]
        assert told == [("Ben", "close 4 together"), ("Ann", "propose to close 4 together")]

    async def test_charlie_finds_nothing(self, desk: DeskApp, ours: Provider) -> None:
        await provider(desk, THEIRS, ())
        refs, charlie = await school(desk, ours, 4), await person(desk, THEIRS, "supervisor", "Charlie")
        ann = await person(desk, OURS)
        address = (await ann.post(f"/console/queue/{refs[0]}/alike", newest=refs[-1])).headers["location"]
        before = (await charlie.get("/console")).text
        assert "together" not in before
        for path in (f"/console/queue/{refs[0]}/alike", address):
            assert (await charlie.get(path)).status_code == 404
        for path in (
            f"/console/queue/{refs[0]}/alike",
            *(f"{address}/{act}" for act in ("confirm", "give-up", "undo")),
        ):
            assert (await charlie.post(path, newest=refs[-1])).status_code == 404
        assert (await kept(desk, refs[0])).state == "waiting"
        assert (await nobody(charlie).get(address)).status_code in (303, 401)


class TestCallBacks:
    async def test_a_flood_of_calls_is_folded_below_those_of_everybody_else(
        self, desk: DeskApp, ours: Provider
    ) -> None:
        flood = [await child(desk, ours, "call-back", danger=number > 5, origin="flood") for number in range(50)]
        desk.clock.move(minutes=1)
        real = [await child(desk, ours, "call-back", danger=True, origin=f"home {number}") for number in range(5)]
        ann = await person(desk, OURS)
        await ann.post("/console/here")
        page = (await ann.get("/console/calls")).text
        assert "Open call-backs: 55" in page
        assert "47 more from places that asked for many calls. 41 may be in danger." in plain(page).replace(" .", ".")
        assert all(page.index(f"claim-{ref}") < page.index("<summary>") for ref in real)
        # Of the flood those in danger are listed first, and the next comes up once one is taken.
        assert page.index(f"claim-{flood[6]}") < page.index("<summary>") < page.index(f"claim-{flood[9]}")
        await ann.post(f"/console/queue/{flood[6]}/claim")
        page = (await ann.get("/console/calls")).text
        assert page.index(f"claim-{flood[9]}") < page.index("<summary>")


def nobody(charlie: Person) -> httpx.AsyncClient:
    """A browser in which nobody is signed in."""
    charlie.browser.cookies.clear()
    return charlie.browser
