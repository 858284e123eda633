"""The real bot for tests: trained if stale, started once on a free loopback port, stopped at the end."""

import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.bot_process import free_port

BOT = Path(__file__).resolve().parent.parent / "bot"
PYTHON = BOT / ".venv" / "bin" / "python"
WAKING = 120.0


@dataclass(frozen=True)
class RasaServer:
    """Where the bot listens, its token, the file that holds all it has written out, and one open line to it.

    The line is kept open as the API keeps its own: opening one takes longer than many an answer.
    """

    url: str
    token: str
    log: Path
    line: httpx.Client

    def parse(self, text: str) -> dict[str, Any]:
        """What the bot makes of a message."""
        reply = self.line.post(f"{self.url}/model/parse", params={"token": self.token}, json={"text": text})
        reply.raise_for_status()
        return reply.json()

    def ranking(self, text: str) -> list[tuple[str, float]]:
        """The intents the bot thinks of, best first, each with its confidence."""
        return [(str(guess["name"]), float(guess["confidence"])) for guess in self.parse(text)["intent_ranking"]]


def wait_until_awake(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return when the bot answers; fail with its own last words when it stops or never does."""
    give_up = time.monotonic() + WAKING
    while process.poll() is None and time.monotonic() < give_up:
        try:
            if httpx.get(url, timeout=1).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"The bot did not wake:\n{log.read_text(errors='replace')[-2000:]}")


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask it to go; make it go if it will not."""
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def bot_server(log: Path) -> Iterator[tuple[RasaServer, "subprocess.Popen[bytes]"]]:
    """Today's model, served on a free loopback port with a token of its own; and its process, to be killed."""
    port, token = free_port(), secrets.token_hex(16)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [PYTHON, BOT / "serve.py", "--port", str(port)],
            env={**os.environ, "BOT_TOKEN": token},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_awake(f"http://127.0.0.1:{port}", process, log)
        with httpx.Client(timeout=10) as line:
            yield RasaServer(f"http://127.0.0.1:{port}", token, log, line), process
    finally:
        stop(process)


@pytest.fixture(scope="session")
def rasa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RasaServer]:
    """The trained bot, running for real."""
    subprocess.run([PYTHON, BOT / "train.py"], check=True, timeout=600)
    with bot_server(tmp_path_factory.mktemp("bot") / "bot.log") as (server, _process):
        yield server
