"""When the database does not answer, a page that somebody was writing on keeps what they wrote, and says so."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from api.console.room import Console
from api.hall.database import AWAY
from api.hall.marks import CHANGES, COOKIE, carries_mark, sent_by_our_page

# Longer than SQLite waits for another writer; nobody waits longer than this for a page.
_ANSWER_SECONDS = 8
NOT_SENT = "Not sent: we cannot reach the talk now. Your words are still here. Try again."


class Keeping(APIRoute):
    """A route that answers with the form it was sent when the database is away, so that nothing typed is lost."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route, with its guard, and what is shown in its place."""
        inner = super().get_route_handler()

        async def answer(request: Request) -> Response:
            console = cast(Console, request.app.state.console)
            try:
                console.database.must_exist()
                async with asyncio.timeout(_ANSWER_SECONDS):
                    return await inner(request)
            except AWAY:
                return await kept(request, console)

        return answer


async def kept(request: Request, console: Console) -> Response:
    """The form that was sent, to be sent again; for the page's script the reason alone.

    Nobody has been asked who sends it, so a form that another site sent is not put into a page of ours.
    """
    if "x-fragment" in request.headers:
        return Response(NOT_SENT, 503, media_type="text/plain")
    form = await request.form() if request.method in CHANGES else None
    if form and not (carries_mark(form, request.cookies.get(COOKIE, "")) or sent_by_our_page(request)):
        form = None
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)] if form else []
    return console.pages.page(request, "console/kept.html", 503, fields=fields, changes=form is not None)
