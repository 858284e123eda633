"""How it looks: a plain page where a reader chooses how to read, sees it at once, and goes back to where they were."""

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from accessibility.preferences import CHOICES, Reading
from accessibility.rule_finding import Level
from api.chat.chat_door import ChatDoor, OnChat
from api.chat.reading_samples import samples
from api.chat.remembered_looks import forget, remember, remembered
from api.chat.return_path import way_back
from api.web.csrf import NOT_FROM_HERE, SENT_FROM
from api.web.errors import Problem
from api.web.page_routes import page_routes
from api.web.page_state import NAME, page_state
from api.web.security_headers import anyone

routes = page_routes(anyone)

_SEE_OTHER = 303
_FIRST_LEVEL: Level = "simple"


@dataclass(frozen=True)
class CameFrom:
    """The page that a reader came from: its path, and the tokens of its chat and of its talk with a person."""

    to: str = "/"
    chat: str = ""
    here: str = ""

    @property
    def held(self) -> dict[str, str]:
        """The tokens, as they stand in an address."""
        return {"chat": self.chat, "here": self.here}


async def asked_from(to: str = "/", chat: str = "", here: str = "") -> CameFrom:
    """The page that an address says a reader came from."""
    return CameFrom(to, chat, here)


async def posted_from(
    to: Annotated[str, Form()] = "/", chat: Annotated[str, Form()] = "", here: Annotated[str, Form()] = ""
) -> CameFrom:
    """The page that a form says a reader came from."""
    return CameFrom(to, chat, here)


async def must_be_from_here(request: Request) -> None:
    """Raises Problem 403 when the browser says that another site sent this form: nobody else leaves traces for us."""
    if request.headers.get(SENT_FROM, "same-origin") not in ("same-origin", "none"):
        raise Problem(403, NOT_FROM_HERE)


@routes.api_route("/looks", methods=["GET", "HEAD"])
async def looks(
    request: Request,
    chat_door: OnChat,
    came: Annotated[CameFrom, Depends(asked_from)],
    go: Annotated[str, Query()] = "",
) -> Response:
    """The choices as they are; or, `go` being what was pressed, the same with other choices, or the way back."""
    if not go:
        return _page(request, chat_door, came)
    reading = _without_choices(request) if go == "again" else _chosen(request, dict(request.query_params))
    if go != "use":
        return RedirectResponse(_to_looks(came, reading), _SEE_OTHER)
    response = RedirectResponse(_to_page(chat_door, came, reading), _SEE_OTHER)
    if _is_default(reading):
        forget(request, response)
    return response


@routes.post("/looks/remember", dependencies=[Depends(must_be_from_here)])
async def keep(request: Request, came: Annotated[CameFrom, Depends(posted_from)]) -> Response:
    """Keeps the choices of the form on this device."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    reading = _chosen(request, form)
    response = RedirectResponse(_to_looks(came, reading), _SEE_OTHER)
    if reading.place == "alone" and not page_state(request).within:
        remember(request, response, reading)
    return response


@routes.post("/looks/forget", dependencies=[Depends(must_be_from_here)])
async def forget_all(request: Request, came: Annotated[CameFrom, Depends(posted_from)]) -> Response:
    """Removes the choices from this device; this visit goes on as it was."""
    response = RedirectResponse(_to_looks(came, page_state(request).reading), _SEE_OTHER)
    forget(request, response)
    return response


@routes.get("/looks/remember")
@routes.get("/looks/forget")
async def again() -> Response:
    """Where a reload of a posted page lands: at the choices."""
    return RedirectResponse("/looks", _SEE_OTHER)


def _page(request: Request, chat_door: ChatDoor, came: CameFrom) -> Response:
    reading, chat = page_state(request).reading, chat_door.chat_of(came.chat)
    return chat_door.pages.page(
        request,
        "looks/looks.html",
        came=came,
        choices=CHOICES,
        level=chat.level if chat else reading.level or _FIRST_LEVEL,
        samples=samples(chat_door, chat.force if chat else None),
        remembered=remembered(request),
    )


def _chosen(request: Request, form: dict[str, str]) -> Reading:
    return page_state(request).reading.but(**{name: form[name] for name in CHOICES if name in form})


def _without_choices(request: Request) -> Reading:
    return Reading(place=page_state(request).reading.place)


def _is_default(reading: Reading) -> bool:
    """True for what a reader gets who chose nothing: then there is nothing for the device to hold on to."""
    return not replace(reading, level=None if reading.level == _FIRST_LEVEL else reading.level, place="alone").code


def _to_looks(came: CameFrom, reading: Reading) -> str:
    asked = {"to": came.to, **came.held, NAME: reading.address}
    return f"/looks?{urlencode({name: value for name, value in asked.items() if value}, errors='replace')}"


def _to_page(chat_door: ChatDoor, came: CameFrom, reading: Reading) -> str:
    chat = chat_door.chat_of(came.chat)
    at_level = chat_door.helper.at_level(chat, reading.level) if chat and reading.level else chat
    token = chat_door.tokens.write(at_level) if at_level else came.chat
    return way_back(came.to, {**came.held, "chat": token, NAME: reading.address})
