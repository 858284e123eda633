"""Every page of the desk and the console, by name: who opens it, at which address, and what is done on it then."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi.routing import APIRoute
from playwright.async_api import Page
from sqlalchemy import select

from api.records.handovers.tables import Concern
from api.records.invitations import invite
from api.records.source_checks import Fetched, keep_check
from api.web.csrf import COOKIE
from content.card import Card
from content.card_text import card_text
from content.cited_section import Section
from content.cited_sources import CitedSource, cited_sources
from content.editing import typed
from tests.child_conversation import Stage
from tests.desk.test_desk_cards import changed, fields, shown
from tests.desk_app import Person
from tests.doors import doors
from tests.listening import listening
from tests.routes import ROUTES

ACTS = "https://www.legislation.gov.uk/ukpga"
FORCE, KEY, OTHER = "northmoor", "bodycam", "who-gets-told"
LEAD = "Lee Lead, 07700 900456, any time"
Act = Callable[[Page, "Staff"], Awaitable[object]]


@dataclass
class Staff:
    """A served app with a force and a provider at work: who is signed in, and the names that addresses hold."""

    on: Stage
    address: str
    people: dict[str, Person] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    async def person(self, name: str, layer: str, role: str) -> Person:
        """Somebody signed in."""
        self.people[name] = await self.on.person_app.person(layer, role, name)
        return self.people[name]

    async def do(self, who: str, key: str, doing: str) -> None:
        """An act from a card's page, on the words that it shows."""
        at = f"/desk/{FORCE}/cards/{key}"
        page = await self.people[who].get(at)
        answer = await self.people[who].post(f"{at}/{doing}", shown=shown(page), comment="Say it more plainly.")
        assert answer.status_code == 303, answer.text


@dataclass(frozen=True)
class Look:
    """A page: who opens it, where, and what is done on it before it is looked at."""

    who: str
    path: str
    act: Act | None = None


@asynccontextmanager
async def served_staff(on: Stage) -> AsyncIterator[Staff]:
    """The app served in this process, with something to decide on every page."""
    async with listening(on.app) as address:
        staff = Staff(on, address)
        await at_the_desk(staff)
        await at_the_console(staff)
        yield staff


async def at_the_desk(staff: Staff) -> None:
    """One card waits for a reviewer, one for the lead; a letter waits, somebody is invited, a source has changed."""
    app = staff.on.person_app
    for role in ("editor", "reviewer", "lead"):
        await staff.person(role, FORCE, role)
    await staff.person("admin", "national", "admin")
    cards = doors(app.app).desk.wordings.cards
    other = {name: _reworded(value) for name, value in fields(typed(cards[OTHER])).items()}
    for key, sent in ((KEY, changed(app)), (OTHER, other)):
        answer = await staff.people["editor"].post(f"/desk/{FORCE}/cards/{key}/edit", seen="0", **sent)
        assert answer.status_code == 303, answer.text
        await staff.do("editor", key, "submit")
    await staff.do("reviewer", OTHER, "approve")
    async with app.database.begin() as session:
        new = await app.account(FORCE, "editor", "New")
        for words in ("As it was read.", "As it is now."):
            await keep_check(session, changed_source(cards.values()), says(words), app.clock())
        staff.names |= {"invited": await invite(session, new, app.clock()), "number": str(new.id)}


def changed_source(cards: Iterable[Card]) -> CitedSource:
    """The source that has changed since it was read: one that many cards rest on."""
    return next(one for one in cited_sources(cards) if one.url == f"{ACTS}/2018/12/section/45")


def says(words: str) -> Fetched:
    """What a check finds at that source, at every place."""
    return Fetched(defaultdict(lambda: Section(words, whole=False)))


def _reworded(value: object) -> object:
    return re.sub(r"\bYou can\b", "You may", value) if isinstance(value, str) else value


