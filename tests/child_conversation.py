"""What tests of a child's talk may ask for: a child on its page without script, adults, and an app with a clock."""

import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import delete, select

from api.chat.person.handover_token import HandoverToken
from api.records.handovers import claims, conversation, end_handover
from api.records.handovers.advocates import Advocate
from api.records.handovers.message_cipher import CallBack, MessageBody, OpenedMessage, Sent, opened
from api.records.handovers.new_handover import Ask, CallWindow, ask
from api.records.handovers.presence import arrive
from api.records.handovers.states import Outcome, Wants
from api.records.handovers.tables import CallAttempt, Concern, Count, Handover, Message, Presence, Provider, Watch
from api.records.letters import Letter
from api.web.database import Database
from tests.conftest import settings_for
from tests.doors import doors
from tests.events import Stream, stream
from tests.fake_brain import FakeBrain
from tests.person_app import PersonApp, person_app, signed_copy

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
"""A Thursday, with UK clocks at UTC."""
ROTA = "rota@moor-voices.example"
CALL = CallBack("+447700900123", "mine", voicemail=False, say="Sam from the library", code_word="otter")
_NOT_READ = re.compile(r"<(head|template|noscript)\b.*?</\1>|<div id=\"phrases\".*?</div>", re.S)
_SAID = re.compile(r'<p class="happened".*?>(.*?)</p>|<div class="line-words">.*?<p.*?>(.*?)</p>', re.S)


class _Reader(HTMLParser):
    """Reads the one form of the page as a browser does: its fields, and the buttons that belong to it by name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []
        self.addresses: list[str] = []
        self._in_form = self._in_template = False
        self._area: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.addresses += [has[name] for name in ("href", "action", "formaction", "src") if name in has]
        self._in_template |= tag == "template"
        if self._in_template:
            return
        if tag == "form":
            self._in_form = has.get("id") == "page"
        elif tag == "button" and (has.get("form") == "page" or self._in_form) and has.get("name"):
            self.buttons.append((has["name"], has.get("value", "")))
        elif self._in_form and tag == "input":
            self.values[has["name"]] = has.get("value", "")
        elif self._in_form and tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._in_template = False
        elif tag == "form":
            self._in_form = False
        elif tag == "textarea" and self._area is not None:
            self.values["text"], self._area = self._area.removeprefix("\n"), None


class TalkChild:
    """A child on the page of their talk, with a browser without script. `page` is what is on show."""

    def __init__(self, browser: httpx.AsyncClient, here: str, words: str, force: str = "northmoor") -> None:
        self.browser, self.first, self.words, self.force = browser, here, words, force
        self.page: httpx.Response | None = None

    @property
    def html(self) -> str:
        assert self.page is not None
        return self.page.text

    @property
    def shown(self) -> str:
        """What somebody reads on the page: no markup, no fields, and nothing that the script keeps for itself."""
        return " ".join(re.sub(r"<[^>]+>", " ", _NOT_READ.sub(" ", self.html)).split())

    @property
    def form(self) -> _Reader:
        return _Reader(self.html)

    @property
    def here(self) -> str:
        """The newest handle that this child's page has."""
        return self.form.values["here"] if self.page is not None and "here" in self.form.values else self.first

    @property
    def client_id(self) -> str:
        return self.form.values["client_id"]

    @property
    def strip(self) -> str:
        """Who can see this, as the page says it."""
        found = re.search(r'id="who".*?</span> (.*?)</span></div>', self.html, re.S)
        assert found, self.html
        return found[1]

    @property
    def pinned(self) -> bool:
        """Whether help stands pinned over the box."""
        return 'id="pinned">' in self.html

    def said(self) -> list[str]:
        """The lines on the page, in order, in their words alone."""
        lines = _SAID.findall(_NOT_READ.sub(" ", self.html))
        return [happened or words for happened, words in lines]

    async def open(self, **query: str) -> httpx.Response:
        """Opens the page of the talk, as after sending or coming back."""
        address = f"/{self.force}/person/talk?{urlencode({'here': self.here, **query})}"
        return self.keep(await self.browser.get(address))

    async def press(self, name: str, value: str, **typed: str) -> httpx.Response:
        """Presses a button of the page, which must be there, and follows where it leads."""
        assert (name, value) in self.form.buttons, f"no button {name}={value} among {self.form.buttons}"
        return await self.do(**{name: value}, **typed)

    async def do(self, **fields: str) -> httpx.Response:
        """Posts the page's form to where its buttons lead."""
        return await self.post("do", self.form.values | fields)

    async def say(self, text: str, **others: str) -> httpx.Response:
        """Writes into the box, and sends."""
        return await self.post("say", self.form.values | {"text": text, **others})

    async def post(self, to: str, data: dict[str, str]) -> httpx.Response:
        """Posts these fields, and follows where that leads."""
        answer = await self.browser.post(f"/{self.force}/person/{to}", data=data, follow_redirects=True)
        return self.keep(answer)

    def keep(self, page: httpx.Response) -> httpx.Response:
        """From now on this is the page on show."""
        self.page = page
        return page


