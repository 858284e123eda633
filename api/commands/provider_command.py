"""The independent advocacy organisations, from the command line: add one, list them, set their hours and settings."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from api.commands.command_session import Done, me, work
from api.records.handovers import providers
from api.records.handovers.opening_week import DAYS
from api.records.handovers.providers import SETTINGS, layers_of, provider_with, typed_of
from api.records.handovers.tables import Provider
from api.records.handovers.webhooks import PURPOSE, set_hook
from api.records.people import Mistaken
from api.web.ciphers import Cipher
from api.web.clock import utc_now
from api.web.settings import settings

commands = typer.Typer(no_args_is_help=True, help="Independent advocacy organisations, who answer children.")
out = Console(highlight=False, soft_wrap=True)
_CHOICES = [name for name in SETTINGS if name not in DAYS]
Slug = Annotated[
    str, typer.Argument(help="The organisation's short name; `provider list` shows them.", show_default=False)
]


@commands.command()
def add(
    slug: Annotated[str, typer.Argument(help="A short name for commands, like young-voices.", show_default=False)],
    name: Annotated[str, typer.Argument(help="The name, as children will read it.", show_default=False)],
) -> None:
    """Add an organisation. Nobody is there until its hours are set, and no child reaches it until a force has it.

    For example: provider add young-voices "Young Voices (invented)"

    Then: provider hours young-voices mon-fri=09:00-17:00

    Then: force provider northmoor young-voices

    Then: people add --layer provider:young-voices --role supervisor --name Sam --email sam@young-voices.example
    """

    async def act(session: AsyncSession) -> str:
        return (await providers.add(session, me(), slug, name, practice=_practice(), now=utc_now())).name

    out.print(f"{work(act)}: added as {slug}. Nobody is there yet: python -m api provider hours --help", markup=False)


@commands.command("list")
def everyone() -> None:
    """Print every organisation: its name, whom it answers for, its hours, and everything it has decided."""

    async def act(session: AsyncSession) -> Sequence[tuple[Provider, list[str]]]:
        found = await providers.providers(session, practice=_practice())
        return [(one, await layers_of(session, one)) for one in found]

    found = work(act)
    for one, layers in found:
        out.print(f"{one.slug}: {one.name}", markup=False)
        out.print(f"  answers for: {', '.join(layers) or 'nobody yet'}", markup=False)
        _say_hours(one)
        shown = {name: value for name, value in typed_of(one).items() if name in _CHOICES[1:]}
        shown["hook"] = one.hook_url or ""
        told = (f"  {name}: {' '.join(value.split()) or 'none'}" for name, value in shown.items())
        out.print("\n".join(told), markup=False)
    if not found:
        out.print("None yet. Add the first: python -m api provider add --help")


@commands.command()
def hours(
    slug: Slug,
    days: Annotated[
        list[str] | None, typer.Argument(help="Days and their times, like mon-fri=09:00-17:00.", show_default=False)
    ] = None,
    closed: Annotated[
        str | None,
        typer.Option(help="All days when nobody is there, like 2026-12-25,2026-12-26."),
    ] = None,
) -> None:
    """Set the opening hours, by UK clocks. Days that are not named stay as they are; without any, print them.

    For example: provider hours young-voices mon-fri=09:00-17:00,18:00-20:00 sat=10:00-14:00 sun=

    A time past midnight: fri=22:00-02:00. A whole day: sat=00:00-24:00. Nobody there: sun=
    """
    typed = {day: times for one in days or () for day, times in _times(one)}
    typed |= {} if closed is None else {"closed_days": closed}

    async def act(session: AsyncSession, provider: Provider) -> Provider:
        await providers.change(session, me(), provider, typed, utc_now())
        return provider

    _say_hours(_with(slug, act))


@commands.command("set")
def settle(
    slug: Slug,
    name: Annotated[str, typer.Argument(help=f"What to set: {', '.join(_CHOICES)}.", show_default=False)],
    value: Annotated[str, typer.Argument(help='The value; several of one kind after commas. "" for none.')],
) -> None:
    """Set one thing that an organisation decides.

    For example: provider set young-voices keep_days 14 (how long a closed talk is kept)

    For example: provider set young-voices most_open 3 (how many children one advocate answers at once)

    For example: provider set young-voices rota "duty@young-voices.example, lead@young-voices.example"
    """
    if name not in _CHOICES:
        raise typer.BadParameter(f"There is no setting {name}. Use one of: {', '.join(_CHOICES)}.")

    async def act(session: AsyncSession, provider: Provider) -> str:
        await providers.change(session, me(), provider, {name: value}, utc_now())
        return typed_of(provider)[name]

    out.print(f"{slug}: {name} is {_with(slug, act) or 'nothing'} now", markup=False)


@commands.command()
def hook(
    slug: Slug,
    url: Annotated[str, typer.Argument(help='The https address that is told; "" takes it back.', show_default=False)],
) -> None:
    """Tell an organisation's own system when a child waits, by a signed message without any word of the child.

    For example: provider hook young-voices https://rota.example.org/in-the-know

    The secret that signs the messages is printed once. Setting the address again makes a new one.
    """

    async def act(session: AsyncSession, provider: Provider) -> str | None:
        return await set_hook(session, me(), provider, url, Cipher.of(settings(), PURPOSE), utc_now())

    secret = _with(slug, act)
    if secret is None:
        out.print(f"{slug}: no system of its own is told any more", markup=False)
        return
    out.print(f"{slug}: {url.strip()} is told. This secret signs each message, and is shown only now:", markup=False)
    out.print(secret, markup=False)


def _with(slug: str, act: Callable[[AsyncSession, Provider], Awaitable[Done]]) -> Done:
    """Does something with the organisation of a short name, in one transaction."""

    async def found(session: AsyncSession) -> Done:
        provider = await provider_with(session, slug, practice=_practice())
        if provider is None:
            told = f'There is no organisation "{slug}". See who is here: python -m api provider list'
            raise Mistaken({"slug": told})
        return await act(session, provider)

    return work(found)


def _times(typed: str) -> list[tuple[str, str]]:
    """ "mon-fri=09:00-17:00" as the times of each day."""
    named, equals, times = typed.partition("=")
    first, _, last = named.strip().lower().partition("-")
    days = list(DAYS)
    if not equals or first not in days or (last or first) not in days or days.index(last or first) < days.index(first):
        raise typer.BadParameter(f"{typed}: write days like mon=09:00-17:00 or mon-fri=09:00-17:00.")
    return [(day, times) for day in days[days.index(first) : days.index(last or first) + 1]]


def _say_hours(provider: Provider) -> None:
    found = provider.opening_hours
    told = [f"{day} {found.text(day)}" for day in DAYS if found.text(day)]
    out.print(f"  open: {'; '.join(told) or 'never yet: nobody is there'} (UK time)", markup=False)
    if found.closed:
        out.print(f"  closed on: {', '.join(day.isoformat() for day in sorted(found.closed))}", markup=False)


def _practice() -> bool:
    return settings().practice
