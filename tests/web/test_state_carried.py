"""Every page that a child can reach, by its links and forms: none drops what its address says, or gives it away."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import groupby
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Match

from accessibility.preferences import Reading
from api.chat import routes as chat
from api.web.page_state import is_visit
from tests.person_app import NUMBER, PersonApp

HOST = "http://know.test"
STATE = ("reading", "visit", "within")
READING = Reading.of("bigger.dark.shared")
ASKED = f"reading={READING.code}&visit=Walker-1&within=northmoor"
BEGINNINGS = (
    "/",
    "/join",
    "/northmoor",
    "/northmoor/journey",
    "/northmoor/posters",
    "/northmoor/deck/over",
    "/northmoor/person",
)
TYPED = {
    "name": "Robin",
    "question": "Who can see my record?",
    "number": NUMBER,
    "text": "how long do you keep my fingerprints",
    "place": "zebrafish",
    "words": "not-three-words",
    "code": "000000",
    "whose": "mine",
    "how": "here",
}
ENDS = ("/leave", "/fresh", "/{force}/deck/end")
"""What ends the visit that is walked in, or its deck; followed last."""
NO_PAGES = ("/api/", "/pictures/{symbol}", "/videos/", "/sound/", "/{force}/person/stream", "/{force}/deck/stream")
REDIRECTS = ("/leave", "/fresh", "/looks/forget", "/looks/remember", "/alongside/alone", "/{force}/say")
# Where a reload of what was posted lands.
RELOADS = (
    *("/{force}/person/do", "/{force}/person/say", "/{force}/deck/end", "/{force}/deck/turn"),
    "/{force}/clock/appointment.ics",
)
PAPER = ("/{force}/sheet.pdf", "/{force}/poster.pdf")
ROUTES = [route for part in chat.PARTS for route in part.routes if isinstance(route, APIRoute)]
PAGES = {
    route.path
    for route in ROUTES
    if "GET" in route.methods
    and not route.path.startswith(NO_PAGES)
    and route.path not in (*REDIRECTS, *RELOADS, *PAPER)
}


@dataclass
class Form:
    """A form of a page: what is sent of it by itself, what can be chosen, and its buttons with where each leads."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str, str]] = field(default_factory=list)

    def sent(self, name: str = "", value: str = "") -> list[tuple[str, str]]:
        """What a browser sends once this button is pressed: everything typed, and the first of each choice."""
        taken = {key for key, _ in self.fields}
        first = [next(group) for _, group in groupby(self.choices, key=lambda choice: choice[0])]
        typed = [(key, TYPED.get(key, old)) if not old else (key, old) for key, old in self.fields]
        return [*typed, *(one for one in first if one[0] not in taken), *([(name, value)] if name else [])]


class Page(HTMLParser):
    """The links, forms and self-made moves of a page, as a browser without script finds them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[dict[str, str]] = []
        self.moves: list[str] = []
        self.forms: dict[str, Form] = {}
        self._open = ""
        self._pressed: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        for form, button in self._pressed:
            method, action = (
                button.get(f"form{what}", getattr(self.forms[form], what)) for what in ("method", "action")
            )
            self.forms[form].buttons.append((button.get("name", ""), button.get("value", ""), method, action))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag in ("a", "area") and "href" in has:
            self.links.append(has)
        elif tag == "meta" and has.get("http-equiv") == "refresh" and "url=" in has["content"]:
            self.moves.append(has["content"].partition("url=")[2])
        elif tag == "form":
            self._open = has.get("id") or f"form {len(self.forms)}"
            self.forms[self._open] = Form(has["action"], has.get("method", "get"))
        elif tag == "button" and has.get("type") != "button":
            self._pressed.append((has.get("form") or self._open, has))
        elif tag in ("input", "textarea", "select") and has.get("name"):
            form = self.forms[has.get("form") or self._open]
            chosen = has.get("type") in ("radio", "checkbox") and "checked" not in has
            (form.choices if chosen else form.fields).append((has["name"], has.get("value", "")))

    @property
    def pressed(self) -> Iterator[tuple[str, str, list[tuple[str, str]], Form]]:
        """Every button of every form: its method, its address, and what it sends."""
        for form in self.forms.values():
            for name, value, method, action in form.buttons:
                yield method, action, form.sent(name, value), form


@dataclass(frozen=True)
class Step:
    """One thing to follow."""

    method: str
    address: str
    sent: tuple[tuple[str, str], ...] = ()

    @property
    def route(self) -> str:
        """Which of our routes it leads to; "" for one that is no part of the child's side."""
        scope = {"type": "http", "method": self.method.upper(), "path": urlsplit(self.address).path}
        return next((route.path for route in ROUTES if route.matches(scope)[0] is Match.FULL), "")

    @property
    def kind(self) -> tuple[object, ...]:
        """What of it matters: cards and places are many, and lead to the same pages."""
        asked = [(name, value) for name, value in (*_asked(self.address), *self.sent) if name not in STATE]
        acts = tuple(one for one in asked if one[0] in ("act", "go", "show", "look", "mode", "turn", "level"))
        return self.method, self.route, acts, tuple(sorted({name for name, _ in asked}))


def _asked(address: str) -> list[tuple[str, str]]:
    return [(name, value) for name, values in parse_qs(urlsplit(address).query).items() for value in values]


