"""Coming back to a talk by its three words: a fresh handle, and a place in the chat that fits the talk."""

import secrets
from dataclasses import dataclass, replace

from accessibility.finding import LEVELS
from api.chat.person.away import Away, at_work
from api.chat.person.handle import Handle
from api.chat.person.rate import Tries
from api.chat.person.room import Way
from api.chat.room import Room
from api.chat.token import Chat
from api.records.handovers.finding import by_words
from api.records.handovers.states import State
from api.records.handovers.tables import Handover

_SECRET_BYTES = 16


@dataclass(frozen=True)
class Back:
    """A talk that a child has come back to: the handle of their page, their place in the chat, where the talk is."""

    here: str
    chat: Chat
    state: State


async def come_back(way: Way, room: Room, tries: Tries, address: str, words: str, chat: Chat) -> Back:
    """The talk of three words, however they are spelt; older pages of it are out from now on.

    Raises NotYours for words that lead nowhere, TooManyTries and Away.
    """
    await tries.begin(address)
    secret = secrets.token_hex(_SECRET_BYTES)
    try:
        async with at_work(way) as session:
            handover = await by_words(session, way.talks.safe, words, secret)
    except Away:
        # Whether it was right is not known, so it is not held against them.
        tries.right(address)
        raise
    tries.right(address)
    now = way.now()
    return Back(way.handles.write(Handle(handover.ref, secret), now), _chat_of(room, handover, chat), handover.state)


def _chat_of(room: Room, handover: Handover, chat: Chat) -> Chat:
    """The chat that the child comes from where it is of the same force, else a fresh one as the talk has it."""
    force = handover.force if handover.force in room.shelf.forces else None
    if chat.force == force and chat.shown:
        return replace(chat, rung=chat.rung or handover.danger)
    level = next((one for one in LEVELS if one == handover.level), chat.level)
    return Chat(force, level, rung=chat.rung or handover.danger)
