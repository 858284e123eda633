"""Runs the migrations, on SQLite and PostgreSQL alike."""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import create_async_engine

from api.records import (  # noqa: F401 - their tables belong to the metadata
    accounts,
    acts,
    audit,
    decks,
    embeds,
    force_availability,
    ledger,
    letters,
    local_facts,
    source_checks,
    unanswered_counts,
    withdrawals,
)
from api.records.handovers import tables  # noqa: F401 - as above
from api.web.database import Base


def _run(connection: Connection) -> None:
    # All steps are one transaction, on SQLite too: a step that is refused, or a process that dies, leaves no half.
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    # The driver would keep each change of a table at once.
    connection.isolation_level = None


async def _online() -> None:
    engine = create_async_engine(context.config.attributes["database_url"])
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _leave_transactions_to_us)
        event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_run)
    finally:
        await engine.dispose()


asyncio.run(_online())
