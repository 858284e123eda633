"""A database that hangs, is locked or is full: every page says so within 5 seconds, and keeps what was typed."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from api.main import create_app
from api.web.database import Database, DatabaseUnavailable
from tests.conftest import release_for, settings_for
from tests.console_app import OURS, person, provider
from tests.cut_line import CutLine, postgres_line
from tests.desk_app import DeskApp, FakeClock, desk_app
from tests.fake_brain import FakeBrain
from tests.json_child import Child

pytestmark = pytest.mark.faults

LONGEST_SECONDS = 10.0
"""Five for the wait, and as many for a busy machine to say so; it was sixty."""
PLANTED = "the heron counts to nine"


async def timed(call: Awaitable[httpx.Response]) -> tuple[httpx.Response, float]:
    begun = time.monotonic()
    return await call, time.monotonic() - begun


@pytest.fixture
async def on_a_line(postgres_url: str) -> AsyncIterator[tuple[CutLine, DeskApp]]:
    """An app whose database is at the end of a line."""
    clock = FakeClock()
    async with postgres_line() as (line, url, _):
        app = create_app(settings_for(url), FakeBrain(), release_for(practice=True), clock)
        async with app.router.lifespan_context(app):
            yield line, DeskApp(app, clock)
            line.speak()


async def test_nobody_waits_longer_than_five_seconds_for_a_database_that_hangs(
    on_a_line: tuple[CutLine, DeskApp],
) -> None:
    line, desk = on_a_line
    await provider(desk)
    ann, editor = await person(desk, OURS), await desk.person("northmoor", "editor")
    supervisor, lead = await person(desk, OURS, "supervisor"), await desk.person("northmoor", "lead")
    assert (await ann.get("/console")).status_code == 200
    child = Child(desk.browser())
    await child.start()
    line.silence()
    pages = [
        *(ann.get(page) for page in ("/console", "/console/calls")),
        *(supervisor.get(page) for page in ("/console/figures", "/console/people", "/console/settings")),
        *(editor.get(page) for page in ("/desk/northmoor", "/desk/northmoor/cards/bodycam", "/desk/northmoor/facts")),
        *(lead.get(page) for page in ("/desk/northmoor/sign", "/desk/northmoor/people", "/desk/northmoor/log")),
        lead.post("/desk/northmoor/cards/bodycam/withdraw", reason=PLANTED),
        desk.browser().get("/northmoor/person", params={"chat": child.token}),
    ]
    answers = await asyncio.gather(*map(timed, pages))
    for answer, seconds in answers:
        assert seconds < LONGEST_SECONDS, answer.request.url
        assert answer.status_code in (200, 503), (answer.request.url, answer.status_code)
    staff = [answer for answer, _ in answers if answer.request.url.path.startswith(("/desk", "/console"))]
    for answer in staff:
        assert answer.status_code == 503, answer.request.url
        assert "cannot reach our records" in answer.text, answer.request.url
        assert answer.headers["Retry-After"], answer.request.url
    assert PLANTED in next(answer.text for answer in staff if answer.request.method == "POST")
    # Children are answered from memory all the while.
    assert (await child.say("my dad is hitting me right now"))["alarm"] == "danger-now"
    line.speak()
    assert (await ann.get("/console")).status_code == 200
    await child.start()


async def test_nor_does_anybody_who_stands_behind_others_for_a_connection(on_a_line: tuple[CutLine, DeskApp]) -> None:
    line, desk = on_a_line
    await provider(desk)
    ann = await person(desk, OURS)
    assert (await ann.get("/console")).status_code == 200
    line.silence()
    answers = await asyncio.gather(*(timed(ann.get("/console")) for _ in range(80)))
    line.speak()
    assert {answer.status_code for answer, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < LONGEST_SECONDS


async def test_a_row_that_is_locked_is_no_silence(postgres_url: str) -> None:
    """Whoever waits for a connection meanwhile gets one, as long as others are answered."""
    database = Database(settings_for(postgres_url), 2.5)

    async def asks(statement: str) -> bool:
        try:
            async with database.begin() as session:
                await session.execute(text(statement))
        except DatabaseUnavailable:
            return False
        return True

    slow = [asks("SELECT pg_sleep(5)") for _ in range(3)]
    kept = await asyncio.gather(*slow, *(asks("SELECT pg_sleep(0.1)") for _ in range(150)))
    await database.close()
    assert kept == [False] * 3 + [True] * 150


async def test_a_database_that_another_writer_holds_is_said_with_what_was_typed(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with desk_app(sqlite_url, tmp_path) as desk:
        lead = await desk.person("northmoor", "lead")
        with closing(sqlite3.connect(tmp_path / "know.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            new = {"role": "editor", "name": "Edie (invented)", "post": PLANTED, "email": "edie@northmoor.example"}
            answer, seconds = await timed(lead.post("/desk/northmoor/people", **new))
            other.execute("ROLLBACK")
        assert (answer.status_code, seconds < LONGEST_SECONDS) == (503, True)
        assert PLANTED in answer.text
        assert "Nothing was sent" in answer.text


async def test_a_form_of_another_site_is_not_put_into_a_page_of_ours(sqlite_url: str, tmp_path: Path) -> None:
    async with desk_app(sqlite_url, tmp_path) as desk:
        await desk.database.close()
        (tmp_path / "know.db").unlink()
        (tmp_path / "know.db").mkdir()
        answer = await desk.browser(desk="x").post(
            "/desk/northmoor/people",
            data={"post": PLANTED},
            headers={"Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 503
        assert PLANTED not in answer.text
