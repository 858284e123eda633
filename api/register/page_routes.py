"""The public register as pages and files: who has signed what, for anyone to read without logging in."""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from accessibility.finding import Level
from api.hall.errors import Problem
from api.hall.guard import anyone
from api.hall.pages import OnPages
from api.records.shelf import OnShelf, Shelf
from api.register.board import STATES, Line, Standing, State, questions, standing, standings
from content.difference import side_by_side
from content.force import Force

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)
Order = Literal["name", "own", "overdue", "missing"]
Nation = Literal["England", "Wales", "Great Britain"]
_COLUMNS = ("force", "invented", "card", "question", "state", "words", "signed by", "signed on", "check again by")
_BESIDE = 6
_IN_A_ROW = 51
_WORDS: Mapping[State, str] = {
    "own": "Own words",
    "national": "National words",
    "overdue": "Being checked",
    "missing": "Nobody has signed",
}
_LEVELS: Mapping[Level, str] = {"standard": "More words", "simple": "Fewer words", "easy": "Easy words"}


@routes.get("/register")
async def board(
    request: Request, shelf: OnShelf, pages: OnPages, order: Order = "name", nation: Nation | None = None
) -> Response:
    """The board: a row a force, a mark a card, in the order asked for."""
    rows = [row for row in standings(shelf) if nation in (None, row.force.nation)]
    if order != "name":
        rows.sort(key=lambda row: -row.counts[order])
    return pages.page(
        request,
        "board.html",
        rows=[(row, picture(row.lines)) for row in rows],
        marks=_WORDS,
        sample={state: _mark(state, 0, 0) for state in STATES},
        order=order,
        nation=nation,
        across=_IN_A_ROW * _BESIDE,
        down=_BESIDE * max((math.ceil(len(row.lines) / _IN_A_ROW) for row in rows), default=0),
    )


@routes.get("/register.csv")
async def board_as_csv(shelf: OnShelf) -> Response:
    """Every force and card as a table for a spreadsheet."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    table.writerows(cells for row in standings(shelf) for cells in _cells(row))
    return Response(
        text.getvalue(), media_type="text/csv", headers={"Content-Disposition": 'attachment; filename="register.csv"'}
    )


@routes.get("/register/compare")
async def compare(
    request: Request,
    shelf: OnShelf,
    pages: OnPages,
    card: str = "",
    a: str = "",
    b: str = "",
    level: Level = "standard",
) -> Response:
    """The same question in two forces, side by side. Without both forces, the form alone."""
    sides = [_side(shelf, slug, card) for slug in (a, b)] if card and a and b else []
    signed = [line.signed.words for _, line in sides if line.signed]
    pairs = list(side_by_side(signed[0], signed[1], level)) if len(signed) == len("ab") else []
    return pages.page(
        request,
        "compare.html",
        cards=questions(shelf),
        forces=[row.force for row in standings(shelf)],
        card=card,
        picked=(a, b),
        sides=sides,
        level=level,
        levels=_LEVELS,
        marks=_WORDS,
        pairs=pairs,
        same=not any(run.differs for pair in pairs for runs in pair for run in runs),
    )


@routes.get("/register/{force}")
async def of_force(request: Request, shelf: OnShelf, pages: OnPages, force: str) -> Response:
    """Every card of one force: whose words, who signed them, and until when."""
    found = standing(shelf, force)
    if found is None:
        raise Problem(404, "There is no such force here.")
    return pages.page(
        request,
        "register.html",
        row=found,
        marks=_WORDS,
        sample={state: _mark(state, 0, 0) for state in STATES},
    )


def _side(shelf: Shelf, slug: str, card: str) -> tuple[Force, Line]:
    row = standing(shelf, slug)
    line = next((line for line in row.lines if line.card == card), None) if row else None
    if row is None or line is None:
        raise Problem(404, "There is no such force or question here.")
    return row.force, line


def picture(lines: tuple[Line, ...]) -> Mapping[State, str]:
    """The marks of a row as SVG paths, one for each state that occurs: what stands alike is drawn at once."""
    placed = sorted((line.state, number) for number, line in enumerate(lines))
    return {
        state: "".join(_mark(state, _BESIDE * (at % _IN_A_ROW), _BESIDE * (at // _IN_A_ROW)) for _, at in group)
        for state, group in groupby(placed, key=lambda pair: pair[0])
    }


def _mark(state: State, x: int, y: int) -> str:
    """One mark of five by five: each state has a shape of its own, so that colour is never needed."""
    shapes: Mapping[State, str] = {
        "own": f"M{x} {y}h5v5h-5z",
        "national": f"M{x} {y}v5h5z",
        "overdue": f"M{x} {y}h1v5h-1zm2 0h1v5h-1zm2 0h1v5h-1z",
        "missing": f"M{x} {y}h5v5h-5zm1 1v3h3v-3z",
    }
    return shapes[state]


def _cells(row: Standing) -> Iterator[tuple[str, ...]]:
    invented = "invented" if row.force.practice else ""
    for line in row.lines:
        signed = line.signed
        beside = (
            (signed.signer.post, signed.signed_on.isoformat(), signed.review_by.isoformat()) if signed else ("",) * 3
        )
        layer = signed.layer if signed else ""
        yield (row.force.name, invented, line.card, line.question, line.state, layer, *beside)
