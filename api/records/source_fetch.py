"""Fetches the sources of the cards politely: one at a time, with pauses, as robots.txt asks, and never led inside."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import httpx

from api.records.handovers.webhooks import Resolve, leads_outside, may_be_told, resolve
from api.records.source_checks import Fetched, NotFetched, Outcome, Validators
from content.cited_section import Section, UnreadableSource, govuk_section, law_section, page_section
from content.cited_sources import CitedSource

ROBOT = "InTheKnow"
"""The name by which robots.txt may speak to us."""
PAUSE = 2.0
"""Seconds between two requests to one host; more where its robots.txt asks for more."""
SECONDS = 30.0
"""How long one request may take, to its last byte."""
LARGEST = 8 * 1024 * 1024
"""In bytes, unpacked. The longest acts are a few millions."""
_LARGEST_ROBOTS = 512 * 1024
_LONGEST_PAUSE = 60.0
_MOST_HOPS = 5
_LONGEST_ETAG, _LONGEST_DATE = 300, 100
_FOR_GOOD, _FOR_NOW = (301, 308), (302, 303, 307)
_HTTPS = 443
_API, _XML = "/api/content", "/data.xml"

Format = Literal["law", "govuk", "page"]
_MEDIA: dict[Format, tuple[str, ...]] = {
    "law": ("application/xml", "text/xml", "application/akn+xml"),
    "govuk": ("application/json",),
    "page": ("text/html", "application/xhtml+xml", "text/plain"),
}


@dataclass(frozen=True)
class Form:
    """One way to read a source: an address, and what is sent there."""

    address: str
    format: Format


def forms_of(url: str) -> Sequence[Form]:
    """How to read a source, the best way first: as data where a site has it, else as the page that people see."""
    parts = urlsplit(url)
    path, page = parts.path.rstrip("/"), Form(url.partition("#")[0], "page")
    if parts.hostname == "www.legislation.gov.uk" and path and "/notes" not in path and not path.endswith(".xml"):
        return Form(f"https://{parts.hostname}{path}{_XML}", "law"), page
    if parts.hostname == "www.gov.uk" and path and not path.startswith("/api/"):
        return Form(f"https://{parts.hostname}{_API}{path}", "govuk"), page
    return (page,)


class _Ended(Exception):
    """A fetch that ended without words."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(detail)
        self.not_fetched = NotFetched(outcome, detail)


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: httpx.Headers
    body: bytes
    moved_to: str | None = None


