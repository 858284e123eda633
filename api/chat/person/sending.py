"""Sending what a child asks for: once, however often the button was pressed, and from then on a handle for the page."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.person.away import at_work
from api.chat.person.form import Ready
from api.chat.person.handle import LIVES, Handle
from api.chat.person.room import Way
from api.chat.person.terms import Terms
from api.chat.token import Chat
from api.hall.sealing import BrokenSeal, Seal
from api.hall.settings import Settings
from api.records.handovers.asking import Ask, Asked, Window, ask, asked_before
from api.records.handovers.finding import provider_of_handover
from api.records.handovers.states import State, Wants

_LIVES = timedelta(hours=24)


class StaleOnce(Exception):
    """What makes sending happen once is missing, too old, or not ours: the child looks once more, and sends again."""


class SentBefore(Exception):
    """This was sent a while ago, or another page has taken it over. The three words lead back."""


@dataclass(frozen=True)
class Sending:
    """What goes from the page: `once` as the page carried it, and the chat that it came from."""

    once: str
    chat: Chat
    ready: Ready
    agreed: Mapping[str, str]


@dataclass(frozen=True)
class Kept:
    """A handover that is kept: the handle for the next page, the three words, who answers it, and where it stands."""

    here: str
    words: str
    provider: str
    wants: Wants
    state: State
    window: Window | None


class Onces:
    """Makes and reads the sealed chance value by which what is sent twice is known."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of this installation."""
        return cls(Seal.of(settings, "asking for a person"))

    def new(self, now: datetime) -> str:
        """One for a page that is rendered now."""
        return self._seal.close(json.dumps([secrets.token_hex(16), int(now.timestamp())])).rstrip("=")

    def read(self, written: str, now: datetime) -> str:
        """The chance value. Raises StaleOnce."""
        try:
            value, at = json.loads(self._seal.open(written + "=" * (-len(written) % 4)))
        except (BrokenSeal, ValueError, TypeError) as error:
            raise StaleOnce from error
        if now.timestamp() - at > _LIVES.total_seconds():
            raise StaleOnce
        return str(value)


async def sent_already(way: Way, onces: Onces, once: str) -> Kept | None:
    """What was kept from this page already, whatever has changed since; None when it was not sent yet.

    Raises SentBefore when that is too long ago to show the words again, and Away.
    """
    now = way.now()
    try:
        value = onces.read(once, now)
    except StaleOnce:
        return None
    async with at_work(way) as session:
        asked = await asked_before(session, way.talks, value)
        return await _kept(session, way, asked, now) if asked else None


async def send(way: Way, onces: Onces, terms: Terms, sending: Sending) -> Kept:
    """Keeps what a child asks for. Raises StaleOnce, SentBefore, and Away when it may be tried again as it is."""
    now, chat, ready = way.now(), sending.chat, sending.ready
    new = Ask(
        once=onces.read(sending.once, now),
        force=chat.force,
        level=chat.level,
        danger=chat.rung,
        wants=ready.wants,
        sent=ready.sent,
        agreed=sending.agreed,
        window=ready.window,
    )
    try:
        return await _ask(way, terms, new, now)
    except IntegrityError:
        # The same page was sent twice at once, and the other was quicker: now it is known.
        pass
    try:
        return await _ask(way, terms, new, now)
    except IntegrityError:
        # These three words belong to somebody else already: another chance value makes others.
        raise StaleOnce from None


async def _ask(way: Way, terms: Terms, new: Ask, now: datetime) -> Kept:
    async with at_work(way) as session:
        return await _kept(session, way, await ask(session, way.talks, terms.provider, new, now), now)


async def _kept(session: AsyncSession, way: Way, asked: Asked, now: datetime) -> Kept:
    handover = asked.handover
    its_page = handover.key_hash in way.talks.safe.hashes.all_of(asked.secret)
    if not its_page or now - handover.asked_at > LIVES:
        raise SentBefore
    provider = await provider_of_handover(session, handover)
    due = handover.due_from, handover.due_until
    window = Window(due[0], due[1]) if due[0] and due[1] else None
    here = way.handles.write(Handle(handover.ref, asked.secret), now)
    return Kept(here, asked.words, provider.name, handover.wants, handover.state, window)