async def at_the_console(staff: Staff) -> None:
    """Two children who may be in danger: one is talked with, one is to be called. One waits, a record was kept, and
    four from one place wait, whom an advocate proposes to close together.
    """
    layer = staff.on.provider.layer
    advocate = await staff.person("advocate", layer, "advocate")
    await staff.person("supervisor", layer, "supervisor")
    for who in ("advocate", "supervisor"):
        await staff.people[who].post("/console/here")
    for name, question, wants in (("call", "Can you ring me?", "call-back"), ("talk", "my dad hits me", "here")):
        child = await staff.on.child(question, wants=wants, danger=True)
        ref = staff.names[name] = staff.on.handle(child).ref
        assert (await advocate.post(f"/console/queue/{ref}/claim")).status_code == 303
    await child.open()
    for number in range(12):
        await child.say(f"Line {number} of what I want to say")
    await staff.on.child("Who sees it?", danger=True)
    school = [await staff.on.child("Who reads this?", origin="school") for _ in range(4)]
    staff.names["alike"] = staff.on.handle(school[0]).ref
    alike = f"/console/queue/{staff.names['alike']}/alike"
    proposed = await advocate.post(alike, newest=staff.on.handle(school[-1]).ref)
    staff.names["closing"] = proposed.headers["location"].rpartition("/")[2]
    about = f"/console/talk/{staff.names['talk']}/safeguarding"
    await advocate.post(about, reason="harm", text="What I know and did.")
    async with staff.on.database.begin() as session:
        staff.names["concern"] = (await session.scalars(select(Concern.ref))).one()


async def shows_the_number(page: Page, _staff: Staff) -> None:
    """The number of a call-back, opened."""
    await page.get_by_label("To call now").check()
    await page.get_by_role("button", name="Show the number").click()
    await page.locator(".number a").wait_for()


async def opens_the_record(page: Page, _staff: Staff) -> None:
    """A record of concern, opened."""
    await page.get_by_label("To act on it").check()
    await page.get_by_role("button", name="Open it").click()
    await page.locator(".as-written").wait_for()


async def brings_files_in(page: Page, staff: Staff) -> None:
    """What files that were brought in would change: words, and a fact."""
    cards = doors(staff.on.app).desk.wordings.cards
    front, words = card_text(cards[KEY]).split("\n---\n", 1)
    words = f"{front}\n---\n{words.replace('You can ask for', 'You could ask for')}"
    facts = "bodycam_days: 45\n"
    await page.locator("#files").set_input_files(
        [
            {"name": f"{KEY}.md", "mimeType": "text/plain", "buffer": words.encode()},
            {"name": "facts.yml", "mimeType": "text/plain", "buffer": facts.encode()},
        ]
    )
    await page.get_by_role("button", name="Look at what would change").click()
    await page.locator("#changes").wait_for()


async def opens_the_first_cards(page: Page, _staff: Staff) -> None:
    """The cards and facts that rest on the source that was read longest ago."""
    await page.locator("article details summary").first.click()


async def asks_for_no_outcome(page: Page, _staff: Staff) -> None:
    """What a form says that was not filled in."""
    await page.get_by_role("button", name="Close the talk now").click()
    await page.locator("#told-off, .told-off").first.wait_for()


