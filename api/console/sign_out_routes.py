"""The way out of the console."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.console.console_access import OnAdvocate
from api.console.console_door import OnConsole
from api.records import sessions
from api.records.audit import note
from api.records.handovers.presence import leave
from api.web.cookies import forget_cookie, read_cookie
from api.web.csrf import COOKIE, SIGN_IN
from api.web.page_routes import page_routes

routes = page_routes()
_SEE_OTHER = 303


@routes.post("/console/sign-out")
async def sign_out(request: Request, advocate: OnAdvocate, console: OnConsole) -> Response:
    """Ends this browser's sign-in: whoever signs out takes no more children."""
    async with console.work() as session:
        await leave(session, console.handover_context, advocate, console.now())
        await sessions.end(session, read_cookie(request, COOKIE), console.now())
        await note(session, console.now(), advocate.layer, advocate.name, "sign out", "own account", advocate.id)
    response = RedirectResponse(SIGN_IN, _SEE_OTHER)
    forget_cookie(request, response, COOKIE)
    return response
