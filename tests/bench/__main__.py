"""Prints the figures this project holds itself to. Speeds are ratios, taken turn about: the median of seven rounds."""

import asyncio
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from statistics import median

import asyncpg
import httpx
from rich.console import Console
from rich.table import Table

from api.bot_process import free_port
from tests.bench.alarm import alarm_rows
from tests.bench.bot import bot_rows
from tests.bench.decks import deck_pair_rows, deck_rows
from tests.bench.holds import holds
from tests.bench.keys import key_rows
from tests.bench.load import Request, Run, run
from tests.bench.packs import pack_rows
from tests.bench.phone import phone_rows
from tests.bench.school import school_rows
from tests.bench.sheets import sheet_rows
from tests.bench.sound import sound_rows
from tests.bench.suite import suite_rows
from tests.bench.talks import talk_rows
from tests.bench.trace import trace_rows
from tests.bench.weight import page_weight
from tests.bench.widget import widget_rows
from tests.bot_process import bot_server, stop
from tests.conftest import in_postgres, postgres_url_of, settings_for, sign_everything
from tests.served import ROOT, served, wait_for

Row = tuple[str, str, str]
"""A figure's name, what was measured, and what is to hold."""
OUT = Console(highlight=False)
ROUNDS = 7
CHATS = 640
MESSAGES = (
    "how long do they keep my finger prins",
    "who do the police tell",
    "will my mum find out",
    "can i see my record",
    "can they take my phone",
    "who watches the video",
    "i got searched",
    "do i have a criminal record",
)


def main() -> int:
    """Starts everything, measures, prints one table. 1 when a figure is not what was to hold, else 0."""
    table = Table("figure", "measured", "to hold", title="In the Know, make bench")
    short, unmeasured = list[Row](), list[Row]()
    for name, measured, to_hold in rows():
        held = holds(measured, to_hold)
        table.add_row(name, measured, to_hold, style="red" if held is False else None)
        OUT.print("  ".join((name, measured, to_hold)))
        short += [(name, measured, to_hold)] if held is False else []
        unmeasured += [(name, measured, to_hold)] if measured.startswith("not measured") else []
    OUT.print(table)
    shape()
    for name, measured, to_hold in unmeasured:
        OUT.print(f"Not measured: {name} ({to_hold}): {measured}")
    for name, measured, to_hold in short:
        OUT.print(f"Does not hold: {name}: {measured}, to hold: {to_hold}")
    return 1 if short else 0


def rows() -> Iterator[Row]:
    """Every figure in turn, as it is measured."""
    yield from trace_rows()
    yield from suite_rows()
    OUT.print("Signing every card in 46 forces, twice (a minute) ...")
    yield from pack_rows()
    yield from alarm_rows()
    OUT.print("Reading every twelfth card aloud at each level (a minute) ...")
    yield from sound_rows()
    OUT.print("Waking the bot three times (15 to 25 s each) ...")
    yield from bot_rows()
    OUT.print("Waking the bot (15 to 25 s) ...")
    with tempfile.TemporaryDirectory() as folder, bot_server(Path(folder) / "bot.log") as (bot, _process):
        database = f"sqlite+aiosqlite:///{folder}/know.db"
        environment = {"KNOW_BOT_URL": bot.url, "KNOW_BOT_TOKEN": bot.token, "DATABASE_URL": database}
        subprocess.run(
            [sys.executable, "-m", "api", "prepare"], check=True, cwd=ROOT, env={**os.environ, **environment}
        )
        with served(database, Path(folder) / "api.log", environment) as address, bare() as plain:
            yield from messages(address, bot.url, bot.token)
            yield from buttons(address, plain)
            yield from first_button(database, Path(folder))
            yield from page_weight(address)
            yield from phone_rows(address)
            yield from school_rows(address)
            yield from widget_rows(database, Path(folder))
            yield from deck_rows(address, address, "1 process on SQLite")
            yield from sheet_rows(address)
    yield from handover_rows()


def handover_rows() -> Iterator[Row]:
    """Children and advocates who talk live, on a PostgreSQL database of their own."""
    OUT.print("Talks: 200 of them for a minute over two processes, then 2,000 idle streams on one (3 minutes) ...")
    name = f"know_bench_{secrets.token_hex(4)}"
    try:
        asyncio.run(in_postgres(f"CREATE DATABASE {name}"))
    except (OSError, asyncpg.PostgresError) as error:
        yield "talks", f"not measured: no PostgreSQL ({type(error).__name__})", "see docs/handovers.md"
        return
    try:
        sign_everything(settings_for(postgres_url_of(name)))
        with tempfile.TemporaryDirectory() as folder:
            yield from talk_rows(postgres_url_of(name), Path(folder))
            yield from deck_pair_rows(postgres_url_of(name), Path(folder))
            yield from key_rows(postgres_url_of(name))
    finally:
        asyncio.run(in_postgres(f"DROP DATABASE {name} WITH (FORCE)"))


