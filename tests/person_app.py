"""What tests of the way to a person may ask for: providers and advocates, and children who ask, with pages or JSON."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from api.chat.person.three_words_rate_limit import WrongTries
from api.main import create_app
from api.records.force_availability import closed_doors, name_provider, open_door
from api.records.handovers import providers
from api.records.handovers.advocates import Advocate
from api.records.handovers.handover_context import LookIntervals
from api.records.handovers.opening_week import DAYS
from api.records.handovers.presence import arrive
from api.records.handovers.tables import Count, Handover, Message, Presence, Provider
from api.records.people import operator
from tests.conftest import in_postgres, postgres_url_of, release_for, settings_for
from tests.desk_app import DeskApp, FakeClock, Person
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.own_database import sqlite_copy
from tests.until import until

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
"""A Thursday, with UK clocks at UTC."""
ALWAYS = "00:00-24:00"
NUMBER = "07700 900123"
"""A mobile number that Ofcom keeps for stories: nobody has it."""
WORDS = re.compile(r'<li class="three-word">([a-z]+)</li>')


@contextmanager
def signed_copy(url: str, folder: Path) -> Iterator[str]:
    """A copy of a database with the practice words signed, that nobody else writes to."""
    if url.startswith("sqlite"):
        yield sqlite_copy(url, folder)
        return
    name, source_name = f"know_test_{secrets.token_hex(4)}", url.partition("?")[0].rpartition("/")[2]
    asyncio.run(in_postgres(f"CREATE DATABASE {name} TEMPLATE {source_name}"))
    yield postgres_url_of(name)
    asyncio.run(in_postgres(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def signed_url(database_url: str, tmp_path: Path) -> Iterator[str]:
    """Each database in turn, a copy of the test's own. For SQLite alone take `signed_copy(sqlite_url, tmp_path)`."""
    with signed_copy(database_url, tmp_path) as url:
        yield url


class PersonApp(DeskApp):
    """An app over a database of its own, with a clock that tests move, providers, advocates and children."""

    async def as_new(self, now: datetime) -> None:
        """Forgets every handover, provider and wrong try, opens every door, and puts the clock to this moment.

        So tests can share an app. A force still names its last provider: there is none until one of that slug is made.
        """
        self.clock.now = now
        async with self.database.begin() as session:
            for table in (Message, Handover, Presence, Count, Provider):
                await session.execute(delete(table))
            for layer in await closed_doors(session):
                await open_door(session, operator("tests"), layer, now)
        await doors(self.app).pack_cache.refresh()
        self.count_wrong_tries(WrongTries())

    def count_wrong_tries(self, wrong_tries: WrongTries) -> None:
        """From now on wrong words are counted here."""
        doors(self.app).person_door = replace(doors(self.app).person_door, wrong_tries=wrong_tries)

    def look_every(self, **intervals: float) -> None:
        """From now on pages that are opened look by themselves as often as this, else as they do for real."""
        person_door = doors(self.app).person_door
        context = replace(person_door.handover_context, look_intervals=LookIntervals(**intervals))
        doors(self.app).person_door = replace(person_door, handover_context=context)

    async def provider(
        self,
        slug: str = "moor-voices",
        layers: Sequence[str] = ("northmoor",),
        hours: str | Mapping[str, str] = ALWAYS,
        **settings: str,
    ) -> Provider:
        """A provider that answers for these layers; `hours` on every day, or by day ("mon"), others as the form."""
        by, now = operator("tests"), self.clock()
        week = dict.fromkeys(DAYS, hours) if isinstance(hours, str) else dict(hours)
        name = f"{slug.replace('-', ' ').title()} (invented)"
        async with self.database.begin() as session:
            made = await providers.add(session, by, slug, name, practice=True, now=now)
            await providers.change(session, by, made, {**week, **settings}, now)
            for layer in layers:
                forces = doors(self.app).pack_cache.forces
                await name_provider(session, by, layer, made, forces=forces, practice=True, now=now)
        return made

    async def advocate(
        self, provider: Provider, name: str = "", role: str = "advocate", *, here: bool = True
    ) -> Person:
        """Somebody of a provider, signed in, who has pressed "I am here" unless `here` is False."""
        person = await self.person(provider.layer, role, name)
        if here:
            await self.here(provider, person)
        return person

    async def here(self, provider: Provider, person: Person) -> None:
        """They press "I am here" now."""
        who = Advocate(person.account.id, person.account.name, provider, supervisor=person.account.role == "supervisor")
        async with self.database.begin() as session:
            await arrive(session, doors(self.app).person_door.handover_context, who, self.clock())

    def child(self, force: str = "northmoor") -> "PageChild":
        """A child with a browser without script."""
        return PageChild(self.browser(), force)

    def json_child(self, force: str | None = "northmoor") -> "JsonChild":
        """A child at a program of somebody else's."""
        return JsonChild(self.browser(), force)


