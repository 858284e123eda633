"""Leaving quickly from the page of a talk: its handle opens nothing any more, and nobody waits for that."""

import asyncio

from api.chat.person.handover_outage import Away, at_work
from api.chat.person.handover_token import StaleHandoverToken
from api.chat.person.person_door import PersonDoor
from api.records.handovers.page_access import leave_page

_TRIES_SECONDS = (0, 1, 5, 20)


async def shut(person_door: PersonDoor, here: str) -> None:
    """Shuts every page that has this handle. Never fails: whoever leaves is gone already."""
    for seconds in _TRIES_SECONDS:
        await asyncio.sleep(seconds)
        try:
            # One that is too old opens nothing anyway.
            handle = person_door.handover_tokens.read(here, person_door.now())
            async with at_work(person_door) as session:
                await leave_page(session, person_door.handover_context, handle.ref, handle.secret)
        except StaleHandoverToken:
            return
        except Away:
            continue
        return
