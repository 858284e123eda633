"""An app of a test's own with one provider, and its people who are signed in. A file may have its own of each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.records.handovers.tables import Provider
from tests.console_app import OURS, person, provider
from tests.desk_app import DeskApp, Person, desk_app


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path) -> AsyncIterator[DeskApp]:
    async with desk_app(sqlite_url, tmp_path) as app:
        yield app


@pytest.fixture
async def ours(desk: DeskApp) -> Provider:
    return await provider(desk)


@pytest.fixture
async def ann(desk: DeskApp, ours: Provider) -> Person:
    return await person(desk, OURS, "advocate", "Ann")


@pytest.fixture
async def ben(desk: DeskApp, ours: Provider) -> Person:
    return await person(desk, OURS, "advocate", "Ben")


@pytest.fixture
async def sue(desk: DeskApp, ours: Provider) -> Person:
    return await person(desk, OURS, "supervisor", "Sue")
