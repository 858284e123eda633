"""Every page that a child may meet, by name: how it is reached at a reading level, and what is opened on it then."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
from playwright.async_api import Page

from api.records.force_availability import close_door
from api.records.people import operator
from tests.child_conversation import Stage
from tests.doors import doors
from tests.person_app import NUMBER, PageChild

ALL_OPEN = """() => {
  for (const $one of document.querySelectorAll("details")) $one.open = true;
  for (const $one of document.querySelectorAll(".listen-ways")) $one.hidden = false;
}"""
# What the script puts there a minute before a shared screen clears.
ASKED_WHETHER_THERE = """() => document.querySelector(".shared-warning").append(
  document.querySelector(".shared template").content.cloneNode(true))"""
EIGHT_PICKED = """() => {
  for (const $one of [...document.querySelectorAll("[id^=pick-]")].slice(0, 8)) $one.checked = true;
  document.getElementById("call-me").value = "Robin";
  location.hash = "my-page";
}"""
# A long list of one kind of thing: its first ones stand for all.
FIRST_TWELVE = """() => {
  for (const $one of [...document.querySelectorAll(".all-pictures li")].slice(12)) $one.remove();
}"""
_CHAT = re.compile(r'name="chat" value="([^"]+)"')


@dataclass(frozen=True)
class Shown:
    """A page to look at: its address, and its text when it came as the answer to a form."""

    url: str
    html: str = ""


class Child:
    """Reaches pages of a served app, without script, for a browser to look at afterwards."""

    def __init__(self, on: Stage, address: str) -> None:
        self.on, self.address = on, address

    async def said(self, level: str, *forms: dict[str, str], path: str = "/northmoor", mode: str = "") -> Shown:
        """The chat after these messages or buttons, each sent with the chat of the page before."""
        query = {"reading": f"{level}.{mode}" if mode else level}
        async with httpx.AsyncClient(base_url=self.address, follow_redirects=True) as browser:
            page = await browser.get(path, params=query)
            for form in forms:
                token = _CHAT.search(page.text)
                assert token
                page = await browser.post(f"{path}/say", params=query, data={"chat": token[1], **form})
        assert page.status_code in (200, 422), page.text
        was_form = page.request.method == "POST"
        return Shown(str(page.url), page.text if was_form else "")

    async def asking(self, level: str, *presses: dict[str, str]) -> Shown:
        """A page on the way to a person, after these buttons with what was typed. The time to call is the first."""
        async with httpx.AsyncClient(base_url=self.address, follow_redirects=True) as browser:
            chat = _CHAT.search((await browser.get("/northmoor", params={"reading": level})).text)
            assert chat
            child = PageChild(browser)
            page = await child.open(chat=chat[1])
            for typed in presses:
                if typed.get("window"):
                    found = re.search(r'name="window" value="([^"]+)"', child.html)
                    assert found, child.html
                    typed["window"] = found[1]
                page = await child.press(**typed)
        assert page.status_code in (200, 422), page.text
        return Shown(str(page.url), page.text if page.request.method == "POST" else "")

    async def talking(self, level: str, *, answered: bool) -> Shown:
        """The page of a talk with a person, before anybody came or once somebody wrote."""
        await self.on.cleared()
        child = await self.on.child("May they keep my phone?", level=level)
        if answered:
            sam = await self.on.adult()
            await sam.claim()
            await sam.say("On bail the police may keep your phone.", card="my-phone", symbol="phone")
        return Shown(f"{self.address}/northmoor/person/talk?here={child.here}")


Way = Callable[[Child, str], Awaitable[Shown]]
Act = str | Callable[[Page], Awaitable[object]] | None


async def asks(page: Page) -> None:
    """The child types, and the answer comes by itself: only then their own words stand on the page."""
    await page.get_by_label("Ask in your own words").fill("zebrafish")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await page.locator(".said").wait_for()


def at(path: str) -> Way:
    """A page that has an address of its own."""

    async def found(child: Child, level: str) -> Shown:
        return Shown(f"{child.address}{path}{'&' if '?' in path else '?'}reading={level}")

    return found


def said(*forms: dict[str, str], mode: str = "") -> Way:
    """A page of the chat."""

    async def found(child: Child, level: str) -> Shown:
        return await child.said(level, *forms, mode=mode)

    return found


def asking(*presses: dict[str, str]) -> Way:
    """A page on the way to a person."""

    async def found(child: Child, level: str) -> Shown:
        return await child.asking(level, *(dict(typed) for typed in presses))

    return found


def talking(*, answered: bool) -> Way:
    """A talk with a person."""

    async def found(child: Child, level: str) -> Shown:
        return await child.talking(level, answered=answered)

    return found


async def away(child: Child, level: str) -> Shown:
    """A typed question while the bot is away."""
    child.on.brain.away = True
    try:
        return await child.said(level, {"text": "zebrafish"})
    finally:
        child.on.brain.away = False


def searched(text: str) -> Way:
    """All questions, after a search in a talk that has begun."""

    async def found(child: Child, level: str) -> Shown:
        begun = await child.said(level, {"card": "bodycam"})
        child.on.brain.tell("phone", ("my-phone", 0.6), ("get-things-back", 0.2))
        query = {"reading": level}
        async with httpx.AsyncClient(base_url=child.address, follow_redirects=True) as browser:
            token = _CHAT.search((await browser.get(begun.url)).text)
            assert token
            page = await browser.post("/northmoor/questions", params=query, data={"chat": token[1], "text": text})
        assert page.status_code in (200, 422), page.text
        # From its top: what lies under the bar of a page that was scrolled is not to be measured.
        return Shown(str(page.url).partition("#")[0], page.text if page.request.method == "POST" else "")

    return found


async def first_look(child: Child, _level: str) -> Shown:
    """The first page of a chat whose reader has not chosen a level."""
    return Shown(f"{child.address}/northmoor")


def reckoned(thing: str, day: str, force: str = "northmoor") -> Way:
    """What the clock says of a day."""

    async def found(child: Child, level: str) -> Shown:
        async with httpx.AsyncClient(base_url=child.address) as browser:
            page = await browser.post(f"/{force}/clock?reading={level}", data={"thing": thing, "day": day})
        assert page.status_code in (200, 422), page.text
        return Shown(str(page.url), page.text)

    return found


async def shut(child: Child, level: str) -> Shown:
    """A force whose door is shut."""
    if "essex" not in doors(child.on.app).pack_cache.closed:
        async with child.on.database.begin() as session:
            await close_door(session, operator("tests"), "essex", "door_checking", child.on.clock())
        await doors(child.on.app).pack_cache.refresh()
    return await at("/essex")(child, level)


_ASKED = {"name": "Robin", "question": "zebrafish, and he hits me"}
_YES = {"go": "details"}
_CALL = {"go": "next", **_ASKED, "how": "call-back"}
_TIMES = {"go": "review", "number": NUMBER, "whose": "mine", "window": "first"}
_WITH = ({"go": "worker"}, {"go": "with"}, _YES)
_WORKER = {"worker_name": "Jo", "worker_reach": NUMBER}
_TO_WORKER = {"go": "review", "to_worker": "yes", "window": "first"}
_ALARM = {"text": "my dad is hitting me right now"}

PAGES: dict[str, tuple[Way, Act]] = {
    "start": (at("/"), None),
    "where": (at("/where"), ALL_OPEN),
    "where, several": (at("/where?among=gwent,hampshire&to=person"), None),
    "first look": (first_look, None),
    "first look, opened": (first_look, ALL_OPEN),
    "talk": (said(), None),
    "choices": (said({"card": "menu/arrested"}), None),
    "answer": (said({"card": "fingerprints-dna"}), None),
    "answer, opened": (said({"card": "fingerprints-dna"}), ALL_OPEN),
    "two answers": (said({"card": "who-gets-told"}, {"card": "talk-in-private"}), ALL_OPEN),
    "word": (said({"text": "what does bail mean"}), ALL_OPEN),
    "high contrast": (said({"card": "who-gets-told"}, mode="contrast"), None),
    "alarm": (said(_ALARM), ALL_OPEN),
    "after an alarm": (said(_ALARM, {"act": "not-meant"}), None),
    "person": (said({"act": "person"}), ALL_OPEN),
    "not sure": (said({"text": "zebrafish"}), None),
    "bot away": (away, None),
    "told": (said({"text": ""}), None),
    "the child's own words": (said(), asks),
    "shared screen": (said({"card": "fingerprints-dna"}, mode="shared"), ASKED_WHETHER_THERE),
    "alongside": (said({"card": "fingerprints-dna"}, mode="alongside"), ALL_OPEN),
    "alongside, alarm": (said(_ALARM, mode="alongside"), ALL_OPEN),
    "before a worker starts": (at("/alongside"), ALL_OPEN),
    "guide of a worker": (at("/alongside/guide?mode=alongside"), None),
    "looks": (at("/looks?to=/northmoor"), None),
    "safety": (at("/safety"), None),
    "credits": (at("/credits"), None),
    "pictures": (at("/pictures"), FIRST_TWELVE),
    "passport": (at("/passport"), None),
    "passport, made": (at("/passport"), EIGHT_PICKED),
    "all questions": (at("/northmoor/questions"), None),
    "all questions, opened": (at("/northmoor/questions"), ALL_OPEN),
    "all questions, found": (searched("phone"), None),
    "all questions, none found": (searched("zebrafish"), None),
    "all questions, told": (searched(""), None),
    "journeys": (at("/northmoor/journey"), None),
    "journey": (at("/northmoor/journey/arrested?here=custody-record"), None),
    "ask cards": (at("/northmoor/ask/fingerprints-dna"), None),
    "on paper": (at("/northmoor/sheet?cards=fingerprints-dna,not-there"), ALL_OPEN),
    "on paper, big words": (at("/kent/sheet?cards=my-phone&look=large&ink=black"), None),
    "on paper, nothing": (at("/northmoor/sheet"), None),
    "posters": (at("/northmoor/posters"), None),
    "poster": (at("/northmoor/poster?place=custody"), ALL_OPEN),
    "keep": (at("/northmoor/keep"), None),
    "before a letter": (at("/northmoor/letter"), None),
    "letters": (at("/northmoor/letter/write"), None),
    "letters, opened": (at("/kent/letter/write"), ALL_OPEN),
    "clock": (at("/northmoor/clock"), None),
    "clock, wrong": (reckoned("", "2026-02-30"), None),
    "until a day": (reckoned("record", "2026-11-11"), None),
    "until no day": (reckoned("video", "2020-11-11", "kent"), None),
    "ask card, big": (at("/northmoor/ask/fingerprints-dna?big=1"), None),
    "shut": (shut, None),
    "not there": (at("/not-there"), None),
    "national words": (at("/kent"), None),
    "another law": (at("/police-scotland"), None),
    "ask a person": (asking(), None),
    "details": (asking(_YES), None),
    "details, wrong": (asking(_YES, {"go": "next", "question": ""}), None),
    "call": (asking(_YES, _CALL), None),
    "call, wrong": (asking(_YES, _CALL, {"go": "review", "number": "0770"}), None),
    "right": (asking(_YES, _CALL, _TIMES), None),
    "sent": (asking(_YES, _CALL, _TIMES, {"go": "send"}), None),
    "with a worker, asked": (asking({"go": "worker"}), None),
    "with a worker, wrong": (asking(*_WITH, {"go": "next", "worker_reach": "x"}), None),
    "with a worker, call": (asking(*_WITH, {**_CALL, **_WORKER}), None),
    "with a worker, right": (asking(*_WITH, {**_CALL, **_WORKER}, _TO_WORKER), None),
    "with a worker, sent": (asking(*_WITH, {**_CALL, **_WORKER}, _TO_WORKER, {"go": "send"}), None),
    "come back": (at("/northmoor/person/back"), None),
    "nobody to ask": (at("/kent/person"), None),
    "nobody now": (at("/southmere/person"), None),
    "waiting": (talking(answered=False), None),
    "talking": (talking(answered=True), ALL_OPEN),
    "gone": (at("/northmoor/person/gone"), None),
}
"""By name: the way to the page, and what is done on it before it is looked at."""
