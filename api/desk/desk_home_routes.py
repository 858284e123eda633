"""The desk's first page: every card of a layer, how far its words have come, and what children see meanwhile."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Literal

from fastapi import Request
from fastapi.responses import Response

from api.desk.card_routes import reasons
from api.desk.desk_access import OnLayer, of_layer
from api.desk.desk_door import DeskDoor, OnDesk
from api.desk.desk_view import show
from api.records.wording import Wording
from api.web.page_routes import page_routes
from content.pack import Pack
from content.review import ActKind, Actor, Stage
from content.signoff import NATIONAL

routes = page_routes(of_layer, prefix="/desk/{layer}")
Seen = Literal["own", "national", "still", "overdue", "withdrawn", "built-in", "nothing"]
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
class CardRow:
    """One card on the first page. `until` is the last day of the signature on show, where there is one.

    `ours` is true where people of this layer signed it.
    """

    wording: Wording
    stage: Stage
    seen: Seen
    until: date | None
    ours: bool


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
        still=sorted((row for row in rows if row.seen == "still"), key=lambda row: str(row.until)),
    )


def _for(desk: DeskDoor, actor: Actor, rows: list[CardRow], act: ActKind) -> int:
    """How many cards wait for this person to do this."""
    waiting = (row.wording for row in rows if row.stage in ("in-review", "approved"))
    return sum(not reasons(desk, actor, wording, act) for wording in waiting)


def _row(desk: DeskDoor, wording: Wording) -> CardRow:
    pack = desk.pack_cache.pack(None if wording.layer == NATIONAL else wording.layer)
    signed = pack.signed().get(wording.card.key)
    return CardRow(
        wording,
        wording.progress.stage,
        _seen(pack, wording.card.key, desk.pack_cache.today()),
        signed.review_by if signed else None,
        signed is not None and signed.layer == wording.layer,
    )


def _seen(pack: Pack, key: str, today: date) -> Seen:
    shown = pack.card(key, today)
    if shown and shown.built_in:
        return "built-in"
    if shown and pack.overdue(key, today):
        return "still"
    if shown:
        return "national" if shown.layer == NATIONAL else "own"
    if pack.overdue(key, today):
        return "overdue"
    return "withdrawn" if key in pack.signed() else "nothing"
