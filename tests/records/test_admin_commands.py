"""The operator's commands: people, doors and the log, and mistakes that say what to do next."""

import asyncio
import getpass
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from api.__main__ import cli
from api.web.database import Database
from api.web.settings import settings
from tests.conftest import settings_for
from tests.records.commands import Commands

ADA = ("--name", "Ada Example", "--post", "Digital officer (invented)", "--email", "Ada@northmoor.example")


@pytest.fixture
def ask(own_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator["Ask"]:
    monkeypatch.setenv("DATABASE_URL", own_url)
    monkeypatch.setenv("KNOW_PUBLIC_URL", "https://know.example")
    settings.cache_clear()
    yield Ask(own_url)
    settings.cache_clear()


class Ask(Commands):
    """Runs a command against a database of this test's own."""

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What stands in the database."""
        return asyncio.run(self._rows(query))

    async def _rows(self, query: str) -> list[tuple[object, ...]]:
        database = Database(settings_for(self.url))
        async with database.begin() as session:
            found = [tuple(row) for row in await session.execute(text(query))]
        await database.close()
        return found


def test_a_person_is_added_and_the_link_is_printed_once(ask: Ask) -> None:
    told = ask("people", "add", "--layer", "northmoor", "--role", "editor", *ADA)
    assert told.exit_code == 0, told.output
    link = re.search(r"https://know\.example/desk/invitation/([\w-]{40,})", told.output)
    assert link
    assert "hand it over yourself" in told.output
    assert link[1] not in str(ask.rows("SELECT * FROM invitation"))
    assert ask.rows("SELECT layer, role, name, email FROM account") == [
        ("northmoor", "editor", "Ada Example", "ada@northmoor.example")
    ]
    listed = ask("people", "list").output
    assert "northmoor: editor Ada Example, Digital officer (invented), ada@northmoor.example" in listed
    assert link[1] not in listed
    who = f"command line ({getpass.getuser()})"
    assert ask.rows("SELECT who, what, account_id FROM audit") == [(who, "add person", None)]


def test_the_first_admin_comes_from_the_command_line(ask: Ask) -> None:
    assert "Add the first" in ask("people", "list").output
    assert ask("people", "add", "--layer", "national", "--role", "admin", *ADA).exit_code == 0
    assert ask.rows("SELECT role FROM account") == [("admin",)]


def test_a_life_at_the_desk(ask: Ask) -> None:
    email, first = "ADA@northmoor.example", date.today() + timedelta(days=3)
    ask("people", "add", "--layer", "northmoor", "--role", "editor", *ADA)
    named = ask("people", "deputy", email, "--from", str(first), "--until", str(first + timedelta(days=7)))
    assert named.exit_code == 0, named.output
    assert ask.rows("SELECT count(*) FROM delegation WHERE ended_at IS NULL") == [(1,)]
    assert ask("people", "deputy", email, "--end").exit_code == 0
    assert ask.rows("SELECT count(*) FROM delegation WHERE ended_at IS NULL") == [(0,)]
    assert "lead of northmoor" in ask("people", "lead", email).output
    assert ask.rows("SELECT role, post FROM account") == [("lead", "Digital officer (invented)")]
    again = ask("people", "invite", email)
    assert "/desk/invitation/" in again.output
    assert ask("people", "close", email).exit_code == 0
    assert "closed" in ask("people", "list", "--layer", "northmoor").output
    assert "northmoor: " not in ask("people", "list", "--layer", "southmere").output
    assert "/desk/invitation/" in ask("people", "reopen", email).output
    log = ask("log", "--layer", "northmoor")
    assert log.exit_code == 0
    told = [line for line in log.output.splitlines() if "command line (" in line]
    acts = ("reopen account", "close account", "invite again", "name lead", "end deputy", "name deputy", "add person")
    assert all(act in line for act, line in zip(acts, told, strict=True))
    assert "Log: 7 lines in all, every one as it was written" in log.output
    assert "command line (" not in ask("log", "--layer", "kent").output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("people", "add", "--layer", "kent", "--role", "editor", *ADA), "KNOW_MODE=live"),
        (("people", "add", "--layer", "narnia", "--role", "editor", *ADA), 'no force "narnia"'),
        (("people", "add", "--layer", "northmoor", "--role", "chief", *ADA), "editor, reviewer, lead"),
        (("people", "add", "--layer", "northmoor", "--role", "admin", *ADA), "national layer only"),
        (("people", "add", "--layer", "northmoor", "--role", "editor", *ADA[:-1], "ada"), "not an e-mail address"),
        (("people", "close", "nobody@northmoor.example"), "people list"),
        (("people", "deputy", "nobody@northmoor.example"), "--from and --until"),
        (("people", "deputy", "nobody@northmoor.example", "--from", "soon"), "soon"),
        (("force", "close", "narnia"), "northmoor"),
        (("force", "close", "police-scotland"), "Use one of"),
        (("force", "close", "northmoor", "--message", "Go away"), "checking, mending, changing"),
        (("force", "open", "northmoor"), "open already"),
        (("force", "provider", "northmoor", "nobody-here"), "provider list"),
        (("force", "provider", "narnia", "nobody-here"), "northmoor"),
        (("people", "add", "--layer", "provider:nobody-here", "--role", "advocate", *ADA), "provider add"),
        (("provider", "add", "Young Voices", "Young Voices (invented)"), "small letters"),
        (("provider", "add", "young-voices", "Young Voices"), "(invented)"),
        (("provider", "hours", "nobody-here", "mon=09:00-17:00"), "provider list"),
        (("provider", "hours", "young-voices", "fri-mon=09:00-17:00"), "mon-fri=09:00-17:00"),
        (("provider", "hours", "young-voices", "monday=09:00-17:00"), "mon-fri=09:00-17:00"),
        (("provider", "set", "young-voices", "colour", "red"), "keep_days"),
        (("provider", "hook", "nobody-here", "https://rota.example.org/"), "provider list"),
    ],
)
def test_a_mistake_is_told_and_changes_nothing(ask: Ask, words: tuple[str, ...], told: str) -> None:
    answer = ask(*words)
    assert answer.exit_code != 0
    assert told in answer.output
    assert "Traceback" not in answer.output
    for table in ("account", "delegation", "force_setting", "audit", "provider"):
        assert ask.rows(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608


def test_nobody_is_added_twice(ask: Ask) -> None:
    words = ("people", "add", "--layer", "northmoor", "--role", "editor")
    assert ask(*words, *ADA).exit_code == 0
    again = ask(*words, "--name", "Other", "--post", "Other", "--email", "ADA@northmoor.example")
    assert again.exit_code == 1
    assert "One person has one account" in again.output
    assert ask.rows("SELECT count(*) FROM account") == [(1,)]


def test_a_door_is_shut_and_opened(ask: Ask) -> None:
    assert "force open northmoor" in ask("force", "close", "northmoor", "--message", "mending").output
    assert ask("force", "open", "northmoor").exit_code == 0
    assert ask("provider", "add", "young-voices", "Young Voices (invented)").exit_code == 0
    assert "Young Voices (invented) answers" in ask("force", "provider", "northmoor", "young-voices").output
    assert ask("force", "provider", "national", "young-voices").exit_code == 0
    assert ask("force", "provider", "kent", "young-voices").exit_code == 1
    assert "nobody answers" in ask("force", "provider", "national", "").output
    assert ask.rows("SELECT layer, name, value FROM force_setting ORDER BY id") == [
        ("northmoor", "closed", "door_mending"),
        ("northmoor", "closed", ""),
        ("northmoor", "provider", "young-voices"),
        ("national", "provider", "young-voices"),
        ("national", "provider", ""),
    ]


def test_a_provider_from_the_first_command_to_its_people(ask: Ask) -> None:
    assert "provider add --help" in ask("provider", "list").output
    added = ask("provider", "add", "young-voices", "Young Voices (invented)")
    assert added.exit_code == 0, added.output
    assert "never yet" in ask("provider", "hours", "young-voices").output
    told = ask("provider", "hours", "young-voices", "mon-wed=09:00-17:00,18:00-20:00", "sat=22:00-02:00")
    assert "mon 09:00-17:00, 18:00-20:00" in told.output
    assert "wed 09:00-17:00, 18:00-20:00" in told.output
    assert "thu" not in told.output
    told = ask("provider", "hours", "young-voices", "mon=", "--closed", "2026-12-25,2026-12-26")
    assert "mon" not in told.output
    assert "tue 09:00-17:00" in told.output
    assert "closed on: 2026-12-25, 2026-12-26" in told.output
    broken = ask("provider", "hours", "young-voices", "tue=17:00-09:30")
    assert broken.exit_code == 1
    assert "Tuesday: 17:00-09:30 runs into Wednesday" in broken.output
    assert ask("provider", "set", "young-voices", "keep_days", "91").exit_code == 1
    assert "keep_days is 14 now" in ask("provider", "set", "young-voices", "keep_days", "14").output
    listed = ask("provider", "list").output
    for said in ("young-voices: Young Voices (invented)", "nobody yet", "keep_days: 14", "tue 09:00-17:00"):
        assert said in listed

    hooked = ask("provider", "hook", "young-voices", "http://127.0.0.1:9000/waits")
    secret = hooked.output.splitlines()[-1]
    assert len(secret) > 40
    assert secret not in str(ask.rows("SELECT * FROM provider")) + str(ask.rows("SELECT * FROM audit"))
    assert "9000" in ask("provider", "list").output
    assert ask("provider", "hook", "young-voices", "").exit_code == 0
    assert ask.rows("SELECT hook_url, hook_secret FROM provider") == [(None, None)]

    people = ("people", "add", "--layer", "provider:young-voices", "--name", "Sam", "--email", "sam@voices.example")
    assert ask(*people, "--role", "editor").exit_code == 1
    assert "/desk/invitation/" in ask(*people, "--role", "supervisor").output
    assert "provider:young-voices: supervisor Sam, supervisor, sam@voices.example" in ask("people", "list").output
    assert "advocate Sam" not in ask("people", "list", "--layer", "provider:young-voices").output
    whats = [what for (what,) in ask.rows("SELECT what FROM audit WHERE layer = 'provider:young-voices' ORDER BY id")]
    assert whats == [
        *("add provider", "change provider", "change provider", "change provider"),
        *("set hook", "take back hook", "add person"),
    ]


def test_an_altered_log_is_told(ask: Ask) -> None:
    ask("people", "add", "--layer", "northmoor", "--role", "editor", *ADA)
    trigger = "audit_no_update" if "sqlite" in ask.url else "audit_no_change ON audit"
    asyncio.run(_alter(ask.url, f"DROP TRIGGER {trigger}", "UPDATE audit SET who = 'Charlie'"))
    told = ask("log")
    assert told.exit_code == 1
    assert "then line 1 is not" in told.output


async def _alter(url: str, *acts: str) -> None:
    database = Database(settings_for(url))
    async with database.begin() as session:
        for act in acts:
            await session.execute(text(act))
    await database.close()


@pytest.mark.parametrize("path", ["gone.db", "."])
def test_a_database_that_is_not_there_is_said_and_not_made(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / path}")
    settings.cache_clear()
    try:
        told = CliRunner().invoke(cli, ["people", "list"])
    finally:
        settings.cache_clear()
    assert told.exit_code == 1
    assert "python -m api prepare" in told.output
    assert not (tmp_path / "gone.db").exists()


@pytest.mark.parametrize(
    "words",
    [
        *(["people", act] for act in ("add", "invite", "close", "reopen", "list", "lead", "deputy")),
        *(["force", act] for act in ("close", "open", "provider")),
        *(["provider", act] for act in ("add", "list", "hours", "set", "hook")),
        ["log"],
    ],
)
def test_every_command_teaches_itself(words: list[str]) -> None:
    told = CliRunner(env={"COLUMNS": "200"}).invoke(cli, [*words, "--help"])
    assert told.exit_code == 0
    assert re.search(r"[a-z]{3,} [a-z]+", told.output)
    for line in re.findall(r"^.*--[a-z]+.*$", told.output, re.MULTILINE):
        assert len(re.findall(r"[A-Za-z]{2,}", line)) > 3, f"an option without help: {line}"