class Walker:
    """Follows what is on each page, a few of each kind, and looks at every one."""

    def __init__(self, browser: httpx.AsyncClient) -> None:
        self.browser = browser
        self.ahead: deque[Step] = deque()
        self.ends: list[Step] = []
        self.met: Counter[tuple[object, ...]] = Counter()
        self.seen: set[str] = set()
        self.faults: dict[tuple[str, str], str] = {}

    async def walk(self, *beginnings: str) -> None:
        """Looks at everything that can be reached from these addresses, and ends the visit only then."""
        self.ahead.extend(Step("get", one) for one in beginnings)
        while self.ahead or self.ends:
            await self.follow(self.ahead.popleft() if self.ahead else self.ends.pop())

    async def follow(self, step: Step) -> None:
        body = {name: [value for key, value in step.sent if key == name] for name, _ in step.sent}
        if step.method == "get":
            address = f"{step.address.partition('?')[0]}?{urlencode(step.sent)}" if step.sent else step.address
            answer = await self.browser.get(address)
        else:
            answer = await self.browser.post(step.address, data=body)
        for _ in range(5):
            there = answer.headers.get("location", "")
            if not there:
                break
            if step.route != "/fresh" and not self.is_carried(step, there, "redirect"):
                return
            answer = await self.browser.get(there)
        assert answer.status_code != 500, step
        # Who starts fresh leaves how they read behind.
        if step.route != "/fresh" and answer.headers.get("content-type", "").startswith("text/html"):
            self.look(Step("get", str(answer.url)), answer)

    def look(self, at: Step, answer: httpx.Response) -> None:
        if answer.status_code == 200 and answer.request.method == "GET":
            self.seen.add(at.route)
        page = Page(answer.text)
        for link in page.links:
            if self.is_carried(at, link["href"], "link", beside=link):
                self.later(Step("get", urljoin(at.address, link["href"])))
        for move in page.moves:
            if self.is_carried(at, move, "move"):
                self.later(Step("get", urljoin(at.address, move)))
        for method, action, sent, form in page.pressed:
            self.is_carried(at, action, method)
            if method == "get":
                self.is_sent(at, action, sent)
            # A choice changes how pages are shown, and with it what this walk looks for.
            if not {name for name, _ in form.choices} & {"paper", "place"}:
                self.later(Step(method, urljoin(at.address, action), tuple(sent)))

    def later(self, step: Step) -> None:
        ends = step.route in ENDS
        self.met[step.kind] += 1
        if step.route and not step.route.startswith(NO_PAGES) and step.route not in PAPER and self.met[step.kind] == 1:
            (self.ends if ends else self.ahead).append(step)

    def is_carried(self, at: Step, address: str, what: str, *, beside: dict[str, str] | None = None) -> bool:
        """Looks at an address of a page; True for one to follow."""
        if address.startswith(("#", "tel:", "sms:")):
            return False
        there = urlsplit(urljoin(at.address, address.replace("\\", "/").replace("\t", "")))
        asked = parse_qs(there.query)
        if there.netloc != "know.test":
            told = asked.keys() & {*STATE, "chat", "here"}
            apart = beside is None or (beside.get("target") == "_blank" and "noreferrer" in beside.get("rel", ""))
            if told or not apart or there.scheme != "https":
                self.faults[at.route, address] = f"{what} to another site"
            return False
        if not self.is_whole(asked):
            self.faults[at.route, address] = what
        return True

    def is_sent(self, at: Step, action: str, sent: list[tuple[str, str]]) -> None:
        """Looks at what a GET form sends: it stands instead of what its address asks for."""
        asked = {name: [value for key, value in sent if key == name] for name, _ in sent}
        if not self.is_whole(asked):
            self.faults[at.route, action] = f"get form sends {asked}"

    @staticmethod
    def is_whole(asked: dict[str, list[str]]) -> bool:
        """Whether everything is carried, once. A button may change the level, pictures, and who looks too."""
        reading, visit, within = (asked.get(name, []) for name in STATE)
        shown = Reading.of(reading[0] if len(reading) == 1 else "")
        of_visit = len(visit) == 1 and is_visit(visit[0])
        looks = (shown.paper, shown.size) == (READING.paper, READING.size)
        return looks and within == ["northmoor"] and (of_visit or (shown.place == "alone" and not visit))


@pytest.fixture
async def browser(one_app: PersonApp) -> httpx.AsyncClient:
    provider = await one_app.provider()
    await one_app.advocate(provider)
    return one_app.browser()


async def test_every_page_of_a_child_carries_on_what_its_address_says(browser: httpx.AsyncClient) -> None:
    walker = Walker(browser)
    await walker.walk(*(f"{path}?{ASKED}" for path in BEGINNINGS), f"/northmoor?card=fingerprints-dna&{ASKED}")
    assert walker.faults == {}
    assert PAGES - walker.seen == set()


@pytest.mark.parametrize(
    "path",
    [
        "//evil.test",
        "/%5Cevil.test",
        "/%09/evil.test",
        "/%2F%2Fevil.test",
        "/..//evil.test",
        "/a%3Fb%23c",
        "/%0D%0A//x",
    ],
)
async def test_a_page_at_an_odd_address_leads_to_no_other_site(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(httpx.URL(f"{HOST}{path}?{ASKED}"))
    walker = Walker(browser)
    walker.look(Step("get", f"{HOST}/northmoor"), answer)
    assert answer.status_code == 404
    assert walker.faults == {}


async def test_leaving_takes_nothing_along(browser: httpx.AsyncClient) -> None:
    left = await browser.post(f"/leave?{ASKED}", data={"visit": "Walker-1"})
    assert left.status_code == 303
    assert urlsplit(left.headers["location"]).query == ""
