"""Coming back to a talk by its three words: a fresh handle, and a place in the chat that fits the talk."""

import secrets
from dataclasses import dataclass, replace

from accessibility.rule_finding import LEVELS
from api.chat.chat_door import ChatDoor
from api.chat.dialogue.state import Chat
from api.chat.person.handover_outage import at_work
from api.chat.person.handover_token import HandoverToken
from api.chat.person.person_door import PersonDoor
from api.records.handovers.queries import by_words
from api.records.handovers.states import NotYours, State
from api.records.handovers.tables import Handover
from api.web.origin import Origin

_SECRET_BYTES = 16


@dataclass(frozen=True)
class Back:
    """A talk that a child has come back to: the handle of their page, their place in the chat, where the talk is."""

    here: str
    chat: Chat
    state: State


async def come_back(person_door: PersonDoor, chat_door: ChatDoor, origin: Origin, words: str, chat: Chat) -> Back:
    """The talk of three words, however they are spelt; older pages of it are out from now on.

    Raises NotYours for words that lead nowhere, later and later for an origin with many such, and Away.
    """
    secret = secrets.token_hex(_SECRET_BYTES)
    try:
        async with at_work(person_door) as session:
            handover = await by_words(session, person_door.handover_context.message_cipher, words, secret)
    except NotYours:
        # Only now, when the database is let go of: right words wait for nobody.
        await person_door.wrong_tries.wrong(origin)
        raise
    now = person_door.now()
    return Back(
        person_door.handover_tokens.write(HandoverToken(handover.ref, secret), now),
        _chat_of(chat_door, handover, chat),
        handover.state,
    )


def _chat_of(chat_door: ChatDoor, handover: Handover, chat: Chat) -> Chat:
    """The chat that the child comes from where it is of the same force, else a fresh one as the talk has it."""
    force = handover.force if handover.force in chat_door.pack_cache.forces else None
    if chat.force == force and chat.shown:
        return replace(chat, rung=chat.rung or handover.danger)
    level = next((one for one in LEVELS if one == handover.level), chat.level)
    return Chat(force, level, rung=chat.rung or handover.danger)
