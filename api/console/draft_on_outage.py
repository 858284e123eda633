"""When the database does not answer, a page that somebody was writing on keeps what they wrote, and says so."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from api.console.console_access import signed_in
from api.console.console_door import ConsoleDoor, OnConsole
from api.web import database_unavailable
from api.web.database import AWAY
from api.web.handed import handed


class DraftOnOutage(APIRoute):
    """A route that answers with the form it was sent when the database is away, so that nothing typed is lost."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route, with its guard, and what is shown in its place."""
        inner = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await inner(request)
            except AWAY:
                return await database_unavailable.page(request, handed(request, ConsoleDoor).pages)

        return answer


async def database_exists(console: OnConsole) -> None:
    """Raises FileNotFoundError where it is gone; connections to it would still work, and keep nothing."""
    console.database.must_exist()


def writing_routes(guard: Callable[..., Any] = signed_in, *, prefix: str) -> APIRouter:
    """Routes of pages that somebody writes on: nothing typed is lost, whichever way the database is away."""
    return APIRouter(
        prefix=prefix,
        dependencies=[Depends(database_exists), Depends(guard)],
        default_response_class=Response,
        include_in_schema=False,
        route_class=DraftOnOutage,
    )
