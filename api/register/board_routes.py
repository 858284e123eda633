"""The board of all forces, and one question in two of them: for anyone to read without logging in."""

from collections.abc import Mapping
from typing import Literal

from fastapi import Request
from fastapi.responses import Response

from accessibility.rule_finding import Level
from api.records.pack_cache import OnShelf, PackCache
from api.register.board import CardCoverage, ForceCoverage, State, questions, standing, standings
from api.register.coverage_picture import of_facts, picture, samples, size
from api.register.register_door import OnRegister
from api.web.errors import Problem
from api.web.page_routes import page_routes
from api.web.pages import OnPages
from api.web.security_headers import anyone
from content.difference import side_by_side
from content.force import REGIONS, Force, Region

routes = page_routes(anyone)
Order = Literal["name", "own", "overdue", "withdrawn", "missing", "facts"]
Show = Literal["cards", "facts"]
WORDS: Mapping[State, str] = {
    "own": "Own words",
    "national": "National words",
    "overdue": "Being checked",
    "withdrawn": "Withdrawn",
    "missing": "Nobody has signed",
}
LEVELS: Mapping[Level, str] = {"standard": "More words", "simple": "Fewer words", "easy": "Easy words"}
_FACTS: Mapping[State, str] = {"own": "Told", "missing": "Not told"}


@routes.get("/register")
async def board(
    request: Request,
    register: OnRegister,
    pages: OnPages,
    order: Order = "name",
    region: Region | None = None,
    show: Show = "cards",
) -> Response:
    """The board: a row a force, a mark a card or a local fact, in the order asked for."""
    rows = [row for row in await register.rows() if region in (None, row.force.region)]
    if order == "facts":
        rows.sort(key=lambda row: -len(row.told or ()))
    elif order != "name":
        rows.sort(key=lambda row: -row.counts[order])
    marks = [_states(row, list(register.slots), show) for row in rows]
    across, down = size([len(states) for states in marks])
    return pages.page(
        request,
        "register/board.html",
        rows=[(row, picture(states)) for row, states in zip(rows, marks, strict=True)],
        slots=register.slots,
        marks=_FACTS if show == "facts" else WORDS,
        sample=samples(),
        order=order,
        region=region,
        regions=_regions(register.pack_cache),
        show=show,
        across=across,
        down=down,
    )


@routes.get("/register/compare")
async def compare(
    request: Request,
    pack_cache: OnShelf,
    pages: OnPages,
    card: str = "",
    a: str = "",
    b: str = "",
    level: Level = "standard",
) -> Response:
    """The same question in two forces, side by side. Without both forces, the form alone."""
    sides = [_side(pack_cache, slug, card) for slug in (a, b)] if card and a and b else []
    signed = [line.signed.words for _, line in sides if line.signed]
    pairs = list(side_by_side(signed[0], signed[1], level)) if len(signed) == len("ab") else []
    return pages.page(
        request,
        "register/compare.html",
        cards=questions(pack_cache),
        forces=[row.force for row in standings(pack_cache)],
        card=card,
        picked=(a, b),
        sides=sides,
        level=level,
        levels=LEVELS,
        marks=WORDS,
        pairs=pairs,
        same=not any(run.differs for pair in pairs for runs in pair for run in runs),
    )


def _states(row: ForceCoverage, slots: list[str], show: Show) -> list[State]:
    if show == "cards":
        return [line.state for line in row.lines]
    return [] if row.told is None else list(of_facts(slots, row.told))


def _regions(pack_cache: PackCache) -> list[Region]:
    """The regions that some force on the register stands in: the invented one is there in practice only."""
    there = {force.region for force in pack_cache.forces.values()}
    return [region for region in REGIONS if region in there]


def _side(pack_cache: PackCache, slug: str, card: str) -> tuple[Force, CardCoverage]:
    row = standing(pack_cache, slug)
    line = next((line for line in row.lines if line.card == card), None) if row else None
    if row is None or line is None:
        raise Problem(404, "There is no such force or question here.")
    return row.force, line
