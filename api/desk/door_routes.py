"""The door of a force: shut to children with a vetted message, opened again, and which organisation answers for it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.desk.guard import OnPeople, of_people
from api.desk.room import Desk, OnDesk
from api.desk.view import show
from api.records import doors
from api.records.people import Mistaken
from content.review import Actor, NotAllowed

routes = APIRouter(
    prefix="/desk/{layer}/door",
    dependencies=[Depends(of_people)],
    default_response_class=Response,
    include_in_schema=False,
)
_SEE_OTHER = 303
Doing = Literal["close", "open", "provider"]


@routes.get("")
async def door(request: Request, desk: OnDesk, actor: OnPeople, layer: str) -> Response:
    """Whether the door is open, and who answers for the force."""
    return await _page(request, desk, actor, layer)


@routes.post("/{doing}")
async def do(
    request: Request,
    desk: OnDesk,
    actor: OnPeople,
    layer: str,
    doing: Doing,
    message: Annotated[str, Form()] = "",
    provider: Annotated[str, Form()] = "",
) -> Response:
    """Decides one thing, which children see with their next message; or says why not and keeps what was typed."""
    try:
        await _decide(desk, actor, layer, doing, message, provider)
    except NotAllowed as no:
        return await _page(request, desk, actor, layer, 409, told=no.reasons, provider=provider)
    except Mistaken as mistaken:
        return await _page(request, desk, actor, layer, 422, faults=mistaken.faults, provider=provider)
    await desk.shelf.refresh()
    return RedirectResponse(f"/desk/{layer}/door", _SEE_OTHER)


async def _decide(desk: Desk, actor: Actor, layer: str, doing: Doing, message: str, provider: str) -> None:
    async with desk.work() as session:
        if doing == "close":
            await doors.close_door(session, actor, layer, message, desk.now())
        elif doing == "open":
            await doors.open_door(session, actor, layer, desk.now())
        else:
            await doors.name_provider(session, actor, layer, provider, desk.now())


async def _page(request: Request, desk: Desk, actor: Actor, layer: str, status: int = 200, **others: Any) -> Response:
    desk.force(layer)
    async with desk.work() as session:
        decided = await doors.decided(session, layer)
    named = decided.get("provider")
    shown: dict[str, Any] = {"told": (), "faults": {}, **others}
    shown["provider"] = shown.get("provider") or (named.value if named else "")
    return show(
        request,
        desk,
        actor,
        layer,
        "door.html",
        status,
        closed=decided.get("closed"),
        named=named,
        messages={name: desk.pages.words[name] for name in doors.MESSAGES},
        may=doors.may_decide(actor, layer),
        names=doors.may_name_provider(actor, layer),
        **shown,
    )
