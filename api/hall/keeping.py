"""Keeps how a reader likes to read from page to page in the addresses, so that nothing is stored on the device.

Only who presses "Remember on this device" gets a cookie, which holds the same words. The addresses also carry which
visit a page is of, and, where it stands in a frame of a force's own site, of which force.
"""

import re
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accessibility.preferences import Reading

NAME = "reading"
"""The name of the choices in an address, and of the cookie."""
VISIT = "visit"
"""The name of a visit in an address: a random one, which ends when the child leaves or starts fresh."""
WITHIN = "within"
"""The name, in an address, of the force in whose own site a page stands."""
MODES = ("shared", "alongside")
"""What `?mode=` may say: a screen that others use too, or one that a worker looks at with a young person."""

_LINKS = re.compile(r'( (?:href|action|formaction)=")(/(?!static/|pictures/|fonts/|sound/|/)[^"#]*)((?:#[^"]*)?")')
# The address of a form that is sent with GET loses what stands behind its question mark.
_GET_FORMS = re.compile(r'<form\b[^>]*\bmethod="get"[^>]*>')
_OWN = 'data-reading="own"'
_VISITS = re.compile(r"[A-Za-z0-9_-]{8}")
_FORCES = re.compile(r"[a-z][a-z0-9-]{0,39}")


def reading_of(request: Request) -> Reading:
    """How this reader likes to read: as the address says, else as the device remembers."""
    reading = Reading.of(request.query_params.get(NAME) or request.cookies.get(NAME, ""))
    return _in_mode(reading, request.query_params.get("mode"))


def _in_mode(reading: Reading, mode: str | None) -> Reading:
    return reading.but(place=mode) if mode in MODES else reading


def is_visit(name: object) -> bool:
    """True for what may be the name of a visit."""
    return isinstance(name, str) and _VISITS.fullmatch(name) is not None


def visit_of(request: Request) -> str:
    """The visit that a page is of: as the chat's room has found it, else as the address says; "" for none."""
    asked = request.query_params.get(VISIT)
    return str(getattr(request.state, VISIT, "")) or (asked if asked and is_visit(asked) else "")


def is_within(name: object) -> bool:
    """True for what may be the name of a force; whether there is one is not known here."""
    return isinstance(name, str) and _FORCES.fullmatch(name) is not None


def within_of(request: Request) -> str:
    """The force in whose own site a page stands, as its address says; "" for a page of its own."""
    asked = request.query_params.get(WITHIN)
    return asked if asked and is_within(asked) else ""


def with_reading(address: str, code: str, name: str = NAME) -> str:
    """One of our addresses with the choices in it; the same when there are none, or it has its own.

    What else is carried on has another `name`.
    """
    path, mark, place = address.partition("#")
    if not code or name in parse_qs(urlsplit(path).query):
        return address
    return f"{path}{'&' if '?' in path else '?'}{name}={quote(code)}{mark}{place}"


def kept(html: str, code: str, name: str = NAME) -> str:
    """A page whose every link and form of ours carries the choices on; the page itself when there are none.

    A GET form that asks for the choices itself says so with `data-reading="own"`.
    """
    if not code:
        return html
    hidden = f'<input type="hidden" name="{name}" value="{code}">'
    html = _GET_FORMS.sub(lambda form: form[0] if _OWN in form[0] else form[0] + hidden, html)
    return _LINKS.sub(lambda link: f"{link[1]}{_in_page(link[2], code, name)}{link[3]}", html)


def _in_page(address: str, code: str, name: str) -> str:
    return with_reading(address.replace("&amp;", "&"), code, name).replace("&", "&amp;")


class KeepsReading:
    """Carries the choices of a request on to where it is sent next."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        carried = _carried(parse_qs(scope["query_string"].decode("latin-1"))) if scope["type"] == "http" else {}
        if not carried:
            await self._app(scope, receive, send)
            return

        async def kept_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                to = headers.get("location", "")
                if to.startswith("/"):
                    for name, code in carried.items():
                        to = with_reading(to, code, name)
                    headers["location"] = to
            await send(message)

        await self._app(scope, receive, kept_on)


def _carried(asked: dict[str, list[str]]) -> dict[str, str]:
    """What an address carries on, by its name. Of several the last counts, as it does for a page."""
    last = {name: values[-1] for name, values in asked.items()}
    reading = _in_mode(Reading.of(last.get(NAME, "")), last.get("mode"))
    # What is no visit and no force may be words of anybody, and goes into no address.
    found = {
        NAME: reading.address if NAME in asked or reading.code else "",
        VISIT: last.get(VISIT, "") if is_visit(last.get(VISIT)) else "",
        WITHIN: last.get(WITHIN, "") if is_within(last.get(WITHIN)) else "",
    }
    return {name: code for name, code in found.items() if code}
