"""Faults: a child is answered all the same, or told plainly; nothing is lost, and a broken file is named at once."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from api.bot_process import free_port
from api.records.pack_cache import PackCache
from tests.bot_process import RasaServer, bot_server, stop
from tests.conftest import in_postgres, postgres_url_of, settings_for, sign_everything, started
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.json_child import Child
from tests.own_database import sqlite_copy
from tests.served import ROOT, served, wait_for

pytestmark = pytest.mark.faults

BUTTONS_SECONDS = 3.0


async def test_the_database_goes_away_in_the_middle_of_a_talk(postgres_url: str) -> None:
    name = f"know_test_{secrets.token_hex(4)}"
    await in_postgres(f"CREATE DATABASE {name}")
    url = postgres_url_of(name)
    await asyncio.to_thread(sign_everything, settings_for(url))
    brain = FakeBrain()
    brain.tell("who do you tell", ("who-gets-told", 0.9))
    async with started(settings_for(url), brain) as client:
        child = Child(client)
        await child.start()
        await in_postgres(f"DROP DATABASE {name} WITH (FORCE)")
        assert (await client.get("/readyz")).json()["database"] == "away"
        assert (await child.say("who do you tell"))["card"]["key"] == "who-gets-told"
        assert (await child.press("bodycam"))["card"]["layer"] == "northmoor"
        assert (await child.say("my dad is hitting me right now"))["alarm"] == "danger-now"
        assert (await client.get("/northmoor")).status_code == 200


async def test_a_ledger_that_answers_late_is_waited_for(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the first reading takes longer than a moment; the first child must not find a closed page."""
    read = PackCache.refresh

    async def late(pack_cache: PackCache) -> None:
        await asyncio.sleep(1.5)
        await read(pack_cache)

    monkeypatch.setattr(PackCache, "refresh", late)
    async with started(settings_for(sqlite_url)) as client:
        assert (await client.get("/northmoor")).status_code == 200


async def test_a_ledger_that_is_away_or_silent_does_not_hold_up_the_door(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = time.monotonic()
    async with started(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none")) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert time.monotonic() - begun < BUTTONS_SECONDS
    monkeypatch.setattr(PackCache, "refresh", lambda _pack_cache: asyncio.sleep(3600))
    async with started(settings_for(sqlite_url), fill_seconds=0.2) as client:
        assert (await client.get("/northmoor")).status_code == 503


async def test_the_database_away_at_the_start_is_a_closed_page_with_help_until_it_answers(sqlite_url: str) -> None:
    async with started(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none")) as client:
        page = await client.get("/northmoor")
        assert page.status_code == 503
        assert "999" in page.text
        pack_cache = doors(client._transport.app).pack_cache  # type: ignore[attr-defined]
        pack_cache._database = type(pack_cache._database)(settings_for(sqlite_url))
        for _ in range(60):
            await asyncio.sleep(0.1)
            if (await client.get("/northmoor")).status_code == 200:
                break
        assert (await client.get("/northmoor")).status_code == 200
        await pack_cache._database.close()


async def test_a_database_file_that_is_gone_is_said_to_be_away_and_answers_go_on(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with started(settings_for(sqlite_copy(sqlite_url, tmp_path))) as client:
        (tmp_path / "know.db").unlink()
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (200, "away")
        child = Child(client)
        await child.start()
        assert (await child.press("bodycam"))["kind"] == "card"


def test_buttons_answer_soon_after_the_start_while_the_bot_is_not_there(sqlite_url: str, tmp_path: Path) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": sqlite_url,
        "KNOW_PORT": str(port),
        "KNOW_BOT_URL": "http://127.0.0.1:9",
    }
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "api", "serve"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(f"{address}/healthz", process)
            answering = time.monotonic()
            started_chat = httpx.post(
                f"{address}/api/v1/chats", json={"force": "northmoor", "level": "easy"}, timeout=5
            )
            pressed = httpx.post(
                f"{address}/api/v1/chats/say", json={"chat": started_chat.json()["chat"], "card": "bodycam"}, timeout=5
            )
            assert time.monotonic() - answering < BUTTONS_SECONDS
            assert pressed.json()["reply"]["card"]["key"] == "bodycam"
            assert httpx.get(f"{address}/readyz").json() == {"database": "ok", "bot": "waking", "ledger": "ok"}
        finally:
            stop(process)


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("content/cards/bodycam.md", "# easy", "# tiny", "bodycam.md:"),
        ("content/forces/kent.yml", "nation: England", "nation: Narnia", "kent.yml"),
        ("content/danger.yml", "\nrings:", "\nrongs:", "danger.yml"),
        ("content/slots.yml", "kind: days", "kind: years", "slots.yml"),
    ],
)
def test_a_broken_file_stops_the_start_with_one_clear_line(
    tmp_path: Path, file: str, old: str, new: str, named: str
) -> None:
    for room in ("accessibility", "content", "api"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    broken = tmp_path / file
    broken.write_text(broken.read_text("utf-8").replace(old, new, 1), "utf-8")
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/know.db",
        "KNOW_PORT": str(free_port()),
    }
    for act in ("prepare", "serve"):
        ended = subprocess.run(
            [sys.executable, "-m", "api", act],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
        )
        if ended.returncode:
            break
    assert ended.returncode == 1
    assert named in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


@pytest.mark.rasa
def test_rasa_killed_in_the_middle_of_a_talk(sqlite_url: str, tmp_path: Path, rasa: RasaServer) -> None:
    assert rasa.url, "the model is trained by then"
    with (
        bot_server(tmp_path / "bot.log") as (bot, process),
        served(sqlite_url, tmp_path / "api.log", {"KNOW_BOT_URL": bot.url, "KNOW_BOT_TOKEN": bot.token}) as address,
    ):
        start = httpx.post(f"{address}/api/v1/chats", json={"force": "northmoor", "level": "easy"}).json()
        said = {"chat": start["chat"], "text": "how long do they keep my finger prins"}
        before = httpx.post(f"{address}/api/v1/chats/say", json=said).json()["reply"]
        assert "fingerprints-dna" in [before["card"]["key"], *(near["key"] for near in before["near"])]
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = httpx.post(f"{address}/api/v1/chats/say", json=said, timeout=5).json()["reply"]
        assert after["kind"] == "bot-away"
        assert "fingerprints-dna" in [near["key"] for near in after["near"]]
        assert httpx.get(f"{address}/readyz").json()["bot"] == "away"
        alarm = httpx.post(f"{address}/api/v1/chats/say", json={**said, "text": "i want to kill myself"}, timeout=5)
        assert alarm.json()["reply"]["alarm"] == "suicide"
