"""Records of concern: the list of those one may open, and one opened with a reason, which the log keeps."""

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import Response

from api.console.console_access import OnAdvocate, signed_in
from api.console.console_door import ConsoleDoor, OnConsole, nothing_here
from api.console.console_view import show
from api.console.danger_view import danger_of
from api.console.plain_labels import REASONS, WHYS_CONCERN
from api.records.handovers.advocates import Advocate
from api.records.handovers.concerns import Why, concerns_of, handover_of, open_concern
from api.records.handovers.opening_hours import uk
from api.records.handovers.states import NotYours
from api.records.handovers.status import names_of
from api.web.ciphers import BrokenCipherText
from api.web.page_routes import page_routes

routes = page_routes(signed_in, prefix="/console/concerns")
_NO_REASON = "Choose why you open it: the log keeps it."
_BROKEN = (
    "This record cannot be opened any more: the key that it was sealed with is gone. Tell whoever runs this site. "
    "They may have the key still."
)


@routes.get("")
async def concerns(request: Request, console: OnConsole, advocate: OnAdvocate) -> Response:
    """The records that this advocate may open: their own, and for a supervisor all of the provider."""
    async with console.work() as session:
        found = await concerns_of(session, advocate)
        called = await names_of(session, (one.account_id for one in found))
    return show(request, console, advocate, "concerns.html", concerns=found, called=called, reasons=REASONS, local=uk)


@routes.get("/{ref}")
async def concern(request: Request, console: OnConsole, advocate: OnAdvocate, ref: str) -> Response:
    """A record, closed: why is it opened?"""
    return await _page(request, console, advocate, ref)


@routes.post("/{ref}")
async def open_it(
    request: Request,
    console: OnConsole,
    advocate: OnAdvocate,
    ref: str,
    reason: Annotated[Why | None, Form()] = None,
) -> Response:
    """Shows what a record says. Not a 303: opening it again needs a reason again."""
    if reason is None:
        return await _page(request, console, advocate, ref, 422, told=(_NO_REASON,))
    try:
        async with console.work() as session:
            _, text = await open_concern(session, console.handover_context, advocate, ref, reason, console.now())
    except NotYours as error:
        raise nothing_here() from error
    except BrokenCipherText:
        return await _page(request, console, advocate, ref, 409, told=(_BROKEN,))
    return await _page(request, console, advocate, ref, text=text)


async def _page(
    request: Request,
    console: ConsoleDoor,
    advocate: Advocate,
    ref: str,
    status: int = 200,
    *,
    told: tuple[str, ...] = (),
    text: str | None = None,
) -> Response:
    async with console.work() as session:
        found = next((one for one in await concerns_of(session, advocate) if one.ref == ref), None)
        called = await names_of(session, [found.account_id] if found else ())
        about = await handover_of(session, found) if found else None
        danger = await danger_of(session, console, advocate, about)
    if found is None:
        raise nothing_here()
    return show(
        request,
        console,
        advocate,
        "concern.html",
        status,
        concern=found,
        danger=danger,
        who=called.get(found.account_id, ""),
        about=REASONS,
        whys=WHYS_CONCERN,
        told=told,
        text=text,
        local=uk,
    )