@asynccontextmanager
async def person_app(
    url: str, now: datetime | None = None, *, background_work: bool = False, **settings: object
) -> AsyncIterator[PersonApp]:
    """An app over this database, at this moment of its clock; nobody goes round beside it unless `background_work`."""
    clock = FakeClock()
    clock.now = now or clock.now
    chosen = settings_for(url, **settings)
    app = create_app(chosen, FakeBrain(), release_for(practice=chosen.practice), clock, background_work=background_work)
    async with app.router.lifespan_context(app):
        # A slow database may be asked a second time; until it answers, pages of a visit are held back.
        await until(lambda: doors(app).chat.tokens.visits.listed)
        yield PersonApp(app, clock)


@pytest.fixture
async def app(signed_url: str) -> AsyncIterator[PersonApp]:
    """An app at noon over a database of the test's own, on each database in turn."""
    async with person_app(signed_url, NOON) as found:
        yield found


@pytest.fixture(scope="module")
async def one_for_all(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PersonApp]:
    """An app on SQLite for a whole module; take `one_app`."""
    with signed_copy(sqlite_url, tmp_path_factory.mktemp("one")) as url:
        async with person_app(url, NOON) as found:
            yield found


@pytest.fixture
async def one_app(one_for_all: PersonApp) -> AsyncIterator[PersonApp]:
    """The module's app, at noon, without any provider, handover or wrong try. Sign nothing in it: that would stay."""
    await one_for_all.as_new(NOON)
    person_door = doors(one_for_all.app).person_door
    yield one_for_all
    doors(one_for_all.app).person_door = person_door


