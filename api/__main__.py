"""The operator's command: prepare the database, sign the practice words, and serve."""

import asyncio
import gc
import logging
import os
import secrets
import signal
import sys
from collections.abc import Mapping
from datetime import date
from typing import Annotated

import typer
from rich.console import Console

from api.bot_process import bot_process, free_port
from api.commands import (
    force_command,
    ledger_command,
    log_command,
    pack_command,
    people_command,
    provider_command,
    reseal_command,
    sources_command,
    sweep_command,
)
from api.records.chain_marking import Marks
from api.records.heads import HeadFolder
from api.records.ledger_upgrade import bring_up_to_date
from api.records.marking_people import bring_people_up_to_date
from api.records.practice import sign_practice, tell_practice
from api.web.clock import utc_now
from api.web.database import Database
from api.web.errors import WithoutWords
from api.web.migration_lock import only_one
from api.web.settings import Settings, settings
from content.card_file import load_cards
from content.glossary import load_glossary
from content.helplines import load_helplines
from content.rendering import Renderer
from content.slots import load_slots
from content.translation import load_translations

cli = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
cli.add_typer(ledger_command.commands, name="ledger")
cli.add_typer(people_command.commands, name="people")
cli.add_typer(force_command.commands, name="force")
cli.add_typer(provider_command.commands, name="provider")
cli.add_typer(pack_command.commands, name="pack")
cli.command()(log_command.log)
cli.command()(sources_command.sources)
cli.command()(sweep_command.sweep)
cli.command()(reseal_command.reseal)
out = Console(highlight=False)


@cli.command()
def prepare() -> None:
    """Bring the tables up to date; in practice mode also sign the practice words that are new or changed."""
    failed = asyncio.run(_prepare(settings()))
    if failed:
        raise typer.Exit(failed)


async def _prepare(chosen: Settings) -> int:
    """Prepares, one process at a time; 0, or the exit status of what could not be done."""
    async with only_one(chosen):
        # A process of its own: the tool takes 0.3 s to load, and a child who presses a button would wait for that.
        migrating = await asyncio.create_subprocess_exec(sys.executable, "-m", "api.web.migrate")
        failed = await migrating.wait()
        if failed:
            return failed
        out.print("Database: up to date")
        # Before anything is added: rows of before marks are believed once, and never after.
        ledger_command.tell_marks(await _mark(chosen))
        if chosen.practice:
            out.print(f"Practice words: {await _sign_practice()} new signatures by invented people")
    return 0


async def _mark(chosen: Settings) -> Mapping[str, Marks]:
    database, folder = Database(chosen), HeadFolder.of(chosen)
    try:
        people_command = await bring_people_up_to_date(database, folder, utc_now)
        chains = await bring_up_to_date(database, folder, utc_now, practice=chosen.practice)
        return {chain.name: marks for chain, marks in chains.items()} | dict(people_command)
    finally:
        await database.close()


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
    # Imported here, because no other command should wait the seconds that they take.
    import uvicorn

    from api.main import create_app

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
        # Whom a proxy may speak for is in KNOW_TRUSTED_PROXIES; uvicorn would also believe this whole machine.
        proxy_headers=False,
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


def main() -> None:
    """Runs the command; a broken file or setting ends in one clear line."""
    try:
        cli()
    except ValueError as error:
        typer.echo(f"Cannot start: {' '.join(str(error).split())}", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
