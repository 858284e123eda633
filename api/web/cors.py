"""Shares what programs may ask on a child's side with forces' own apps: by which key, and on which sites it is read.

A browser may read an answer on a site that the force of the key has listed, and on no other. A program that is no
page, as on a phone or a server, names no site; it needs no key, but one that it sends must be good.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.security_headers import HELP as HELP
from api.web.security_headers import problem

KEY = "X-Know-Key"
"""The header in which an app of a force sends its key."""
NO_KEY = "This key is not known, or has ended. Ask the force for a new one."
_NO_SITE = "The force of this key has not listed this site, or no key was sent."
_NO_SITE_AT_ALL = "No force has listed this site."
_SHARED = ("/api/v1/chats", "/api/v1/forces", "/api/v1/handovers", "/api/v1/passport")
# Danger may stand in what was typed: the route hears it first, and then refuses.
_HEARS_FIRST = "/api/v1/chats/say"
_ASKED = "access-control-request-method"
_MAY = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": f"Authorization, Content-Type, Last-Event-ID, {KEY}",
    # What a key or a list has lost is refused when it is sent; this only says what may be tried.
    "Access-Control-Max-Age": "600",
}


@dataclass(frozen=True)
class OwnApp:
    """The app of a force that asks: its key, and whose it is; None for a key that is not good."""

    key: str
    force: str | None


class Lists(Protocol):
    """What is known of forces' own apps now: the pack cache."""

    @property
    def keys(self) -> Mapping[str, str]:
        """Every good key, and whose it is."""
        ...

    @property
    def embeds(self) -> Mapping[str, Any]:
        """Every force that has listed anything."""
        ...

    def sites(self, force: str) -> tuple[str, ...]:
        """The sites that a force has listed."""
        ...


class Sharing:
    """Lets pages of other sites read the answers for programs where a force has listed them, and refuses bad keys.

    `own` is the address that people use for us: our own pages need no key. No answer is ever for every site, and none
    is given with a cookie.
    """

    def __init__(self, app: ASGIApp, lists: Lists, own: str) -> None:
        self._app, self._lists, self._own = app, lists, _origin(own)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or not is_shared(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        site = self._other_site(headers)
        if site is not None and scope["method"] == "OPTIONS" and _ASKED in headers:
            await self._may_try(site)(scope, receive, _Shared(send, self._listed(site)))
            return
        app = self._app_of(headers)
        read_by = site if app and app.force and site in self._lists.sites(app.force) else None
        refused = self._refused(scope["path"], app, site, read_by)
        scope.setdefault("state", {})["own_app"] = app
        shared = _Shared(send, read_by, still=lambda: app is None or app.key in self._lists.keys)
        try:
            await (refused or self._app)(scope, receive, shared)
        except (OSError, ClientDisconnect):
            if not shared.ended:
                raise

    def _other_site(self, headers: Headers) -> str | None:
        """The site of whose page this is asked; None where none is named, or it is ours."""
        named = headers.getlist("origin")
        ours = {self._own, *(f"{scheme}://{headers.get('host')}" for scheme in ("https", "http"))}
        return None if not named or (len(named) == 1 and named[0] in ours) else ", ".join(named)

    def _app_of(self, headers: Headers) -> OwnApp | None:
        keys = headers.getlist(KEY)
        return OwnApp(keys[0], self._lists.keys.get(keys[0]) if len(keys) == 1 else None) if keys else None

    def _refused(self, path: str, app: OwnApp | None, site: str | None, read_by: str | None) -> Response | None:
        if site is not None and read_by is None:
            return refusal(NO_KEY if app and not app.force else _NO_SITE)
        if app and not app.force and path != _HEARS_FIRST:
            return refusal(NO_KEY)
        return None

    def _may_try(self, site: str) -> Response:
        """The answer to a browser that asks first. It sends no key yet, so any force's list counts."""
        return Response(status_code=204, headers=_MAY) if self._listed(site) else refusal(_NO_SITE_AT_ALL)

    def _listed(self, site: str) -> str | None:
        return site if any(site in self._lists.sites(force) for force in self._lists.embeds) else None


class _Shared:
    """Sends an answer on, saying which site may read it. Ends a stream whose key has ended meanwhile."""

    def __init__(self, send: Send, read_by: str | None, still: Callable[[], bool] = lambda: True) -> None:
        self._send, self._read_by, self._still = send, read_by, still
        self.ended = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Origin")
            if self._read_by is not None:
                headers["Access-Control-Allow-Origin"] = self._read_by
                headers["Access-Control-Expose-Headers"] = "Retry-After"
        elif message.get("more_body") and not self._still():
            self.ended = True
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            # To whoever writes the stream it is as if the reader had gone.
            raise OSError("the key has ended")
        await self._send(message)


def refusal(why: str) -> Response:
    """The answer to an app that may not ask this."""
    return problem(403, f"{why} {HELP}")


async def own_app(request: Request) -> OwnApp | None:
    """The app of a force that asks; None where no key was sent."""
    found: OwnApp | None = getattr(request.state, "own_app", None)
    return found


OnOwnApp = Annotated[OwnApp | None, Depends(own_app)]


def is_shared(path: str) -> bool:
    """Whether an address belongs to what a child's side shares with programs of others."""
    return path.startswith(tuple(f"{one}/" for one in _SHARED)) or path in _SHARED


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
