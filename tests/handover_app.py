"""What tests of handovers may ask for: a database with providers, advocates who are here, and children who ask."""

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self

from sqlalchemy import select

from api.records.accounts import Account
from api.records.handovers.advocates import Advocate
from api.records.handovers.claims import claim
from api.records.handovers.conversation import fetch, lines_since, say_as_advocate, say_as_child
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import CallBack, MessageBody, MessageCipher, OpenedMessage, Sent, opened
from api.records.handovers.monthly_counts import counts_of
from api.records.handovers.new_handover import Ask, CallWindow, ask
from api.records.handovers.presence import arrive
from api.records.handovers.pubsub import PubSub
from api.records.handovers.queries import of_page, of_provider
from api.records.handovers.retention import RetentionResult, sweep
from api.records.handovers.states import Wants
from api.records.handovers.tables import Handover, Message, Provider
from api.records.handovers.webhooks import PURPOSE
from api.web.ciphers import Cipher
from api.web.database import Database
from tests.conftest import settings_for
from tests.desk_app import FakeClock

ROTA = "rota@young-voices.example"
CALL = CallBack("+447700900123", "my own", voicemail=False, say="Sam from the library", code_word="otter")
FORCE = "northmoor"


async def told(pressed: Awaitable[object]) -> Exception | None:
    """What somebody was told who pressed a button; None when it was done."""
    try:
        await pressed
    except Exception as error:  # noqa: BLE001 - the test says what it may be
        return error
    return None


def new_id() -> str:
    """The name that a page gives to a message before it sends it."""
    return secrets.token_urlsafe(12)


class House:
    """One process over a database: its engine, its bells, its safe. Two over the same database are two processes."""

    def __init__(self, url: str, clock: FakeClock | None = None, **others: object) -> None:
        self.settings = settings_for(url, **others)
        self.database, self.clock = Database(self.settings), clock or FakeClock()
        self.handover_context = HandoverContext(MessageCipher.of(self.settings), PubSub(), "https://know.example")
        self.hook_seal = Cipher.of(self.settings, PURPOSE)

    async def provider(self, slug: str = "young-voices", **others: object) -> Provider:
        """A new provider, with one on its rota; `others` are columns."""
        provider = Provider(
            **{
                "slug": slug,
                "name": f"{slug} (invented)",
                "hours": "{}",
                "closed_days": "[]",
                "rota": json.dumps([ROTA]),
                "keep_days": 7,
                "keep_concern_days": 365,
                "most_open": 3,
                "break_minutes": 90,
                "lead": "",
                "practice": True,
                "made_at": self.clock(),
                **others,
            }
        )
        async with self.database.begin() as session:
            session.add(provider)
        return provider

    async def advocate(
        self, provider: Provider, name: str = "Ade", *, supervisor: bool = False, here: bool = True
    ) -> "Worker":
        """A new advocate, or a supervisor, who is here unless they are said not to be."""
        account = Account(
            layer=provider.layer,
            role="supervisor" if supervisor else "advocate",
            name=name,
            post="",
            email=f"{name.lower()}.{secrets.token_hex(4)}@{provider.slug}.example",
            made_at=self.clock(),
        )
        async with self.database.begin() as session:
            session.add(account)
        worker = Worker(self, Advocate(account.id, name, provider, supervisor=supervisor))
        if here:
            await worker.arrives()
        return worker

    async def child(
        self,
        provider: Provider,
        question: str = "",
        wants: Wants = "here",
        *,
        danger: bool = False,
        once: str = "",
        origin: str | None = None,
    ) -> "Child":
        """A child who has asked for a person. One who wants to be called can be from in an hour, for two hours."""
        window = self.window(hours=1) if wants == "call-back" else None
        sent = Sent("Kit", question, ("bodycam",), CALL if window else None)
        new = Ask(once or secrets.token_hex(16), FORCE, "standard", danger, wants, sent, {"who": "f00"}, window, origin)
        async with self.database.begin() as session:
            asked = await ask(session, self.handover_context, provider, new, self.clock())
        return Child(self, asked.handover.ref, asked.secret, asked.words, asked.handover.id)

    def window(self, **later: float) -> CallWindow:
        """Two hours in which a call is safe, from so much later on."""
        starts = self.clock() + timedelta(**later)
        return CallWindow(starts, starts + timedelta(hours=2))

    async def sweep(self) -> RetentionResult:
        """One sweep by this process."""
        return await sweep(self.database, self.handover_context, self.clock())

    async def kept(self, ref: str) -> Handover | None:
        """A handover as it is kept now; None once it is gone."""
        async with self.database.begin() as session:
            return await session.scalar(select(Handover).where(Handover.ref == ref))

    async def lines(self, ref: str) -> list[OpenedMessage]:
        """The talk of a handover as it is kept now, opened."""
        async with self.database.begin() as session:
            wanted = select(Message).join(Handover, Handover.id == Message.handover_id).where(Handover.ref == ref)
            return opened(self.handover_context.message_cipher, list(await session.scalars(wanted)))

    async def rows(self, table: type[Any]) -> list[Any]:
        """Every row of a table, in order."""
        async with self.database.begin() as session:
            return list(await session.scalars(select(table).order_by(*table.__table__.primary_key)))

    async def counts(self, provider: Provider) -> dict[str, int]:
        """The counts of a provider over all months."""
        found: dict[str, int] = {}
        async with self.database.begin() as session:
            for month in (await counts_of(session, provider.id)).values():
                for what, times in month.items():
                    found[what] = found.get(what, 0) + times
        return found


