"""What the doors of an app share: made once, before them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from typing import Any, Self

from sqlalchemy.ext.asyncio import AsyncSession

from api.records.pack_cache import PackCache
from api.web.clock import Clock
from api.web.database import Database
from api.web.pages import Pages
from api.web.settings import Settings


@dataclass(frozen=True)
class Services:
    """What every door may have. What only some may have, as the keys of children's messages, is not among it."""

    settings: Settings
    database: Database
    pack_cache: PackCache
    pages: Pages
    now: Clock

    @classmethod
    def around(cls, services: "Services", **own: Any) -> Self:
        """A door: these services, and what it has of its own."""
        shared = {part.name: getattr(services, part.name) for part in fields(Services)}
        return cls(**shared, **own)

    @asynccontextmanager
    async def work(self) -> AsyncIterator[AsyncSession]:
        """A transaction: all of it is kept, or none."""
        async with self.database.begin() as session:
            yield session
