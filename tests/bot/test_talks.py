"""A few whole talks by strangers with the real bot: what spoils talks is seen before anybody runs `make talks`."""

from collections.abc import Iterator

import pytest

from tests.bot_process import RasaServer
from tests.served import served
from tests.talks.__main__ import hold
from tests.talks.marks import DEVELOPMENT, talks

pytestmark = pytest.mark.rasa
# Of these authors the alarm has learnt no line; the ranking was taught with their talks.
AUTHORS = ("D03", "D06", "D09")
# Somewhat below what they were when this was written (docs/understanding.md), as a talk or two may go either way.
LEAST = {"right": 0.54, "must or offer": 0.85, "help": 0.85, "two": 0.45, "correction": 0.45}
MOST = {"rings": 0.07, "harmful": 0.08, "feelings": 0.20, "offers": 0.08}


@pytest.fixture(scope="module")
def address(rasa: RasaServer, sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("talks") / "api.log"
    with served(sqlite_url, log, {"KNOW_BOT_URL": rasa.url, "KNOW_BOT_TOKEN": rasa.token}) as found:
        yield found


async def test_talks_go_no_worse_than_they_did(address: str) -> None:
    tally, _wrong = await hold(address, talks(DEVELOPMENT, AUTHORS))
    figures = tally.figures()
    assert tally.talks == 30
    assert {name: figures[name] for name, least in LEAST.items() if figures[name] < least} == {}
    assert {name: figures[name] for name, most in MOST.items() if figures[name] > most} == {}
