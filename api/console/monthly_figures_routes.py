"""Figures for supervisors: how often what happened at their provider, by month. No times, no forces, no words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from fastapi import Request
from fastapi.responses import Response

from api.console.console_access import OnSupervisor, supervising
from api.console.console_door import OnConsole
from api.console.console_view import show
from api.records.handovers.monthly_counts import counts_of
from api.web.page_routes import page_routes

routes = page_routes(supervising, prefix="/console/figures")
SAID: Mapping[str, str] = MappingProxyType(
    {
        "asked": "Children who asked for a person",
        "claimed": "Times that an advocate took a child",
        "closed-answered": "Closed: answered",
        "closed-passed-on": "Closed: passed on to somebody else who helps",
        "closed-child-left": "Closed: the child left or ended it",
        "closed-not-reached": "Closed: a call that nobody took",
        "closed-no-answer": "Closed: nobody of us answered",
        "face-good": "Children who chose the happy face",
        "face-middle": "Children who chose the middle face",
        "face-bad": "Children who chose the sad face",
        "forgotten": "Handovers of which every word is deleted",
    }
)
"""What is shown, in order. Whatever else is counted is for looking after the site, not after people."""


@dataclass(frozen=True)
class MonthFigures:
    """A month by name, and what happened in it."""

    name: str
    figures: Mapping[str, int]


@routes.get("")
async def figures(request: Request, console: OnConsole, supervisor: OnSupervisor) -> Response:
    """Every month in which something happened, the newest first."""
    async with console.work() as session:
        found = await counts_of(session, supervisor.provider.id)
    months = [MonthFigures(f"{date.fromisoformat(f'{month}-01'):%B %Y}", counts) for month, counts in found.items()]
    return show(request, console, supervisor, "figures.html", months=months, said=SAID)
