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
# Two or three turns below what they were when this was written: another processor trains a bot with other last digits.
LEAST = {"right": 0.59, "must or offer": 0.82, "help": 0.90, "two": 0.46, "correction": 0.36}
MOST = {"rings": 0.05, "harmful": 0.065, "feelings": 0.20, "offers": 0.08}


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
