"""Proves that Rasa, trained and served by our entry points, tries to reach nobody outside this machine."""

import os
import subprocess
from pathlib import Path

import httpx
import pytest

from api.bot_process import free_port
from tests.bot_process import BOT, PYTHON, stop, wait_until_awake

pytestmark = pytest.mark.rasa

# Python runs a sitecustomize at every start, the entry points' own children included.
WATCH = """
import os, sys
HERE = ("127.0.0.1", "::1", "localhost", "0.0.0.0", None, "")
def watch(event, args):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        target = args[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg") and isinstance(args[1], tuple):
        target = args[1][0]
    else:
        return
    target = target.decode() if isinstance(target, bytes) else target
    if target not in HERE:
        with open(os.environ["WATCH_FILE"], "a") as seen:
            seen.write(f"{event} {target}\\n")
        raise OSError("This test lets nothing out.")
sys.addaudithook(watch)
"""
LINES = """\
version: "3.1"
nlu:
- intent: "dna"
  examples: |
    - how long is my dna kept
    - they took a [swab](subject:dna) from my mouth
    - dna
- intent: "phone"
  examples: |
    - can they take my phone
    - when do i get my phone back
    - ask my [mum](person)
- intent: "out-of-scope"
  examples: |
    - what is the weather
    - tell me a joke
- lookup: "subject"
  examples: |
    - swab
- lookup: "person"
  examples: |
    - mum
"""
# What `rasa train` and `rasa run` do at their start, and then a fault of Rasa's own.
LEFT_ALONE = """
import sentry_sdk
from rasa import telemetry
from rasa.shared.utils.common import class_from_module_path
telemetry.initialize_telemetry()
telemetry.initialize_error_reporting()
try:
    class_from_module_path(5)
except Exception as fault:
    sentry_sdk.capture_exception(fault)
sentry_sdk.flush(5)
"""


class Watched:
    """A place where every attempt to leave the machine is noted and stopped."""

    def __init__(self, place: Path) -> None:
        (place / "hook").mkdir()
        (place / "hook" / "sitecustomize.py").write_text(WATCH)
        (place / "data").mkdir()
        (place / "data" / "tiny.yml").write_text(LINES)
        self.place, self.seen = place, place / "seen"
        # The switch is left for our entry points to set, a fresh home has no saved choice, and through a proxy
        # on this machine every attempt would look like a loopback one.
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("RASA_", "BOT_")) and not key.lower().endswith("_proxy")
        }
        self.env = {
            **kept,
            "HOME": str(place),
            "PYTHONPATH": str(place / "hook"),
            "WATCH_FILE": str(self.seen),
            "BOT_TOKEN": "t" * 32,
        }
        self.pack_cache = ["--data", str(place / "data"), "--models", str(place / "models")]

    def run(self, *words: str | Path) -> "subprocess.CompletedProcess[str]":
        """Run the bot's Python here."""
        return subprocess.run(
            [PYTHON, *words], env=self.env, cwd=self.place, capture_output=True, text=True, check=False, timeout=180
        )

    def attempts(self) -> list[str]:
        """What was tried, one line each."""
        return self.seen.read_text().splitlines() if self.seen.exists() else []


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_training_and_serving_reach_for_nobody(watched: Watched) -> None:
    trained = watched.run(BOT / "train.py", *watched.pack_cache)
    assert trained.returncode == 0, trained.stdout + trained.stderr
    port, log = free_port(), watched.place / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [PYTHON, BOT / "serve.py", "--port", str(port), *watched.pack_cache],
            env=watched.env,
            cwd=watched.place,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_awake(url, process, log)
        query = {"token": "t" * 32}
        assert httpx.post(f"{url}/model/parse", params=query, json={"text": "my dna"}).is_success
        # A fault is what Rasa would report to its makers.
        assert httpx.post(f"{url}/model/parse", params=query, json=[5]).is_error
    finally:
        stop(process)
    assert watched.attempts() == []


@pytest.mark.parametrize(("switch", "reaches_out"), [(None, True), ("false", False)])
def test_the_watch_sees_rasa_when_it_is_left_alone(watched: Watched, switch: str | None, reaches_out: bool) -> None:
    if switch:
        watched.env["RASA_TELEMETRY_ENABLED"] = switch
    done = watched.run("-c", LEFT_ALONE)
    assert done.returncode == 0, done.stderr
    assert any("sentry.io" in attempt for attempt in watched.attempts()) is reaches_out


def test_the_work_itself_refuses_to_run_without_the_silence(watched: Watched) -> None:
    for script in ("train_rasa.py", "rasa_server.py"):
        done = watched.run(BOT / script, "a", "b", "c")
        assert done.returncode == 1
        assert "switch Rasa's reporting off" in done.stderr
    assert watched.attempts() == []
