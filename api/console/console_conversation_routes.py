"""The talk: the page on which an advocate and a child write to each other."""

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, Response

from api.console.console_access import OnAdvocate
from api.console.console_conversation_page import Extra, MessageDraft, part, talk_page, wants_part
from api.console.console_conversation_view import WithAnotherAdvocate, level_of, pack_of, readable
from api.console.console_door import OnConsole
from api.console.draft_on_outage import writing_routes
from api.console.passive_auth import AtQueue, at_queue
from api.console.snippet_view import answers
from api.records.handovers.presence import still_here
from api.web.errors import Problem

home = writing_routes(at_queue, prefix="/console/talk/{ref}")
routes = writing_routes(prefix="/console/talk/{ref}")
_LONGEST_SEARCH = 200


@home.get("")
async def talk(request: Request, console: OnConsole, looks: AtQueue, ref: str, change: int = 0) -> Response:
    """The talk; with `change`, the box holds that message of one's own. Opened by itself, it keeps no sign-in awake."""
    async with console.work() as session:
        await still_here(session, looks.advocate.id, console.now())
    extra = Extra(draft=MessageDraft(number=max(0, change)))
    return await talk_page(request, console, looks.advocate, ref, extra=extra)


@routes.post("/answers")
async def search(
    request: Request, console: OnConsole, advocate: OnAdvocate, ref: str, q: Annotated[str, Form()] = ""
) -> Response:
    """The answers that fit what was typed, to be sent as they are signed. Typed words are in no address."""
    typed = q[:_LONGEST_SEARCH]
    async with console.work() as session:
        try:
            handover, _ = await readable(session, advocate, ref)
        except WithAnotherAdvocate as elsewhere:
            raise Problem(404, "There is nothing at this address.") from elsewhere
    found = answers(pack_of(console, handover), level_of(handover), typed, console.pack_cache.today())
    extra = Extra(searched=typed, answers=found)
    if wants_part(request):
        return HTMLResponse(part(request, console, advocate, "answers.html", extra=extra))
    return await talk_page(request, console, advocate, ref, extra=extra)
