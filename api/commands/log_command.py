"""The log, from the command line: who did what, and when."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from api.commands.command_session import work
from api.records.audit import AuditRow, log_of
from api.records.chain_verification import first_altered

out = Console(highlight=False, soft_wrap=True)


def log(
    layer: Annotated[str | None, typer.Option(help="Only this force, or national; else every layer.")] = None,
    newest: Annotated[int, typer.Option(min=1, max=100_000, help="How many lines, from the newest.")] = 100,
) -> None:
    """Print who did what at the desk, and when, newest first. Ends with 1 when a line of the log was altered."""

    async def act(session: AsyncSession) -> tuple[Sequence[AuditRow], int, int | None]:
        return await log_of(session, layer, newest), *await first_altered(session, AuditRow)

    lines, whole, altered = work(act)
    for line in lines:
        about = f": {line.about}" if line.about else ""
        out.print(f"{line.at:%Y-%m-%d %H:%M} UTC  {line.layer}  {line.who}  {line.what}{about}", markup=False)
    if altered is None:
        out.print(f"Log: {whole} lines in all, every one as it was written")
        return
    out.print(f"Log: {whole} lines are as they were written, then line {altered} is not, or follows one that is gone")
    raise typer.Exit(1)
