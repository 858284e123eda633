"""The letters of a layer: to whom, about what, and whether they were sent. What they say is never shown."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.desk.desk_access import OnLog, of_log
from api.desk.desk_door import OnDesk
from api.desk.desk_view import show
from api.records import letters
from api.records.audit import note
from api.web.errors import Problem
from api.web.page_routes import page_routes

routes = page_routes(of_log, prefix="/desk/{layer}/letters")
_SQL_LARGEST = 2**31 - 1


@routes.get("")
async def letters_page(request: Request, desk: OnDesk, actor: OnLog, layer: str) -> Response:
    """Every letter that was not sent yet, and the newest that were."""
    async with desk.work() as session:
        waiting, gone = await letters.letters_of(session, layer)
    sends = bool(desk.settings.smtp_url)
    return show(request, desk, actor, layer, "letters.html", waiting=waiting, gone=gone, sends=sends, now=desk.now())


@routes.post("/{number}/again")
async def again(desk: OnDesk, actor: OnLog, layer: str, number: int) -> Response:
    """Tries a letter again now. One that was sent meanwhile, or is being sent, is left as it is."""
    async with desk.work() as session:
        if not 0 < number <= _SQL_LARGEST or not await letters.known(session, layer, number):
            raise Problem(404, "There is nothing at this address.")
        if await letters.try_again(session, layer, number, desk.now()):
            await note(session, desk.now(), layer, actor.name, "try letter again", f"letter {number}", actor.id)
    return RedirectResponse(f"/desk/{layer}/letters", 303)