class SourceFetcher:
    """Fetches sources, one at a time. One for each run: it remembers what each host's robots.txt says.

    `contact` is told to every site. `local` names hosts ("127.0.0.1:8001") of this machine that are allowed all the
    same; `pause` and `seconds` are in seconds.
    """

    def __init__(
        self,
        contact: str,
        *,
        pause: float = PAUSE,
        seconds: float = SECONDS,
        local: Collection[str] = (),
        resolve: Resolve = resolve,
        forms: Callable[[str], Sequence[Form]] = forms_of,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._agent = f"{ROBOT}/1.0 (checks whether the sources it cites have changed; {contact})"
        self._pause, self._seconds, self._local = pause, seconds, frozenset(local)
        self._resolve, self._forms, self._sleep = resolve, forms, sleep
        self._asked_at: dict[str, float] = {}
        self._robots: dict[str, RobotFileParser] = {}
        self._left_alone: set[str] = set()

    async def fetch(self, source: CitedSource, known: Validators) -> Fetched | NotFetched:
        """What is at a source now. Never raises for what a site does."""
        ended = NotFetched("refused", "This is no address that we go to.")
        for number, form in enumerate(self._forms(source.url)):
            try:
                return await self._read(form, source, Validators() if number else known, first=not number)
            except _Ended as end:
                ended = end.not_fetched
            # Not every page has a form as data; whatever else went wrong is no reason to compare something else.
            if ended.outcome not in ("gone", "forbidden", "not-text"):
                break
        return ended

    async def _read(self, form: Form, source: CitedSource, known: Validators, *, first: bool) -> Fetched:
        asked = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        headers = {name: value for name, value in asked.items() if value}
        answer = await self._follow(form.address, headers)
        moved_to = answer.moved_to and _page_of(answer.moved_to)
        if answer.status == 304 and headers:
            return Fetched(None, moved_to)
        if answer.status != 200:
            raise _Ended("away", f"It answered with code {answer.status}.")
        media = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if media not in _MEDIA[form.format]:
            raise _Ended("not-text", f"This is no page of text ({media[:80] or 'it does not say what it is'}).")
        try:
            sections = {place: _section(form, answer, source.url, place) for place in source.places}
        except UnreadableSource as error:
            raise _Ended("unreadable", f"It cannot be read: {error}.") from None
        return Fetched(sections, moved_to, _validators(answer.headers) if first else Validators())

    async def _follow(self, address: str, headers: dict[str, str]) -> _Answer:
        """The answer at the end of all redirects, each looked at as if it stood in a card."""
        moved_to, still = None, True
        for _ in range(_MOST_HOPS):
            await self._must_be_allowed(address)
            answer = await self._ask(address, headers, LARGEST)
            if answer.status in (404, 410):
                raise _Ended("gone", f"It is not there any more (code {answer.status}).")
            if answer.status in (429, 503):
                self._left_alone.add(urlsplit(address).netloc)
            if answer.status not in (*_FOR_GOOD, *_FOR_NOW) or "Location" not in answer.headers:
                return _Answer(answer.status, answer.headers, answer.body, moved_to)
            address = _joined(address, answer.headers["Location"])
            still = still and answer.status in _FOR_GOOD
            moved_to = address if still else moved_to
        raise _Ended("away", f"It leads on and on, more than {_MOST_HOPS} times.")

    async def _must_be_allowed(self, address: str) -> None:
        self._must_be_public(address)
        parts = urlsplit(address)
        if parts.netloc in self._left_alone:
            raise _Ended("away", "Its host did not answer, or asked us to wait. The next check asks it again.")
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._robots:
            try:
                self._robots[origin] = await self._robots_of(origin)
            except _Ended:
                # Or a hundred sections of one host that is down would each be waited for.
                self._left_alone.add(parts.netloc)
                raise
        if not self._robots[origin].can_fetch(ROBOT, address):
            raise _Ended("forbidden", "Its robots.txt asks programs not to read it.")

    async def _robots_of(self, origin: str) -> RobotFileParser:
        """What a host asks of programs. None there: all is allowed. No answer: nothing is, today (RFC 9309)."""
        robots, address = RobotFileParser(), f"{origin}/robots.txt"
        for _ in range(_MOST_HOPS):
            self._must_be_public(address)
            answer = await self._ask(address, {}, _LARGEST_ROBOTS)
            if answer.status not in (*_FOR_GOOD, *_FOR_NOW) or "Location" not in answer.headers:
                break
            address = _joined(address, answer.headers["Location"])
        if answer.status >= 500 or answer.status == 429:
            raise _Ended("away", f"Its robots.txt answered with code {answer.status}.")
        robots.parse(answer.body.decode("utf-8", "replace").splitlines() if answer.status == 200 else [])
        return robots

    def _must_be_public(self, address: str) -> None:
        if not may_be_told(address, practice=False) and urlsplit(address).netloc not in self._local:
            raise _Ended("refused", f"We do not go to {address[:200]}: only to https, at a public name.")

    async def _ask(self, address: str, headers: dict[str, str], largest: int) -> _Answer:
        """One request, after a pause. The name is resolved here and once: asked again it could lead elsewhere."""
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL:
            raise _Ended("refused", "This is no address that we can go to.") from None
        await self._wait_for(url)
        sent = {"User-Agent": self._agent, "Host": url.netloc.decode(), **headers}
        try:
            async with asyncio.timeout(self._seconds), httpx.AsyncClient(timeout=self._seconds) as client:
                where = url.copy_with(host=await self._address(url))
                asked = client.stream("GET", where, headers=sent, extensions={"sni_hostname": url.host})
                async with asked as answer:
                    body = await _body(answer, largest)
                    return _Answer(answer.status_code, answer.headers, body)
        except _Ended:
            raise
        except (TimeoutError, httpx.TimeoutException):
            raise _Ended("away", f"There was no whole answer within {self._seconds:g} seconds.") from None
        except (OSError, UnicodeError, httpx.HTTPError) as error:
            raise _Ended("away", f"It could not be reached ({type(error).__name__}).") from None
        finally:
            self._asked_at[url.host] = time.monotonic()

    async def _wait_for(self, url: httpx.URL) -> None:
        robots = self._robots.get(f"{url.scheme}://{url.netloc.decode()}")
        pause = max(self._pause, min(float((robots and robots.crawl_delay(ROBOT)) or 0), _LONGEST_PAUSE))
        left = self._asked_at.get(url.host, -pause) + pause - time.monotonic()
        if url.host in self._asked_at and left > 0:
            await self._sleep(left)

    async def _address(self, url: httpx.URL) -> str:
        found = await self._resolve(url.host, url.port or _HTTPS)
        if not found or (not all(map(leads_outside, found)) and url.netloc.decode() not in self._local):
            raise _Ended("refused", f"{url.host} leads to a machine that is not on the public internet.")
        return found[0]


async def _body(answer: httpx.Response, largest: int) -> bytes:
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > largest:
            raise _Ended("too-large", f"It is longer than {largest // 1024} kB.")
    return bytes(body)


def _section(form: Form, answer: _Answer, url: str, place: str) -> Section:
    if form.format == "law":
        return law_section(answer.body, url, place)
    if form.format == "govuk":
        return govuk_section(answer.body, url, place)
    return page_section(_decoded(answer), place)


def _decoded(answer: _Answer) -> str:
    charset = httpx.Response(200, headers=answer.headers, content=b"").charset_encoding or "utf-8"
    try:
        return answer.body.decode(charset, "replace")
    except LookupError:
        return answer.body.decode("utf-8", "replace")


def _validators(headers: httpx.Headers) -> Validators:
    etag, date = headers.get("ETag", ""), headers.get("Last-Modified", "")
    return Validators(
        etag if 0 < len(etag) <= _LONGEST_ETAG else None, date if 0 < len(date) <= _LONGEST_DATE else None
    )


def _joined(address: str, location: str) -> str:
    try:
        return urljoin(address, location).partition("#")[0]
    except ValueError:
        raise _Ended("away", "It leads to an address that is none.") from None


def _page_of(address: str) -> str:
    """The page that people open, of the address of its data."""
    return address.removesuffix(_XML).replace(f"{_API}/", "/", 1)
