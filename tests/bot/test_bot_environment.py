"""The bot's process is told what it needs to run, and none of the API's keys, passwords and addresses."""

import json
import sys
import time
from pathlib import Path

import pytest

from api.bot_process import bot_process

TELLS = (
    "import json, os, pathlib, sys; pathlib.Path({file!r}).write_text(json.dumps(dict(os.environ))); sys.stdin.read()"
)
PLANTED = "the ibis keeps the keys"
OURS = (
    *("KNOW_SECRET", "KNOW_SEALING_KEYS", "DATABASE_URL", "KNOW_SMTP_URL", "KNOW_OIDC", "PGPASSWORD", "KNOW_BOT_TOKEN"),
    *("AWS_SECRET_ACCESS_KEY", "SOMETHING_OF_TOMORROW"),
)


def test_the_bot_gets_nothing_that_it_does_not_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OURS:
        monkeypatch.setenv(name, PLANTED)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    told = tmp_path / "environment"
    with bot_process(1, "its token", (sys.executable, "-c", TELLS.format(file=str(told)))):
        give_up = time.monotonic() + 20
        while not told.is_file() or not told.read_text():
            assert time.monotonic() < give_up
            time.sleep(0.02)
        given = json.loads(told.read_text())
    assert PLANTED not in given.values()
    assert given["BOT_TOKEN"] == "its token"
    assert given["OMP_NUM_THREADS"] == "1"
    assert {"PATH", "HOME"} <= set(given)
