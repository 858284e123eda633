"""Checking sources: against a real HTTP server that changes, moves, hangs, floods, forbids and lies."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from api.commands.sources_command import Checked, check_sources
from api.records.source_checks import NotFetched, Validators, outdated_cards, source_checks, validators_of
from api.records.source_fetch import ROBOT, Form, SourceFetcher, forms_of
from api.web.database import Database
from content.card import Source
from content.cited_sources import Citation, CitedSource

CONTACT = "cards@example.org"
READ = date(2026, 7, 1)
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def page(words: str, *headers: str, kind: str = "text/html", status: str = "200 OK") -> bytes:
    body = words if kind != "text/html" else f"<main><h1>Page</h1><p>{words}</p></main>"
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers, f"Content-Length: {len(body.encode())}"]
    return "\r\n".join([*head, "Connection: close", "", body]).encode()


def leads(status: str, to: str) -> bytes:
    return page("", f"Location: {to}", status=status)


@dataclass
class Site:
    """A site on loopback: answers by path; b"" hangs up, None hangs, and what is not there is gone."""

    pages: dict[str, bytes | None]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    host: str = ""
    together: int = 0
    most: int = 0

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.together += 1
        self.most = max(self.most, self.together)
        try:
            await self._answer(reader, writer)
        finally:
            self.together -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}
        path = line.split()[1]
        self.asked.append((path, headers))
        await asyncio.sleep(0.01)
        found = self.pages.get(path, page("", status="404 Not Found"))
        if found is None:
            await reader.read()
            return
        if (etag := headers.get("if-none-match")) and f"ETag: {etag}\r\n".encode() in found:
            found = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
        writer.write(found)

    def paths(self) -> list[str]:
        """What was asked for, without robots.txt."""
        return [path for path, _ in self.asked if path != "/robots.txt"]

    def source(self, path: str = "/a", *places: str, checked: date = READ, card: str = "bodycam") -> CitedSource:
        url = f"http://{self.host}{path}"
        sources = [Source("one", "A page", url, checked, place) for place in places or ("",)]
        return CitedSource(url, tuple(Citation(card, "Question?", ("A fact.",), source) for source in sources))

    def fetcher(self, **others: object) -> SourceFetcher:
        chosen = {"pause": 0.0, "seconds": 5.0, "local": {self.host}, "forms": only_page, **others}
        return SourceFetcher(CONTACT, **chosen)


def only_page(url: str) -> Sequence[Form]:
    return [Form(url, "page")]


@asynccontextmanager
async def site(**pages: bytes | None) -> AsyncIterator[Site]:
    """A site with these pages, by the name of their path."""
    one = Site({f"/{name}": answer for name, answer in pages.items()})
    listening = await asyncio.start_server(one.take, "127.0.0.1", 0)
    async with listening:
        one.host = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield one


@dataclass
class Checking:
    """A database, and checks over it at a time that is moved on."""

    database: Database
    now: datetime = NOW

    async def check(self, fetcher: SourceFetcher, *sources: CitedSource) -> list[Checked]:
        self.now += timedelta(days=1)
        return [
            one async for one in check_sources(self.database, fetcher, sources, timedelta(hours=12), lambda: self.now)
        ]

    async def one(self, fetcher: SourceFetcher, source: CitedSource) -> Checked:
        (found,) = await self.check(fetcher, source)
        return found


@pytest.fixture
def on(own_database: Database) -> Checking:
    """Checks over each database in turn."""
    return Checking(own_database)


async def test_the_first_check_remembers_and_a_change_names_the_cards(on: Checking) -> None:
    async with site(a=page("You may ask.")) as there:
        source = there.source()
        assert (await on.one(there.fetcher(), source)).outdated == ()
        assert (await on.one(there.fetcher(), source)).outdated == ()
        there.pages["/a"] = page("You may not ask.")
        assert (await on.one(there.fetcher(), source)).outdated == ("bodycam",)
        # It stays so until somebody has read it, also when it does not change again.
        assert (await on.one(there.fetcher(), source)).outdated == ("bodycam",)
        read_again = there.source(checked=on.now.date())
        assert (await on.one(there.fetcher(), read_again)).outdated == ()


async def test_a_card_read_on_the_day_of_the_change_is_named_until_it_is_read_on_another(on: Checking) -> None:
    async with site(a=page("One.")) as there:
        await on.one(there.fetcher(), there.source())
        there.pages["/a"] = page("Two.")
        today = (on.now + timedelta(days=1)).date()
        assert (await on.one(there.fetcher(), there.source(checked=today))).outdated == ("bodycam",)
        later = there.source(checked=today + timedelta(days=1))
        assert (await on.one(there.fetcher(), later)).outdated == ()


async def test_only_the_cards_that_cite_the_changed_section_are_named(on: Checking) -> None:
    words = "One.</p><h2>Right 6</h2><p>{}</p><h2>Right 7</h2><p>Seven."
    async with site(a=page(words.format("Six."))) as there:
        both = CitedSource(
            there.source().url,
            there.source("/a", "Right 6", card="six").citations + there.source("/a", "Right 7", card="seven").citations,
        )
        await on.one(there.fetcher(), both)
        assert there.paths() == ["/a"]
        there.pages["/a"] = page(words.format("Other."))
        assert (await on.one(there.fetcher(), both)).outdated == ("six",)


async def test_it_asks_as_a_guest_does(on: Checking) -> None:
    async with site(a=page("Words.", 'ETag: "one"', "Last-Modified: Wed, 01 Jul 2026 10:00:00 GMT")) as there:
        await on.one(there.fetcher(), there.source())
        (robots, _), (path, headers) = there.asked
        assert (robots, path) == ("/robots.txt", "/a")
        assert headers["user-agent"].startswith(f"{ROBOT}/")
        assert CONTACT in headers["user-agent"]
        assert headers["host"] == there.host
        assert "if-none-match" not in headers
        again = await on.one(there.fetcher(), there.source())
        assert there.asked[-1][1]["if-none-match"] == '"one"'
        assert there.asked[-1][1]["if-modified-since"].startswith("Wed, 01 Jul")
        assert (again.row.outcome, again.row.checked_at, again.outdated) == ("read", on.now, ())
        there.pages["/a"] = page("Others.", 'ETag: "two"')
        assert (await on.one(there.fetcher(), there.source())).outdated == ("bodycam",)


async def test_a_place_that_is_new_is_read_even_where_nothing_has_changed(on: Checking) -> None:
    async with site(a=page("Words.", 'ETag: "one"')) as there:
        await on.one(there.fetcher(), there.source())
        both = there.source("/a", "", "Right 6")
        await on.one(there.fetcher(), both)
        async with on.database.begin() as session:
            checks = await source_checks(session)
        assert all(row.fingerprint for row in checks.values())
        assert validators_of(checks, both) == Validators('"one"')


async def test_it_pauses_between_two_requests_and_as_long_as_it_is_asked_to() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    robots = page("User-agent: *\nCrawl-delay: 9\n", kind="text/plain")
    async with site(a=page("Words.")) as there:
        fetcher = there.fetcher(pause=3.0, sleep=sleep)
        await fetcher.fetch(there.source(), Validators())
        there.pages["/robots.txt"] = robots
        await there.fetcher(pause=3.0, sleep=sleep).fetch(there.source(), Validators())
    assert [round(seconds) for seconds in slept] == [3, 9]


async def test_what_robots_forbid_is_not_asked_for(on: Checking) -> None:
    robots = page(f"User-agent: {ROBOT}\nDisallow: /a\n", kind="text/plain")
    async with site(a=page("Words."), b=page("Words.")) as there:
        there.pages["/robots.txt"] = robots
        a, b = await on.check(there.fetcher(), there.source("/a"), there.source("/b"))
        assert (a.row.outcome, b.row.outcome) == ("forbidden", "read")
        assert there.paths() == ["/b"]


@pytest.mark.parametrize("robots", [page("", status="500 Oh"), b"", None, b"nonsense\r\n\r\n"])
async def test_a_host_whose_robots_cannot_be_had_is_left_alone_at_once(on: Checking, robots: bytes | None) -> None:
    async with site(a=page("Words."), b=page("Words.")) as there:
        there.pages["/robots.txt"] = robots
        done = await on.check(there.fetcher(seconds=1.5), there.source("/a"), there.source("/b"))
        assert [one.row.outcome for one in done] == ["away", "away"]
        assert [path for path, _ in there.asked] == ["/robots.txt"]


@pytest.mark.parametrize("status", ["301 Moved", "308 Moved"])
async def test_what_moved_for_good_is_read_there_and_said(on: Checking, status: str) -> None:
    async with site(a=page("Words."), new=page("Words.")) as there:
        await on.one(there.fetcher(), there.source())
        there.pages["/a"] = leads(status, "/new#top")
        moved = await on.one(there.fetcher(), there.source())
        assert (moved.row.outcome, moved.row.detail) == ("moved", f"http://{there.host}/new")
        assert moved.outdated == ()
        there.pages["/new"] = page("Other words.")
        assert (await on.one(there.fetcher(), there.source())).outdated == ("bodycam",)


async def test_what_is_elsewhere_for_now_has_not_moved(on: Checking) -> None:
    async with site(a=leads("302 Found", "/b"), b=leads("301 Moved", "/c"), c=page("Words.")) as there:
        found = await on.one(there.fetcher(), there.source())
        assert (found.row.outcome, found.row.detail) == ("read", "")


@pytest.mark.parametrize(
    ("answer", "outcome", "told"),
    [
        (page("", status="404 Not Found"), "gone", "404"),
        (page("", status="410 Gone"), "gone", "410"),
        (page("", status="403 Forbidden"), "away", "403"),
        (page("", status="500 Oh"), "away", "500"),
        (page("", status="304 Not Modified"), "away", "304"),
        (page("%PDF-1.7", kind="application/pdf"), "not-text", "application/pdf"),
        (page("{}", kind=""), "not-text", "does not say"),
        (page(""), "read", ""),
        (page("<nav>", kind="text/plain"), "unreadable", "no words"),
        (page("x" * 9_000_000), "too-large", "8192 kB"),
        (None, "away", "within 0.5 seconds"),
        (b"", "away", "RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf", "away", "RemoteProtocolError"),
        (b"\x00\xff garbage\r\n\r\n", "away", "RemoteProtocolError"),
        (page("Words.", "Content-Encoding: gzip"), "away", "DecodingError"),
        (leads("301 Moved", "/a"), "away", "more than 5"),
        (leads("301 Moved", "http://[bad"), "away", "none"),
        (leads("301 Moved", "file:///etc/passwd"), "refused", "only to https"),
    ],
)
async def test_whatever_a_site_does_is_kept_and_what_was_known_stays(
    on: Checking, answer: bytes | None, outcome: str, told: str
) -> None:
    async with site(a=page("Words.")) as there:
        before = (await on.one(there.fetcher(), there.source())).row.fingerprint
        there.pages["/a"] = answer
        found = await on.one(there.fetcher(seconds=0.5 if answer is None else 5.0), there.source())
        assert found.row.outcome == outcome
        assert told in found.row.detail
        if outcome != "read":
            assert found.row.fingerprint == before
            assert found.outdated == ()


async def test_a_host_that_asks_us_to_wait_is_not_asked_again(on: Checking) -> None:
    async with site(a=page("", status="429 Too Many"), b=page("Words.")) as there:
        done = await on.check(there.fetcher(), there.source("/a"), there.source("/b"))
        assert [one.row.outcome for one in done] == ["away", "away"]
        assert there.paths() == ["/a"]


async def test_no_address_leads_into_the_private_network(on: Checking) -> None:
    async with site(secret=page("A password.")) as inside, site(a=page("Words.")) as there:
        there.pages |= {"/to": leads("302 Found", f"http://{inside.host}/secret")}
        assert (await on.one(there.fetcher(), there.source("/to"))).row.outcome == "refused"
        there.pages["/robots.txt"] = leads("302 Found", f"http://{inside.host}/secret")
        assert (await on.one(there.fetcher(), there.source("/a"))).row.outcome == "refused"
        assert inside.asked == []


@pytest.mark.parametrize(
    "leads_to", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"]
)
async def test_a_public_name_with_a_private_address_is_not_asked(leads_to: str) -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return [leads_to]

    url = "https://www.legislation.gov.uk/ukpga/2018/12/section/45"
    source = CitedSource(url, (Citation("bodycam", "?", (), Source("one", "A law", url, READ)),))
    found = await SourceFetcher(CONTACT, resolve=resolve).fetch(source, Validators())
    assert isinstance(found, NotFetched)
    assert (found.outcome, "not on the public internet" in found.detail) == ("refused", True)


async def test_a_page_stands_in_where_there_is_no_data_and_its_validators_are_not_kept(on: Checking) -> None:
    def forms(url: str) -> Sequence[Form]:
        return [Form(f"{url}/data.xml", "law"), Form(url, "page")]

    async with site(a=page("Words.", 'ETag: "page"')) as there:
        found = await on.one(there.fetcher(forms=forms), there.source())
        assert (found.row.outcome, found.row.etag) == ("read", None)
        assert there.paths() == ["/a/data.xml", "/a"]
        # Broken data is no reason to compare something else with what was known.
        there.pages["/a/data.xml"] = page("<Legislation>", kind="text/xml")
        found = await on.one(there.fetcher(forms=forms), there.source())
        assert (found.row.outcome, found.outdated) == ("unreadable", ())


@pytest.mark.parametrize(
    ("url", "forms"),
    [
        ("https://www.legislation.gov.uk/ukpga/2018/12/section/45", ["/ukpga/2018/12/section/45/data.xml", "page"]),
        ("https://www.gov.uk/arrested-your-rights/custody", ["/api/content/arrested-your-rights/custody", "page"]),
        ("https://www.legislation.gov.uk/ukpga/2010/17/notes/division/4/1", ["page"]),
        ("https://crimeline.co.uk/legislationdisplay/?leg=ukpga", ["page"]),
        ("https://www.gov.uk.example.org/a", ["page"]),
    ],
)
def test_laws_and_pages_of_govuk_are_read_as_data(url: str, forms: list[str]) -> None:
    found = forms_of(url)
    assert [form.address for form in found] == [
        url if path == "page" else f"https://{url.split('/')[2]}{path}" for path in forms
    ]


async def test_what_was_checked_a_moment_ago_is_left_out_but_for_what_did_not_answer(on: Checking) -> None:
    async with site(a=page("Words."), b=page("", status="500 Oh")) as there:
        await on.check(there.fetcher(), there.source("/a"), there.source("/b"))
        on.now -= timedelta(hours=20)
        again = await on.check(there.fetcher(), there.source("/a"), there.source("/b"))
        assert [one.source.url for one in again] == [there.source("/b").url]


async def test_two_checks_at_once_lose_nothing(on: Checking) -> None:
    paths = [f"p{number}" for number in range(8)]
    async with site(**{path: page("Words.") for path in paths}) as there:
        sources = [there.source(f"/{path}") for path in paths]
        await asyncio.gather(on.check(there.fetcher(), *sources), on.check(there.fetcher(), *reversed(sources)))
        there.pages = {f"/{path}": page("Other words.") for path in paths}
        await asyncio.gather(on.check(there.fetcher(), *sources), on.check(there.fetcher(), *sources))
        async with on.database.begin() as session:
            checks = await source_checks(session)
        assert [outdated_cards(checks, source) for source in sources] == [("bodycam",)] * 8


async def test_one_fetcher_asks_for_one_thing_at_a_time(on: Checking) -> None:
    async with site(a=page("Words."), b=page("Words.")) as there:
        await on.check(there.fetcher(), there.source("/a"), there.source("/b"))
        assert there.most == 1
