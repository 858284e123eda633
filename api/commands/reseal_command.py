"""Changing keys, from the command line: everything in the database is sealed again with the newest one."""

import typer
from rich.console import Console

from api.commands.command_session import me, work_over
from api.records.audit import note
from api.records.handovers import resealing
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import MessageCipher
from api.records.handovers.pubsub import PubSub
from api.records.handovers.resealing import DRAWERS, Drawer, Resealed
from api.records.handovers.retention import give_keys
from api.records.handovers.wipe_keys import rewrite_table
from api.web.clock import utc_now
from api.web.database import Database
from api.web.settings import settings
from content.signoff import NATIONAL

out = Console(highlight=False, soft_wrap=True)


def reseal() -> None:
    """Seal everything again with the newest key, while the service runs. Ends with 1 when something does not open.

    To change keys, put the new one first in KNOW_SEALING_KEYS, start the service again, and run this. It may be stopped
    and run again at any time.

    Where several processes serve, each must know a key before another seals with it: put the new one last, start each
    process again, then put it first, start each again, and run this. Where KNOW_SEALING_KEYS was empty, KNOW_SECRET
    itself is the older key to put before it.

    Talks and records kept before they had keys of their own are given one. On PostgreSQL the tables are then rewritten,
    one after the other, without what was sealed before; nobody can use a table at that moment, so run it when it is
    quiet.
    """
    found = work_over(_every_drawer)
    lost = {drawer.name: done.lost for drawer, done in found.items() if done.lost}
    for name, numbers in lost.items():
        typer.echo(f"{name}: no key opens what is in row {', '.join(map(str, numbers))}", err=True)
    if lost:
        typer.echo("Are all older keys in KNOW_SEALING_KEYS, and is KNOW_SECRET the same as before?", err=True)
        raise typer.Exit(1)
    out.print("Everything is sealed with the newest key.")
    if left := work_over(_rewritten):
        typer.echo(
            f"Not rewritten: {', '.join(left)}. What was sealed before is still in the files of the database. Run this "
            "again when no backup runs, as the role that owns the tables.",
            err=True,
        )
        raise typer.Exit(1)
    out.print(
        "Keep the older keys until no talk of before today is left: pages that are open, and children who come back "
        "with three words, still need them."
    )


async def _every_drawer(database: Database) -> dict[Drawer, Resealed]:
    found = {drawer: await _drawer(database, drawer) for drawer in DRAWERS}
    chosen = settings()
    keyed = await give_keys(database, HandoverContext(MessageCipher.of(chosen), PubSub(), chosen.public_url), utc_now())
    if keyed:
        out.print(f"Given a key of their own: {keyed} from before there were any")
    renewed = sum(done.renewed for done in found.values())
    async with database.begin() as session:
        await note(session, utc_now(), NATIONAL, me().name, "seal again", f"{renewed} rows with the newest key")
    return found


async def _rewritten(database: Database) -> list[str]:
    """The tables that could not be rewritten without what was sealed before."""
    tables = dict.fromkeys(drawer.table.__tablename__ for drawer in DRAWERS)
    return [table for table in tables if not await rewrite_table(database, table)]


async def _drawer(database: Database, drawer: Drawer) -> Resealed:
    done = Resealed()
    async for done in resealing.reseal(database, drawer, settings()):
        if done.looked % resealing.BATCH == 0:
            out.print(f"{drawer.name}: {done.looked} looked at so far", markup=False)
    out.print(f"{drawer.name}: {done.renewed} of {done.looked} sealed again", markup=False)
    return done
