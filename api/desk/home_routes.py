"""The desk's first page: every card of a layer, how far its words have come, and what children see meanwhile."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.desk.card_routes import reasons
from api.desk.guard import OnLayer, of_layer
from api.desk.room import Desk, OnDesk
from api.desk.view import show
from api.records.wording import Wording
from content.pack import Pack
from content.review import ActKind, Actor, Stage
from content.signoff import NATIONAL

routes = APIRouter(
    prefix="/desk/{layer}",
    dependencies=[Depends(of_layer)],
    default_response_class=Response,
    include_in_schema=False,
)
Seen = Literal["own", "national", "overdue", "withdrawn", "nothing"]
STAGES: dict[Stage, str] = {
    "untouched": "Not changed",
    "draft": "Draft",
    "in-review": "In review",
    "returned": "Changes asked for",
    "approved": "Approved, to be signed",
    "signed": "Signed",
    "withdrawn": "Withdrawn",
    "recalled": "Recalled, to be read again",
}
"""What people call each stage."""


@dataclass(frozen=True)
class Row:
    """One card on the first page. `until` is the last day of the signature on show, where there is one."""

    wording: Wording
    stage: Stage
    seen: Seen
    until: date | None


@routes.get("")
async def home(request: Request, desk: OnDesk, actor: OnLayer, layer: str, stage: Stage | None = None) -> Response:
    """Every card of the layer, or those at one stage."""
    async with desk.work() as session:
        wordings = await desk.wordings.of(session, layer)
    rows = [_row(desk, wording) for wording in wordings.values()]
    rows.sort(key=lambda row: (row.wording.card.kind != "card", row.wording.card.question.casefold()))
    return show(
        request,
        desk,
        actor,
        layer,
        "home.html",
        rows=[row for row in rows if stage in (None, row.stage)],
        counts=Counter(row.stage for row in rows),
        stages=STAGES,
        stage=stage,
        to_sign=_for(desk, actor, rows, "sign"),
        to_approve=_for(desk, actor, rows, "approve"),
    )


def _for(desk: Desk, actor: Actor, rows: list[Row], act: ActKind) -> int:
    """How many cards wait for this person to do this."""
    waiting = (row.wording for row in rows if row.stage in ("in-review", "approved"))
    return sum(not reasons(desk, actor, wording, act) for wording in waiting)


def _row(desk: Desk, wording: Wording) -> Row:
    pack = desk.shelf.pack(None if wording.layer == NATIONAL else wording.layer)
    signed = pack.signed().get(wording.card.key)
    return Row(
        wording,
        wording.progress.stage,
        _seen(pack, wording.card.key, desk.shelf.today()),
        signed.review_by if signed else None,
    )


def _seen(pack: Pack, key: str, today: date) -> Seen:
    shown = pack.card(key, today)
    if shown:
        return "national" if shown.layer == NATIONAL else "own"
    if pack.overdue(key, today):
        return "overdue"
    return "withdrawn" if key in pack.signed() else "nothing"
