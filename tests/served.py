"""Serves the app for real, in its own process, for tests that need a browser or a clock."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.bot_process import free_port
from tests.bot_process import stop

ROOT = Path(__file__).parents[1]


def start(
    database_url: str, log: Path, others: Mapping[str, str] | None = None
) -> tuple["subprocess.Popen[bytes]", str]:
    """The app on a free loopback port, or that of KNOW_PORT in `others`: its process, and its address once it answers.

    Whoever starts it ends it.
    """
    port = (others or {}).get("KNOW_PORT") or free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "KNOW_PORT": str(port),
        "KNOW_BOT_URL": "http://127.0.0.1:9",
        "KNOW_SOUND": "asked",
        "KNOW_HEADS_FOLDER": str(log.parent / "heads"),
        **(others or {}),
    }
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "api", "serve"], cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/healthz", process)
    except BaseException:
        stop(process)
        raise
    return process, address


@pytest.fixture(scope="session")
def address(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The practice version, served for all files that only look at it. It has no bot."""
    with served(sqlite_url, tmp_path_factory.mktemp("served") / "log") as found:
        yield found


@contextmanager
def served(database_url: str, log: Path, others: Mapping[str, str] | None = None) -> Iterator[str]:
    """The same, yielding its address; it is ended afterwards."""
    process, address = start(database_url, log, others)
    try:
        yield address
    finally:
        stop(process)


def wait_for(url: str, process: "subprocess.Popen[bytes]", seconds: float = 60) -> float:
    """Waits until the address answers; the seconds it took. Fails when the process ends first."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        assert process.poll() is None, "the app ended before it answered"
        try:
            httpx.get(url, timeout=1)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return time.monotonic() - start
    raise AssertionError(f"{url} did not answer in {seconds} s")
