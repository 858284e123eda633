"""Saying something to the person: the alarm is heard first, and what is sent twice is said once."""

import re
import secrets
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from api.chat.chat_door import LONGEST
from api.chat.person.call_form import cleaned
from api.chat.person.handover_outage import at_work
from api.chat.person.person_door import PersonDoor
from api.records.handovers.conversation import say_as_child
from api.records.handovers.danger_flag import raise_alarm
from api.records.handovers.tables import Message

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


async def say(person_door: PersonDoor, saying: Saying) -> Message:
    """Keeps what a child says. An alarm is passed on even where the words cannot be sent.

    Raises StaleHandoverToken, NotNow once it is closed, NotSent, and Away when it may be tried again as it is.
    """
    text = cleaned(saying.text)
    if not text:
        raise NotSent("person_empty")
    try:
        return await _say(person_door, saying, text)
    except IntegrityError:
        # Sent twice at once, and the other was quicker: now it is known.
        return await _say(person_door, saying, text)


async def _say(person_door: PersonDoor, saying: Saying, text: str) -> Message:
    now, message = person_door.now(), None
    async with at_work(person_door) as session:
        handover, _ = await person_door.found(session, saying.here)
        if saying.rang:
            await raise_alarm(session, person_door.handover_context, handover, now)
        if len(text) <= LONGEST:
            message = await say_as_child(
                session, person_door.handover_context, handover, text, _once(person_door, saying, text), now
            )
    if message is None:
        raise NotSent("person_too_long")
    return message


def _once(person_door: PersonDoor, saying: Saying, text: str) -> str:
    """The name that this is kept under: the page's own, by which it knows its line again, and a mark of the words.

    Other words under the same name, as after Back in a browser without script, are another message.
    """
    hashes, named = (
        person_door.handover_context.message_cipher.hashes,
        saying.client_id or secrets.token_hex(_NAME_BYTES),
    )
    named = named if _OWN_NAME.fullmatch(named) else hashes.of(f"name {named}")[:_NAME_LENGTH]
    return f"{named}.{hashes.of(f'said {named} {text}')[:_MARK_LENGTH]}"
