"""Letters in the running app: sent beside everything else, and seen by those who may, without what they say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.main import create_app
from api.records import letters
from api.records.accounts import Delegation
from api.records.audit import log_of
from api.records.letters import Letter
from api.records.outbox_worker import ROUND_SECONDS
from api.web.mail import MailServer
from tests.conftest import release_for, settings_for
from tests.desk_app import DeskApp, FakeClock, Person, desk_app
from tests.fake_brain import FakeBrain
from tests.json_child import Child
from tests.mail import (
    SENDER,
    Catcher,
    catching,
    hangs,
    misbehaving,
)
from tests.until import until

AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
LINK = "https://know.example/desk/invitation/zebrafish-marmalade"


@asynccontextmanager
async def posting_app(folder: Path, server: MailServer | None, clock: FakeClock) -> AsyncIterator[DeskApp]:
    """The app over the database in this folder, with this mail server in its settings."""
    smtp = {"smtp_url": f"smtp://{server.host}:{server.port}", "mail_from": SENDER} if server else {}
    settings = settings_for(f"sqlite+aiosqlite:///{folder / 'know.db'}", **smtp)
    app = create_app(settings, FakeBrain(), release_for(practice=True), clock)
    async with app.router.lifespan_context(app):
        yield DeskApp(app, clock)


@pytest.fixture
async def waiting(sqlite_url: str, tmp_path: Path) -> int:
    """A letter that waits in a copy of the signed database, in the test's folder; its number."""
    async with desk_app(sqlite_url, tmp_path) as desk, desk.database.begin() as session:
        new = "new@northmoor.example"
        letter = await letters.post(
            session, layer="northmoor", email=new, subject="You are invited", body=LINK, now=desk.clock()
        )
    return letter.id


async def of(desk: DeskApp, number: int) -> Letter:
    async with desk.database.begin() as session:
        return await session.get_one(Letter, number)


async def test_the_app_sends_what_waits_while_children_are_answered(waiting: int, tmp_path: Path) -> None:
    clock = FakeClock()
    async with misbehaving(hangs) as server, posting_app(tmp_path, server, clock) as desk:
        await asyncio.sleep(0.5)
        assert (await of(desk, waiting)).in_hand
        async with desk.browser() as browser, asyncio.timeout(2):
            child = Child(browser)
            await child.start()
            assert (await child.say("my dad is hitting me right now"))["alarm"] == "danger-now"
            assert (await of(desk, waiting)).in_hand
    clock.move(minutes=6)
    with catching() as catcher:
        async with posting_app(tmp_path, catcher.server, clock) as desk:
            await asyncio.sleep(0.5)
            assert (await of(desk, waiting)).body == ""
    assert catcher.caught[0]["to"] == "new@northmoor.example"


async def test_what_is_written_while_the_app_runs_is_sent_within_seconds(waiting: int, tmp_path: Path) -> None:
    with catching() as catcher:
        async with posting_app(tmp_path, catcher.server, FakeClock()) as desk:
            async with desk.database.begin() as session:
                for layer in ("northmoor", "southmere"):
                    await letters.post(
                        session, layer=layer, email=f"new@{layer}.example", subject="", body="", now=desk.clock()
                    )
            await asyncio.sleep(ROUND_SECONDS + 1)
    assert len(catcher.caught) == 3


