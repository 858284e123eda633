"""The sources from the command line: what rests on each, what has changed, and a link that opens the recall."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from api.records.source_checks import Fetched, NotFetched, keep_check
from api.web.clock import utc_now
from api.web.database import Database
from api.web.settings import Settings, settings
from content.cited_section import Section
from content.cited_sources import CitedSource, cited_sources
from tests.conftest import release_for, settings_for
from tests.records.commands import Commands, run_command

URL = "https://www.legislation.gov.uk/ukpga/2018/12/section/45"
LINK = (
    "https://know.example/desk/{}/recall?source=https%3A%2F%2Fwww.legislation.gov.uk%2Fukpga%2F2018%2F12%2Fsection%2F45"
)


class Ask(Commands):
    """Runs the command against a database of this test's own."""

    def keep(self, *found: Fetched | NotFetched) -> None:
        """What checks found one after another, the last of them just now."""
        asyncio.run(self._keep(found))

    async def _keep(self, found: tuple[Fetched | NotFetched, ...]) -> None:
        database = Database(settings_for(self.url))
        for days, one in zip(range(len(found) - 1, -1, -1), found, strict=True):
            async with database.begin() as session:
                await keep_check(session, cited(), one, utc_now() - timedelta(days=days))
        await database.close()


def cited() -> CitedSource:
    return next(one for one in cited_sources(release_for(practice=True).cards.values()) if one.url == URL)


def says(words: str) -> Fetched:
    return Fetched({place: Section(words, whole=False) for place in cited().places})


@pytest.fixture
def ask(own_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    monkeypatch.setenv("DATABASE_URL", own_url)
    monkeypatch.setenv("KNOW_PUBLIC_URL", "https://know.example")
    monkeypatch.setenv("KNOW_CONTACT", "cards@example.org")
    settings.cache_clear()
    yield Ask(own_url, "sources")
    settings.cache_clear()


def test_every_source_is_listed_with_its_cards_facts_and_age(ask: Ask) -> None:
    told = ask()
    assert told.exit_code == 0, told.output
    assert all(one.url in told.output for one in cited_sources(release_for(practice=True).cards.values()))
    about = ask("--find", URL).output
    assert "free copy of video" in about
    assert f"read {cited().oldest}, {(utc_now().date() - cited().oldest).days} days ago" in about
    assert "not checked yet" in about
    assert "card bodycam, read" in about
    assert "none is known to have changed" in about


def test_a_change_names_the_cards_and_the_page_that_recalls_them(ask: Ask) -> None:
    ask.keep(says("One."), says("Two."))
    told = ask("--find", URL)
    assert told.exit_code == 0
    assert LINK.format("national") in told.output.splitlines()[-1]
    assert LINK.format("northmoor") in ask("--find", URL, "--layer", "northmoor").output
    assert f"cards: {', '.join(cited().cards)}" in told.output
    # What was checked just now is not asked again, but still told.
    checked = ask("--check", "--find", URL)
    assert checked.exit_code == 1
    assert "Checked now: 0" in checked.output
    assert LINK.format("national") in checked.output


@pytest.mark.parametrize(
    ("found", "code", "told"),
    [
        (says("One."), 0, ": read"),
        (Fetched(says("One.").sections, "https://new.example/a"), 1, "https://new.example/a"),
        (NotFetched("gone", "It is not there any more (code 410)."), 1, "find where it is now"),
        (NotFetched("forbidden", "Its robots.txt asks programs not to read it."), 0, "read it yourself"),
    ],
)
def test_the_end_says_whether_somebody_has_to_look(ask: Ask, found: Fetched | NotFetched, code: int, told: str) -> None:
    ask.keep(found)
    assert told in ask("--find", URL).output
    checked = ask("--check", "--find", URL)
    assert (checked.exit_code, "Checked now: 0" in checked.output) == (code, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--find", "no such words"), "Try fewer words"),
        (("--layer", "narnia"), 'no force "narnia"'),
        (("--pause", "0", "--check"), "--pause"),
    ],
)
def test_a_mistake_says_what_to_do(ask: Ask, words: tuple[str, ...], told: str) -> None:
    found = ask(*words)
    assert found.exit_code == 2
    assert told in found.output


def test_no_site_is_asked_by_somebody_who_cannot_be_reached(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KNOW_CONTACT")
    settings.cache_clear()
    told = ask("--check")
    assert (told.exit_code, "KNOW_CONTACT=cards@example.org" in told.output) == (1, True)


@pytest.mark.parametrize(
    "contact", ["nobody", "a@b\r\nX: 1", "http://example.org", "https://example.org/ab c", "https://"]
)
def test_a_contact_that_nobody_can_use_is_refused(contact: str) -> None:
    with pytest.raises(ValueError, match="KNOW_CONTACT"):
        Settings.model_validate({"contact": contact})


def test_a_database_without_tables_says_what_to_do(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/none.db")
    settings.cache_clear()
    told = run_command("sources")
    settings.cache_clear()
    assert (told.exit_code, "python -m api prepare" in told.output) == (1, True)
