"""A layer's words as files, from the command line: out into a folder that a web team keeps in git, and in again."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from api.commands.command_session import account_of, me, work
from api.records import sessions
from api.records.audit import note
from api.records.layer_changes import change
from api.records.pack_import import Plan, export, plan
from api.records.people import Mistaken
from api.records.wording import Wordings
from api.web.clock import utc_now
from api.web.settings import settings
from content.card_file import load_cards
from content.force import load_forces
from content.pack_archive import texts
from content.pack_files import FACTS, BrokenFiles, PackTexts, read_pack
from content.release import load_vetting
from content.review import Actor
from content.signoff import NATIONAL

commands = typer.Typer(no_args_is_help=True, help="A layer's words as files: out into a folder, and in again.")
out = Console(highlight=False, soft_wrap=True)
Layer = Annotated[str, typer.Argument(help="The force, as in its address (kent), or national.", show_default=False)]


@commands.command("export")
def take_out(layer: Layer, folder: Annotated[Path, typer.Argument(help="Made if it is not there.")]) -> None:
    """Write all words of a layer into a folder. Files of the same name are written over; others are left alone."""
    name, invented = _named(layer)
    wordings = Wordings(load_cards(), load_vetting())

    async def act(session: AsyncSession) -> dict[str, str]:
        files = await export(session, wordings, layer, name, invented=invented)
        await note(session, utc_now(), layer, me().name, "export files", f"{len(files)} files")
        return files

    files = work(act)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8", newline="\n")
    out.print(f"{name}: {len(files)} files taken out to {folder}", markup=False)


@commands.command("import")
def bring_in(
    layer: Layer,
    folder: Annotated[Path, typer.Argument(help="With cards/ and facts.yml, as export makes it.", show_default=False)],
    by: Annotated[str, typer.Option(help="The e-mail of whose account has changed these words.")],
    look: Annotated[bool, typer.Option("--look", help="Say what would change, and change nothing.")] = False,
) -> None:
    """Bring a folder's words in as drafts, all or none. Nothing is signed by it, and what was approved is no longer."""
    name, _ = _named(layer)
    wordings = Wordings(load_cards(), load_vetting())

    async def act(session: AsyncSession) -> Plan:
        who = await _worker(session, by, layer)
        found = await plan(session, wordings, layer, brought)
        if not look and (found.cards or found.facts):
            # They need not have been there: the log names whoever ran the command too.
            about = f"{found.about}, by {me().name}"
            await note(session, utc_now(), layer, who.name, "import files", about, who.id)
            await change(session, who, wordings, layer, found.changes(), utc_now())
        return found

    try:
        brought = _brought(folder, wordings)
        found = work(act)
    except BrokenFiles as broken:
        for path, problem in broken.problems.items():
            typer.echo(f"{path}: {problem}", err=True)
        typer.echo("Not done: nothing was changed. Mend the files that are named, and import again.", err=True)
        raise typer.Exit(1) from None
    _tell(wordings, found)
    out.print(f"{name}: {found.about} {'would change' if look else 'are drafts now'}; {found.same} files the same")


def _tell(wordings: Wordings, found: Plan) -> None:
    for one in found.cards:
        broken = sum(report.blocks for report in wordings.vetting.vet(one.card))
        mend = f", with {broken} to mend before signing" if broken else ""
        out.print(f"  cards/{one.card.key}.md{mend}", markup=False)
    for fact in found.facts:
        out.print(f"  {fact.slot.id}: {fact.value or 'taken back'}", markup=False)


def _named(layer: str) -> tuple[str, bool]:
    """What people call a layer, and whether it is invented."""
    if layer == NATIONAL:
        return "England and Wales (national words)", False
    force = load_forces().get(layer)
    if force is None or force.kind == "hand-over" or (force.practice and not settings().practice):
        raise typer.BadParameter(f'There is no force "{layer}" with words of its own.')
    return force.name, force.practice


def _brought(folder: Path, wordings: Wordings) -> PackTexts:
    """The pack's files in a folder; whatever else a folder in git holds is not looked at. Raises BrokenFiles."""
    paths = [*sorted((folder / "cards").glob("*")), *(path for path in (folder / FACTS,) if path.exists())]
    problems = {
        str(path): "This is a link or a folder. Put the file itself there."
        for path in paths
        if path.is_symlink() or not path.is_file()
    }
    if not paths:
        problems = {str(folder): f"There is neither cards/ nor {FACTS} in it."}
    if problems:
        raise BrokenFiles(problems)
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return read_pack(texts(files), wordings.vetting.renderer.slots)


async def _worker(session: AsyncSession, email: str, layer: str) -> Actor:
    account = await account_of(session, email)
    if account.closed_at or account.layer != layer:
        raise Mistaken({"email": f"{account.name} does not work for {layer}, or their account is closed."})
    return await sessions.actor(session, account, utc_now().date())
