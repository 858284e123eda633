"""An app of a test's own with one provider, and its people who are signed in. A file may have its own of each."""

import pytest

from api.records.handovers.tables import Provider
from tests.console_app import OURS, person, provider
from tests.desk_app import DeskApp, Person


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
