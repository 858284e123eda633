"""Sending what a child asks for: once, however often the button was pressed, and from then on a handle for the page."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.dialogue.state import Chat
from api.chat.person.ask_form import CompleteAsk
from api.chat.person.ask_turns import NoTurn
from api.chat.person.consent_terms import ConsentTerms
from api.chat.person.handover_outage import Away, at_work
from api.chat.person.handover_token import LIVES, HandoverToken
from api.chat.person.person_door import PersonDoor
from api.records.handovers.new_handover import Ask, CallWindow, NewHandover, ask, asked_before
from api.records.handovers.queries import provider_of_handover
from api.records.handovers.states import State, Wants
from api.records.handovers.status import place_of
from api.web.ciphers import BrokenCipherText, Cipher
from api.web.origin import Origin
from api.web.settings import Settings

_LIVES = timedelta(hours=24)


class StaleIdempotencyToken(Exception):
    """What makes sending happen once is missing, too old, or not ours: the child looks once more, and sends again."""


class SentBefore(Exception):
    """This was sent a while ago, or another page has taken it over. The three words lead back."""


@dataclass(frozen=True)
class AskToSend:
    """What goes from the page: `once` as the page carried it, the chat that it came from, and where it was sent."""

    once: str
    chat: Chat
    ready: CompleteAsk
    agreed: Mapping[str, str]
    origin: Origin


@dataclass(frozen=True)
class Kept:
    """A handover that is kept: the handle for the next page, the three words, who answers it, and where it stands.

    `full` is True where more wait than the advocates who are here may take.
    """

    here: str
    words: str
    provider: str
    wants: Wants
    state: State
    window: CallWindow | None
    full: bool


class IdempotencyToken:
    """Makes and reads the sealed chance value by which what is sent twice is known."""

    def __init__(self, cipher: Cipher) -> None:
        self._seal = cipher

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of this installation."""
        return cls(Cipher.of(settings, "asking for a person"))

    def new(self, now: datetime) -> str:
        """One for a page that is rendered now."""
        return self._seal.close(json.dumps([secrets.token_hex(16), int(now.timestamp())])).rstrip("=")

    def read(self, written: str, now: datetime) -> str:
        """The chance value. Raises StaleIdempotencyToken."""
        try:
            value, at = json.loads(self._seal.open(written + "=" * (-len(written) % 4)))
        except (BrokenCipherText, ValueError, TypeError) as error:
            raise StaleIdempotencyToken from error
        if now.timestamp() - at > _LIVES.total_seconds():
            raise StaleIdempotencyToken
        return str(value)


async def sent_already(person_door: PersonDoor, idempotency_tokens: IdempotencyToken, once: str) -> Kept | None:
    """What was kept from this page already, whatever has changed since; None when it was not sent yet.

    Raises SentBefore when that is too long ago to show the words again, and Away.
    """
    now = person_door.now()
    try:
        value = idempotency_tokens.read(once, now)
    except StaleIdempotencyToken:
        return None
    async with at_work(person_door) as session:
        asked = await asked_before(session, person_door.handover_context, value)
        return await _kept(session, person_door, asked, now) if asked else None


async def send(
    person_door: PersonDoor, idempotency_tokens: IdempotencyToken, terms: ConsentTerms, sending: AskToSend
) -> Kept:
    """Keeps what a child asks for. Raises StaleIdempotencyToken, SentBefore, and Away when it may be tried again."""
    now, chat, ready = person_door.now(), sending.chat, sending.ready
    new = Ask(
        once=idempotency_tokens.read(sending.once, now),
        force=chat.force,
        level=chat.level,
        danger=chat.rung,
        wants=ready.wants,
        sent=ready.sent,
        agreed=sending.agreed,
        window=ready.window,
        origin=person_door.origins.name(sending.origin, now),
    )
    try:
        return await _ask(person_door, terms, new, now)
    except IntegrityError:
        # The same page was sent twice at once, and the other was quicker: now it is known.
        pass
    try:
        return await _ask(person_door, terms, new, now)
    except IntegrityError:
        # These three words belong to somebody else already: another chance value makes others.
        raise StaleIdempotencyToken from None


async def _ask(person_door: PersonDoor, terms: ConsentTerms, new: Ask, now: datetime) -> Kept:
    try:
        async with person_door.ask_turns.turn(new.origin or new.once), at_work(person_door) as session:
            asked = await ask(session, person_door.handover_context, terms.provider, new, now)
            return await _kept(session, person_door, asked, now)
    except NoTurn as error:
        raise Away from error


async def _kept(session: AsyncSession, person_door: PersonDoor, asked: NewHandover, now: datetime) -> Kept:
    handover = asked.handover
    its_page = handover.key_hash in person_door.handover_context.message_cipher.hashes.all_of(asked.secret)
    if not its_page or now - handover.asked_at > LIVES:
        raise SentBefore
    provider = await provider_of_handover(session, handover)
    due = handover.due_from, handover.due_until
    window = CallWindow(due[0], due[1]) if due[0] and due[1] else None
    here = person_door.handover_tokens.write(HandoverToken(handover.ref, asked.secret), now)
    _, full = await place_of(session, handover, provider, now)
    return Kept(here, asked.words, provider.name, handover.wants, handover.state, window, full)
