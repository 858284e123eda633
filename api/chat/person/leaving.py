"""Leaving quickly from the page of a talk: its handle opens nothing any more, and nobody waits for that."""

import asyncio

from api.chat.person.away import Away, at_work
from api.chat.person.handle import StaleHandle
from api.chat.person.room import Way
from api.records.handovers.leaving import leave_page

_TRIES_SECONDS = (0, 1, 5, 20)


async def shut(way: Way, here: str) -> None:
    """Shuts every page that has this handle. Never fails: whoever leaves is gone already."""
    for seconds in _TRIES_SECONDS:
        await asyncio.sleep(seconds)
        try:
            # One that is too old opens nothing anyway.
            handle = way.handles.read(here, way.now())
            async with at_work(way) as session:
                await leave_page(session, way.talks, handle.ref, handle.secret)
        except StaleHandle:
            return
        except Away:
            continue
        return