def first_button(database: str, folder: Path) -> Iterator[Row]:
    """From starting the API's process to a button's answer, with no bot there; the median of three starts."""
    OUT.print("Starts: from nothing to a button's answer, three times ...")
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        with served(database, folder / "start.log") as address:
            chat = httpx.post(f"{address}/api/v1/chats", json={"force": "northmoor", "level": "easy"}).json()["chat"]
            answer = httpx.post(f"{address}/api/v1/chats/say", json={"chat": chat, "card": "bodycam"})
            seconds.append(time.perf_counter() - begun)
            answer.raise_for_status()
    yield "first button after the API's start", f"{median(seconds):.1f} s ({max(seconds):.1f} s at most)", "under 3 s"


@contextmanager
def bare() -> Iterator[str]:
    """A bare FastAPI app with one JSON route, served with the same settings as ours."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.bare", str(port)], cwd=ROOT)
    try:
        wait_for(f"http://127.0.0.1:{port}/", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


def messages(address: str, rasa: str, token: str) -> Iterator[Row]:
    """A message through us, Rasa included, beside Rasa asked directly."""
    OUT.print("Messages: ours and Rasa alone, turn about ...")
    ours = [
        Request(address, "/api/v1/chats/say", {"chat": chat, "text": text})
        for chat, text in zip(chats(address), cycle(MESSAGES), strict=False)
    ]
    direct = [Request(rasa, f"/model/parse?token={token}", {"text": text}) for text in MESSAGES]
    for at_once, count in ((1, 150), (20, 400)):
        pairs = _turn_about(ours, direct, at_once, count)
        through, alone = median(one.p95 for one, _ in pairs), median(other.p95 for _, other in pairs)
        yield (
            f"message p95, {at_once} at once",
            f"{median(one.p95 / other.p95 for one, other in pairs):.2f} times Rasa alone "
            f"({through * 1000:.1f} ms and {alone * 1000:.1f} ms)",
            "at most 1.5",
        )
        failed, asked = sum(one.failed for one, _ in pairs), sum(one.count for one, _ in pairs)
        yield f"failed messages, {at_once} at once", f"{failed} of {asked}", "0"


def chats(address: str) -> list[str]:
    """As many new chats as are needed so that none goes faster than by hand."""
    with httpx.Client(base_url=address) as line:
        new = {"force": "northmoor", "level": "simple"}
        return [line.post("/api/v1/chats", json=new).json()["chat"] for _ in range(CHATS)]


def buttons(address: str, plain: str) -> Iterator[Row]:
    """A button's answer beside a bare route."""
    OUT.print("Buttons: ours and a bare FastAPI route, turn about ...")
    ours = [Request(address, "/api/v1/chats/say", {"chat": chat, "card": "bodycam"}) for chat in chats(address)]
    pairs = _turn_about(ours, [Request(plain, "/", ours[0].body)], 8, 1500)
    pressed, nothing = median(one.rate for one, _ in pairs), median(other.rate for _, other in pairs)
    yield (
        "button answers a second",
        f"{median(one.rate / other.rate for one, other in pairs):.2f} of a bare route "
        f"({pressed:.0f} and {nothing:.0f})",
        "at least 0.5",
    )


def _turn_about(one: list[Request], other: list[Request], at_once: int, count: int) -> list[tuple[Run, Run]]:
    """Both in turn, several rounds, after a warm-up: each round's ratio stands alone, since the machine is shared."""
    asyncio.run(run(one, at_once, count // 5))
    asyncio.run(run(other, at_once, count // 5))
    return [(asyncio.run(run(one, at_once, count)), asyncio.run(run(other, at_once, count))) for _ in range(ROUNDS)]


def shape() -> None:
    """The shape of the code, where the measuring tool stands beside the project."""
    tool = ROOT.parent / "shared" / "tools" / "measure.py"
    rooms = "bot,accessibility,content,api.web,api.records,api.chat,api.register,api.main"
    if tool.exists():
        OUT.print(
            subprocess.run(
                [sys.executable, tool, "--rooms", rooms, "."], cwd=ROOT, capture_output=True, text=True, check=True
            ).stdout
        )


if __name__ == "__main__":
    raise SystemExit(main())
