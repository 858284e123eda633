"""The sources of the cards: how long ago each was read, what the last check of it found, and what rests on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import Request
from fastapi.responses import Response

from api.desk.desk_access import OnLog, of_layer
from api.desk.desk_door import OnDesk
from api.desk.desk_view import show
from api.desk.recall_routes import signed_in_reach
from api.records.source_checks import OUTCOMES, Checks, SourceCheck, outdated_cards, source_checks
from api.web.page_routes import page_routes
from content.cited_sources import CitedSource, cited_sources

routes = page_routes(of_layer, prefix="/desk/{layer}/sources")


@dataclass(frozen=True)
class SourceRow:
    """One source on the page. `days` is its age in days; `outdated` are the questions of the cards it has left behind.

    `signed` is True where signed words in reach of the reader rest on it, so that they can be recalled.
    """

    source: CitedSource
    days: int
    checks: Sequence[tuple[str, SourceCheck]]
    outdated: Sequence[str]
    signed: bool


@routes.get("")
async def list_sources(request: Request, desk: OnDesk, actor: OnLog, layer: str, find: str = "") -> Response:
    """Every source of this release's cards, or those with `find`: the one that was read longest ago first."""
    find = find.strip()
    async with desk.work() as session:
        checks = await source_checks(session)
    signed = {url for one in signed_in_reach(desk, actor) for _, url in one.words.sources}
    today = desk.pack_cache.today()
    found = [one for one in cited_sources(desk.wordings.cards.values()) if one.has(find)]
    rows = [_row(one, checks, one.url in signed, today) for one in found]
    return show(
        request,
        desk,
        actor,
        layer,
        "sources.html",
        rows=rows,
        changed=[row for row in rows if row.outdated],
        outcomes=OUTCOMES,
        is_checked=bool(checks),
        find=find,
    )


def _row(source: CitedSource, checks: Checks, signed: bool, today: date) -> SourceRow:
    known = [(place, checks[source.url, place]) for place in source.places if (source.url, place) in checks]
    keys = outdated_cards(checks, source)
    questions = {one.card: one.question for one in source.citations}
    return SourceRow(source, (today - source.oldest).days, known, [questions[key] for key in keys], signed)
