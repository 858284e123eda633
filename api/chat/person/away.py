"""When the database does not answer: told as Away, so that pages keep what was typed and say so."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.person.room import Way
from api.hall.database import AWAY
from api.hall.errors import place

_log = logging.getLogger(__name__)
# Longer than SQLite waits for another writer; a child does not wait longer than this for a page.
_ANSWER_SECONDS = 8


class Away(Exception):
    """The database does not answer. Nothing is known to be kept, and it can be tried again."""


@asynccontextmanager
async def at_work(way: Way) -> AsyncIterator[AsyncSession]:
    """A transaction on the way to a person. Raises Away; what the work itself raises stays as it is."""
    try:
        way.database.must_exist()
        async with asyncio.timeout(_ANSWER_SECONDS), way.work() as session:
            yield session
    except IntegrityError:
        # Somebody else was quicker: no fault of the database.
        raise
    except AWAY as error:
        _log.warning("a child's page could not reach the database: %s at %s", type(error).__name__, place(error))
        # Its text may quote what was being kept, so it is not chained to what is logged.
        raise Away(type(error).__name__) from None
