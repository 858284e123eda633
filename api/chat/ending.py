"""The end of a visit: its pages open nothing any more, here and in every other process, and nobody waits for that."""

import asyncio

from sqlalchemy import func, select
from starlette.background import BackgroundTask

from api.chat.person.away import Away, at_work
from api.chat.person.leaving import shut
from api.chat.person.room import Way
from api.chat.room import Room
from api.chat.visits import CHANNEL

_TRIES_SECONDS = (0, 1, 5, 20)


def end_visit(room: Room, way: Way, visit: str, chat: str, here: str) -> BackgroundTask:
    """Ends the visit of an address and that of a chat's token; gives what tells the others once the child has gone.

    `here` is the handle of a talk with a person, whose page is shut too. What is none of ours ends nothing.
    """
    ended = room.tokens.end(visit, chat)
    return BackgroundTask(_end_everywhere, way, ended, here)


async def _end_everywhere(way: Way, visits: tuple[str, ...], here: str) -> None:
    await asyncio.gather(*(_tell(way, visit) for visit in visits), *([shut(way, here)] if here else []))


async def _tell(way: Way, visit: str) -> None:
    # SQLite serves one process, so there is nobody else to tell.
    if way.database.engine.dialect.name != "postgresql":
        return
    for seconds in _TRIES_SECONDS:
        await asyncio.sleep(seconds)
        try:
            async with at_work(way) as session:
                await session.execute(select(func.pg_notify(CHANNEL, visit)))
        except Away:
            continue
        return
