"""Words past their date: help stays and the door stays open, answers are being checked, and the lead is told."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest

from api.chat.sounds import Sounds
from content.signoff import NATIONAL
from tests.console_conversation import plain
from tests.doors import doors
from tests.json_child import Child
from tests.person_app import NOON, PersonApp

CRY = "my dad hits me"
DAYS = (1, 200, 800)
CHECKED = "This page is being checked"
FORCES = ("northmoor", "kent", "england-and-wales")


@pytest.fixture(params=DAYS)
def days(request: pytest.FixtureRequest, one_app: PersonApp) -> Iterator[int]:
    """So many days after everything was signed in one sitting."""
    pack_cache = doors(one_app.app).pack_cache
    before = pack_cache.today
    pack_cache.today = lambda: date.today() + timedelta(days=request.param)
    yield request.param
    pack_cache.today = before


@pytest.fixture
async def browser(one_app: PersonApp, days: int) -> AsyncIterator[httpx.AsyncClient]:
    """A child's browser on that day."""
    async with one_app.browser() as found:
        found.follow_redirects = True
        yield found


@pytest.mark.parametrize("force", FORCES)
async def test_every_page_opens_with_help(browser: httpx.AsyncClient, force: str) -> None:
    for path in (
        "",
        "?card=bodycam",
        "?situation=harmed",
        "?card=not-a-card",
        "/journey",
        "/journey/hurt",
        "/questions",
        "/deck",
        "/deck/show?cards=bodycam",
        "/posters",
        "/poster",
        "/sheet?cards=bodycam",
        "/person",
    ):
        page = await browser.get(f"/{force}{path}")
        assert page.status_code == 200, path
        assert "tel:999" in page.text or "Talk to a person" in plain(page.text), path


@pytest.mark.parametrize("force", ["police-scotland", "psni"])
async def test_outside_england_and_wales_the_way_to_help_stands(browser: httpx.AsyncClient, force: str) -> None:
    page = await browser.get(f"/{force}")
    assert page.status_code == 200
    assert CHECKED not in page.text
    assert "tel:08001111" in page.text


@pytest.mark.parametrize(
    "path", ["/", "/alongside", "/alongside/guide", "/register", "/register/kent", "/safety", "/join", "/passport"]
)
async def test_the_pages_beside_the_talk_open(browser: httpx.AsyncClient, path: str) -> None:
    assert (await browser.get(path)).status_code == 200


