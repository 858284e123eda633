"""Somebody with the database and without a key, for tests: writes any row, and tries to come in and to sign with it."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from api.records import sessions
from api.records.accounts import Account
from api.records.sessions import hash_of
from api.records.wording import Wordings
from api.web.csrf import form_mark
from tests.conftest import release_for
from tests.desk_app import Person
from tests.doors import doors
from tests.office import CARD, Office, own_text, some_cards
from tests.person_app import PersonApp, person_app
from tests.sign_in import Member, member, with_small_hash
from tests.soft_passkey import SoftPasskey

HOST, SITE = "know.example", "https://know.example"
OURS, THEIRS = "northmoor", "southmere"
MARKS = {"none": "NULL", "empty": "''", "of another row": "mark", "made up": f"'00000000:{'0' * 64}'"}
"""What somebody without a key can put into the column of the mark."""


@dataclass
class Break:
    """An app over a database that somebody writes to, with a card of ours that waits for its lead to sign it."""

    app: PersonApp
    shown: str

    async def sql(self, act: str, **given: Any) -> list[Any]:
        """One statement, as whoever has the database sends it."""
        async with self.app.database.begin() as session:
            found = await session.execute(text(act), given)
            return list(found.all()) if found.returns_rows else []

    async def lead(self) -> Member:
        """The lead of our force, who has joined."""
        return await member(self.app, OURS, "lead")

    async def mole(self, layer: str = OURS, role: str = "editor") -> tuple[Member, str]:
        """Somebody who works here by right, in a lesser role, and the token of their sign-in."""
        joined = await member(self.app, layer, role)
        return joined, await self.signed_in(joined.account)

    async def signed_in(self, account: Account) -> str:
        """The token of a sign-in of somebody's own."""
        async with self.app.database.begin() as session:
            return await sessions.begin(session, account, self.app.clock())

    async def session_of(self, token: str) -> int:
        """The number of a sign-in's row."""
        return int((await self.sql("SELECT id FROM desk_session WHERE token_hash = :hash", hash=hash_of(token)))[0][0])

    async def layer_of(self, token: str) -> str:
        """Whose desk a token opens; "" for nobody's."""
        answer = await self.app.browser(**{self.app.cookie: token}).get("/desk")
        to = str(answer.headers["location"])
        return "" if to.startswith("/desk/sign-in") else to.removeprefix("/desk/")

    async def signs(self, token: str) -> bool:
        """Whether a token signs our card. It is as it was before, when it does not."""
        signed = "SELECT count(*) FROM sign_off WHERE layer = :layer"
        before = await self.sql(signed, layer=OURS)
        person = Person(Account(), self.app.browser(**{self.app.cookie: token}), token)
        answer = await person.post(f"/desk/{OURS}/cards/{CARD}/sign", shown=self.shown)
        await self.app.browser(**{self.app.cookie: token}).post(
            f"/desk/{OURS}/sign", data={"mark": form_mark(token), "card": CARD, f"shown_{CARD}": self.shown}
        )
        assert answer.status_code in (303, 401, 404, 409)
        return await self.sql(signed, layer=OURS) != before

    async def may_sign(self, token: str) -> bool:
        """Whether a token opens our desk as somebody who may sign there."""
        answer = await self.app.browser(**{self.app.cookie: token}).get(f"/desk/{OURS}/cards/{CARD}")
        return answer.status_code == 200 and f'action="/desk/{OURS}/cards/{CARD}/sign"' in answer.text

    async def copied(self, table: str, like: int, mark: str, **others: Any) -> None:
        """Puts in a row like another, but for these columns and the mark."""
        columns = [row[0] for row in await self.sql(_COLUMNS[self.app.database.engine.dialect.name].format(table))]
        kept = [name for name in columns if name not in {"id", "mark", *others}]
        names = ", ".join([*kept, *others, "mark"])
        values = ", ".join([*kept, *(f":{name}" for name in others), MARKS[mark]])
        act = f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE id = :like"  # noqa: S608
        await self.sql(act, **others, like=like)


_COLUMNS = {
    "sqlite": "SELECT name FROM pragma_table_info('{}')",
    "postgresql": "SELECT column_name FROM information_schema.columns WHERE table_name = '{}'",
}


@asynccontextmanager
async def break_in(url: str) -> AsyncIterator[Break]:
    """The app, with a card that an editor has changed and a reviewer has approved."""
    async with person_app(url, public_url=f"{SITE}:443/") as app:
        with_small_hash(app)
        office = Office(app.database, Wordings(some_cards(), release_for(practice=True).vetting), OURS)
        office.clock = app.clock
        await office.edit(office.editor, own_text("might"))
        await office.approved()
        async with app.database.begin() as session:
            found = await doors(app.app).desk.wordings.of(session, OURS, [CARD])
        yield Break(app, str(found[CARD].words.fingerprint))


@dataclass
class Keyholder:
    """Somebody who has a passkey that is known here."""

    member: Member
    passkey: SoftPasskey

    async def sign_in(self) -> int:
        """What the door says to the passkey: 303 when it lets them in."""
        browser = self.member.desk.browser()
        asked = (await browser.get("/desk/sign-in/passkey")).json()
        data = {"slip": asked["slip"], "credential": self.passkey.prove(asked["options"])}
        return (await browser.post("/desk/sign-in/passkey", data=data)).status_code


async def keyholder(joined: Member, token: str) -> Keyholder:
    """Makes a passkey known for somebody who has just signed in."""
    passkey, browser = SoftPasskey(SITE, HOST), joined.desk.browser(**{joined.desk.cookie: token})
    asked = (await browser.get("/desk/my-sign-in/passkey")).json()
    data = {"slip": asked["slip"], "credential": passkey.make(asked["options"]), "name": secrets.token_hex(4)}
    answer = await browser.post("/desk/my-sign-in/passkey", data={"mark": form_mark(token), **data})
    assert answer.status_code == 303, answer.text
    return Keyholder(joined, passkey)
