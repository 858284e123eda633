"""Serves the letters that a reader may choose, where they were fetched."""

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from api.web.errors import Problem
from api.web.fonts import NAMES, font, have_fonts
from api.web.security_headers import anyone

routes = APIRouter(dependencies=[Depends(anyone)], include_in_schema=False)

# A day, so that a slow line fetches them once a visit, and no shared device holds them for long.
_KEPT = {"Cache-Control": "private, max-age=86400"}


@routes.get("/fonts/{name}.woff2")
async def show(name: str) -> Response:
    """One file of letters."""
    if name not in NAMES or not have_fonts():
        raise Problem(404, "There are no such letters.")
    return Response(font(name), media_type="font/woff2", headers=_KEPT)
