"""Whether an advocate is here: they say so, their open page goes on saying so, and they say when they leave."""

from fastapi.responses import RedirectResponse, Response

from api.console.console_access import OnAdvocate, signed_in
from api.console.console_door import OnConsole
from api.console.passive_auth import OnLooking, looking
from api.records.handovers.presence import arrive, leave, still_here
from api.web.page_routes import page_routes

routes = page_routes(signed_in, prefix="/console")
by_itself = page_routes(looking, prefix="/console")
_SEE_OTHER = 303
_DONE = 204


@routes.post("/here")
async def here(console: OnConsole, advocate: OnAdvocate) -> Response:
    """From now on this advocate takes children."""
    async with console.work() as session:
        await arrive(session, console.handover_context, advocate, console.now())
    return RedirectResponse("/console", _SEE_OTHER)


@routes.post("/away")
async def away(console: OnConsole, advocate: OnAdvocate) -> Response:
    """No longer."""
    async with console.work() as session:
        await leave(session, console.handover_context, advocate, console.now())
    return RedirectResponse("/console", _SEE_OTHER)


@by_itself.post("/still")
async def still(console: OnConsole, looks: OnLooking) -> Response:
    """The advocate's browser is still there: their page says so by itself, and keeps no sign-in awake by it."""
    async with console.work() as session:
        await still_here(session, looks.advocate.id, console.now())
    return Response(status_code=_DONE)
