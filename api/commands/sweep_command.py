"""One sweep of the handovers, from the command line: for a timer, or for whoever wants to see what is due."""

import typer
from rich.console import Console

from api.commands.command_session import work_over
from api.records.handovers import retention
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import MessageCipher
from api.records.handovers.pubsub import PubSub
from api.web.clock import utc_now
from api.web.database import Database
from api.web.settings import settings

out = Console(highlight=False, soft_wrap=True)


def sweep() -> None:
    """Sweep the handovers once: ring again for who waits, let go, close, forget on the date. Prints how many.

    A running service does this by itself every 20 seconds; this may run beside it, and nothing is done twice. On
    PostgreSQL the open pages of a running service show it at once; on SQLite they show it within 15 seconds. Letters
    and webhook calls are sent by the running service. Ends with 1 when a handover could not be swept.
    """
    chosen = settings()
    handover_context = HandoverContext(MessageCipher.of(chosen), PubSub(), chosen.public_url)

    async def act(database: Database) -> retention.RetentionResult:
        return await retention.sweep(database, handover_context, utc_now())

    swept = work_over(act)
    out.print(
        f"Swept: rung again for {swept.rung}, let go {swept.let_go}, closed {swept.closed}, "
        f"forgotten {swept.forgotten}, concerns forgotten {swept.concerns}"
    )
    if swept.keyed:
        out.print(f"Given a key of their own: {swept.keyed}. On PostgreSQL run python -m api reseal once now.")
    if swept.decks:
        out.print(f"Decks on two devices forgotten: {swept.decks}")
    if swept.faults:
        kinds = ", ".join(sorted(set(swept.faults)))
        typer.echo(f"{len(swept.faults)} could not be swept ({kinds}). The next sweep tries again.", err=True)
        raise typer.Exit(1)
