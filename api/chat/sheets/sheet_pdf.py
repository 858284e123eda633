"""Pages for paper as PDF: the page, and every file that it names, are handed to the maker of PDF."""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import Response

from accessibility.pdf import NoPdf, PdfMaker
from accessibility.symbols import picture
from api.chat.chat_door import ChatDoor
from api.chat.sheets.sheet_request import Ink
from api.web.component_files import component_file
from api.web.fonts import font, have_fonts
from api.web.handed import from_door
from api.web.page_state import page_state

_LETTERS: Mapping[str, tuple[str, ...]] = {
    "clear": ("atkinson", "atkinson-more"),
    "lexend": ("lexend", "lexend-more"),
    "dyslexic": ("opendyslexic", "opendyslexic-bold"),
    "own": (),
}
_PICTURES = re.compile(r'src="/pictures/([a-z-]+)\.svg"')
_PAINT = re.compile(rb"((?:fill|stroke|stop-color)\s*[=:]\s*[\"']?)#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
# A neutral name, as every page of ours has a neutral title.
_SAVED = {"Content-Disposition": 'attachment; filename="information-help.pdf"'}
_log = logging.getLogger(__name__)


InPdf = Annotated[PdfMaker, Depends(from_door(PdfMaker))]


async def as_pdf(request: Request, chat_door: ChatDoor, pdf: PdfMaker, name: str, shown: Mapping[str, Any]) -> Response:
    """A template for paper as a file to save; a page with kind words and status 503 where that cannot be."""
    reading = page_state(request).reading
    letters = _LETTERS[reading.font] if have_fonts() else ()
    html = bytes(chat_door.pages.page(request, name, letters=letters, **shown).body).decode()
    try:
        made = await pdf.make(html, dict(_files(html, letters, shown["ink"])))
    except NoPdf as error:
        _log.warning("a PDF could not be made: %s", error)
        again = f"{request.url.path.removesuffix('.pdf')}?{request.url.query}"
        return chat_door.pages.page(request, "sheets/no-pdf.html", 503, again=again)
    return Response(made, media_type="application/pdf", headers=_SAVED)


def _files(html: str, letters: tuple[str, ...], ink: Ink) -> Iterator[tuple[str, bytes]]:
    """Every file that a page for paper may name, by its address there."""
    yield "/static/sheets/sheet.css", component_file("sheets/sheet.css").read_bytes()
    for name in letters:
        yield f"/fonts/{name}.woff2", font(name)
    # The maker of PDF fetches every file that a style sheet names, so it is told of these letters alone.
    faces = component_file("frame/fonts.css").read_text("utf-8").splitlines()
    named = (face for face in faces if any(f"/fonts/{name}.woff2" in face for name in letters))
    yield "/static/frame/fonts.css", "\n".join(named).encode()
    for symbol in set(_PICTURES.findall(html)):
        drawn = picture(symbol)
        yield f"/pictures/{symbol}.svg", in_greys(drawn) if ink == "black" else drawn


def in_greys(drawn: bytes) -> bytes:
    """The same drawing without colours, each as light as it was (ITU-R BT.709)."""
    return _PAINT.sub(lambda paint: paint[1] + _grey(paint[2]), drawn)


def _grey(colour: bytes) -> bytes:
    digits = colour if len(colour) == 6 else bytes(digit for one in colour for digit in (one, one))
    red, green, blue = bytes.fromhex(digits.decode())
    light = round(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    return f"#{light:02x}{light:02x}{light:02x}".encode()
