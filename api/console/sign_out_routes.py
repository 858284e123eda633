"""The way out of the console."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.console.guard import OnAdvocate
from api.console.room import OnConsole
from api.hall.marks import COOKIE, SIGN_IN
from api.records import sessions
from api.records.audit import note
from api.records.handovers.presence import leave

routes = APIRouter(include_in_schema=False, default_response_class=Response)
_SEE_OTHER = 303


@routes.post("/console/sign-out")
async def sign_out(request: Request, advocate: OnAdvocate, console: OnConsole) -> Response:
    """Ends this browser's sign-in: whoever signs out takes no more children."""
    async with console.work() as session:
        await leave(session, console.talks, advocate, console.now())
        await sessions.end(session, request.cookies[COOKIE], console.now())
        await note(session, console.now(), advocate.layer, advocate.name, "sign out", "own account", advocate.id)
    response = RedirectResponse(SIGN_IN, _SEE_OTHER)
    secure = not console.settings.practice
    for path in ("/console", SIGN_IN):
        response.delete_cookie(COOKIE, path=path, httponly=True, samesite="strict", secure=secure)
    return response
