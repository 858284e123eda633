"""Recall by source: when law or guidance changes, every card that rests on it goes back to review in one act."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from api.desk.desk_access import OnLayer, of_layer
from api.desk.desk_door import DeskDoor, OnDesk, must_be_short
from api.desk.desk_view import show
from api.records.signing import recall
from api.web.errors import Problem
from api.web.page_routes import page_routes
from content.editing import visible
from content.review import Actor, NotAllowed, Progress, covers, stands_in_the_way
from content.signoff import NATIONAL, SignOff

routes = page_routes(of_layer, prefix="/desk/{layer}/recall")
_SEE_OTHER = 303
_LONGEST_REASON = 500
Meanwhile = Literal["keep", "hide"]
Source = tuple[str, str]


@routes.get("")
async def sources(
    request: Request, desk: OnDesk, actor: OnLayer, layer: str, source: str = "", recalled: int = 0, find: str = ""
) -> Response:
    """Every source that signed words rest on, or those whose title has `find`; for one, every card it touches."""
    signed = list(signed_in_reach(desk, actor))
    if source and not _resting_on(signed, source):
        raise Problem(404, "There is nothing at this address.")
    return _page(request, desk, actor, layer, source, recalled=recalled, find=find.strip())


@routes.post("")
async def recall_all(
    request: Request,
    desk: OnDesk,
    actor: OnLayer,
    layer: str,
    source: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    meanwhile: Annotated[Meanwhile | None, Form()] = None,
) -> Response:
    """Sends every card that rests on a source back to review: all of them, or none."""
    reason = visible(reason)
    resting = _resting_on(list(signed_in_reach(desk, actor)), source)
    if not resting:
        raise Problem(404, "There is nothing at this address.")
    try:
        must_be_short(reason, _LONGEST_REASON)
        if meanwhile is None:
            raise NotAllowed(["Choose whether children go on seeing these cards meanwhile."])
        recalled = await _recall(desk, actor, resting, reason, hide=meanwhile == "hide")
    except NotAllowed as no:
        return _page(request, desk, actor, layer, source, 409, told=no.reasons, typed=reason, meanwhile=meanwhile)
    await desk.pack_cache.refresh()
    return RedirectResponse(f"/desk/{layer}/recall?recalled={recalled}", _SEE_OTHER)


async def _recall(desk: DeskDoor, actor: Actor, resting: list[SignOff], reason: str, *, hide: bool) -> int:
    keys: dict[str, list[str]] = {}
    for signed in resting:
        keys.setdefault(signed.layer, []).append(signed.card)
    now, practice, done = desk.now(), desk.settings.practice, 0
    async with desk.work() as session:
        for layer, cards in sorted(keys.items()):
            found = (await desk.wordings.of(session, layer, cards)).values()
            shown = [wording for wording in found if wording.progress.stage not in ("withdrawn", "recalled")]
            for wording in shown:
                await recall(session, actor, wording, reason, hide=hide, now=now, practice=practice)
            done += len(shown)
    return done


def signed_in_reach(desk: DeskDoor, actor: Actor) -> Iterator[SignOff]:
    """The newest signatures that a recall by this person reaches, each once."""
    for layer in (NATIONAL, *sorted(desk.pack_cache.forces)):
        if covers(actor, layer):
            pack = desk.pack_cache.pack(None if layer == NATIONAL else layer)
            yield from (signed for signed in pack.signed().values() if signed.layer == layer)


def _resting_on(signed: list[SignOff], address: str) -> list[SignOff]:
    return [one for one in signed if any(url == address for _, url in one.words.sources)]


def _page(
    request: Request,
    desk: DeskDoor,
    actor: Actor,
    layer: str,
    source: str,
    status: int = 200,
    *,
    find: str = "",
    **shown: Any,
) -> Response:
    signed = list(signed_in_reach(desk, actor))
    resting = _resting_on(signed, source) if source else []
    count: Counter[Source] = Counter(pair for one in signed for pair in one.words.sources)
    titles = {url: title for (title, url) in count}
    return show(
        request,
        desk,
        actor,
        layer,
        "recall.html",
        status,
        sources=[one for one in sorted(count.items()) if find.casefold() in one[0][0].casefold()],
        find=find,
        source=source,
        title=titles.get(source, ""),
        resting=sorted(resting, key=lambda one: (one.layer, one.words.levels["standard"].question)),
        names={one.layer: desk.layer_name(one.layer) for one in resting},
        may_not=stands_in_the_way("recall", actor, layer, Progress((), "")),
        **{"told": (), "typed": "", "meanwhile": None, "recalled": 0, **shown},
    )
