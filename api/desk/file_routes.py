"""A layer's pack as files: the whole of it as a zip, and files brought in, looked at, and kept all or not at all."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from api.desk.desk_access import OnLayer, of_layer
from api.desk.desk_door import DeskDoor, OnDesk
from api.desk.desk_view import show
from api.desk.file_form import read_looked_at, read_uploads
from api.records.audit import note
from api.records.layer_changes import change
from api.records.pack_import import CardChange, export, plan
from api.web.page_routes import page_routes
from content.card_text import card_text
from content.difference import Differences, differences
from content.pack_archive import zipped
from content.pack_files import BrokenFiles, PackTexts, read_pack
from content.review import Actor, NotAllowed, Progress, must_be_allowed, stands_in_the_way
from content.signoff import NATIONAL


async def let_go(request: Request) -> AsyncIterator[None]:
    """Closes what was uploaded when the request has ended, also one that a guard refused."""
    try:
        yield
    finally:
        await request.close()


routes = page_routes(let_go, of_layer, prefix="/desk/{layer}")
_SEE_OTHER = 303


@routes.get("/files")
async def open_files(
    request: Request, desk: OnDesk, actor: OnLayer, layer: str, changed: int | None = None
) -> Response:
    """Where the pack is taken out and brought in."""
    return _page(request, desk, actor, layer, changed=changed)


@routes.get("/files.zip")
async def take_out(desk: OnDesk, actor: OnLayer, layer: str) -> Response:
    """The whole pack as it is now at the desk, as one zip."""
    invented = layer != NATIONAL and desk.force(layer).practice
    async with desk.work() as session:
        files = await export(session, desk.wordings, layer, desk.layer_name(layer), invented=invented)
        await note(session, desk.now(), layer, actor.name, "export files", f"{len(files)} files", actor.id)
    return Response(
        await asyncio.to_thread(zipped, files),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{layer}.zip"'},
    )


@routes.post("/files")
async def bring_in(request: Request, desk: OnDesk, actor: OnLayer, layer: str) -> Response:
    """Says what files would change; once that was looked at, changes it, all or nothing."""
    form = await request.form()
    try:
        must_be_allowed("edit", actor, layer, Progress((), ""))
        if form.get("act") == "keep":
            return await _keep(request, desk, actor, layer, form)
        brought = read_pack(await read_uploads(form), desk.wordings.vetting.renderer.slots)
        return await _look(request, desk, actor, layer, brought)
    except NotAllowed as no:
        return _page(request, desk, actor, layer, 409, told=no.reasons)
    except BrokenFiles as broken:
        return _page(request, desk, actor, layer, 422, problems=broken.problems)


async def _look(
    request: Request, desk: DeskDoor, actor: Actor, layer: str, brought: PackTexts, told: Sequence[str] = ()
) -> Response:
    async with desk.work() as session:
        found = await plan(session, desk.wordings, layer, brought)
    advice = await asyncio.to_thread(lambda: {one.card.key: desk.wordings.vetting.vet(one.card) for one in found.cards})
    changes = await asyncio.to_thread(lambda: {one.card.key: _changes(one) for one in found.cards})
    status = 409 if told else 200
    return _page(request, desk, actor, layer, status, plan=found, advice=advice, changes=changes, told=told)


def _changes(one: CardChange) -> Differences:
    """What differs, old beside new; of the ideas only those that do."""
    found = differences(one.before.words, one.words)
    differing = {
        level: [pair for pair in pairs if any(run.differs for side in pair for run in side)]
        for level, pairs in found.words.items()
    }
    return replace(found, words=differing)


async def _keep(request: Request, desk: DeskDoor, actor: Actor, layer: str, form: FormData) -> Response:
    looked = read_looked_at(form, desk.wordings.vetting.renderer.slots)
    try:
        async with desk.work() as session:
            found = await plan(session, desk.wordings, layer, looked.brought)
        async with desk.work() as session:
            await note(session, desk.now(), layer, actor.name, "import files", found.about, actor.id)
            changes = looked.only_if_unmoved(found.changes())
            changed = await change(session, actor, desk.wordings, layer, changes, desk.now())
    except NotAllowed as no:
        return await _look(request, desk, actor, layer, looked.brought, no.reasons)
    return RedirectResponse(f"/desk/{layer}/files?changed={changed}", _SEE_OTHER)


def _page(request: Request, desk: DeskDoor, actor: Actor, layer: str, status: int = 200, **shown: Any) -> Response:
    empty: Mapping[str, Any] = {"plan": None, "told": (), "problems": MappingProxyType({}), "changed": None}
    return show(
        request,
        desk,
        actor,
        layer,
        "files.html",
        status,
        card_text=card_text,
        may_not=stands_in_the_way("edit", actor, layer, Progress((), "")),
        national=layer == NATIONAL,
        **{**empty, **shown},
    )
