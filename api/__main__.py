"""The operator's command: prepare the database, sign the practice words, and serve."""

import asyncio
import gc
import logging
import os
import secrets
import signal
import subprocess
import sys
from datetime import date
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from api.bot_process import bot_process, free_port
from api.commands import force, log, pack, people, provider, reseal, sweep
from api.hall.clock import utc_now
from api.hall.database import Database
from api.hall.errors import WithoutWords
from api.hall.settings import settings
from api.main import create_app
from api.records.chain import Chained, first_altered
from api.records.chains import CHAINS, Chain
from api.records.practice import sign_practice, tell_practice
from content.card_file import load_cards
from content.glossary import load_glossary
from content.helplines import load_helplines
from content.rendering import Renderer
from content.slots import load_slots
from content.translation import load_translations

cli = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
book = typer.Typer(no_args_is_help=True, help="The ledger of signatures.")
cli.add_typer(book, name="ledger")
cli.add_typer(people.commands, name="people")
cli.add_typer(force.commands, name="force")
cli.add_typer(provider.commands, name="provider")
cli.add_typer(pack.commands, name="pack")
cli.command()(log.log)
cli.command()(sweep.sweep)
cli.command()(reseal.reseal)
out = Console(highlight=False)


@cli.command()
def prepare() -> None:
    """Bring the tables up to date; in practice mode also sign the practice words that are new or changed."""
    chosen = settings()
    # A process of its own: the tool for it takes 0.3 s to load, and a child who presses a button would wait for that.
    migrating = subprocess.run([sys.executable, "-m", "api.hall.migrating"], check=False)
    if migrating.returncode:
        raise typer.Exit(migrating.returncode)
    out.print("Database: up to date")
    if chosen.practice:
        out.print(f"Practice words: {asyncio.run(_sign_practice())} new signatures by invented people")


async def _sign_practice() -> int:
    renderer = Renderer(load_glossary(), load_helplines(), load_slots())
    database = Database(settings())
    cards = load_cards()
    async with database.begin() as session:
        await tell_practice(session, utc_now())
        added = await sign_practice(session, cards, renderer, date.today(), load_translations(cards))
    await database.close()
    return added


@cli.command()
def serve() -> None:
    """Serve the pages and the JSON API at KNOW_HOST:KNOW_PORT."""
    chosen = settings()
    # What is read now stays as long as the app does: to go through it for what can be let go takes 0.2 s, each time.
    gc.disable()
    app = create_app(chosen)
    gc.freeze()
    gc.enable()
    out.print(f"In the Know: http://{chosen.host}:{chosen.port}/")
    logging.getLogger("uvicorn.error").addFilter(WithoutWords())
    # An access log would keep addresses and tokens, so there is none.
    uvicorn.run(
        app,
        host=chosen.host,
        port=chosen.port,
        access_log=False,
        log_level="warning",
        server_header=False,
    )


@cli.command()
def run(bot_port: Annotated[int, typer.Option(help="Where the bot listens; 0 takes any free port.")] = 0) -> None:
    """Prepare, start the bot beside us with a token made for this run, and serve."""
    prepare()
    # uvicorn ends by raising the signal again; as SystemExit it lets the bot be stopped first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    bot_port = bot_port or free_port()
    token = secrets.token_hex(16)
    os.environ |= {"KNOW_BOT_URL": f"http://127.0.0.1:{bot_port}", "KNOW_BOT_TOKEN": token}
    settings.cache_clear()
    with bot_process(bot_port, token):
        serve()


@book.command()
def verify() -> None:
    """Walk all three chains and name the first row of each that was altered. Ends with 1 when there is one."""
    try:
        walked = asyncio.run(_walk())
    except (SQLAlchemyError, OSError) as error:
        raise ValueError(f"the ledger cannot be read ({type(error).__name__}); is DATABASE_URL right?") from error
    for chain, (whole, altered) in walked.items():
        if altered is None:
            out.print(f"{chain.name}: {whole} rows, every one as it was {chain.made}")
            continue
        out.print(f"{chain.name}: {whole} rows are as they were {chain.made}, then row {altered.id} is not")
        out.print(f"Row {altered.id} says: {chain.says(altered)}.", markup=False)
        out.print(chain.meanwhile)
    if any(altered for _, altered in walked.values()):
        out.print("Put the database back from a copy made before it was altered.")
        raise typer.Exit(1)


async def _walk() -> dict[Chain, tuple[int, Chained | None]]:
    database = Database(settings())
    try:
        # SQLite would make an empty file where there is none, and call that whole.
        database.must_exist()
        async with database.begin() as session:
            return {chain: await first_altered(session, chain.rows) for chain in CHAINS}
    finally:
        await database.close()


def main() -> None:
    """Runs the command; a broken file or setting ends in one clear line."""
    try:
        cli()
    except ValueError as error:
        typer.echo(f"Cannot start: {' '.join(str(error).split())}", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