@dataclass(frozen=True)
class Child:
    """A child's page: all that it has is what was given to it."""

    house: House
    ref: str
    secret: str
    words: str
    id: int

    def at(self, house: House) -> Self:
        """The same page, answered by another process."""
        return replace(self, house=house)

    async def does(self, act: Callable[..., Awaitable[Any]], *more: object) -> Any:
        """Something that a child's page may do, in one transaction."""
        async with self.house.database.begin() as session:
            handover = await of_page(session, self.house.handover_context.message_cipher, self.ref, self.secret)
            return await act(session, self.house.handover_context, handover, *more, self.house.clock())

    async def says(self, text: str, client_id: str = "") -> Message:
        """Writes a message."""
        return await self.does(say_as_child, text, client_id or new_id())

    async def gets(self, after: int = 0) -> list[OpenedMessage]:
        """What is new for their page."""
        return [
            OpenedMessage.of(self.house.handover_context.message_cipher, message)
            for message in await self.does(fetch, after)
        ]

    async def handover(self) -> Handover:
        """Their handover as it is kept now. Fails once it is gone."""
        found = await self.house.kept(self.ref)
        assert found
        return found


@dataclass(frozen=True)
class Worker:
    """An advocate's browser."""

    house: House
    advocate: Advocate

    def at(self, house: House) -> Self:
        """The same browser, answered by another process."""
        return replace(self, house=house)

    @property
    def id(self) -> int:
        """The number of their account."""
        return self.advocate.id

    async def arrives(self) -> None:
        """Presses "I am here"."""
        async with self.house.database.begin() as session:
            await arrive(session, self.house.handover_context, self.advocate, self.house.clock())

    async def does(self, act: Callable[..., Awaitable[Any]], child: Child, *more: object) -> Any:
        """Something that an advocate's page may do with a handover, in one transaction."""
        async with self.house.database.begin() as session:
            handover = await of_provider(session, self.advocate, child.ref)
            return await act(session, self.house.handover_context, self.advocate, handover, *more, self.house.clock())

    async def claims(self, child: Child) -> None:
        """Takes a handover."""
        await self.does(claim, child)

    async def says(self, child: Child, text: str, client_id: str = "") -> Message:
        """Writes a message."""
        return await self.does(say_as_advocate, child, MessageBody(text), client_id or new_id())

    async def reads(self, child: Child, after: int = 0) -> list[OpenedMessage]:
        """What is new for their page."""

        async def lines(
            session: Any, handover_context: HandoverContext, _advocate: Advocate, handover: Handover, _now: object
        ) -> Any:
            return [
                OpenedMessage.of(handover_context.message_cipher, message)
                for message in await lines_since(session, handover, after)
            ]

        return await self.does(lines, child)


@asynccontextmanager
async def house(url: str, clock: FakeClock | None = None, **others: object) -> AsyncIterator[House]:
    """One process over a database."""
    one = House(url, clock, **others)
    try:
        yield one
    finally:
        await one.database.close()


@asynccontextmanager
async def two_houses(url: str) -> AsyncIterator[tuple[House, House]]:
    """Two processes over one database, with one clock."""
    async with house(url) as one, house(url, one.clock) as two:
        yield one, two
