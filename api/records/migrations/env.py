"""Runs the migrations, on SQLite and PostgreSQL alike."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from api.hall.database import Base
from api.records import (  # noqa: F401 - their tables belong to the metadata
    accounts,
    acts,
    audit,
    decks,
    doors,
    embeds,
    facts,
    ledger,
    letters,
    unanswered,
    withdrawals,
)
from api.records.handovers import tables  # noqa: F401 - as above


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


async def _online() -> None:
    engine = create_async_engine(context.config.attributes["database_url"])
    async with engine.begin() as connection:
        await connection.run_sync(_run)
    await engine.dispose()


asyncio.run(_online())
