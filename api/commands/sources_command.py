"""The sources of the cards, from the command line: what rests on each, and whether it still says what was read."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import quote

import typer
from rich.console import Console

from api.commands.command_session import work_over
from api.records.source_checks import (
    OUTCOMES,
    Checks,
    Outcome,
    SourceCheck,
    is_due,
    keep_check,
    outdated_cards,
    source_checks,
    validators_of,
)
from api.records.source_fetch import PAUSE, SourceFetcher
from api.web.clock import Clock, utc_now
from api.web.database import Database
from api.web.migration_lock import only_one
from api.web.settings import settings
from content.card_file import load_cards
from content.cited_sources import CitedSource, cited_sources
from content.force import load_forces
from content.signoff import NATIONAL

out = Console(highlight=False, soft_wrap=True)
_BY_EYE: frozenset[Outcome] = frozenset({"forbidden", "not-text", "too-large"})
_SEES_NOTHING = 'No source has "{find}" in its title, its address or the name of a card. Try fewer words.'
_NEEDS_CONTACT = (
    "Set KNOW_CONTACT first, to your e-mail address or an https:// page about you: every site that is asked is told "
    "whom to write to. For example: KNOW_CONTACT=cards@example.org python -m api sources --check"
)


@dataclass(frozen=True)
class Checked:
    """One source that a check has just looked at. `outdated` are the keys of cards that rest on other words."""

    source: CitedSource
    row: SourceCheck
    outdated: tuple[str, ...]


def sources(
    check: Annotated[bool, typer.Option("--check", help="Ask each source whether it has changed.")] = False,
    find: Annotated[str, typer.Option(help="Only sources with this in title, address or a card's name.")] = "",
    layer: Annotated[str, typer.Option(help="Whose desk the links open: a force (kent), or national.")] = NATIONAL,
    hours: Annotated[float, typer.Option(min=0, help="Leave out what was checked in so many hours; 0: none.")] = 12,
    pause: Annotated[float, typer.Option(min=1, help="Seconds between two requests to one host.")] = PAUSE,
) -> None:
    """List every source of the cards, longest unread first: its cards, the facts that rest on it, and its age.

    With --check each source is asked, one at a time, and the words of the cited section are compared with those of the
    check before. The first check of a source only remembers them. Cards that rest on changed words are listed with a
    link: it opens the page of the desk that recalls by source. Nothing is recalled by itself. A check that is stopped
    goes on where it was; of two at once the second waits, and leaves out what the first has done.

    When somebody has read the source again, write the day as "checked" in the card, and it is listed no more.

    Ends with 1 when somebody has to look: a source has changed, moved, gone, or could not be asked.

    For example: sources --find "Data Protection Act"; sources --check --find legislation.gov.uk
    """
    chosen = settings()
    if layer != NATIONAL and layer not in load_forces():
        raise typer.BadParameter(f'There is no force "{layer}". Write its name as in its address (kent), or national.')
    found = [one for one in cited_sources(load_cards().values()) if one.has(find)]
    if not found:
        raise typer.BadParameter(_SEES_NOTHING.format(find=find), param_hint="--find")
    if check and not chosen.contact:
        typer.echo(f"Not done: {_NEEDS_CONTACT}", err=True)
        raise typer.Exit(1)
    desk = f"{chosen.public_url}/desk/{layer}/recall?source="
    if not check:
        checks = work_over(_known)
        for one in found:
            _print_source(one, checks, utc_now().date())
        _print_outdated({one: outdated_cards(checks, one) for one in found}, desk)
        return
    fetcher = SourceFetcher(str(chosen.contact), pause=pause)

    async def act(database: Database) -> bool:
        out.print("One check runs at a time: waiting for any other to end.")
        async with only_one(chosen, "checking-sources"):
            return await _check(database, fetcher, found, hours, desk)

    if not work_over(act):
        raise typer.Exit(1)


async def check_sources(
    database: Database, fetcher: SourceFetcher, found: Sequence[CitedSource], not_since: timedelta, now: Clock
) -> AsyncIterator[Checked]:
    """Looks at each of these sources that was not checked in this time, and keeps what it found before it goes on."""
    for source in found:
        async with database.begin() as session:
            checks = await source_checks(session)
        if not is_due(checks, source, now() - not_since):
            continue
        answer = await fetcher.fetch(source, validators_of(checks, source))
        async with database.begin() as session:
            await keep_check(session, source, answer, now())
        async with database.begin() as session:
            checks = await source_checks(session)
        yield Checked(source, checks[source.url, source.places[0]], outdated_cards(checks, source))


async def _check(
    database: Database, fetcher: SourceFetcher, found: Sequence[CitedSource], hours: float, desk: str
) -> bool:
    """Checks and says so as it goes; True when nobody has to look at anything."""
    done: list[Checked] = []
    async for one in check_sources(database, fetcher, found, timedelta(hours=hours), utc_now):
        done.append(one)
        told = "changed" if one.outdated else OUTCOMES[one.row.outcome]
        out.print(f"[{len(done)} of {len(found)} at most] {told}: {one.source.title}", markup=False)
        if one.row.detail:
            out.print(f"    {one.row.detail}", markup=False)
    out.print(
        f"Checked now: {len(done)}. Checked less than {hours:g} hours ago, and left out: {len(found) - len(done)}."
    )
    checks = await _known(database)
    cards = {source: outdated_cards(checks, source) for source in found}
    _print_outdated(cards, desk)
    rows = [checks[source.url, place] for source in found for place in source.places]
    return not any(cards.values()) and all(row.outcome in (*_BY_EYE, "read") for row in rows)


async def _known(database: Database) -> Checks:
    async with database.begin() as session:
        return await source_checks(session)


def _print_source(source: CitedSource, checks: Checks, today: date) -> None:
    age = (today - source.oldest).days
    out.print(f"{source.title}\n  {source.url}\n  read {source.oldest}, {age} days ago", markup=False)
    for place in source.places:
        row = checks.get((source.url, place))
        where = place or "whole page"
        if row is None:
            out.print(f"  {where}: not checked yet", markup=False)
        else:
            more = f" ({row.detail})" if row.detail else ""
            whole = "; this place was not found in it, so all of it is compared" if row.whole else ""
            out.print(f"  {where}: {row.checked_at:%Y-%m-%d}: {OUTCOMES[row.outcome]}{more}{whole}", markup=False)
    for one in source.citations:
        out.print(f"  card {one.card}, read {one.source.checked}", markup=False)
        for fact in one.facts:
            out.print(f"    - {fact}", markup=False)
    out.print()


def _print_outdated(cards: Mapping[CitedSource, Sequence[str]], desk: str) -> None:
    changed = {source: keys for source, keys in cards.items() if keys}
    if not changed:
        out.print(f"Of {len(cards)} sources none is known to have changed since it was read for a card.")
        return
    out.print(
        "These have changed since they were read. Read them, then mend the cards or open the link to recall them:"
    )
    for source, keys in changed.items():
        out.print(f"{source.title}\n  cards: {', '.join(keys)}\n  {desk}{quote(source.url, safe='')}", markup=False)
