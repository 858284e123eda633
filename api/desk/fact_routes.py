"""Local facts at the desk: what only this force can say, checked, with who said it and how a child reads it."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from accessibility.symbols import symbols
from api.desk.desk_access import OnLayer, of_layer
from api.desk.desk_door import DeskDoor, OnDesk
from api.desk.desk_view import show
from api.desk.fact_form import TypedFact, grouped, new_facts, read_form
from api.records.layer_changes import Changes, FactsMoved, change
from api.records.local_facts import facts_of
from api.web.page_routes import page_routes
from content.review import Actor, NotAllowed
from content.slots import GROUPS

routes = page_routes(of_layer, prefix="/desk/{layer}/facts")
_SEE_OTHER = 303


@routes.get("")
async def open_facts(
    request: Request, desk: OnDesk, actor: OnLayer, layer: str, saved: int | None = None, group: str = ""
) -> Response:
    """Every slot of the force. The national layer has none. `group` is where Save was pressed: told there."""
    desk.force(layer)
    return await _page(request, desk, actor, layer, {}, saved=saved, group=group)


@routes.post("")
async def save(request: Request, desk: OnDesk, actor: OnLayer, layer: str) -> Response:
    """Keeps all that was changed in the form, or nothing: then it is shown again as it was typed."""
    desk.force(layer)
    form, slots = await request.form(), desk.wordings.vetting.renderer.slots
    typed = read_form(form, slots)
    async with desk.work() as session:
        facts, wrong = new_facts(typed, await facts_of(session, layer), slots)
    if wrong:
        return await _page(request, desk, actor, layer, typed, 422, wrong=wrong)
    try:
        async with desk.work() as session:
            saved = await change(session, actor, desk.wordings, layer, Changes(facts), desk.now())
    except FactsMoved as error:
        return await _page(request, desk, actor, layer, typed, 409, moved=error.slots)
    except NotAllowed as no:
        return await _page(request, desk, actor, layer, typed, 409, told=no.reasons)
    group = str(form.get("group", ""))
    if group not in GROUPS:
        return RedirectResponse(f"/desk/{layer}/facts?saved={saved}", _SEE_OTHER)
    return RedirectResponse(f"/desk/{layer}/facts?saved={saved}&group={group}#{group}", _SEE_OTHER)


async def _page(
    request: Request,
    desk: DeskDoor,
    actor: Actor,
    layer: str,
    typed: Mapping[str, TypedFact],
    status: int = 200,
    *,
    wrong: Mapping[str, str] = MappingProxyType({}),
    moved: Collection[str] = (),
    told: Sequence[str] = (),
    saved: int | None = None,
    group: str = "",
) -> Response:
    async with desk.work() as session:
        said, found = await facts_of(session, layer), await desk.wordings.of(session, layer)
    return show(
        request,
        desk,
        actor,
        layer,
        "facts.html",
        status,
        groups=grouped(desk.wordings, found, said, typed, wrong, moved),
        headings=GROUPS,
        invented=desk.force(layer).practice,
        symbols=symbols(),
        told=told,
        saved=saved,
        group=group,
    )