@dataclass
class Adult:
    """An advocate or a supervisor of a provider, who does things through the code of the console."""

    stage: "Stage"
    who: Advocate

    async def _does(self, act: Callable[..., Awaitable[Any]], *more: Any) -> Any:
        async with self.stage.database.begin() as session:
            handover = await self.stage.newest(session)
            return await act(session, self.stage.handover_context, self.who, handover, *more, self.stage.clock())

    async def arrive(self) -> None:
        async with self.stage.database.begin() as session:
            await arrive(session, self.stage.handover_context, self.who, self.stage.clock())

    async def claim(self) -> None:
        await self.arrive()
        await self._does(claims.claim)

    async def let_go(self) -> None:
        await self._does(claims.let_go)

    async def transfer(self, to: "Adult") -> None:
        await to.arrive()
        await self._does(claims.transfer, to.who.id)

    async def watch(self) -> None:
        await self._does(claims.watch)

    async def unwatch(self) -> None:
        await self._does(claims.unwatch)

    async def say(self, text: str, **said: str) -> Message:
        return await self._does(conversation.say_as_advocate, MessageBody(text, **said), secrets.token_hex(8))

    async def edit(self, number: int, text: str) -> Message:
        return await self._does(conversation.edit, number, MessageBody(text))

    async def close(self, outcome: Outcome = "answered") -> None:
        await self._does(end_handover.close, outcome)


class Stage:
    """An app with a provider, on which children ask and adults answer."""

    def __init__(self, app: PersonApp, provider: Provider) -> None:
        self.person_app, self.provider = app, provider

    @property
    def app(self) -> FastAPI:
        return self.person_app.app

    @property
    def clock(self) -> Any:
        return self.person_app.clock

    @property
    def person_door(self) -> Any:
        return doors(self.app).person_door

    @property
    def database(self) -> Database:
        return self.person_door.database

    @property
    def handover_context(self) -> Any:
        return self.person_door.handover_context

    async def cleared(self) -> "Stage":
        """Everything is as it was at noon: nobody has asked, and nobody is here."""
        self.clock.now = NOON
        self.person_app.look_every()
        self.brain.forget()
        async with self.database.begin() as session:
            for table in (CallAttempt, Watch, Message, Concern, Handover, Presence, Count, Letter):
                await session.execute(delete(table))
        return self

    @property
    def brain(self) -> FakeBrain:
        return doors(self.app).chat.helper.listener.brain

    async def adult(self, name: str = "Sam", role: str = "advocate") -> Adult:
        person = await self.person_app.person(self.provider.layer, role, name)
        return Adult(self, Advocate(person.account.id, name, self.provider, supervisor=role == "supervisor"))

    async def child(
        self,
        question: str = "",
        *,
        wants: Wants = "here",
        danger: bool = False,
        name: str = "Robin",
        level: str = "simple",
        origin: str | None = None,
    ) -> TalkChild:
        """A child who has asked, with the handle of their page."""
        now = self.clock()
        window = CallWindow(now, now.replace(hour=18)) if wants == "call-back" else None
        sent = Sent(name, question, (), CALL if window else None)
        new = Ask(secrets.token_hex(16), "northmoor", level, danger, wants, sent, {}, window, origin)
        async with self.database.begin() as session:
            asked = await ask(session, self.handover_context, self.provider, new, now)
        here = self.person_door.handover_tokens.write(HandoverToken(asked.handover.ref, asked.secret), now)
        return TalkChild(self.person_app.browser(), here, asked.words)

    def handle(self, child: TalkChild) -> HandoverToken:
        """What a child's page holds, however old."""
        return self.person_door.handover_tokens.of_any_age(child.here, self.clock())

    def renew(self, child: TalkChild) -> None:
        """The child's page was open all the while: it has a handle of now."""
        child.first, child.page = self.person_door.handover_tokens.write(self.handle(child), self.clock()), None

    async def newest(self, session: Any) -> Handover:
        return (await session.scalars(select(Handover).order_by(Handover.id.desc()).limit(1))).one()

    async def handover(self) -> Handover:
        """The newest handover as it is kept now."""
        async with self.database.begin() as session:
            return await self.newest(session)

    async def kept(self) -> list[OpenedMessage]:
        """The newest talk as it is kept now, opened."""
        async with self.database.begin() as session:
            handover = await self.newest(session)
            rows = await session.scalars(select(Message).where(Message.handover_id == handover.id))
            return opened(self.handover_context.message_cipher, list(rows))

    async def texts(self) -> list[str]:
        """What the newest talk holds that somebody wrote, in order."""
        return [line.said.text for line in await self.kept() if line.kind == conversation.WORDS]

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Inside the block the database does not answer."""
        was, dead = self.person_door, Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
        doors(self.app).person_door = replace(was, database=dead)
        yield
        doors(self.app).person_door = was
        await dead.close()

    def listen(self, child: TalkChild, after: int = 0, **headers: str) -> AbstractAsyncContextManager[Stream]:
        """The stream of a child's page."""
        query = urlencode({"here": child.here, "after": after})
        return stream(self.app, f"/{child.force}/person/stream?{query}", **headers)


@asynccontextmanager
async def stage(url: str, **settings: str) -> AsyncIterator[Stage]:
    """A stage over a database with the practice words signed, at noon."""
    async with person_app(url, NOON) as app:
        yield Stage(app, await app.provider(**settings))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def both_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Each database in turn, a copy for the tests of one module."""
    signed = str(request.getfixturevalue(f"{request.param}_url"))
    with signed_copy(signed, tmp_path_factory.mktemp("talk")) as url:
        yield url


@pytest.fixture(scope="module")
async def on_both(both_url: str) -> AsyncIterator[Stage]:
    """One stage on it for the tests of a module: starting an app takes longer than most of them."""
    async with stage(both_url, rota=ROTA) as found:
        yield found


@pytest.fixture(scope="module")
def one_url(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """SQLite alone."""
    with signed_copy(sqlite_url, tmp_path_factory.mktemp("talk")) as url:
        yield url


@pytest.fixture(scope="module")
async def on_one(one_url: str) -> AsyncIterator[Stage]:
    """One stage on it for the tests of a module."""
    async with stage(one_url, rota=ROTA) as found:
        yield found
