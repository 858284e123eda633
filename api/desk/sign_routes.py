"""Many cards read and signed in one sitting: each is shown, each is signed by itself, and each has its own outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError

from accessibility.rule_finding import LEVELS
from accessibility.symbols import symbols
from api.desk.card_routes import children_see, reasons
from api.desk.desk_access import OnLayer, of_layer
from api.desk.desk_door import DeskDoor, OnDesk
from api.desk.desk_view import show
from api.records.signing import latest_date, review_date, sign_words
from api.records.wording import Wording
from api.web.page_routes import page_routes
from content.difference import Differences, differences
from content.review import Actor, NotAllowed, Stage
from content.signoff import SignOff

routes = page_routes(of_layer, prefix="/desk/{layer}/sign")
SILENT = ("The database did not answer. This card is not signed; try again.",)
_UNTIL = "until_"
_WAITING: tuple[Stage, ...] = ("in-review", "approved")


@dataclass(frozen=True)
class Waiting:
    """A card on the page: why this person may not sign it (nothing when they may), and what was signed before.

    `until` is the review date as it stands in its field: the proposed one, or what was typed; `dates` are the first and
    the last that it may be.
    """

    wording: Wording
    unsigned: tuple[str, ...]
    approvable: bool
    before: SignOff | None
    changes: Differences | None
    until: str
    dates: tuple[date, date]


@routes.get("")
async def to_sign(request: Request, desk: OnDesk, actor: OnLayer, layer: str) -> Response:
    """Everything that waits for a reviewer or for the lead, each card in full."""
    return await _page(request, desk, actor, layer, {}, 200)


@routes.post("")
async def sign_ticked(request: Request, desk: OnDesk, actor: OnLayer, layer: str) -> Response:
    """Signs each ticked card as it was shown, one transaction each: what cannot be signed says why, the rest is."""
    form = await request.form()
    ticked = {key: str(form.get(f"shown_{key}", "")) for key in map(str, form.getlist("card"))}
    dates = {name.removeprefix(_UNTIL): str(typed) for name, typed in form.items() if name.startswith(_UNTIL)}
    if not ticked:
        told = ["Tick the cards that you have read and sign."]
        return await _page(request, desk, actor, layer, {}, 422, told=told, dates=dates)
    outcome: dict[str, tuple[str, ...]] = {}
    for key, shown in ticked.items():
        # Once it was silent nobody waits for it again card by card.
        silent = SILENT in outcome.values()
        outcome[key] = SILENT if silent else await _sign(desk, actor, layer, key, shown, dates.get(key, ""))
    await desk.pack_cache.refresh()
    failed = any(outcome.values())
    return await _page(request, desk, actor, layer, outcome, 409 if failed else 200, dates=dates)


async def _sign(desk: DeskDoor, actor: Actor, layer: str, key: str, shown: str, until: str) -> tuple[str, ...]:
    """Signs one card; why not, or nothing when it is signed."""
    try:
        async with desk.work() as session:
            found = await desk.wordings.of(session, layer, [key])
            if key not in found:
                return ("There is no such card.",)
            await sign_words(
                session,
                actor,
                found[key],
                shown,
                broken=desk.wordings.broken(found[key]),
                now=desk.now(),
                today=desk.pack_cache.today(),
                practice=desk.settings.practice,
                until=until,
            )
    except NotAllowed as no:
        return no.reasons
    except (SQLAlchemyError, OSError):
        return SILENT
    return ()


async def _page(
    request: Request,
    desk: DeskDoor,
    actor: Actor,
    layer: str,
    outcome: dict[str, tuple[str, ...]],
    status: int,
    told: Sequence[str] = (),
    dates: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    async with desk.work() as session:
        wordings = await desk.wordings.of(session, layer)
    waiting = [
        _waiting(desk, actor, wording, dates.get(wording.card.key))
        for wording in wordings.values()
        if wording.progress.stage in _WAITING
    ]
    return show(
        request,
        desk,
        actor,
        layer,
        "sign.html",
        status,
        waiting=sorted(waiting, key=lambda one: (bool(one.unsigned), not one.approvable)),
        outcome={key: (wordings[key].card.question, why) for key, why in outcome.items() if key in wordings},
        levels=LEVELS,
        symbols=symbols(),
        told=told,
    )


def _waiting(desk: DeskDoor, actor: Actor, wording: Wording, typed: str | None) -> Waiting:
    before, today = children_see(desk, wording), desk.pack_cache.today()
    return Waiting(
        wording,
        reasons(desk, actor, wording, "sign"),
        not reasons(desk, actor, wording, "approve"),
        before,
        differences(before.words, wording.words) if before else None,
        review_date(wording.card, wording.layer, today).isoformat() if typed is None else typed,
        (today + timedelta(days=1), latest_date(wording.card, today)),
    )
