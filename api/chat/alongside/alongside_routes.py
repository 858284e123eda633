"""Before a worker and a young person start: what to know first, the guide for paper, and the way in and out."""

from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.chat_door import OnChat
from api.chat.chat_page_view import ANY
from api.chat.dialogue.state import Chat
from api.chat.looks_routes import CameFrom, asked_from
from api.chat.return_path import way_back
from api.web.page_routes import page_routes
from api.web.page_state import NAME, page_state
from api.web.security_headers import anyone
from content.alongside import alongside, sources_of
from content.card import Situation
from content.situations import ROOT

routes = page_routes(anyone)

_SEE_OTHER = 303


@routes.api_route("/alongside", methods=["GET", "HEAD"])
async def before(request: Request, chat_door: OnChat) -> Response:
    """What a worker should know before they start, and where they start together."""
    words = alongside()
    return chat_door.pages.page(
        request,
        "alongside/start.html",
        labels=words.labels,
        parts=words.pages["start"],
        sources_named=sources_of(words.pages["start"]),
        forces=sorted(chat_door.pack_cache.forces.values(), key=lambda force: force.name),
        situations=[(name, chat_door.helper.menu.entries[f"{ROOT}/{name}"].label) for name in get_args(Situation)],
    )


@routes.api_route("/alongside/guide", methods=["GET", "HEAD"])
async def guide(request: Request, chat_door: OnChat) -> Response:
    """The same and a little more, for one page of paper."""
    words = alongside()
    parts = words.pages["paper"]
    return chat_door.pages.page(
        request, "alongside/guide.html", labels=words.labels, parts=parts, sources_named=sources_of(parts)
    )


@routes.post("/alongside")
async def together(
    request: Request,
    chat_door: OnChat,
    force: Annotated[str, Form()] = "",
    situation: Annotated[str, Form()] = "",
    go: Annotated[str, Form()] = "",
) -> Response:
    """Starts a talk with a worker beside it; or, `go` being "plan", leads to where a session is planned.

    What a talk is about stands in its sealed token, and in no address.
    """
    slug = force if chat_door.force(force or None) else None
    about = next((one for one in get_args(Situation) if one == situation), None)
    if go == "plan":
        return RedirectResponse(f"/{slug or ANY}/deck", _SEE_OTHER)
    asked = {"mode": "alongside"}
    if about and not chat_door.shut(slug):
        level = page_state(request).reading.level or "simple"
        asked["chat"] = chat_door.tokens.write(chat_door.helper.start(Chat(slug, level, about))[0])
    return RedirectResponse(f"/{slug or ANY}?{urlencode(asked)}", _SEE_OTHER)


@routes.get("/alongside/alone")
async def alone(request: Request, came: Annotated[CameFrom, Depends(asked_from)]) -> Response:
    """The same page for the young person alone: nothing of it says any more that a worker is there."""
    reading = page_state(request).reading.but(place="alone")
    return RedirectResponse(way_back(came.to, {**came.held, NAME: reading.address}), _SEE_OTHER)
