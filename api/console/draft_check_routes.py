"""What the reading rules say to a message while it is written. Advice only; nothing of a draft is kept."""

import asyncio
from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, Response

from accessibility.rule_finding import LEVELS, Level
from api.console.console_access import OnAdvocate
from api.console.console_conversation_page import LONGEST, DraftCheck, Extra, part, talk_page, wants_part
from api.console.console_door import ConsoleDoor, OnConsole
from api.console.draft_on_outage import writing_routes
from api.console.write_message_routes import OnLetter
from content.advice import advise
from content.glossary import forms

routes = writing_routes(prefix="/console")


@routes.post("/check")
async def check(
    request: Request,
    console: OnConsole,
    advocate: OnAdvocate,
    letter: OnLetter,
    level: Annotated[Level, Form()] = LEVELS[1],
    names: Annotated[str, Form()] = "",
    ref: Annotated[str, Form()] = "",
) -> Response:
    """The advice on a draft; without script the whole page of its talk, with the draft in the box."""
    checked = await _checked(console, letter.draft.text, level, names)
    if wants_part(request):
        return HTMLResponse(part(request, console, advocate, "check.html", checked=checked))
    return await talk_page(request, console, advocate, ref, extra=Extra(draft=letter.draft, checked=checked))


async def _checked(console: ConsoleDoor, text: str, level: Level, names: str) -> DraftCheck:
    # In a thread: the first draft after a start waits a second for the word lists, and nobody else does.
    glossary = forms(console.renderer.glossary)
    advice = await asyncio.to_thread(advise, text[:LONGEST], level, glossary, names[:LONGEST].split())
    explained = console.renderer.explained(text[:LONGEST], level)
    return DraftCheck(bool(text), advice, tuple(word.word for word in explained))
