"""One card at the desk: what changed since it was signed, what is still needed, and everything that may be done."""

from typing import Annotated, Any, Literal, get_args

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from accessibility.rule_finding import LEVELS
from accessibility.symbols import symbols
from api.desk.desk_access import OnLayer, of_layer
from api.desk.desk_door import DeskDoor, OnDesk, must_be_short, wording_of
from api.desk.desk_view import show
from api.desk.wording_check import checked
from api.records.acts import BEATEN
from api.records.signing import do, latest_date, review_date, sign_words, withdraw
from api.records.wording import Wording
from api.web.page_routes import page_routes
from content.built_in_help import KEYS
from content.difference import differences
from content.editing import visible
from content.pack import Pack
from content.review import ActKind, Actor, NotAllowed, must_be_allowed, stands_in_the_way
from content.signoff import NATIONAL, SignOff

routes = page_routes(of_layer, prefix="/desk/{layer}/cards/{key}")
_SEE_OTHER = 303
_LONGEST_COMMENT = 2_000
Doing = Literal["submit", "approve", "return", "sign", "withdraw"]
_CHECKED = "Children are told that this page is being checked, and how to reach a person."
_WITH_HELP = "Children see help that is built in, with 999 and Childline."
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
    until: Annotated[str, Form()] = "",
) -> Response:
    """Does one thing to exactly the words that the page showed, or says why not and keeps what was typed."""
    comment = visible(comment)
    async with desk.work() as session:
        wording = await wording_of(desk, session, layer, key)
    try:
        await _do(desk, actor, wording, doing, shown, comment, until)
    except NotAllowed as no:
        async with desk.work() as session:
            wording = await wording_of(desk, session, layer, key)
        held = {"typed": comment, "doing": doing, "until": until}
        return card_page(request, desk, actor, wording, 409, told=no.reasons, **held)
    if doing in ("sign", "withdraw"):
        await desk.pack_cache.refresh()
    return RedirectResponse(f"/desk/{layer}/cards/{key}?done={doing}", _SEE_OTHER)


async def _do(
    desk: DeskDoor, actor: Actor, wording: Wording, doing: Doing, shown: str, comment: str, until: str
) -> None:
    now, practice, broken = desk.now(), desk.settings.practice, desk.wordings.broken(wording)
    must_be_short(comment, _LONGEST_COMMENT)
    async with desk.work() as session:
        if doing == "sign":
            today = desk.pack_cache.today()
            await sign_words(
                session,
                actor,
                wording,
                shown,
                broken=broken,
                now=now,
                today=today,
                practice=practice,
                until=until,
            )
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
    request: Request, desk: DeskDoor, actor: Actor, wording: Wording, status: int = 200, **shown: Any
) -> Response:
    """The page of one card for one person."""
    before, today = children_see(desk, wording), desk.pack_cache.today()
    now = _pack(desk, wording).card(wording.card.key, today)
    until = shown.get("until") or review_date(wording.card, wording.layer, today).isoformat()
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
        changes=differences(before.words, wording.words) if before else None,
        checked=state,
        reasons={doing: reasons(desk, actor, wording, doing) for doing in _CHOICES},
        levels=LEVELS,
        symbols=symbols(),
        today=today,
        built_in=now is not None and now.built_in,
        visible=now is not None and not now.built_in,
        latest=latest_date(wording.card, today),
        without=_WITH_HELP if wording.card.key in KEYS else _CHECKED,
        **{"told": (), "typed": "", "doing": "", "done": None, **shown, "until": until},
    )


def children_see(desk: DeskDoor, wording: Wording) -> SignOff | None:
    """The newest signature whose words this layer's children are shown, in date or not; None for never signed."""
    return _pack(desk, wording).signed().get(wording.card.key)


def _pack(desk: DeskDoor, wording: Wording) -> Pack:
    return desk.pack_cache.pack(None if wording.layer == NATIONAL else wording.layer)


def reasons(desk: DeskDoor, actor: Actor, wording: Wording, act: ActKind) -> tuple[str, ...]:
    """Why this person may not do this now; nothing when they may."""
    return stands_in_the_way(act, actor, wording.layer, wording.progress, desk.wordings.broken(wording))
