"""Whole conversations through the API with the real bot: what is carried from turn to turn, and what is let go."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from accessibility.yaml_text import read_yaml
from tests.bot_process import RasaServer
from tests.json_child import Child
from tests.served import served

CONVERSATIONS: dict[str, list[dict[str, Any]]] = read_yaml(
    Path(__file__).with_name("conversations.yml").read_text("utf-8")
)

pytestmark = pytest.mark.rasa


@pytest.fixture(scope="module")
def address(rasa: RasaServer, sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("talks") / "api.log"
    with served(sqlite_url, log, {"KNOW_BOT_URL": rasa.url, "KNOW_BOT_TOKEN": rasa.token}) as address:
        yield address


@pytest.fixture
async def child(address: str) -> AsyncIterator[Child]:
    async with httpx.AsyncClient(base_url=address) as client:
        child = Child(client)
        await child.start()
        yield child


def test_there_are_ten() -> None:
    assert len(CONVERSATIONS) >= 10


@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_a_conversation(child: Child, name: str) -> None:
    for number, step in enumerate(CONVERSATIONS[name], 1):
        how = next(way for way in ("say", "press", "act") if way in step)
        reply = await getattr(child, how)(step[how])
        where = f"step {number}, {step[how]!r}: {reply['kind']} {reply['card']['key']} {reply['understood']}"
        assert reply["kind"] == step.get("kind", reply["kind"]), where
        assert reply["card"]["key"] == step.get("card", reply["card"]["key"]), where
        assert ("note" in reply) == step.get("note", False), where
        assert any(near["key"].startswith("menu/") for near in reply["near"]) or not step.get("menu"), where
