"""Closing many asks that are alike: looking at them, proposing it, a colleague's yes or no, and undoing it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.console.bulk_closing_view import closing_view, group_page
from api.console.console_access import OnAdvocate
from api.console.console_door import ConsoleDoor, OnConsole, nothing_here, ours
from api.console.console_view import show
from api.console.draft_on_outage import writing_routes
from api.records.handovers import bulk_closing
from api.records.handovers.advocates import Advocate
from api.records.handovers.bulk_closing import ClosingOver, SamePerson, propose
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.states import NotYours

routes = writing_routes(prefix="/console")
_SEE_OTHER = 303
_CHANGED = "These are not in line together any more. Look at the queue as it is now."
_SAME_PERSON = "You proposed this yourself. It takes a colleague to close them."
_OVER = "It was given up, is older than 30 minutes, or is done already."
Doing = Literal["confirm", "give-up", "undo"]
Act = Callable[[AsyncSession, HandoverContext, Advocate, str, datetime], Awaitable[object]]
_ACTS: Mapping[Doing, Act] = {
    "confirm": bulk_closing.confirm,
    "give-up": bulk_closing.give_up,
    "undo": bulk_closing.undo,
}


@routes.get("/queue/{ref}/alike")
async def alike(request: Request, console: OnConsole, advocate: OnAdvocate, ref: str) -> Response:
    """Everyone who waits and is like this one."""
    return await _alike(request, console, advocate, ref)


@routes.post("/queue/{ref}/alike")
async def propose_to_close(
    request: Request, console: OnConsole, advocate: OnAdvocate, ref: str, newest: Annotated[str, Form()] = ""
) -> Response:
    """Proposes to close all that were on the page; a colleague does it, or does not."""
    try:
        async with console.work() as session:
            closing = await propose(session, console.handover_context, advocate, ref, newest, console.now())
    except NotYours:
        return await _alike(request, console, advocate, ref, 409, (_CHANGED,))
    return RedirectResponse(f"/console/closings/{closing.ref}", _SEE_OTHER)


@routes.get("/closings/{ref}")
async def closing(request: Request, console: OnConsole, advocate: OnAdvocate, ref: str) -> Response:
    """What is proposed or done, and by whom."""
    return await _closing(request, console, advocate, ref)


@routes.post("/closings/{ref}/{doing}")
async def do(request: Request, console: OnConsole, advocate: OnAdvocate, ref: str, doing: Doing) -> Response:
    """Closes them, gives the proposal up, or puts back in line what was closed; or says why not."""
    try:
        async with console.work() as session:
            await _ACTS[doing](session, console.handover_context, advocate, ref, console.now())
    except SamePerson:
        return await _closing(request, console, advocate, ref, 409, (_SAME_PERSON,))
    except ClosingOver:
        return await _closing(request, console, advocate, ref, 409, (_OVER,))
    except NotYours as error:
        raise nothing_here() from error
    return RedirectResponse("/console" if doing == "give-up" else f"/console/closings/{ref}", _SEE_OTHER)


async def _alike(
    request: Request, console: ConsoleDoor, advocate: Advocate, ref: str, status: int = 200, told: tuple[str, ...] = ()
) -> Response:
    async with console.work() as session:
        handover = await ours(session, advocate, ref)
        found = await group_page(session, console, advocate, handover)
    return show(request, console, advocate, "alike.html", status, told=told, ref=ref, page=found)


async def _closing(
    request: Request, console: ConsoleDoor, advocate: Advocate, ref: str, status: int = 200, told: tuple[str, ...] = ()
) -> Response:
    async with console.work() as session:
        found = await closing_view(session, console, advocate, ref)
    if found is None:
        raise nothing_here()
    return show(request, console, advocate, "closing.html", status, told=told, closing=found)
