"""Turns errors into pages and problem+json, in one place, in plain words, never with a stack trace."""

import logging
import traceback
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api.web.pages import Pages
from api.web.security_headers import TooLong, problem

_log = logging.getLogger(__name__)


class Problem(Exception):
    """Something to tell the caller, with a status and a title in plain words."""

    def __init__(self, status: int, title: str) -> None:
        super().__init__(title)
        self.status, self.title = status, title


def install(app: FastAPI, pages: Pages, headers: Mapping[str, str]) -> None:
    """Handles every error of the app. `headers` go on the answers that no middleware sees."""

    def answer(request: Request, status: int, title: str) -> Response:
        if request.url.path.startswith("/api/"):
            return problem(status, title)
        kind = "lost" if status in (404, 405) else "broken"
        return pages.page(request, "errors/error.html", status, kind=kind)

    async def told(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101 - registered for it alone
        return answer(request, error.status, error.title)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        titles = {
            404: "There is nothing at this address.",
            405: "This address does not do that.",
            400: "We could not read that. Send it as UTF-8 JSON.",
        }
        response = answer(request, error.status_code, titles.get(error.status_code, "That did not work. Try again."))
        response.headers.update(error.headers or {})
        return response

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return answer(request, 422, _what_is_wrong(error))

    async def anything(request: Request, error: Exception) -> Response:
        _log.error("%s at %s", type(error).__name__, place(error))
        response = answer(request, 500, "Something went wrong here. It is not your fault. Try again.")
        response.headers.update(headers)
        return response

    # Its debug and warning lines quote bytes of a form.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    handlers = {
        Problem: told,
        HTTPException: http,
        RequestValidationError: invalid,
        Exception: anything,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def too_long(pages: Pages) -> TooLong:
    """The page for a child who sent more than is read."""
    return lambda request: pages.page(request, "errors/error.html", 413, kind="long")


def _what_is_wrong(error: RequestValidationError) -> str:
    """Which fields to look at. Only their names: what was in them may be a child's words."""
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return "We could not read that. Send it as UTF-8 JSON."
    fields = sorted({".".join(map(str, fault["loc"][1:])) for fault in faults} - {""})
    return f"Please check: {', '.join(fields)}." if fields else "Send one of text, card or act, as JSON."


def place(error: BaseException) -> str:
    """Where an error arose: file and line, and nothing of what it says, which may be a child's words."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"


class WithoutWords(logging.Filter):
    """Takes the traceback off log records: the text of an error may quote what a child typed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keeps every record, without its traceback."""
        record.exc_info = record.exc_text = None
        return True