@dataclass
class Field:
    """A form of a page: where it goes and how, what a browser would send of it, and its buttons."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, typed: Mapping[str, str | list[str]]) -> dict[str, list[str]]:
        """What is sent once these fields are typed, ticked or chosen otherwise; an empty list unticks."""
        found: dict[str, list[str]] = {}
        for name, value in self.values:
            found.setdefault(name, []).append(value)
        return found | {name: [value] if isinstance(value, str) else value for name, value in typed.items()}


class _Reader(HTMLParser):
    """Reads forms as a browser does: what is not ticked is not sent, and text stands as it was typed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Field] = []
        self._area: tuple[str, list[str]] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Field(has.get("action", ""), has.get("method", "get")))
        elif tag == "button" and has.get("name"):
            self.forms[-1].buttons.append((has["name"], has.get("value", "")))
        elif tag == "textarea":
            self._area = (has["name"], [])
        elif tag == "input" and has.get("name") and (has.get("type") not in ("radio", "checkbox") or "checked" in has):
            self.forms[-1].values.append((has["name"], has.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            name, parts = self._area
            # A browser leaves out the line end right after the tag.
            self.forms[-1].values.append((name, "".join(parts).removeprefix("\n")))
            self._area = None


def forms_of(page: httpx.Response) -> list[Field]:
    """Every form of a page."""
    return _Reader(page.text).forms


class PageChild:
    """A child who goes through the pages, each time sending what the page before holds."""

    def __init__(self, browser: httpx.AsyncClient, force: str = "northmoor") -> None:
        self.browser, self.force = browser, force
        self.page: httpx.Response | None = None

    @property
    def html(self) -> str:
        """The page on show."""
        assert self.page is not None
        return self.page.text

    async def open(self, address: str = "", **query: str) -> httpx.Response:
        """Opens a page, by itself the first on the way to a person, and follows where it leads."""
        return self._show(
            await self.browser.get(address or f"/{self.force}/person", params=query or None, follow_redirects=True)
        )

    async def press(self, go: str, **typed: str | list[str]) -> httpx.Response:
        """Fills in the form that has this button, and presses it."""
        return await self._send(("go", go), typed)

    async def ask(self, **typed: Any) -> str:
        """Asks for a person from the first page to the last. Gives the three words."""
        await self.open()
        await self.press("details")
        await self.press("next", **{"name": "Robin", "question": "Who can see my record?", "how": "here", **typed})
        await self.press("send")
        return self.words

    async def ask_for_call(self, **typed: Any) -> str:
        """Asks to be called at the first time on offer, from the first page to the last. Gives the three words."""
        await self.open()
        await self.press("details")
        await self.press("next", name="Robin", question="", how="call-back")
        first = re.search(r'name="window" value="([^"]+)"', self.html)
        assert first, self.html
        call = {"number": NUMBER, "whose": "mine", "window": first[1]}
        await self.press("review", **{**call, **typed})
        await self.press("send")
        return self.words

    @property
    def words(self) -> str:
        """The three words on the page."""
        found = WORDS.findall(self.html)
        assert len(found) == 3, self.html
        return "-".join(found)

    @property
    def here(self) -> str:
        """The handle in the page after sending, or in the address after coming back."""
        assert self.page is not None
        held = [value for form in forms_of(self.page) for name, value in form.values if name == "here"]
        return held[0] if held else self.page.url.params["here"]

    async def go_on(self) -> httpx.Response:
        """From the three words to the talk."""
        assert self.page is not None
        form = next(one for one in forms_of(self.page) if any(name == "here" for name, _ in one.values))
        return self._show(await self.browser.get(form.action, params=form.filled({})))

    async def back(self, words: str) -> httpx.Response:
        """Opens the page for the three words, and types them. Does not follow where that leads."""
        self._show(await self.browser.get(f"/{self.force}/person/back"))
        return await self._send(("go", "back"), {"words": words})

    async def _send(self, button: tuple[str, str], typed: Mapping[str, str | list[str]]) -> httpx.Response:
        assert self.page is not None
        form = next((one for one in forms_of(self.page) if button in one.buttons), None)
        assert form, f"no button {button} on {self.html}"
        data = form.filled(typed) | {button[0]: [button[1]]}
        return self._show(await self.browser.post(form.action, data=data))

    def _show(self, page: httpx.Response) -> httpx.Response:
        self.page = page
        return page


class JsonChild:
    """A child whose program speaks JSON."""

    def __init__(self, browser: httpx.AsyncClient, force: str | None = "northmoor") -> None:
        self.browser, self.force = browser, force
        self.chat = self.here = self.words = ""
        self.terms: dict[str, Any] = {}

    async def open(self) -> dict[str, Any]:
        """Starts a chat, and reads who answers and on what terms."""
        if not self.chat:
            started = await self.browser.post("/api/v1/chats", json={"force": self.force})
            self.chat = started.json()["chat"]
        query = {"force": self.force} if self.force else {}
        answer = await self.browser.get("/api/v1/handovers/terms", params=query)
        assert answer.status_code == 200, answer.text
        self.terms = answer.json()
        return self.terms

    def body(self, **others: Any) -> dict[str, Any]:
        """What is sent to ask for a person here, agreeing to the terms that were read."""
        return {
            "chat": self.chat,
            "once": self.terms["once"],
            "provider": self.terms["provider"]["slug"],
            "keep_days": self.terms["keep_days"],
            "agreed": {card["key"]: card["signoff"]["fingerprint"] for card in self.terms["consent"]},
            "name": "Robin",
            "question": "Who can see my record?",
            "wants": "here",
            **others,
        }

    def call(self, **others: Any) -> dict[str, Any]:
        """How to call back, at the first time on offer."""
        window = {part: self.terms["windows"][0][part] for part in ("starts", "ends")}
        return {"number": NUMBER, "whose": "mine", "window": window, **others}

    async def ask(self, **others: Any) -> str:
        """Asks for a person. Gives the three words."""
        await self.open()
        answer = await self.send(self.body(**others))
        assert answer.status_code == 201, answer.text
        kept = answer.json()
        self.here, self.words, self.chat = kept["here"], kept["words"], kept["chat"]
        return self.words

    async def send(self, body: dict[str, Any]) -> httpx.Response:
        """Sends what was put together."""
        return await self.browser.post("/api/v1/handovers", json=body)

    async def back(self, words: str) -> httpx.Response:
        """Comes back with three words."""
        return await self.browser.post("/api/v1/handovers/back", json={"words": words})
