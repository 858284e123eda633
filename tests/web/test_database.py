"""The database when those who use it go away in the middle."""

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from api.web.database import Database
from tests.conftest import settings_for

pytestmark = pytest.mark.database

WRITES = "UPDATE counted SET number = number + 1 RETURNING number"


@pytest.fixture
def nothing_is_collected() -> Iterator[None]:
    """Python collects no rubbish, as in the seconds before it would."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("nothing_is_collected")
async def test_a_request_that_is_cancelled_at_any_moment_never_keeps_others_from_writing(tmp_path: Path) -> None:
    database = Database(settings_for(f"sqlite+aiosqlite:///{tmp_path / 'know.db'}"))

    async def writes() -> None:
        async with database.begin() as session:
            await session.execute(text("SELECT number FROM counted"))
            (await session.execute(text(WRITES))).scalar_one()
            await session.execute(text("SELECT number FROM counted"))

    async with database.begin() as session:
        await session.execute(text("CREATE TABLE counted (number INTEGER)"))
        await session.execute(text("INSERT INTO counted VALUES (0)"))
    for steps in range(60):
        gone = asyncio.create_task(writes())
        # After so many turns of the loop it stands at another place each time.
        for _ in range(steps):
            await asyncio.sleep(0.0001)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        async with asyncio.timeout(2):
            await writes()
    # Nobody who is gone is still reading either, so what was deleted can be taken out of the log.
    assert await database.empty_log()
    await database.close()
