"""Saying something to the person: the alarm is heard first, and what is sent twice is said once."""

import re
import secrets
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from api.chat.person.away import at_work
from api.chat.person.calls import cleaned
from api.chat.person.room import Way
from api.chat.room import LONGEST
from api.records.handovers.alarm import raise_alarm
from api.records.handovers.tables import Message
from api.records.handovers.talk import say_as_child

_NAME_LENGTH = 30
_NAME_BYTES = _NAME_LENGTH // 2
_OWN_NAME = re.compile(r"[0-9a-f]{30}")
_MARK_LENGTH = 8


class NotSent(Exception):
    """This cannot be sent as it is. `why` names an interface string; the words stay with the child."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Saying:
    """What a child says: from which page, the page's own name for it, and whether the alarm rang at it."""

    here: str
    text: str
    client_id: str
    rang: bool


async def say(way: Way, saying: Saying) -> Message:
    """Keeps what a child says. An alarm is passed on even where the words cannot be sent.

    Raises StaleHandle, NotNow once it is closed, NotSent, and Away when it may be tried again as it is.
    """
    text = cleaned(saying.text)
    if not text:
        raise NotSent("person_empty")
    try:
        return await _say(way, saying, text)
    except IntegrityError:
        # Sent twice at once, and the other was quicker: now it is known.
        return await _say(way, saying, text)


async def _say(way: Way, saying: Saying, text: str) -> Message:
    now, message = way.now(), None
    async with at_work(way) as session:
        handover, _ = await way.found(session, saying.here)
        if saying.rang:
            await raise_alarm(session, way.talks, handover, now)
        if len(text) <= LONGEST:
            message = await say_as_child(session, way.talks, handover, text, _once(way, saying, text), now)
    if message is None:
        raise NotSent("person_too_long")
    return message


def _once(way: Way, saying: Saying, text: str) -> str:
    """The name that this is kept under: the page's own, by which it knows its line again, and a mark of the words.

    Other words under the same name, as after Back in a browser without script, are another message.
    """
    hashes, named = way.talks.safe.hashes, saying.client_id or secrets.token_hex(_NAME_BYTES)
    named = named if _OWN_NAME.fullmatch(named) else hashes.of(f"name {named}")[:_NAME_LENGTH]
    return f"{named}.{hashes.of(f'said {named} {text}')[:_MARK_LENGTH]}"
