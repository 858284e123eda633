"""My clock: until about when something is kept. The day that a child picks is sent by a form and used once."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Form
from fastapi.responses import RedirectResponse, Response

from accessibility.symbols import symbols
from api.chat.keep.calendar_file import calendar_file
from api.chat.keep.keep_page import KeepPage, OnKeep
from api.chat.keep.kept_until import KEPT, about, ends
from api.chat.keep.picked_day import NoDay, picked_day
from api.web.errors import Problem
from api.web.page_routes import page_routes
from api.web.security_headers import anyone

routes = page_routes(anyone, prefix="/{force}/clock")

_SEE_OTHER = 303
_UNCLEAR = 422
_LONG_AGO_YEARS = 20
_SAVED = {"Content-Disposition": 'attachment; filename="appointment.ics"'}


@dataclass(frozen=True)
class Picked:
    """What the form sends: which thing, and the day as it was picked or typed."""

    thing: Annotated[str, Form()] = ""
    day: Annotated[str, Form()] = ""


@routes.api_route("", methods=["GET", "HEAD"])
async def clock(opened: OnKeep) -> Response:
    """What it is about, and which day."""
    return opened if isinstance(opened, Response) else _asks(opened, _first(opened), "", {})


@routes.post("")
async def until(opened: OnKeep, picked: Annotated[Picked, Depends()]) -> Response:
    """Until about when. Nothing of it is kept: the answer stands on this page alone."""
    if isinstance(opened, Response):
        return opened
    faults = {} if picked.thing in KEPT else {"thing": "clock_fault_thing"}
    try:
        day = picked_day(picked.day, opened.today)
    except NoDay as why:
        faults["day"] = str(why)
    if faults:
        return _asks(opened, picked.thing, picked.day, faults)
    return opened.shown("clock-until", thing=picked.thing, **_reckoned(opened, picked.thing, day))


@routes.post("/appointment.ics")
async def calendar(opened: OnKeep, day: Annotated[str, Form()] = "") -> Response:
    """The day as a file for a calendar, of which nobody can tell what it is about."""
    if isinstance(opened, Response):
        return opened
    try:
        found = date.fromisoformat(day)
    except ValueError:
        raise Problem(_UNCLEAR, "There is no such day. Open the page again.") from None
    return Response(calendar_file(found, opened.today), media_type="text/calendar", headers=_SAVED)


@routes.get("/appointment.ics")
async def again(force: str) -> Response:
    """Where a reload of the file lands: at the question."""
    return RedirectResponse(f"/{force}/clock", _SEE_OTHER)


def _asks(page: KeepPage, thing: str, day: str, faults: dict[str, str]) -> Response:
    status = _UNCLEAR if faults else 200
    shown = {"things": KEPT, "thing": thing, "day": day, "faults": faults, "today": page.today}
    return page.shown("clock", status, **shown)


def _first(page: KeepPage) -> str:
    """The thing that the answer is about which the child comes from."""
    last = page.chat.last if page.chat else None
    return next((name for name, thing in KEPT.items() if last and last.card == thing.card), "")


def _reckoned(page: KeepPage, name: str, day: date) -> dict[str, Any]:
    """The day until which, as far as signed words say; and those words."""
    thing, pack, today = KEPT[name], page.door.pack(page.force), page.door.pack_cache.today()
    signed = pack.card(thing.card, today) or pack.card("being-checked", today) or pack.card("not-sure", today)
    if signed is None:
        raise Problem(503, "This page is not open yet.")
    version = signed.words.levels[page.level]
    good = signed.card == thing.card
    found = ends(thing, version, day) if good else ()
    return {
        "until": found[0] if found else None,
        "at_most": found[1] if len(found) > 1 else None,
        "over": bool(found) and found[0] < page.today,
        "long_ago": day.year + _LONG_AGO_YEARS <= page.today.year,
        "version": replace(version, bubbles=about(thing, version)) if good else version,
        "language": signed.words.language,
        "symbols": symbols(),
    }
