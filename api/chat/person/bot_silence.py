"""The silence of the bot: it says nothing to a child whom a person is talking with, nor where we cannot know."""

from typing import Literal

from api.chat.person.handover_outage import Away, at_work
from api.chat.person.handover_token import StaleHandoverToken
from api.chat.person.person_door import PersonDoor
from api.records.handovers.queries import state_of_ref
from api.records.handovers.states import State

Silence = Literal["person_is_here", "person_cannot_know"]
"""Why the bot is silent: the name of the interface string that says so."""
_WITH_A_PERSON: frozenset[State] = frozenset({"talking", "calling"})


async def silence(person_door: PersonDoor, here: str) -> Silence | None:
    """Why the bot must not answer in the chat of this handle; None when it may.

    An old handle counts as well: the child is asked for their three words then, but nobody talks over the person.
    """
    try:
        ref = person_door.handover_tokens.of_any_age(here, person_door.now()).ref
        async with at_work(person_door) as session:
            state = await state_of_ref(session, ref)
    except StaleHandoverToken:
        return None
    except Away:
        return "person_cannot_know"
    return "person_is_here" if state in _WITH_A_PERSON else None
