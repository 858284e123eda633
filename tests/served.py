"""Serves the app for real, in its own process, for tests that need a browser or a clock."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from api.bot_process import free_port
from tests.bot_process import stop

ROOT = Path(__file__).parents[1]


@contextmanager
def served(database_url: str, log: Path, others: Mapping[str, str] | None = None) -> Iterator[str]:
    """The app on a free loopback port, or that of KNOW_PORT in `others`; yields its address once it answers."""
    port = (others or {}).get("KNOW_PORT") or free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "KNOW_PORT": str(port),
        "KNOW_BOT_URL": "http://127.0.0.1:9",
        "KNOW_SOUND": "asked",
        **(others or {}),
    }
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "api", "serve"], cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/healthz", process)
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
