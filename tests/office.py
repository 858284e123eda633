"""A layer at the desk for tests of what may be signed: its people, and what they do, through the code of the pages."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.acts import ActRow, acts_of, add_act
from api.records.audit import AuditRow, note
from api.records.chain_verification import first_altered
from api.records.layer_changes import Changes, NewFact, NewWords, change
from api.records.ledger import LedgerRow
from api.records.local_facts import facts_of
from api.records.signing import sign_words
from api.records.withdrawals import Withdrawal
from api.records.wording import Wording, Wordings
from api.web.database import Database
from content.card import Card
from content.card_text import card_text
from content.review import ActKind, Actor, NotAllowed, Role, must_be_allowed
from content.signoff import SignOff
from tests.conftest import in_postgres, postgres_url_of, release_for
from tests.desk_app import FakeClock

CARD, OTHER = "bodycam", "who-gets-told"
SLOT = "bodycam_days"
# Far from those of the accounts that a test makes.
_NUMBERS = count(1_001)
_LAYERS = count(1)


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[str]:
    """The address of a database of its own, without tables. The fixture postgres_url says whether there can be one."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'know.db'}"
        return
    name = f"know_test_{secrets.token_hex(4)}"
    asyncio.run(in_postgres(f"CREATE DATABASE {name}"))
    yield postgres_url_of(name)
    asyncio.run(in_postgres(f"DROP DATABASE {name} WITH (FORCE)"))


def some_cards() -> dict[str, Card]:
    """Few, so that setting a fact looks through few."""
    return {key: release_for(practice=True).cards[key] for key in (CARD, OTHER)}


class Office:
    """A layer with its people. Everything is done through the code that the desk's pages call."""

    def __init__(self, database: Database, wordings: Wordings, layer: str = "") -> None:
        self.database, self.wordings, self.clock = database, wordings, FakeClock()
        self.layer = layer or f"force-{next(_LAYERS)}"
        self.editor, self.reviewer, self.lead = map(self.somebody, ("editor", "reviewer", "lead"))
        self.deputy = self.somebody("editor", deputy=True)

    def somebody(self, role: Role, name: str = "", *, deputy: bool = False) -> Actor:
        number = next(_NUMBERS)
        return Actor(number, name or f"{role} {number}", f"the {role} (invented)", role, self.layer, deputy)

    async def wording(self, card: str = CARD) -> Wording:
        async with self.database.begin() as session:
            return (await self.wordings.of(session, self.layer, [card]))[card]

    async def do(self, kind: ActKind, actor: Actor, card: str = CARD) -> None:
        """Submits, approves or returns."""
        self.clock.move(seconds=10)
        wording = await self.wording(card)
        must_be_allowed(kind, actor, self.layer, wording.progress, self.wordings.broken(wording))
        async with self.database.begin() as session:
            await note(session, self.clock(), self.layer, actor.name, kind, card, actor.id)
            shown, now = wording.words.fingerprint, self.clock()
            await add_act(session, wording.acts, actor, kind, layer=self.layer, card=card, fingerprint=shown, at=now)

    async def change(self, session: AsyncSession, actor: Actor, changes: Changes) -> None:
        await change(session, actor, self.wordings, self.layer, changes, self.clock())

    async def edit(self, actor: Actor, words: str, card: str = CARD) -> None:
        self.clock.move(seconds=10)
        acts = (await self.wording(card)).acts
        async with self.database.begin() as session:
            seen = acts[-1].number if acts else 0
            await self.change(session, actor, Changes(words=(NewWords(card, words, seen),)))

    async def set_fact(self, actor: Actor, value: str) -> None:
        self.clock.move(seconds=10)
        async with self.database.begin() as session:
            said = (await facts_of(session, self.layer)).get(SLOT, [])
            await self.change(session, actor, Changes(facts=(NewFact(SLOT, value, said[-1].id if said else 0),)))

    async def approved(self, card: str = CARD) -> Wording:
        """The words, once they are sent to review and approved."""
        await self.do("submit", self.editor, card)
        await self.do("approve", self.reviewer, card)
        return await self.wording(card)

    async def sign(self, actor: Actor, wording: Wording, shown: str = "") -> SignOff:
        async with self.database.begin() as session:
            return await self.signing(session, actor, wording, shown)

    async def signing(self, session: AsyncSession, actor: Actor, wording: Wording, shown: str = "") -> SignOff:
        """Signs in a transaction of the caller's."""
        return await sign_words(
            session,
            actor,
            wording,
            shown or wording.words.fingerprint,
            broken=self.wordings.broken(wording),
            now=self.clock(),
            today=date.today(),
            practice=True,
        )

    async def signed(self, card: str = CARD) -> SignOff:
        """The words, once they are approved and signed."""
        return await self.sign(self.lead, await self.approved(card))

    async def refused(self, actor: Actor, wording: Wording, shown: str = "") -> tuple[str, ...]:
        """Why this person may not sign; fails when they may. Nothing is kept of it."""
        with pytest.raises(NotAllowed) as told:
            await self.sign(actor, wording, shown)
        assert all(reason.endswith(".") for reason in told.value.reasons)
        return told.value.reasons

    async def rows(self) -> list[LedgerRow]:
        async with self.database.begin() as session:
            wanted = select(LedgerRow).where(LedgerRow.layer == self.layer).order_by(LedgerRow.id)
            return list(await session.scalars(wanted))

    async def acts(self, card: str = CARD) -> list[ActRow]:
        async with self.database.begin() as session:
            return (await acts_of(session, self.layer, card)).get(card, [])


async def books(database: Database) -> None:
    """Every signature has its act and its line in the log, every withdrawal too, and the other way round."""
    async with database.begin() as session:
        signatures = Counter((row.layer, row.card) for row in await session.scalars(select(LedgerRow)))
        hidden = {(row.layer, row.card, row.at) for row in await session.scalars(select(Withdrawal))}
        acts = list(await session.scalars(select(ActRow)))
        lines = list(await session.scalars(select(AuditRow)))
        for chain in (LedgerRow, AuditRow, Withdrawal):
            _, altered = await first_altered(session, chain)
            assert altered is None
    assert Counter((act.layer, act.card) for act in acts if act.kind == "sign") == signatures
    assert Counter((line.layer, line.about) for line in lines if line.what == "sign") == signatures
    done = {(act.layer, act.card, act.at) for act in acts if act.kind in ("withdraw", "recall")}
    assert {(act.layer, act.card, act.at) for act in acts if act.kind == "withdraw"} <= hidden <= done
    logged = {(line.layer, line.about, line.at) for line in lines if line.what in ("withdraw", "recall")}
    assert logged == done


def own_text(said: str = "can") -> str:
    """A force's own wording of the card, which every reading rule lets through."""
    found = card_text(some_cards()[CARD])
    assert "or cover other people's faces." in found
    return found.replace("or cover other people's faces.", f"or {said} cover other people's faces.")
