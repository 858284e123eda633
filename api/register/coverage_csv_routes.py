"""The register as tables for a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date

from fastapi.responses import Response

from api.records.unanswered_counts import FEWEST, month_of
from api.register.board import CardCoverage, ForceCoverage
from api.register.register_door import AWAY, OnRegister
from api.web.errors import Problem
from api.web.page_routes import page_routes
from api.web.security_headers import anyone

routes = page_routes(anyone)
_COLUMNS = ("force", "invented", "region", "card", "question", "state", "words", "signed by", "signed on")
_COLUMNS_AFTER = ("check again by", "withdrawn by", "withdrawn on", "why withdrawn")
_FACTS = ("force", "invented", "region", "local fact", "what it is", "told")
_MONTHS = ("force", "invented", "until", "own", "cards", "score", "answers we could not give")
# A spreadsheet takes what starts so for a formula, and would run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@routes.get("/register.csv")
async def cards(register: OnRegister) -> Response:
    """Every force and card."""
    lines = (_cells(row, line) for row in await register.rows() for line in row.lines)
    return _table("register.csv", (*_COLUMNS, *_COLUMNS_AFTER), lines)


@routes.get("/register/facts.csv")
async def facts(register: OnRegister) -> Response:
    """Every force and local fact: told or not told."""
    rows = [(row, row.told) for row in await register.rows() if row.told is not None]
    if not rows:
        raise Problem(503, AWAY)
    lines = (
        (*_who(row), slot.id, slot.label, "told" if slot.id in told else "not told")
        for row, told in rows
        for slot in register.slots.values()
    )
    return _table("facts.csv", _FACTS, lines)


@routes.get("/register/{force}/months.csv")
async def months(register: OnRegister, force: str) -> Response:
    """How one force stood at the end of each month, and how many answers we could not give."""
    row, told = await register.row(force), await register.tally.told(force)
    series = await register.months(row)
    if series is None or told is None:
        raise Problem(503, AWAY)
    few = f"fewer than {FEWEST}"
    lines = (
        (
            *_who(row)[:2],
            month.until.isoformat(),
            str(month.own),
            str(month.cards),
            "" if month.score is None else str(month.score),
            str(told.get(month_of(month.until), few)),
        )
        for month in series
    )
    return _table(f"{force}-months.csv", _MONTHS, lines)


def _who(row: ForceCoverage) -> tuple[str, str, str]:
    return row.force.name, "invented" if row.force.practice else "", row.force.region or ""


def _cells(row: ForceCoverage, line: CardCoverage) -> tuple[str, ...]:
    signed, gone = line.signed, line.withdrawn
    by = (signed.layer, signed.signer.post, *_days(signed.signed_on, signed.review_by)) if signed else ("",) * 4
    off = (gone.post, *_days(gone.on), gone.reason) if gone else ("",) * 3
    return (*_who(row), line.card, line.question, line.state, *by, *off)


def _days(*days: date) -> Iterator[str]:
    return (day.isoformat() for day in days)


def _table(name: str, columns: Iterable[str], lines: Iterable[Iterable[str]]) -> Response:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(columns)
    table.writerows([_cell(cell) for cell in line] for line in lines)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue(), media_type="text/csv", headers=headers)


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
