"""What tests of signing in may ask for: forms as a browser reads them, people who have joined, a hasher that counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any, Literal

import httpx
import pyotp
from argon2 import PasswordHasher

from api.records.accounts import Account
from api.records.audit import log_of
from api.records.invitations import invite
from api.records.passwords import Passwords
from api.web.csrf import COOKIE
from tests.desk_app import DeskApp
from tests.doors import doors

PASSWORD = "seven otters under a lamp"


class CountingHasher:
    """The real hash at its smallest size, which counts how often it was asked."""

    def __init__(self) -> None:
        self._real = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.checked: list[str] = []

    def hash(self, password: str) -> str:
        """Hashes."""
        return self._real.hash(password)

    def verify(self, hash: str, password: str) -> Literal[True]:  # noqa: A002
        """Counts, and checks."""
        self.checked.append(hash)
        return self._real.verify(hash, password)


@dataclass
class Form:
    """One form of a page: where it goes, and its named fields with what stands in them, in order."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, str | list[str]]:
        """What a browser sends, several values of a name as a list."""
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            found.setdefault(name, []).append(value)
        return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(has.get("action", "")))
        elif tag == "input" and has.get("name"):
            self.forms[-1].fields.append((has["name"], has.get("value", "")))
            self.forms[-1].attributes[has["name"]] = has


def form_of(page: httpx.Response, action: str) -> Form:
    """The form of a page that goes to this address."""
    reader = _Reader()
    reader.feed(page.text)
    return next(form for form in reader.forms if form.action == action)


@dataclass
class Member:
    """Somebody who has joined: what they know and hold, and a browser of theirs that is not signed in."""

    account: Account
    app: pyotp.TOTP
    recovery: list[str]
    desk: DeskApp
    browser: httpx.AsyncClient

    @property
    def email(self) -> str:
        """Their e-mail."""
        return self.account.email

    def code(self) -> str:
        """What their app shows now."""
        return self.app.at(self.desk.clock())

    def next_code(self) -> str:
        """What their app shows half a minute on, when they get there."""
        self.desk.clock.move(seconds=30)
        return self.code()

    async def first_step(self, **others: Any) -> httpx.Response:
        """Sends e-mail and password."""
        data = {"email": self.email, "password": PASSWORD, **others}
        return await self.browser.post("/desk/sign-in", data=data)

    async def slip(self) -> str:
        """The half-way token of a right password."""
        page = await self.first_step()
        assert page.status_code == 200, page.text
        return dict(form_of(page, "/desk/sign-in/code").fields)["slip"]

    async def second_step(self, slip: str, code: str = "", recovery: str = "") -> httpx.Response:
        """Sends a code."""
        data = {"slip": slip, "code": code, "recovery": recovery}
        return await self.browser.post("/desk/sign-in/code", data=data)

    async def sign_in(self) -> httpx.Response:
        """Both steps, with a code that was not used yet."""
        code = self.next_code()
        return await self.second_step(await self.slip(), code)


def token_in(answer: httpx.Response) -> str | None:
    """The token that an answer puts into the browser, one for every page that gets it."""
    found = {cookie.value for cookie in answer.cookies.jar if cookie.name == COOKIE}
    assert len(found) <= 1
    return next(iter(found), None)


def with_small_hash(desk: DeskApp) -> CountingHasher:
    """Puts a hasher in that counts and is fast."""
    hasher = CountingHasher()
    doors(desk.app).locks = replace(doors(desk.app).locks, passwords=Passwords(hasher))
    return hasher


async def invitation(desk: DeskApp, account: Account) -> str:
    """The address of a new invitation."""
    async with desk.database.begin() as session:
        return f"/desk/invitation/{await invite(session, account, desk.clock())}"


def app_on(page: httpx.Response) -> pyotp.TOTP:
    """The code app of somebody who types the letters that an invitation shows."""
    return pyotp.TOTP(page.text.partition("<code>")[2].partition("</code>")[0].replace(" ", ""))


async def accept(
    desk: DeskApp, browser: httpx.AsyncClient, address: str, **typed: str
) -> tuple[httpx.Response, pyotp.TOTP]:
    """Opens an invitation and sends its form, right but for what is typed otherwise."""
    page = await browser.get(address)
    app = app_on(page)
    fields: Mapping[str, str] = dict(form_of(page, "").fields)
    right = {"password": PASSWORD, "again": typed.get("password", PASSWORD), "code": app.at(desk.clock())}
    return await browser.post(address, data={**fields, **right, **typed}), app


async def member(desk: DeskApp, layer: str = "northmoor", role: str = "editor", name: str = "") -> Member:
    """Somebody who has joined by an invitation."""
    account = await desk.account(layer, role, name)
    answer, app = await accept(desk, desk.browser(), await invitation(desk, account))
    assert answer.status_code == 200, answer.text
    codes = [part.partition("</code>")[0] for part in answer.text.split("<code>")[1:]]
    return Member(account, app, codes, desk, desk.browser())


async def log(desk: DeskApp, layer: str = "northmoor") -> list[tuple[str, str, str]]:
    """Who did what about what, oldest first."""
    async with desk.database.begin() as session:
        return [(row.who, row.what, row.about) for row in reversed(await log_of(session, layer))]
