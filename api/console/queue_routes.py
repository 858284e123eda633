"""The queue: the console's first page, and what is done from it. Take a child, let go, pass on, watch."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.console.bulk_closing_view import closing_views
from api.console.console_access import OnAdvocate, signed_in
from api.console.console_door import ConsoleDoor, OnConsole, ours
from api.console.console_view import show
from api.console.danger_view import danger_of
from api.console.passive_auth import AtQueue, PassiveSignIn, at_queue, find
from api.console.queue_view import queue_of, row_of
from api.console.refusal_words import COLLEAGUE_GONE, REFUSED, why
from api.records.handovers import claims
from api.records.handovers.advocates import Advocate
from api.records.handovers.opening_hours import uk
from api.records.handovers.opening_week import DAYS
from api.records.handovers.presence import NotHere, still_here, who_is_here
from api.records.handovers.states import NotYours
from api.records.handovers.tables import LARGEST_NUMBER, Handover
from api.web.cookies import read_cookie
from api.web.csrf import COOKIE
from api.web.page_routes import page_routes

home = page_routes(at_queue, prefix="/console")
routes = page_routes(signed_in, prefix="/console/queue")
_SEE_OTHER = 303
# A number that no row has is as good as none, and one too large for the database must not reach it.
Doing = Literal["claim", "let-go", "watch", "stop-watching"]
_ACTS = {
    "claim": claims.claim,
    "let-go": claims.let_go,
    "watch": claims.watch,
    "stop-watching": claims.unwatch,
}


@home.get("")
async def queue(request: Request, console: OnConsole, looks: AtQueue) -> Response:
    """Who waits, and who is with whom. A page that asks by itself shows that its browser is still there."""
    async with console.work() as session:
        await still_here(session, looks.advocate.id, console.now())
    return await queue_page(request, console, looks)


@routes.post("/{ref}/pass-on")
async def pass_on(
    request: Request, console: OnConsole, advocate: OnAdvocate, ref: str, to: Annotated[int, Form()] = 0
) -> Response:
    """Gives it to a colleague who is here; or says why not, and who is."""
    now = console.now()
    try:
        async with console.work() as session:
            handover = await ours(session, advocate, ref)
            await claims.transfer(
                session, console.handover_context, advocate, handover, to if to <= LARGEST_NUMBER else 0, now
            )
    except NotHere:
        return await _colleagues(request, console, advocate, ref, 409, told=[COLLEAGUE_GONE])
    except REFUSED as refused:
        return await _told(request, console, why(refused))
    return RedirectResponse("/console", _SEE_OTHER)


@routes.get("/{ref}/pass-on")
async def colleagues(request: Request, console: OnConsole, advocate: OnAdvocate, ref: str) -> Response:
    """Who is here to pass it on to."""
    return await _colleagues(request, console, advocate, ref)


@routes.post("/{ref}/{doing}")
async def do(request: Request, console: OnConsole, advocate: OnAdvocate, ref: str, doing: Doing) -> Response:
    """Takes it, lets it go, watches or stops watching; or says why not, on the queue as it is now."""
    try:
        async with console.work() as session:
            handover = await ours(session, advocate, ref)
            await _ACTS[doing](session, console.handover_context, advocate, handover, console.now())
    except REFUSED as refused:
        return await _told(request, console, why(refused))
    return RedirectResponse(_next(doing, handover), _SEE_OTHER)


async def queue_page(
    request: Request, console: ConsoleDoor, looks: PassiveSignIn, status: int = 200, told: tuple[str, ...] = ()
) -> HTMLResponse:
    """The queue as a page, or as the part of it that changes, for its script."""
    async with console.work() as session:
        found = await queue_of(session, console, looks.advocate)
        closings = await closing_views(session, console, looks.advocate)
    shown: Mapping[str, Any] = {"queue": found, "closings": closings, "sign_in_ends": looks.soon(console.now())}
    if "x-fragment" in request.headers:
        return show(request, console, looks.advocate, "queue_parts.html", status, **shown)
    hours, now = looks.advocate.provider.opening_hours, console.now()
    opens = hours.opens_next(now)
    return show(
        request,
        console,
        looks.advocate,
        "queue.html",
        status,
        told=told,
        refreshes=request.query_params.get("refresh") != "off",
        open_now=hours.open_at(now),
        opens=uk(opens) if opens else None,
        week={name: hours.text(day) for day, name in DAYS.items()},
        **shown,
    )


def _next(doing: Doing, handover: Handover) -> str:
    if doing in ("let-go", "stop-watching"):
        return "/console"
    calling = doing == "claim" and handover.wants == "call-back"
    return f"/console/{'calls' if calling else 'talk'}/{handover.ref}"


async def _told(request: Request, console: ConsoleDoor, reason: str) -> Response:
    async with console.work() as session:
        looks = await find(session, console, read_cookie(request, COOKIE))
    return await queue_page(request, console, looks, 409, (reason,))


async def _colleagues(
    request: Request,
    console: ConsoleDoor,
    advocate: Advocate,
    ref: str,
    status: int = 200,
    told: list[str] | None = None,
) -> Response:
    now = console.now()
    async with console.work() as session:
        handover = await ours(session, advocate, ref)
        here = await who_is_here(session, advocate.provider.slug, now)
        danger = await danger_of(session, console, advocate, handover)
    if handover.claimed_by is None or not (advocate.supervisor or handover.claimed_by == advocate.id):
        return await _told(request, console, why(NotYours()))
    others = [one for one in here if one.id != handover.claimed_by]
    row = row_of(console, handover, now)
    shown: Mapping[str, Any] = {"row": row, "danger": danger, "others": others, "told": told or []}
    return show(request, console, advocate, "pass-on.html", status, **shown)
