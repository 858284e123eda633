"""Guards: every route declares who may pass, and every response carries the headers that keep a child's page closed."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.page_state import page_state

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; media-src 'self'; "
    "connect-src 'self'; form-action 'self' {leave}; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
_NO_FRAME = b"frame-ancestors 'none'"
_NOTHING = "default-src 'none'; frame-ancestors 'none'"
# What belongs to staff and to programs stands in no frame, whatever its address says.
_NEVER_FRAMED = ("/desk", "/console", "/api/", "/register")
_FOR_PROGRAMS = ("Cache-Control", "X-Content-Type-Options", "Strict-Transport-Security")
# 10,000 letters of any script, as a form sends them, are answered with a kind sentence; this is far above.
_LARGEST_BODY = 256 * 1024
# A force's whole pack as files, from somebody at the desk; also past a sign-in that ended meanwhile.
_LARGEST_PACK = 4 * 1024 * 1024
_TOO_LONG = 413
_PACKS = re.compile(r"/desk/(?:[a-z0-9-]+/files|sign-in/again)")


HELP = "In danger now? Call 999. To talk, call Childline on 0800 1111."
"""What every refusal says as well: whoever is refused may need it."""


async def anyone() -> None:
    """The guard of a public route: there is no login on the child's side, so there is nothing to check."""


def closing_headers(leave_to: str) -> Mapping[str, str]:
    """The headers of every response. Without script "Leave quickly" is a form that ends at `leave_to`."""
    leave = urlsplit(leave_to)
    return {
        "Content-Security-Policy": _POLICY.format(leave=f"{leave.scheme}://{leave.netloc}"),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(), microphone=(), camera=()",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Robots-Tag": "noindex",
    }


TooLong = Callable[[Request], Response]
"""The page for a child who sent more than is read: it says so, and how to reach help."""
Sites = Callable[[str], tuple[str, ...]]
"""The sites that a force has listed, by its slug: "https://host". Only these may show its pages in a frame."""


class ClosedPages:
    """Puts the closing headers on every response, and refuses a body that no child could have typed.

    A child's page is told so by `too_long`, with help on it: what was in the body is not heard.

    No page stands in a frame, but a child's page whose address says within which force's site, in those `sites` alone.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str], sites: Sites, too_long: TooLong) -> None:
        self._app, self._sites, self._too_long = app, sites, too_long
        self._headers = _raw(headers)
        self._for_programs = _raw(
            {name: headers[name] for name in _FOR_PROGRAMS} | {"Content-Security-Policy": _NOTHING}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        ours = self._for_programs if scope["path"].startswith("/api/") else self._for_page(scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(own for own in ours if own[0] not in present)]
            await send(message)

        refusal: Response | None = _refusal(Headers(scope=scope), _largest(scope))
        if refusal and refusal.status_code == _TOO_LONG and not scope["path"].startswith(_NEVER_FRAMED):
            refusal = self._too_long(Request(scope))
        await (refusal or self._app)(scope, receive, with_headers)

    def _for_page(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        force = page_state(Request(scope)).within
        listed = self._sites(force) if force and not scope["path"].startswith(_NEVER_FRAMED) else ()
        if not listed:
            return self._headers
        # Every site around the frame is checked by the browser; ours is among them where a lead looks at a preview.
        framed = " ".join(("frame-ancestors 'self'", *listed)).encode()
        return [(name, value.replace(_NO_FRAME, framed)) for name, value in self._headers]


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


class SmallerPages:
    """Compresses pages and what they load; answers to programs are small, and go as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain, self._smaller = app, GZipMiddleware(app, minimum_size=1_000, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        for_program = scope["type"] != "http" or scope["path"].startswith("/api/")
        await (self._plain if for_program else self._smaller)(scope, receive, send)


def _largest(scope: Scope) -> int:
    return _LARGEST_PACK if scope["method"] == "POST" and _PACKS.fullmatch(scope["path"]) else _LARGEST_BODY


def _refusal(headers: Headers, largest: int) -> JSONResponse | None:
    """Why a body is not read: it does not say how long it is, or is longer than any page sends."""
    if "transfer-encoding" in headers:
        return problem(411, "Say how long the body is, with Content-Length.")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > largest:
        most = f"That is too long. {HELP}" if largest < _LARGEST_PACK else "That is too long. Send at most 4 MB."
        return problem(_TOO_LONG, most)
    return None


def problem(status: int, title: str) -> JSONResponse:
    """An RFC 9457 problem document."""
    body = {"type": "about:blank", "status": status, "title": title}
    return JSONResponse(body, status, media_type="application/problem+json")