async def test_the_postman_ends_with_the_app_at_any_moment(waiting: int, tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with misbehaving(hangs) as server:
        for moment in range(5):
            async with posting_app(tmp_path, server, FakeClock()):
                await asyncio.sleep(moment * 0.005)
        # What the server still does for the last of them, and nothing of the app.
        await until(lambda: len(asyncio.all_tasks() - before) < 5)
    await until(lambda: asyncio.all_tasks() <= before)


async def test_without_a_mail_server_letters_wait_and_the_page_says_so(waiting: int, tmp_path: Path) -> None:
    async with posting_app(tmp_path, None, FakeClock()) as desk:
        lead = await desk.person("northmoor", "lead")
        desk.clock.move(minutes=1)
        await asyncio.sleep(0.5)
        page = await lead.get("/desk/northmoor/letters")
        assert page.status_code == 200
        assert "No mail server is set up here, so nothing is sent." in page.text
        assert "new@northmoor.example" in page.text
        assert "Waiting." in page.text
        assert "Try again now" not in page.text
        assert (await of(desk, waiting)).tries == 0


async def test_the_page_says_what_became_of_each_letter_and_never_what_it_says(waiting: int, tmp_path: Path) -> None:
    clock, refusing = FakeClock(), Catcher(refusals={"RCPT": "550 no zebrafish"})
    with catching(refusing):
        async with posting_app(tmp_path, refusing.server, clock) as desk:
            lead = await desk.person("northmoor", "lead", "Lee Lead")
            await asyncio.sleep(0.5)
            page = await said(lead)
            assert "Not sent after 1 try. The mail server refused this address (code 550)." in page
            assert "It is tried again on" in page
            assert "zebrafish" not in page
            pressed = await lead.post(f"/desk/northmoor/letters/{waiting}/again")
            assert (pressed.status_code, pressed.headers["location"]) == (303, "/desk/northmoor/letters")
            assert "It is tried again in a moment." in await said(lead)
        refusing.refusals.clear()
        async with posting_app(tmp_path, refusing.server, clock) as desk:
            lead.browser = desk.browser(**lead.browser.cookies)
            await asyncio.sleep(0.5)
            page = await said(lead)
            assert "No letter is waiting." in page
            assert "You are invited" in page
            again = await lead.post(f"/desk/northmoor/letters/{waiting}/again")
            assert again.status_code == 303
            async with desk.database.begin() as session:
                lines = [row for row in await log_of(session, "northmoor") if row.what == "try letter again"]
            assert [(row.who, row.about) for row in lines] == [("Lee Lead", f"letter {waiting}")]
    assert len(refusing.caught) == 1


async def said(person: Person) -> str:
    page = await person.get("/desk/northmoor/letters")
    return " ".join(page.text.split())


async def test_only_the_lead_the_deputy_and_national_admins_see_letters(waiting: int, tmp_path: Path) -> None:
    async with posting_app(tmp_path, None, FakeClock()) as desk:
        number = waiting
        deputy = await desk.person("northmoor", "reviewer")
        today = desk.clock().date()
        async with desk.database.begin() as session:
            session.add(
                Delegation(
                    layer="northmoor",
                    deputy_id=deputy.account.id,
                    starts=today - timedelta(days=1),
                    ends=today + timedelta(days=1),
                    named_by="Lee",
                    made_at=desk.clock(),
                )
            )
        may = [deputy, await desk.person("northmoor", "lead"), await desk.person("national", "admin")]
        charlies = [await desk.person("southmere", role) for role in ("editor", "reviewer", "lead")]
        others = [await desk.person("northmoor", "editor"), await desk.person("national", "lead")]
        for person in may:
            assert "new@northmoor.example" in (await person.get("/desk/northmoor/letters")).text
        for person in (*charlies, *others):
            assert (await person.get("/desk/northmoor/letters")).status_code == 404
            assert (await person.post(f"/desk/northmoor/letters/{number}/again")).status_code == 404
        own = charlies[2]
        assert (await own.get("/desk/southmere/letters")).status_code == 200
        assert (await own.post(f"/desk/southmere/letters/{number}/again")).status_code == 404
        assert (await own.post(f"/desk/southmere/letters/{10**12}/again")).status_code == 404
        nobody = await desk.browser().get("/desk/northmoor/letters")
        assert nobody.status_code != 200
        assert "new@northmoor.example" not in nobody.text
        unmarked = await may[1].browser.post(f"/desk/northmoor/letters/{number}/again")
        assert unmarked.status_code == 403
