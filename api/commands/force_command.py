"""A force's door and its advocacy organisation, from the command line."""

from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from api.commands.command_session import me, work
from api.records import force_availability
from api.records.handovers.providers import provider_with
from api.records.people import Mistaken
from api.web.clock import utc_now
from api.web.settings import settings
from content.force import load_forces
from content.signoff import NATIONAL

commands = typer.Typer(no_args_is_help=True, help="A force's door to children, and who answers for it.")
out = Console(highlight=False, soft_wrap=True)
_PREFIX = "door_"
_CHOICES = ", ".join(name.removeprefix(_PREFIX) for name in force_availability.MESSAGES)
_ON_SQLITE = "On SQLite a running service shows this when it is started again. To act at once: {url}/desk/{slug}/door"
Slug = Annotated[str, typer.Argument(help="The force, as in its address (kent).", show_default=False)]


@commands.command()
def close(
    slug: Slug,
    message: Annotated[str, typer.Option(help=f"What children are told: {_CHOICES}.")] = "checking",
) -> None:
    """Close a force's door: children see a vetted sentence, 999, Childline and the way to a person."""
    _must_be_force(slug)
    if f"{_PREFIX}{message}" not in force_availability.MESSAGES:
        raise typer.BadParameter(f"Choose one of: {_CHOICES}. Children see vetted words only.", param_hint="--message")

    async def act(session: AsyncSession) -> None:
        await force_availability.close_door(session, me(), slug, f"{_PREFIX}{message}", utc_now())

    work(act)
    out.print(f"{slug}: the door is closed. Open it again: python -m api force open {slug}")
    _say_when(slug)


@commands.command("open")
def open_again(slug: Slug) -> None:
    """Open a force's door again."""
    _must_be_force(slug)

    async def act(session: AsyncSession) -> None:
        await force_availability.open_door(session, me(), slug, utc_now())

    work(act)
    out.print(f"{slug}: the door is open")
    _say_when(slug)


@commands.command()
def provider(
    slug: Annotated[str, typer.Argument(help="The force, as in its address (kent), or national.", show_default=False)],
    organisation: Annotated[
        str, typer.Argument(help='Its short name, as `provider list` shows it; "" for nobody.', show_default=False)
    ],
) -> None:
    """Say which independent advocacy organisation answers the children of a force; national: of no force.

    For example: force provider northmoor young-voices
    """
    if slug != NATIONAL:
        _must_be_force(slug)
    practice, forces = settings().practice, load_forces()

    async def act(session: AsyncSession) -> str:
        found = await provider_with(session, organisation, practice=practice) if organisation else None
        if organisation and found is None:
            told = f'There is no organisation "{organisation}". See who is here: python -m api provider list'
            raise Mistaken({"provider": told})
        await force_availability.name_provider(
            session, me(), slug, found, forces=forces, practice=practice, now=utc_now()
        )
        return found.name if found else "nobody"

    out.print(f"{slug}: {work(act)} answers when a child asks for a person", markup=False)


def _say_when(slug: str) -> None:
    """Other processes are woken through PostgreSQL; SQLite has no way to wake one."""
    if settings().sqlite_file:
        out.print(_ON_SQLITE.format(url=settings().public_url, slug=slug))


def _must_be_force(slug: str) -> None:
    known = [name for name, force in load_forces().items() if force.kind != "hand-over"]
    if slug not in known:
        raise typer.BadParameter(f'There is no force "{slug}". Use one of: {", ".join(known)}.')
