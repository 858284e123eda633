"""Posters: one page for a wall, with a code that opens a force's chat on a phone; and a page to choose one."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from accessibility.symbols import symbols
from api.chat.chat_door import ChatDoor
from api.chat.chat_page_view import ANY
from api.chat.sheets.qr_code import scan
from api.chat.sheets.sheet_pdf import InPdf, as_pdf
from api.chat.sheets.sheet_request import INKS, AsAsked, Opened, SheetRequest
from api.web.errors import Problem
from api.web.page_routes import page_routes
from api.web.security_headers import anyone

routes = page_routes(anyone)

PLACES: Mapping[str, str] = {"force": "police-station", "school": "school", "custody": "solicitor", "club": "people"}
"""Where a poster may hang, with its picture. What each says are interface strings that end in these names."""


@routes.api_route("/{force}/posters", methods=["GET", "HEAD"])
async def choose(request: Request, opened: Opened, force: str) -> Response:
    """The posters to choose among."""
    if isinstance(opened, Response):
        return opened
    named = None if force == ANY else opened.force(force)
    return opened.pages.page(request, "sheets/posters.html", places=PLACES, force=named, slug=force)


@routes.api_route("/{force}/poster", methods=["GET", "HEAD"])
async def poster(
    request: Request, opened: Opened, pdf: InPdf, force: str, asked: AsAsked, place: str = "force"
) -> Response:
    """One poster as it will be on paper."""
    if isinstance(opened, Response):
        return opened
    shown = _shown(opened, force, asked, place)
    return opened.pages.page(request, "sheets/poster.html", pdf=await pdf.is_here(), **shown)


@routes.api_route("/{force}/poster.pdf", methods=["GET", "HEAD"])
async def file(
    request: Request, opened: Opened, pdf: InPdf, force: str, asked: AsAsked, place: str = "force"
) -> Response:
    """The same as PDF."""
    if isinstance(opened, Response):
        return opened
    return await as_pdf(request, opened, pdf, "sheets/poster-file.html", _shown(opened, force, asked, place))


def _shown(chat_door: ChatDoor, force: str, asked: SheetRequest, place: str) -> dict[str, Any]:
    if place not in PLACES:
        raise Problem(404, "There is no poster with that name.")
    slug = None if force == ANY else force
    return {
        "force": chat_door.force(slug),
        "slug": force,
        "place": place,
        "picture": PLACES[place],
        "symbols": symbols(),
        "ink": asked.ink,
        "inks": INKS,
        "alone": asked.alone,
        "national": not chat_door.pack(slug).joined(chat_door.pack_cache.today()),
        "scan": scan(f"{chat_door.settings.public_url}/{force}"),
    }
