"""The editor of a layer's own wording: three levels side by side, checked while they are written."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from accessibility.rule_finding import LEVELS
from accessibility.symbols import symbols
from api.desk.desk_access import OnLayer, of_layer
from api.desk.desk_door import DeskDoor, OnDesk, wording_of
from api.desk.desk_view import show
from api.desk.wording_check import CheckedWording, checked, unusable
from api.desk.wording_form import read_form, read_reasons, seen
from api.records.acts import ActRow
from api.records.layer_changes import Changes, NewWords, change
from api.records.local_facts import facts_of, newest
from api.records.wording import Wording
from api.web.page_routes import page_routes
from content.card import BrokenCard
from content.card_text import card_text
from content.editing import Typed, typed, with_spare, written
from content.review import Actor, NotAllowed, must_be_allowed

routes = page_routes(of_layer, prefix="/desk/{layer}/cards/{key}")
_SEE_OTHER = 303


@routes.get("/edit")
async def open_editor(request: Request, desk: OnDesk, actor: OnLayer, layer: str, key: str) -> Response:
    """The words as they are now, to be changed."""
    async with desk.work() as session:
        wording = await wording_of(desk, session, layer, key)
    now = checked(wording.card, wording.words, desk.wordings.reports(wording))
    return _editor(request, desk, actor, wording, typed(wording.card), now)


@routes.post("/check")
async def check(request: Request, desk: OnDesk, actor: OnLayer, layer: str, key: str) -> Response:
    """What the rules make of words that are not saved: the panel alone for the script, the whole page without."""
    form = await request.form()
    texts = read_form(form)
    async with desk.work() as session:
        wording = await wording_of(desk, session, layer, key)
        local = newest(await facts_of(session, layer))
    found, _ = await asyncio.to_thread(_check, desk, wording, texts, read_reasons(form), local)
    if "x-fragment" in request.headers:
        return desk.pages.page(request, "desk/checked.html", checked=found, levels=LEVELS, symbols=symbols())
    return _editor(request, desk, actor, wording, texts, found)


@routes.post("/edit")
async def save(request: Request, desk: OnDesk, actor: OnLayer, layer: str, key: str) -> Response:
    """Keeps a draft. No child sees it. What cannot be kept is shown again as it was typed, with the reason."""
    form = await request.form()
    texts = read_form(form)
    async with desk.work() as session:
        wording = await wording_of(desk, session, layer, key)
        local = newest(await facts_of(session, layer))
    found, text = await asyncio.to_thread(_check, desk, wording, texts, read_reasons(form), local)
    since = [act for act in wording.acts if act.number > seen(form)]
    if text is None or since:
        return _editor(request, desk, actor, wording, texts, found, since, status=409 if since else 422)
    try:
        await _keep(desk, actor, wording, text, found)
    except NotAllowed as no:
        return _editor(request, desk, actor, wording, texts, found, told=no.reasons, status=409)
    return RedirectResponse(f"/desk/{layer}/cards/{key}?done=edit", _SEE_OTHER)


async def _keep(desk: DeskDoor, actor: Actor, wording: Wording, text: str, found: CheckedWording) -> None:
    # Which facts an idea says is no part of the words that are signed, and yet somebody's change.
    if found.words == wording.words and text == card_text(wording.card) and not wording.fault:
        # Opening and saving again changes nothing, and makes nobody an author.
        must_be_allowed("edit", actor, wording.layer, wording.progress)
        return
    seen = wording.acts[-1].number if wording.acts else 0
    changes = Changes(words=(NewWords(wording.card.key, text, seen),))
    async with desk.work() as session:
        await change(session, actor, desk.wordings, wording.layer, changes, desk.now())


def _check(
    desk: DeskDoor, wording: Wording, texts: Typed, reasons: Mapping[int, str], local: Mapping[str, str]
) -> tuple[CheckedWording, str | None]:
    """What the rules make of what was typed, and the file it makes; None where it makes none."""
    national = desk.wordings.cards[wording.card.key]
    try:
        text = written(national, wording.card, texts, reasons)
        card, words = desk.wordings.fill(national, text, local)
    except BrokenCard as error:
        return unusable(error.problem), None
    found = checked(card, words, desk.wordings.vetting.vet(card))
    needed = {rule: why for rule, why in reasons.items() if rule in found.advised}
    # A reason that nothing needs any more goes by itself: its field is no longer on the page.
    return (found, text) if needed == reasons else _check(desk, wording, texts, needed, local)


def _editor(
    request: Request,
    desk: DeskDoor,
    actor: Actor,
    wording: Wording,
    texts: Typed,
    found: CheckedWording,
    since: list[ActRow] | None = None,
    *,
    status: int = 200,
    **shown: Any,
) -> Response:
    return show(
        request,
        desk,
        actor,
        wording.layer,
        "edit.html",
        status,
        wording=wording,
        texts={level: (text, with_spare(text)) for level, text in texts.items()},
        checked=found,
        since=since or [],
        levels=LEVELS,
        symbols=symbols(),
        slots=desk.wordings.vetting.renderer.slots,
        unsaved=texts != typed(wording.card),
        **{"told": (), **shown},
    )
