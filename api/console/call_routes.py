"""Call-backs: the list by when each is due, and the page of one for the advocate who makes the call."""

from typing import Annotated, Literal

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.console.call_view import call_of, next_times, opened, reach_of, rows_of
from api.console.console_access import OnAdvocate, signed_in
from api.console.console_door import ConsoleDoor, OnConsole, ours
from api.console.console_view import show
from api.console.danger_view import danger_of
from api.console.plain_labels import OUTCOMES, REACHED, WHYS_NUMBER
from api.console.refusal_words import REFUSED, why
from api.records.handovers import call_backs, end_handover
from api.records.handovers.advocates import Advocate
from api.records.handovers.message_cipher import CallBack
from api.records.handovers.presence import here_since, still_here
from api.records.handovers.states import NotNow, NotYours, Outcome
from api.records.handovers.tables import Handover
from api.web.page_routes import page_routes

routes = page_routes(signed_in, prefix="/console/calls")
_SEE_OTHER = 303
Kept = Literal["again", "closed"]
_NO_REASON = "Choose why you open the number: the log keeps it."
_NO_RESULT = "Choose what came of the call."
_NO_OUTCOME = "Choose what became of it."
_TIME_GONE = "That time has passed, or nobody is there then any more. Choose another."


@routes.get("")
async def calls(request: Request, console: OnConsole, advocate: OnAdvocate, kept: Kept | None = None) -> Response:
    """Every call-back, the first to be due first."""
    return await _list(request, console, advocate, kept=kept)


@routes.get("/{ref}")
async def call(request: Request, console: OnConsole, advocate: OnAdvocate, ref: str) -> Response:
    """One call-back, everything about the child masked; a child who is back on their page is answered there."""
    async with console.work() as session:
        handover = await ours(session, advocate, ref)
    if handover.state == "talking" and handover.claimed_by == advocate.id:
        return RedirectResponse(f"/console/talk/{ref}", _SEE_OTHER)
    return await _page(request, console, advocate, ref)


@routes.post("/{ref}/number")
async def number(
    request: Request,
    console: OnConsole,
    advocate: OnAdvocate,
    ref: str,
    reason: Annotated[call_backs.Why | None, Form()] = None,
) -> Response:
    """Shows how to call, and writes into the log who looked and why. Not a 303: a number must be in no address."""
    if reason is None:
        return await _page(request, console, advocate, ref, 422, told=(_NO_REASON,))
    try:
        async with console.work() as session:
            handover = await ours(session, advocate, ref)
            how = await call_backs.reveal(session, console.handover_context, advocate, handover, reason, console.now())
    except REFUSED as refused:
        return await _list(request, console, advocate, 409, (why(refused),))
    return await _page(request, console, advocate, ref, how=how)


@routes.post("/{ref}/tried")
async def tried(
    request: Request,
    console: OnConsole,
    advocate: OnAdvocate,
    ref: str,
    result: Annotated[call_backs.Reached | None, Form()] = None,
    again: Annotated[str, Form()] = "",
) -> Response:
    """Records what came of a call, and when to try next: then it is back on the list, for whoever is there."""
    if result is None:
        return await _page(request, console, advocate, ref, 422, told=(_NO_RESULT,))
    async with console.work() as session:
        handover = await ours(session, advocate, ref)
    times = {one.value: one.window for one in next_times(advocate, handover, console.now())}
    if again and again not in times and result != "reached":
        return await _page(request, console, advocate, ref, 422, told=(_TIME_GONE,), result=result)
    try:
        async with console.work() as session:
            handover, window = await ours(session, advocate, ref), times.get(again)
            await call_backs.attempt(
                session, console.handover_context, advocate, handover, result, window, console.now()
            )
    except REFUSED as refused:
        return await _list(request, console, advocate, 409, (why(refused),))
    waits = again and result != "reached"
    return RedirectResponse("/console/calls?kept=again" if waits else f"/console/calls/{ref}#close", _SEE_OTHER)


@routes.post("/{ref}/close")
async def close(
    request: Request,
    console: OnConsole,
    advocate: OnAdvocate,
    ref: str,
    outcome: Annotated[Outcome | None, Form()] = None,
) -> Response:
    """Closes it, with what became of it."""
    if outcome is None or outcome not in OUTCOMES:
        return await _page(request, console, advocate, ref, 422, told=(_NO_OUTCOME,))
    try:
        async with console.work() as session:
            handover = await ours(session, advocate, ref)
            await end_handover.close(session, console.handover_context, advocate, handover, outcome, console.now())
    except REFUSED as refused:
        return await _list(request, console, advocate, 409, (why(refused),))
    return RedirectResponse("/console/calls?kept=closed", _SEE_OTHER)


async def _list(
    request: Request,
    console: ConsoleDoor,
    advocate: Advocate,
    status: int = 200,
    told: tuple[str, ...] = (),
    kept: Kept | None = None,
) -> Response:
    async with console.work() as session:
        await still_here(session, advocate.id, console.now())
        rows = await rows_of(session, console, advocate)
        here = await here_since(session, advocate.id, console.now())
    return show(request, console, advocate, "calls.html", status, rows=rows, told=told, kept=kept, here=here)


async def _page(
    request: Request,
    console: ConsoleDoor,
    advocate: Advocate,
    ref: str,
    status: int = 200,
    *,
    told: tuple[str, ...] = (),
    how: CallBack | None = None,
    result: str = "",
) -> Response:
    try:
        async with console.work() as session:
            handover = await _mine(session, advocate, ref)
            found = await call_of(session, console, advocate, handover)
            danger = await danger_of(session, console, advocate, handover)
            await still_here(session, advocate.id, console.now())
    except REFUSED as refused:
        return await _list(request, console, advocate, 409, (why(refused),))
    sent = console.handover_context.message_cipher.sent(handover)
    return show(
        request,
        console,
        advocate,
        "call.html",
        status,
        call=found,
        danger=danger,
        child=sent.name if how else "",
        worker=sent.worker if how else None,
        reach=reach_of(sent.worker) if how else "",
        how=opened(how) if how else None,
        voicemail=how is not None and how.voicemail,
        whys=WHYS_NUMBER,
        results=REACHED,
        outcomes=OUTCOMES,
        told=told,
        result=result,
    )


async def _mine(session: AsyncSession, advocate: Advocate, ref: str) -> Handover:
    """A call-back that this advocate has claimed. Raises NotNow and NotYours."""
    handover = await ours(session, advocate, ref)
    if handover.state != "calling":
        raise NotNow(handover.state)
    if handover.claimed_by != advocate.id:
        raise NotYours
    return handover
