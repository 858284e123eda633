"""What a page carries on in its addresses, so that nothing is stored on the device: read once, written into each link.

It is how a reader likes to read, the visit that a page is of, and, where it stands in a frame of a force's own site, of
which force. Only who presses "Remember on this device" gets a cookie, which holds how they like to read as well.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode

from markupsafe import Markup
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accessibility.preferences import Reading
from api.web.cookies import read_cookie
from content.language import LANGUAGES, Language

NAME = "reading"
"""The name of the choices in an address, and of the cookie."""
VISIT = "visit"
"""The name of a visit in an address: a random one, which ends when the child leaves or starts fresh."""
WITHIN = "within"
"""The name, in an address, of the force in whose own site a page stands."""
MODES = ("shared", "alongside")
"""What `?mode=` may say: a screen that others use too, or one that a worker looks at with a young person."""

_VISITS = re.compile(r"[A-Za-z0-9_-]{8}")
_VISIT_BYTES = 6
_FORCES = re.compile(r"[a-z][a-z0-9-]{0,39}")
_SHARE = re.compile(r"q=([01](?:\.\d{0,3})?)")
# A browser drops these from an address, and reads a backslash as a slash: two of either begin the name of a host.
_DROPPED = re.compile(r"[\t\n\r]")
_OURS = re.compile(r"/(?![/\\])")


def language_of(request: Request) -> Language:
    """The language of ours that this reader's browser likes best."""
    return asked(request.headers.get("accept-language", ""))


def asked(accept_language: str) -> Language:
    """The language that an Accept-Language header (RFC 9110, section 12.5.4) likes best of ours; English otherwise.

    A part that cannot be read is passed over: a header that a browser or a school's filter wrote badly is no error.
    """
    likes = {language: share for part in accept_language.split(",") for language, share in [_part(part)] if language}
    return max(LANGUAGES, key=lambda language: likes.get(language, 0.0))


def _part(part: str) -> tuple[Language | None, float]:
    """`cy-GB;q=0.8` as Welsh and 0.8; None for a language that we do not have."""
    tag, _, rest = part.strip().partition(";")
    base = tag.strip().lower().partition("-")[0]
    share = _SHARE.fullmatch(rest.replace(" ", "")) if rest else None
    if rest and not share:
        return None, 0.0
    return next((language for language in LANGUAGES if language == base), None), float(share[1]) if share else 1.0


def new_visit() -> str:
    """The name of a visit: random, and it says nothing of who visits."""
    return secrets.token_urlsafe(_VISIT_BYTES)


def is_visit(name: object) -> bool:
    """True for what may be the name of a visit."""
    return isinstance(name, str) and _VISITS.fullmatch(name) is not None


def is_within(name: object) -> bool:
    """True for what may be the name of a force; whether there is one is not known here."""
    return isinstance(name, str) and _FORCES.fullmatch(name) is not None


def is_ours(address: str) -> bool:
    """True for an address that begins with a path, which every browser looks for on our own host."""
    return _OURS.match(_DROPPED.sub("", address)) is not None


@dataclass(frozen=True)
class PageState:
    """What one page carries on.

    `reading` is how it is shown, and `remembered` what the device says of that. `chosen` is True where the address
    itself says how to read. `visit` is the visit that the page is of, `asked_visit` the one that its address names; ""
    for none. `within` is the force in whose own site it stands, "" for a page of its own.
    """

    reading: Reading
    remembered: Reading
    chosen: bool
    visit: str
    asked_visit: str
    within: str

    @classmethod
    def of(cls, request: Request) -> "PageState":
        """As the address says, and where it says nothing of how to read, as the device remembers."""
        # Of several the last counts. What is no visit and no force may be words of anybody, and goes into no address.
        asked = request.query_params
        code, mode, visit, within = (asked.get(name, "") for name in (NAME, "mode", VISIT, WITHIN))
        remembered = Reading.of(read_cookie(request, NAME))
        reading = Reading.of(code) if code else remembered
        visit = visit if is_visit(visit) else ""
        return cls(
            reading.but(place=mode) if mode in MODES else reading,
            remembered,
            bool(code) or mode in MODES,
            visit,
            visit,
            within if is_within(within) else "",
        )

    @property
    def code(self) -> str:
        """The choices as the links of this page carry them; "" for those that the device remembers."""
        return "" if self.reading == self.remembered else self.reading.address

    @property
    def in_links(self) -> dict[str, str]:
        """What every link and form of this page carries, by its name in an address; "" for what there is none of."""
        # Where somebody else looks too, Start fresh stands on every page, and must know what it ends.
        return {VISIT: self.visit if self.reading.place != "alone" else "", WITHIN: self.within, NAME: self.code}

    @property
    def in_redirects(self) -> dict[str, str]:
        """What goes along to where a request is sent next: all that its own address says."""
        return {VISIT: self.asked_visit, WITHIN: self.within, NAME: self.reading.address if self.chosen else ""}


def page_state(request: Request) -> PageState:
    """What the page that is asked for carries on: read when it is first asked for, as programs have no page."""
    if not hasattr(request.state, "page"):
        request.state.page = PageState.of(request)
    found: PageState = request.state.page
    return found


def set_visit(request: Request, visit: str) -> None:
    """Makes the page one of this visit, whatever its address says."""
    request.state.page = replace(page_state(request), visit=visit)


def with_query(address: str, added: Mapping[str, str]) -> str:
    """One of our addresses with this in its query as well, but for what is "" or what the address says for itself.

    Any other address is returned as it is.
    """
    if not is_ours(address):
        return address
    before, mark, place = address.partition("#")
    asked = parse_qs(before.partition("?")[2])
    query = urlencode({name: value for name, value in added.items() if value and name not in asked}, safe=",/")
    return f"{before}{('&' if '?' in before else '?') if query else ''}{query}{mark}{place}"


@dataclass(frozen=True)
class PageLinks:
    """Writes the addresses of one page."""

    state: PageState

    def url(self, address: str, **asked: str | int) -> str:
        """One of our addresses with this in its query, and with what the page carries on.

        What is asked for stands instead of what would be carried, also when it is "", which leaves the name out.
        """
        return with_query(address, self._with(asked))

    def state_fields(self, **asked: str) -> Markup:
        """The same as hidden fields: a browser sends a GET form without what its own address asks for."""
        field = Markup('<input type="hidden" name="{}" value="{}">')
        return Markup("").join(field.format(name, value) for name, value in self._with(asked).items() if value)

    def link_out(self, address: str) -> Markup:
        """The attributes of a link to another site. From a frame it opens beside it: most sites stand in none."""
        beside = Markup('target="_blank" ') if self.state.within else ""
        return Markup('{}href="{}" rel="noreferrer noopener"').format(beside, address)

    def _with(self, asked: Mapping[str, str | int]) -> dict[str, str]:
        carried = {name: value for name, value in self.state.in_links.items() if name not in asked}
        return {**{name: str(value) for name, value in asked.items()}, **carried}


class KeepsReading:
    """Carries what an address says on to where its request is sent next.

    What is read from the device depends on `live`.
    """

    def __init__(self, app: ASGIApp, *, live: bool) -> None:
        self._app, self._live = app, live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        scope.setdefault("state", {})["live"] = self._live

        async def kept_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if "location" in headers:
                    headers["location"] = with_query(headers["location"], page_state(Request(scope)).in_redirects)
            await send(message)

        await self._app(scope, receive, kept_on)
