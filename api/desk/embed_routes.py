"""The widget on a force's own website: who may show it, how it looks, what to paste, a preview, and keys for apps."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.desk.desk_access import OnPeople, of_people
from api.desk.desk_door import DeskDoor, OnDesk
from api.desk.desk_view import show
from api.desk.embed_view import attributes_of, languages_of, measured, pasted, typed_of
from api.desk.person_routes import Number
from api.records.embeds import EDGE, GREETINGS, MOST_KEYS, Looks, decide, embed_of, end_key, keys_of, new_key
from api.records.force_availability import may_decide
from api.records.people import Mistaken
from api.web.page_routes import page_routes
from api.web.security_headers import closing_headers
from api.web.widget_builds import newest
from content.language import Language
from content.review import Actor, NotAllowed

routes = page_routes(of_people, prefix="/desk/{layer}/embed")
_SEE_OTHER = 303
_POLICY = "Content-Security-Policy"
_NAMES: Mapping[Language, str] = {"en": "English", "cy": "Welsh"}


async def _looks(
    sites: Annotated[str, Form()] = "",
    colour: Annotated[str, Form()] = "",
    position: Annotated[str, Form()] = "",
    greeting: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
    exit_key: Annotated[str, Form()] = "",
) -> Looks:
    return Looks(sites, colour.strip(), position, greeting, language, exit_key)


@routes.get("")
async def embed(request: Request, desk: OnDesk, actor: OnPeople, layer: str, kept: str = "") -> Response:
    """What is decided, what to paste, and the keys. The national layer has no website of its own."""
    return await _page(request, desk, actor, layer, kept=kept == "1")


@routes.post("")
async def keep(
    request: Request,
    desk: OnDesk,
    actor: OnPeople,
    layer: str,
    looks: Annotated[Looks, Depends(_looks)],
    seen: Annotated[str, Form()] = "",
) -> Response:
    """Decides how the widget is, or says why not and keeps what was typed. `seen` is what counted on the page."""
    desk.force(layer)
    languages, practice = _languages(desk), desk.settings.practice
    try:
        async with desk.work() as session:
            await decide(
                session, actor, layer, looks, desk.now(), practice=practice, seen=_number(seen), languages=languages
            )
    except NotAllowed as no:
        return await _page(request, desk, actor, layer, 409, told=no.reasons, typed=looks)
    except Mistaken as mistaken:
        return await _page(request, desk, actor, layer, 422, faults=mistaken.faults, typed=looks)
    await desk.pack_cache.refresh()
    return RedirectResponse(f"/desk/{layer}/embed?kept=1", _SEE_OTHER)


@routes.post("/keys")
async def make_key(request: Request, desk: OnDesk, actor: OnPeople, layer: str) -> Response:
    """Makes a key for the force's own apps."""
    desk.force(layer)
    try:
        async with desk.work() as session:
            await new_key(session, actor, layer, desk.now())
    except NotAllowed as no:
        return await _page(request, desk, actor, layer, 409, told=no.reasons)
    await desk.pack_cache.refresh()
    return RedirectResponse(f"/desk/{layer}/embed#keys", _SEE_OTHER)


@routes.post("/keys/{number}/end")
async def stop_key(request: Request, desk: OnDesk, actor: OnPeople, layer: str, number: Number) -> Response:
    """Ends a key at once."""
    desk.force(layer)
    try:
        async with desk.work() as session:
            await end_key(session, actor, layer, number, desk.now())
    except NotAllowed as no:
        return await _page(request, desk, actor, layer, 409, told=no.reasons)
    await desk.pack_cache.refresh()
    return RedirectResponse(f"/desk/{layer}/embed#keys", _SEE_OTHER)


@routes.get("/preview")
async def preview(request: Request, desk: OnDesk, layer: str) -> Response:
    """An invented page of a website with the widget as it is decided: the only page of the desk with a frame in it.

    The frame holds a child's page, which reads no cookie of the desk.
    """
    force = desk.force(layer)
    async with desk.work() as session:
        looks = await embed_of(session, layer)
    page = desk.pages.page(
        request,
        "desk/preview.html",
        layer=layer,
        layer_name=force.name,
        attributes=attributes_of(desk.settings, layer, looks) if looks and looks.listed else None,
        closed=layer in desk.pack_cache.closed,
    )
    page.headers[_POLICY] = f"{closing_headers(desk.settings.leave_to)[_POLICY]}; frame-src 'self'"
    return page


def _languages(desk: DeskDoor) -> tuple[Language, ...]:
    return languages_of(desk.pages.interfaces, practice=desk.settings.practice)


def _number(seen: str) -> int:
    """The id that a page carries; whatever nobody's page carries is the id of nothing."""
    return int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < len(str(2**31)) else 0


async def _page(
    request: Request, desk: DeskDoor, actor: Actor, layer: str, status: int = 200, **others: Any
) -> Response:
    force = desk.force(layer)
    async with desk.work() as session:
        counts, keys = await embed_of(session, layer), await keys_of(session, layer)
    looks = typed_of(counts)
    interfaces = desk.pages.interfaces
    shown: dict[str, Any] = {"told": (), "faults": {}, "typed": looks, "kept": False, **others}
    return show(
        request,
        desk,
        actor,
        layer,
        "embed.html",
        status,
        force=force,
        counts=counts,
        names=_NAMES,
        looks=looks,
        colour=measured(looks.colour),
        edge=EDGE,
        greetings={name: desk.pages.words[name] for name in GREETINGS},
        languages={language: _NAMES[language] for language in _languages(desk)},
        welsh="cy" in languages_of(interfaces, practice=False),
        paste=pasted(desk.settings, layer, looks, newest(), interfaces["cy" if looks.language == "cy" else "en"]),
        build=newest(),
        keys=keys,
        most_keys=MOST_KEYS,
        closed=layer in desk.pack_cache.closed,
        may=may_decide(actor, layer),
        **shown,
    )
