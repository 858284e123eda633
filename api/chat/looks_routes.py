"""How it looks: a plain page where a reader chooses how to read, sees it at once, and goes back to where they were."""

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from accessibility.finding import Level
from accessibility.preferences import CHOICES, Reading
from api.chat.remembering import forget, remember, remembered
from api.chat.room import InRoom, Room
from api.chat.samples import samples
from api.chat.token import Chat, StaleChat
from api.chat.way_back import way_back
from api.hall.errors import Problem
from api.hall.guard import anyone
from api.hall.keeping import NAME, reading_of, within_of
from api.hall.marks import NOT_FROM_HERE, SENT_FROM

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)

_SEE_OTHER = 303
_FIRST_LEVEL: Level = "simple"


@dataclass(frozen=True)
class From:
    """The page that a reader came from: its path, and the tokens of its chat and of its talk with a person."""

    to: str = "/"
    chat: str = ""
    here: str = ""

    @property
    def held(self) -> dict[str, str]:
        """The tokens, as they stand in an address."""
        return {"chat": self.chat, "here": self.here}


async def asked_from(to: str = "/", chat: str = "", here: str = "") -> From:
    """The page that an address says a reader came from."""
    return From(to, chat, here)


async def posted_from(
    to: Annotated[str, Form()] = "/", chat: Annotated[str, Form()] = "", here: Annotated[str, Form()] = ""
) -> From:
    """The page that a form says a reader came from."""
    return From(to, chat, here)


async def must_be_from_here(request: Request) -> None:
    """Raises Problem 403 when the browser says that another site sent this form: nobody else leaves traces for us."""
    if request.headers.get(SENT_FROM, "same-origin") not in ("same-origin", "none"):
        raise Problem(403, NOT_FROM_HERE)


@routes.api_route("/looks", methods=["GET", "HEAD"])
async def looks(
    request: Request,
    room: InRoom,
    came: Annotated[From, Depends(asked_from)],
    go: Annotated[str, Query()] = "",
) -> Response:
    """The choices as they are; or, `go` being what was pressed, the same with other choices, or the way back."""
    if not go:
        return _page(request, room, came)
    reading = _without_choices(request) if go == "again" else _chosen(request, dict(request.query_params))
    if go != "use":
        return RedirectResponse(_to_looks(came, reading), _SEE_OTHER)
    response = RedirectResponse(_to_page(room, came, reading), _SEE_OTHER)
    if _is_default(reading):
        forget(request, response)
    return response


@routes.post("/looks/remember", dependencies=[Depends(must_be_from_here)])
async def keep(request: Request, came: Annotated[From, Depends(posted_from)]) -> Response:
    """Keeps the choices of the form on this device."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    reading = _chosen(request, form)
    response = RedirectResponse(_to_looks(came, reading), _SEE_OTHER)
    if reading.place == "alone" and not within_of(request):
        remember(request, response, reading)
    return response


@routes.post("/looks/forget", dependencies=[Depends(must_be_from_here)])
async def forget_all(request: Request, came: Annotated[From, Depends(posted_from)]) -> Response:
    """Removes the choices from this device; this visit goes on as it was."""
    response = RedirectResponse(_to_looks(came, reading_of(request)), _SEE_OTHER)
    forget(request, response)
    return response


@routes.get("/looks/remember")
@routes.get("/looks/forget")
async def again() -> Response:
    """Where a reload of a posted page lands: at the choices."""
    return RedirectResponse("/looks", _SEE_OTHER)


def _page(request: Request, room: Room, came: From) -> Response:
    reading, chat = reading_of(request), _chat(room, came.chat)
    return room.pages.page(
        request,
        "looks.html",
        came=came,
        choices=CHOICES,
        level=chat.level if chat else reading.level or _FIRST_LEVEL,
        samples=samples(room, chat.force if chat else None),
        remembered=remembered(request),
    )


def _chosen(request: Request, form: dict[str, str]) -> Reading:
    return reading_of(request).but(**{name: form[name] for name in CHOICES if name in form})


def _without_choices(request: Request) -> Reading:
    return Reading(place=reading_of(request).place)


def _is_default(reading: Reading) -> bool:
    """True for what a reader gets who chose nothing: then there is nothing for the device to hold on to."""
    return not replace(reading, level=None if reading.level == _FIRST_LEVEL else reading.level, place="alone").code


def _to_looks(came: From, reading: Reading) -> str:
    asked = {"to": came.to, **came.held, NAME: reading.address}
    return f"/looks?{urlencode({name: value for name, value in asked.items() if value}, errors='replace')}"


def _to_page(room: Room, came: From, reading: Reading) -> str:
    chat = _chat(room, came.chat)
    at_level = room.helper.at_level(chat, reading.level) if chat and reading.level else chat
    token = room.tokens.write(at_level) if at_level else came.chat
    return way_back(came.to, {**came.held, "chat": token, NAME: reading.address})


def _chat(room: Room, token: str) -> Chat | None:
    """The chat of a token; None for one that is old or not ours, which its own page then says."""
    try:
        return room.known(room.tokens.read(token)) if token else None
    except (StaleChat, Problem):
        return None
