"""A stage for a child's talk, as each test finds it: cleared, at noon. A file may have its own of each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.child_conversation import Stage
from tests.person_app import NOON, PersonApp, person_app, signed_copy


@pytest.fixture
async def on(on_both: Stage) -> Stage:
    """A stage on each database in turn."""
    return await on_both.cleared()


@pytest.fixture
async def one(on_one: Stage) -> Stage:
    """A stage on SQLite alone, for what no database has a part in."""
    return await on_one.cleared()


@pytest.fixture
async def sqlite_app(sqlite_url: str, tmp_path: Path) -> AsyncIterator[PersonApp]:
    """An app on SQLite alone, whose words a test may sign anew or take back."""
    with signed_copy(sqlite_url, tmp_path) as url:
        async with person_app(url, NOON) as found:
            yield found
