"""One card at the desk: what changed since it was signed, what is still needed, and everything that may be done."""

from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from accessibility.finding import LEVELS
from accessibility.symbols import symbols
from api.desk.checked import checked
from api.desk.guard import OnLayer, of_layer
from api.desk.room import Desk, OnDesk, must_be_short, wording_of
from api.desk.view import show
from api.records.acts import BEATEN
from api.records.signing import do, sign_words, withdraw
from api.records.wording import Wording
from content.difference import side_by_side
from content.editing import visible
from content.pack import Pack
from content.review import ActKind, Actor, NotAllowed, must_be_allowed, stands_in_the_way
from content.signoff import NATIONAL, SignOff

routes = APIRouter(
    prefix="/desk/{layer}/cards/{key}",
    dependencies=[Depends(of_layer)],
    default_response_class=Response,
    include_in_schema=False,
)
_SEE_OTHER = 303
_LONGEST_COMMENT = 2_000
Doing = Literal["submit", "approve", "return", "sign", "withdraw"]
_CHOICES: tuple[ActKind, ...] = ("edit", *get_args(Doing))
"""What may be done to a card from its own page, in the order of the work."""


@routes.get("")
async def open_card(
    request: Request, desk: OnDesk, actor: OnLayer, layer: str, key: str, done: ActKind | None = None
) -> Response:
    """The card's page: old beside new, what is needed, and what this person may do. `done` is what they just did."""
    async with desk.work() as session:
        wording = await wording_of(desk, session, layer, key)
    return card_page(request, desk, actor, wording, done=done)


@routes.post("/{doing}")
async def act(
    request: Request,
    desk: OnDesk,
    actor: OnLayer,
    layer: str,
    key: str,
    doing: Doing,
    shown: Annotated[str, Form()] = "",
    comment: Annotated[str, Form()] = "",
) -> Response:
    """Does one thing to exactly the words that the page showed, or says why not and keeps what was typed."""
    comment = visible(comment)
    async with desk.work() as session:
        wording = await wording_of(desk, session, layer, key)
    try:
        await _do(desk, actor, wording, doing, shown, comment)
    except NotAllowed as no:
        async with desk.work() as session:
            wording = await wording_of(desk, session, layer, key)
        return card_page(request, desk, actor, wording, 409, told=no.reasons, typed=comment, doing=doing)
    if doing in ("sign", "withdraw"):
        await desk.shelf.refresh()
    return RedirectResponse(f"/desk/{layer}/cards/{key}?done={doing}", _SEE_OTHER)


async def _do(desk: Desk, actor: Actor, wording: Wording, doing: Doing, shown: str, comment: str) -> None:
    now, practice, broken = desk.now(), desk.settings.practice, desk.wordings.broken(wording)
    must_be_short(comment, _LONGEST_COMMENT)
    async with desk.work() as session:
        if doing == "sign":
            today = desk.shelf.today()
            await sign_words(session, actor, wording, shown, broken=broken, now=now, today=today, practice=practice)
            return
        if doing == "withdraw":
            await withdraw(session, actor, wording, comment, now=now, practice=practice)
            return
        if shown != wording.words.fingerprint:
            raise NotAllowed([BEATEN])
        must_be_allowed(doing, actor, wording.layer, wording.progress, broken)
        if doing == "return" and not comment.strip():
            raise NotAllowed(["Say what should change, so that the writer knows."])
        await do(session, actor, wording, doing, now, comment.strip())


def card_page(
    request: Request, desk: Desk, actor: Actor, wording: Wording, status: int = 200, **shown: Any
) -> Response:
    """The page of one card for one person."""
    before = children_see(desk, wording)
    state = checked(wording.card, wording.words, desk.wordings.reports(wording))
    return show(
        request,
        desk,
        actor,
        wording.layer,
        "card.html",
        status,
        wording=wording,
        before=before,
        beside={level: list(side_by_side(before.words, wording.words, level)) for level in LEVELS} if before else {},
        checked=state,
        reasons={doing: reasons(desk, actor, wording, doing) for doing in _CHOICES},
        levels=LEVELS,
        symbols=symbols(),
        today=desk.shelf.today(),
        visible=_pack(desk, wording).card(wording.card.key, desk.shelf.today()) is not None,
        **{"told": (), "typed": "", "doing": "", "done": None, **shown},
    )


def children_see(desk: Desk, wording: Wording) -> SignOff | None:
    """The newest signature whose words this layer's children are shown, in date or not; None for never signed."""
    return _pack(desk, wording).signed().get(wording.card.key)


def _pack(desk: Desk, wording: Wording) -> Pack:
    return desk.shelf.pack(None if wording.layer == NATIONAL else wording.layer)


def reasons(desk: Desk, actor: Actor, wording: Wording, act: ActKind) -> tuple[str, ...]:
    """Why this person may not do this now; nothing when they may."""
    return stands_in_the_way(act, actor, wording.layer, wording.progress, desk.wordings.broken(wording))
