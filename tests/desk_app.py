"""What tests of the desk may ask for: a database of their own, an app over it, and people who are signed in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.main import create_app
from api.records import sessions
from api.records.accounts import Account
from api.records.local_facts import LocalFact
from api.web.csrf import COOKIE, form_mark
from tests.conftest import release_for, settings_for
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.own_database import sqlite_copy


class FakeClock:
    """A clock that stands still until it is moved. It starts now, as the practice words are signed today."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **parts: float) -> None:
        """Moves on by a timedelta's parts."""
        self.now += timedelta(**parts)


@dataclass
class Person:
    """Somebody signed in at the desk: their account, and a browser that holds their cookie."""

    account: Account
    browser: httpx.AsyncClient
    token: str

    async def get(self, path: str, **others: Any) -> httpx.Response:
        """Opens a page."""
        return await self.browser.get(path, **others)

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        """Sends a form of the desk, with its mark."""
        return await self.browser.post(path, data={"mark": form_mark(self.token), **fields})


class DeskApp:
    """An app over a database of its own, with a clock that tests move."""

    def __init__(self, app: FastAPI, clock: FakeClock) -> None:
        self.app, self.clock, self.people = app, clock, 0

    @property
    def database(self):  # noqa: ANN201
        """The app's database."""
        return doors(self.app).desk.database

    @property
    def cookie(self) -> str:
        """The name of the cookie of a sign-in."""
        return COOKIE if doors(self.app).desk.settings.practice else f"__Host-{COOKIE}"

    def browser(self, **cookies: str) -> httpx.AsyncClient:
        """A browser on this app."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://know.test", cookies=cookies)

    async def tells(self, layer: str, **facts: str) -> None:
        """Somebody of a force gives its local facts now; a minute passes."""
        async with self.database.begin() as session:
            session.add_all(
                LocalFact(layer=layer, slot=slot, value=value, account_id=0, who="Dee Practice", at=self.clock())
                for slot, value in facts.items()
            )
        self.clock.move(minutes=1)

    async def account(self, layer: str, role: str, name: str = "") -> Account:
        """A new account."""
        self.people += 1
        name = name or f"{role} {self.people}"
        account = Account(
            layer=layer,
            role=role,
            name=name,
            post=f"the {role} ({layer}, invented)",
            email=f"{name.replace(' ', '.').lower()}.{self.people}@{layer}.example",
            made_at=self.clock(),
        )
        async with self.database.begin() as session:
            session.add(account)
        return account

    async def person(self, layer: str, role: str, name: str = "") -> Person:
        """A new account, signed in."""
        account = await self.account(layer, role, name)
        async with self.database.begin() as session:
            token = await sessions.begin(session, account, self.clock())
        return Person(account, self.browser(**{self.cookie: token}), token)


@asynccontextmanager
async def desk_app(
    sqlite_url: str, folder: Path, *, background_work: bool = False, **others: object
) -> AsyncIterator[DeskApp]:
    """An app over a copy of the database with the practice words signed; `others` are settings.

    Nobody goes round beside its pages unless `background_work`: it costs more than most tests, and they ask no letters.
    """
    clock = FakeClock()
    settings = settings_for(sqlite_copy(sqlite_url, folder), **others)
    app = create_app(
        settings, FakeBrain(), release_for(practice=settings.practice), clock, background_work=background_work
    )
    async with app.router.lifespan_context(app):
        yield DeskApp(app, clock)


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path) -> AsyncIterator[DeskApp]:
    """An app over a database of the test's own. A file may have one that differs."""
    async with desk_app(sqlite_url, tmp_path) as found:
        yield found