async def test_the_program_says_that_it_is_ready(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/readyz")).status_code == 200


@pytest.mark.parametrize("away", [False, True])
async def test_a_cry_gets_the_alarm_card_whole(
    browser: httpx.AsyncClient, one_app: PersonApp, days: int, *, away: bool
) -> None:
    doors(one_app.app).chat.helper.listener.brain.away = away
    for force in FORCES:
        page = await browser.post(f"/{force}/say", data={"text": CRY})
        assert page.status_code == 200
        assert 'data-alarm="harm-now"' in page.text
        assert "Thank you for telling me." in page.text
        assert "tel:999" in page.text
        assert "999 BSL" in page.text
        assert "tel:08001111" in page.text
        # Victim Support was checked on 1 July 2026: within a year it stands, past it 999 and Childline alone do.
        assert ("Victim Support" in page.text) == (days < 800)
    for data in ({"text": CRY}, {"card": "in-danger"}, {"act": "person"}):
        part = await browser.post("/northmoor/say", data=data, headers={"X-Fragment": "1"})
        assert part.status_code == 200
        assert "Childline" in part.text
    doors(one_app.app).chat.helper.listener.brain.away = False


async def test_programs_of_others_get_the_same(browser: httpx.AsyncClient, days: int) -> None:
    child = Child(browser)
    await child.start("northmoor")
    reply = await child.say(CRY)
    assert (reply["kind"], reply["alarm"], reply["card"]["key"]) == ("alarm", "harm-now", "alarm-harm-now")
    assert reply["card"]["stays"] is True
    said = " ".join(bubble["text"] for bubble in reply["card"]["bubbles"])
    assert ("Victim Support" in said) == (days < 800)
    for must in ("999", "0800 1111"):
        assert must in said
    assert (await child.press("bodycam"))["card"]["key"] == ("being-checked" if days == 800 else "bodycam")
    listed = {one["key"] for one in (await browser.get("/api/v1/forces/northmoor/cards")).json()}
    assert {"in-danger", "talk-to-a-person", "not-sure"} <= listed
    assert ("bodycam" in listed) == (days < 800)
    card = (await browser.get("/api/v1/forces/northmoor/cards/alarm-harm-now?level=easy")).json()
    assert ("Victim Support" in str(card["bubbles"])) == (days < 800)
    assert card["signoff"]["signed_by_post"]


async def test_it_is_read_aloud_as_it_is_shown(
    browser: httpx.AsyncClient, one_app: PersonApp, days: int, tmp_path: Path
) -> None:
    chat_door = doors(one_app.app).chat
    # The page's own device reads: which sentences, is what is asked here.
    doors(one_app.app).chat = replace(chat_door, sounds=Sounds(tmp_path, None))
    reading = (await browser.get("/sound/northmoor/alarm-harm-now/easy.json")).json()
    said = " ".join(sentence["said"] for sentence in reading["sentences"])
    assert "Childline" in said
    assert ("Victim Support" in said) == (days < 800)
    doors(one_app.app).chat = chat_door


async def test_a_worker_alongside_and_a_frame_of_another_site_get_the_same(browser: httpx.AsyncClient) -> None:
    for asked in ("mode=alongside", "within=widget", "reading=easy"):
        page = await browser.post(f"/northmoor/say?{asked}", data={"text": CRY})
        assert page.status_code == 200
        assert 'data-alarm="harm-now"' in page.text


async def test_answers_about_the_law_are_being_checked_and_a_person_is_offered(
    browser: httpx.AsyncClient, days: int
) -> None:
    page = await browser.post("/kent/say", data={"card": "bodycam"})
    assert (CHECKED in page.text) == (days == 800)
    assert 'value="talk-to-a-person"' in page.text or 'value="person"' in page.text
    journey = await browser.get("/kent/journey/hurt")
    assert ("We are checking this page" in unescape(journey.text)) == (days == 800)
    paper = await browser.get("/kent/sheet?cards=bodycam")
    assert ("Answers that we left out: 1" in paper.text) == (days == 800)


async def test_a_child_can_ask_for_a_person(one_app: PersonApp, days: int) -> None:
    await one_app.provider()
    child = one_app.child()
    words = await child.ask()
    assert re.fullmatch(r"[a-z]+-[a-z]+-[a-z]+", words)


async def test_the_register_says_so_honestly(browser: httpx.AsyncClient, one_app: PersonApp, days: int) -> None:
    cells = (await browser.get("/api/v1/coverage")).json()["cells"]
    cell = next(one for one in cells if (one["force"], one["card"]) == ("kent", "alarm-harm-now"))
    assert cell["state"] == ("national" if days == 1 else "overdue")
    assert cell.get("still_shown", False) == (days > 1)
    answer = next(one for one in cells if (one["force"], one["card"]) == ("kent", "bodycam"))
    assert (answer["state"], answer.get("still_shown")) == ("overdue" if days == 800 else "national", None)


async def test_the_lead_finds_what_is_overdue_and_still_shown(one_app: PersonApp, days: int) -> None:
    lead = await one_app.person(NATIONAL, "lead")
    home, card = await lead.get("/desk/national"), await lead.get("/desk/national/cards/alarm-harm-now")
    assert (home.status_code, card.status_code) == (200, 200)
    told = plain(home.text)
    assert ("still shown: read and sign them again" in told) == (days > 1)
    assert ("Past its date, and still shown: ended on" in told) == (days > 1)
    assert ("and still shown" in plain(card.text)) == (days > 1)
    assert ("nothing has to be done" in plain(card.text)) == (days == 1)
    own = plain((await (await one_app.person("kent", "lead")).get("/desk/kent")).text)
    assert ("of the national words past their dates and still shown" in own) == (days > 1)


async def test_the_practice_words_end_on_many_days(one_app: PersonApp) -> None:
    pack = doors(one_app.app).pack_cache.pack("northmoor")
    ends = [signed.review_by for signed in pack.signed().values()]
    assert max(ends.count(day) for day in ends) <= len(ends) // 10
    alarms = {signed.review_by for key, signed in pack.signed().items() if key.startswith("alarm-")}
    assert len(alarms) > 1
    assert NOON.date() + timedelta(days=120) < min(ends)
