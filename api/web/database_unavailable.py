"""When the database does not answer: a page that says so, with everything that was typed on it, in every staff door."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from asyncpg import InterfaceError, PostgresError
from fastapi import Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy import exc

from api.web.cookies import read_cookie
from api.web.csrf import CHANGES, COOKIE, carries_mark, sent_by_our_page
from api.web.database import DatabaseUnavailable
from api.web.errors import place
from api.web.pages import Pages
from api.web.security_headers import problem

UNAVAILABLE = (DatabaseUnavailable, exc.DBAPIError, exc.TimeoutError, PostgresError, InterfaceError)
"""What a route raises when the database is silent, full, locked or gone."""
NOT_SENT = "Not sent: we cannot reach our records now. Your words are still here. Try again."
_TITLE = "We cannot reach our records now. Nothing was changed. Try again in a minute."
_RETRY_SECONDS = "60"
# Faults of ours, not of the database: to say "try again" would be untrue.
_OURS = (exc.IntegrityError, exc.ProgrammingError, exc.DataError)
_STAFF = ("/desk", "/console")
_SECRETS = frozenset({"password", "code", "recovery"})
_log = logging.getLogger(__name__)
Answer = Callable[[Request, Exception], Awaitable[Response]]


def unavailable(pages: Pages) -> Answer:
    """The app's answer to UNAVAILABLE: 503 as a page, a fragment or problem+json. What is our own fault stays a 500."""

    async def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, _OURS):
            raise error
        _log.warning("the database did not answer: %s at %s", type(error).__name__, place(error))
        return await page(request, pages)

    return answer


async def page(request: Request, pages: Pages) -> Response:
    """The form that was sent, to be sent again; for a page's script the reason alone.

    Nobody has been asked who sends it, so a form that another site sent is not put into a page of ours.
    """
    path = request.url.path
    if path.startswith("/api/"):
        return _later(problem(503, _TITLE))
    if "x-fragment" in request.headers:
        return _later(PlainTextResponse(NOT_SENT, 503))
    if not path.startswith(_STAFF):
        return _later(pages.page(request, "errors/error.html", 503, kind="away"))
    fields = await _fields(request)
    door = "Console" if path.startswith("/console") else "Desk"
    return _later(pages.page(request, "errors/unavailable.html", 503, fields=fields, door=door))


def _later(answer: Response) -> Response:
    answer.headers["Retry-After"] = _RETRY_SECONDS
    return answer


async def _fields(request: Request) -> Sequence[tuple[str, str]]:
    """What our own page sent, name by name; nothing of a form that holds what only its writer may know."""
    if request.method not in CHANGES:
        return []
    form = await request.form()
    if not _SECRETS.isdisjoint(form):
        return []
    if not (carries_mark(form, read_cookie(request, COOKIE)) or sent_by_our_page(request)):
        return []
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
