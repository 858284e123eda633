"""Answers on paper: a page made to be printed, one card after another, and the same as a file."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from accessibility.rule_finding import LEVELS
from api.chat.chat_page_view import ANY
from api.chat.sheets.sheet_pdf import InPdf, as_pdf
from api.chat.sheets.sheet_request import AsAsked, Opened, way_back
from api.chat.sheets.sheet_view import sheet_view
from api.web.page_routes import page_routes
from api.web.security_headers import anyone

routes = page_routes(anyone)


@routes.api_route("/{force}/sheet", methods=["GET", "HEAD"])
async def sheet(
    request: Request, opened: Opened, pdf: InPdf, force: str, asked: AsAsked, chat: Annotated[str, Query()] = ""
) -> Response:
    """The cards as they will be on paper, with how to change that. `chat` is the talk to go back to."""
    if isinstance(opened, Response):
        return opened
    shown = sheet_view(opened, None if force == ANY else force, asked) | way_back(opened, chat)
    return opened.pages.page(request, "sheets/sheet.html", levels=LEVELS, pdf=await pdf.is_here(), **shown)


@routes.api_route("/{force}/sheet.pdf", methods=["GET", "HEAD"])
async def file(request: Request, opened: Opened, pdf: InPdf, force: str, asked: AsAsked) -> Response:
    """The same as PDF; a page that says so where that cannot be, or where no card is left to print."""
    if isinstance(opened, Response):
        return opened
    shown = sheet_view(opened, None if force == ANY else force, asked)
    if not shown["sheets"]:
        return opened.pages.page(
            request, "sheets/sheet.html", 404, levels=LEVELS, pdf=False, **shown, **way_back(opened, "")
        )
    return await as_pdf(request, opened, pdf, "sheets/sheet-file.html", shown)
