"""When the database does not answer: told as Away, so that pages keep what was typed and say so."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.person.person_door import PersonDoor
from api.web.database import AWAY
from api.web.errors import place

_log = logging.getLogger(__name__)


class Away(Exception):
    """The database does not answer. Nothing is known to be kept, and it can be tried again."""


@asynccontextmanager
async def at_work(person_door: PersonDoor) -> AsyncIterator[AsyncSession]:
    """A transaction on the way to a person. Raises Away; what the work itself raises stays as it is."""
    try:
        person_door.database.must_exist()
        async with person_door.work() as session:
            yield session
    except IntegrityError:
        # Somebody else was quicker: no fault of the database.
        raise
    except AWAY as error:
        _log.warning("a child's page could not reach the database: %s at %s", type(error).__name__, place(error))
        # Its text may quote what was being kept, so it is not chained to what is logged.
        raise Away(type(error).__name__) from None
