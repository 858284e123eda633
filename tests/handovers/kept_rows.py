"""What lies in the database of what was asked, and that it goes on its date."""

from datetime import timedelta

from sqlalchemy import inspect, select, text

from api.records.handovers.end_handover import end
from api.records.handovers.retention import sweep
from api.records.handovers.tables import Handover
from api.web.database import Database
from tests.doors import doors
from tests.person_app import NOON, PersonApp


async def kept(app: PersonApp) -> list[Handover]:
    """Every handover that is kept, in order."""
    async with app.database.begin() as session:
        return list(await session.scalars(select(Handover).order_by(Handover.id)))


async def everything_in(database: Database) -> str:
    """Every value of every table, as it lies there."""
    async with database.engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        rows = [(await connection.execute(text(f'SELECT * FROM "{table}"'))).all() for table in tables]  # noqa: S608
    # A row as a whole would be shortened.
    return " ".join(str(value) for table in rows for row in table for value in row)


async def goes_on_its_date(app: PersonApp, handover: Handover) -> None:
    """Ends a talk that is kept for 3 days: its sealed words are there until then, and not a day longer."""
    handover_context = doors(app.app).person_door.handover_context
    async with app.database.begin() as session:
        await end(session, handover_context, await session.merge(handover), app.clock())
    await sweep(app.database, handover_context, NOON + timedelta(days=2))
    assert handover.sealed in await everything_in(app.database)
    await sweep(app.database, handover_context, NOON + timedelta(days=4))
    assert handover.sealed not in await everything_in(app.database)
