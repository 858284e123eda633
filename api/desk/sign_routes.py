"""Many cards read and signed in one sitting: each is shown, each is signed by itself, and each has its own outcome."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError

from accessibility.finding import LEVELS
from accessibility.symbols import symbols
from api.desk.card_routes import children_see, reasons
from api.desk.guard import OnLayer, of_layer
from api.desk.room import Desk, OnDesk
from api.desk.view import show
from api.records.signing import sign_words
from api.records.wording import Wording
from content.difference import Pair, side_by_side
from content.review import Actor, NotAllowed, Stage
from content.signoff import SignOff

routes = APIRouter(
    prefix="/desk/{layer}/sign",
    dependencies=[Depends(of_layer)],
    default_response_class=Response,
    include_in_schema=False,
)
_WAITING: tuple[Stage, ...] = ("in-review", "approved")


@dataclass(frozen=True)
class Waiting:
    """A card on the page: why this person may not sign it (nothing when they may), and what was signed before."""

    wording: Wording
    unsigned: tuple[str, ...]
    approvable: bool
    before: SignOff | None
    beside: dict[str, list[Pair]]


@routes.get("")
async def to_sign(request: Request, desk: OnDesk, actor: OnLayer, layer: str) -> Response:
    """Everything that waits for a reviewer or for the lead, each card in full."""
    return await _page(request, desk, actor, layer, {}, 200)


@routes.post("")
async def sign_ticked(request: Request, desk: OnDesk, actor: OnLayer, layer: str) -> Response:
    """Signs each ticked card as it was shown, one transaction each: what cannot be signed says why, the rest is."""
    form = await request.form()
    ticked = {key: str(form.get(f"shown_{key}", "")) for key in map(str, form.getlist("card"))}
    if not ticked:
        return await _page(request, desk, actor, layer, {}, 422, told=["Tick the cards that you have read and sign."])
    outcome = {key: await _sign(desk, actor, layer, key, shown) for key, shown in ticked.items()}
    await desk.shelf.refresh()
    failed = any(outcome.values())
    return await _page(request, desk, actor, layer, outcome, 409 if failed else 200)


async def _sign(desk: Desk, actor: Actor, layer: str, key: str, shown: str) -> tuple[str, ...]:
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
                today=desk.shelf.today(),
                practice=desk.settings.practice,
            )
    except NotAllowed as no:
        return no.reasons
    except (SQLAlchemyError, OSError):
        return ("The database did not answer. This card is not signed; try again.",)
    return ()


async def _page(
    request: Request,
    desk: Desk,
    actor: Actor,
    layer: str,
    outcome: dict[str, tuple[str, ...]],
    status: int,
    told: Sequence[str] = (),
) -> Response:
    async with desk.work() as session:
        wordings = await desk.wordings.of(session, layer)
    waiting = [
        Waiting(
            wording,
            reasons(desk, actor, wording, "sign"),
            not reasons(desk, actor, wording, "approve"),
            before := children_see(desk, wording),
            _beside(before, wording),
        )
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


def _beside(before: SignOff | None, wording: Wording) -> dict[str, list[Pair]]:
    return {level: list(side_by_side(before.words, wording.words, level)) for level in LEVELS} if before else {}
