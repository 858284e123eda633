"""Subscribing to news: what every page that is kept up to date goes round by."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.pubsub import PubSub, rings
from api.web.database import AWAY, Database

_LONGEST_SECONDS = 5.0
News = TypeVar("News")


async def news(
    database: Database,
    handover_context: HandoverContext,
    heard: tuple[str, ...],
    read: Callable[[AsyncSession], Awaitable[News]],
) -> AsyncGenerator[News | None, None]:
    """What `read` finds at once, at every ring, and every so often; None once when the database is away.

    Each look is a transaction of its own. What `read` raises that is not about the database ends the round.
    """
    pubsub, every, away = handover_context.pubsub, handover_context.look_intervals, False
    with pubsub.hearing(*heard) as rung:
        while True:
            found = await _look(database, pubsub, read)
            if found is not None or not away:
                yield found
            away = found is None
            await (asyncio.sleep(_spread(every.again)) if away else rings(rung, _spread(every.seconds)))


async def _look(database: Database, pubsub: PubSub, read: Callable[[AsyncSession], Awaitable[News]]) -> News | None:
    """What `read` finds; None when the database does not answer."""
    try:
        # To wait for a turn says nothing of the database, so the time for it begins after.
        async with pubsub.looking, asyncio.timeout(_LONGEST_SECONDS), database.begin() as session:
            return await read(session)
    except AWAY:
        return None


def _spread(seconds: float) -> float:
    """About so long: pages that were opened together do not look together for ever."""
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311 - nobody gains by guessing it