_D, _C = f"/desk/{FORCE}", "/console"
PAGES: Mapping[str, Look] = {
    "sign in": Look("", "/desk/sign-in"),
    "sign in again": Look("", "/desk/sign-in/again"),
    "sign in, code": Look("", "/desk/sign-in/code"),
    "invitation": Look("", "/desk/invitation/{invited}"),
    "desk": Look("lead", _D),
    "card, to approve": Look("reviewer", f"{_D}/cards/{KEY}"),
    "card, to sign": Look("lead", f"{_D}/cards/{OTHER}"),
    "card, own": Look("editor", f"{_D}/cards/{KEY}"),
    "edit": Look("editor", f"{_D}/cards/{KEY}/edit"),
    "sign": Look("lead", f"{_D}/sign"),
    "sign, reviewer": Look("reviewer", f"{_D}/sign"),
    "recall": Look("lead", f"{_D}/recall"),
    "recall, source": Look("lead", f"{_D}/recall?source={ACTS}/2018/12/section/45"),
    "sources": Look("lead", f"{_D}/sources?find=Data+Protection", opens_the_first_cards),
    "facts": Look("editor", f"{_D}/facts"),
    "files": Look("editor", f"{_D}/files"),
    "files, looked at": Look("editor", f"{_D}/files", brings_files_in),
    "letters": Look("lead", f"{_D}/letters"),
    "desk, people": Look("lead", f"{_D}/people"),
    "desk, person": Look("lead", f"{_D}/people/{{number}}"),
    "log": Look("lead", f"{_D}/log"),
    "desk, my sign-in": Look("lead", "/desk/my-sign-in"),
    "door": Look("lead", f"{_D}/door"),
    "website": Look("lead", f"{_D}/embed"),
    "website, preview": Look("lead", f"{_D}/embed/preview"),
    "queue": Look("advocate", _C),
    "queue, supervisor": Look("supervisor", _C),
    "from one place": Look("advocate", f"{_C}/queue/{{alike}}/alike"),
    "closing together": Look("supervisor", f"{_C}/closings/{{closing}}"),
    "pass on": Look("advocate", f"{_C}/queue/{{talk}}/pass-on"),
    "calls": Look("advocate", f"{_C}/calls"),
    "call": Look("advocate", f"{_C}/calls/{{call}}"),
    "call, number": Look("advocate", f"{_C}/calls/{{call}}", shows_the_number),
    "concerns": Look("advocate", f"{_C}/concerns"),
    "concern": Look("advocate", f"{_C}/concerns/{{concern}}"),
    "concern, opened": Look("advocate", f"{_C}/concerns/{{concern}}", opens_the_record),
    "figures": Look("supervisor", f"{_C}/figures"),
    "talk": Look("advocate", f"{_C}/talk/{{talk}}"),
    "talk of a colleague": Look("supervisor", f"{_C}/talk/{{talk}}"),
    "safety": Look("advocate", f"{_C}/talk/{{talk}}/safeguarding"),
    "close": Look("advocate", f"{_C}/talk/{{talk}}/close"),
    "close, no outcome": Look("advocate", f"{_C}/talk/{{talk}}/close", asks_for_no_outcome),
    "console, people": Look("supervisor", f"{_C}/people"),
    "console, my sign-in": Look("advocate", f"{_C}/my-sign-in"),
    "settings": Look("supervisor", f"{_C}/settings"),
}
"""By name. A page of one route may be looked at in several ways."""
NO_PAGES = {
    "/desk": "leads on to a desk",
    "/desk/oidc/{layer}": "leads to the sign-in of a force",
    "/desk/oidc/{layer}/back": "leads back from it",
    "/desk/{layer}/cards/{key}/films/{sha256}": "a film",
    "/desk/{layer}/files.zip": "an archive",
    "/desk/sign-in/passkey": "what a browser needs to sign in with a passkey",
    "/desk/my-sign-in/passkey": "what a browser needs to make a passkey",
    "/console/my-sign-in/passkey": "the same",
    "/console/stream": "events",
    "/console/talk/{ref}/stream": "events",
}
"""Routes that are asked for and show no page, and why."""


def page_routes() -> list[APIRoute]:
    """Every route of the desk and the console that may show a page when it is opened, in the order they are tried."""
    routes = [route for router in ROUTES for route in router.routes if isinstance(route, APIRoute)]
    staffs = [route for route in routes if re.match(r"/(desk|console)(/|$)", route.path)]
    return [route for route in staffs if "GET" in route.methods]


def signed_in(staff: Staff, look: Look) -> list[dict[str, object]]:
    """The cookie of whoever opens a page; none for nobody."""
    token = staff.people[look.who].token if look.who else ""
    return [{"name": COOKIE, "value": token, "url": staff.address}] if token else []
