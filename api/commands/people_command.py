"""People of the desk and the console, from the command line: added, invited again, closed, reopened, listed, named."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.commands.command_session import account_of, me, work
from api.records import people
from api.records.accounts import Account
from api.records.deputies import end_deputy, name_deputy
from api.records.invitation_email import Invited, welcome
from api.records.marked_rows import believed_of
from api.records.people import NewPerson
from api.web.clock import utc_now
from api.web.pages import day
from api.web.settings import settings
from content.force import load_forces

commands = typer.Typer(no_args_is_help=True, help="Who works at the desk or the console, for whom, in which role.")
out = Console(highlight=False, soft_wrap=True)
Email = Annotated[str, typer.Argument(help="Their e-mail address; `people list` shows everyone's.", show_default=False)]


@commands.command()
def add(
    layer: Annotated[str, typer.Option(help="The force, as in its address (kent); national; or provider:SHORT-NAME.")],
    role: Annotated[
        str, typer.Option(help="editor, reviewer or lead; national also admin; a provider: advocate or supervisor.")
    ],
    name: Annotated[
        str, typer.Option(help="Their name, as signatures show it. Children see an advocate's: a first name is enough.")
    ],
    email: Annotated[str, typer.Option(help="Their work e-mail. One person has one account.")],
    post: Annotated[
        str, typer.Option(help="Their post, as children and the public will read it. A provider's people need none.")
    ] = "",
) -> None:
    """Add a person and print the link with which they choose how to sign in. It works once.

    For example: people add --layer national --role admin --name "Ann Example" --post "National lead" --email ann@a.org

    For example: people add --layer provider:young-voices --role supervisor --name Sam --email sam@voices.org
    """
    chosen, now = settings(), utc_now()
    new = NewPerson(role, name, post, email)

    async def act(session: AsyncSession) -> Invited:
        forces = {slug: force for slug, force in load_forces().items() if chosen.practice or not force.practice}
        added = await people.add(session, me(), layer, new, forces=forces, practice=chosen.practice, now=now)
        return await welcome(session, added, chosen, now)

    _tell(work(act))


@commands.command()
def invite(email: Email) -> None:
    """Make a new link for somebody whose link was lost or is too old, or who lost the phone they sign in with."""
    now = utc_now()

    async def act(session: AsyncSession) -> Invited:
        account = await account_of(session, email)
        await people.invite_again(session, me(), account, now)
        return await welcome(session, account, settings(), now)

    _tell(work(act))


@commands.command()
def close(email: Email) -> None:
    """Close an account: they are signed out everywhere at once. Signatures go on naming them."""

    async def act(session: AsyncSession) -> str:
        account = await account_of(session, email)
        await people.close(session, me(), account, utc_now())
        return account.name

    out.print(f"{work(act)}: the account is closed, and every sign-in has ended")


@commands.command()
def reopen(email: Email) -> None:
    """Open a closed account again, as the same person, and print a new link."""
    now = utc_now()

    async def act(session: AsyncSession) -> Invited:
        account = await account_of(session, email)
        await people.reopen(session, me(), account, now)
        return await welcome(session, account, settings(), now)

    _tell(work(act))


@commands.command("list")
def everyone(
    layer: Annotated[str | None, typer.Option(help="Only this force, national, or provider:SHORT-NAME.")] = None,
) -> None:
    """Print everyone at the desk and the consoles, by layer: role, name, post, e-mail, and since when."""

    async def act(session: AsyncSession) -> Sequence[Account]:
        wanted = select(Account).order_by(Account.layer, Account.closed_at.is_not(None), Account.name)
        found = await session.scalars(wanted.where(Account.layer == layer) if layer else wanted)
        return believed_of(session, found)

    found = work(act)
    for one in found:
        closed = f", closed {day(one.closed_at)}" if one.closed_at else ""
        out.print(
            f"{one.layer}: {one.role} {one.name}, {one.post}, {one.email}, since {day(one.made_at)}{closed}",
            markup=False,
        )
    if not found:
        out.print("Nobody yet. Add the first: python -m api people add --help")


@commands.command()
def lead(email: Email) -> None:
    """Name somebody the lead of their force: the senior officer whose post signs. They keep their post."""

    async def act(session: AsyncSession) -> Account:
        account = await account_of(session, email)
        await people.change(session, me(), account, "lead", account.post, utc_now())
        return account

    named = work(act)
    out.print(f"{named.name}, {named.post}: lead of {named.layer}", markup=False)


@commands.command()
def deputy(
    email: Email,
    starts: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")] = None,
    until: Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day.")] = None,
    end: Annotated[bool, typer.Option("--end", help="End it now instead.")] = False,
) -> None:
    """Let somebody sign in place of their force's lead, from a day to a day, both included; or end that early."""
    if not end and (starts is None or until is None):
        raise typer.BadParameter("Say --from and --until, each a day like 2027-01-31; or --end.")

    async def act(session: AsyncSession) -> str:
        account = await account_of(session, email)
        if end or starts is None or until is None:
            await end_deputy(session, me(), account, now=utc_now(), today=date.today())
            return f"{account.name} is the deputy no longer"
        first, last = starts.date(), until.date()
        await name_deputy(session, me(), account, first, last, now=utc_now(), today=date.today())
        return f"{account.name}: deputy of {account.layer} from {day(first)} to {day(last)}"

    out.print(work(act), markup=False)


def _tell(invited: Invited) -> None:
    out.print(f"{invited.name} is invited. This link works once, and is shown only now:", markup=False)
    out.print(f"{settings().public_url}{invited.path}", markup=False)
    out.print(
        "A letter with it is on its way." if invited.lettered else "No mail server is set: hand it over yourself."
    )
