"""Gives other sites the widget's loader, and tells the frame that it opens whether the force's door is open."""

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from api.records.pack_cache import OnShelf
from api.web.errors import Problem
from api.web.security_headers import anyone
from api.web.widget_builds import Build, builds

routes = APIRouter(dependencies=[Depends(anyone)], include_in_schema=False)

# Read, and compared with what was released, when the app starts: a changed build stops it there and on no site.
_BUILDS = {build.version: build for build in builds()}
_NEWEST = builds()[0]
_HOUR, _YEAR_AND_FOREVER = "public, max-age=3600", "public, max-age=31536000, immutable"


@routes.api_route("/widget/v1/know.js", methods=["GET", "HEAD"])
async def floating() -> Response:
    """The newest loader: a site that names no more than this has a mended one within the hour."""
    return _script(_NEWEST, _HOUR)


@routes.api_route("/widget/{version}/know.js", methods=["GET", "HEAD"])
async def pinned(version: str) -> Response:
    """One release of the loader, whose bytes never change. Problem 404 where there is none."""
    if version not in _BUILDS:
        raise Problem(404, "There is no such version of the widget.")
    return _script(_BUILDS[version], _YEAR_AND_FOREVER)


@routes.get("/widget/v1/{force}/door")
async def door(pack_cache: OnShelf, force: str) -> JSONResponse:
    """Whether the door of a force is open. Asked by the frame itself; who asks is neither known nor kept."""
    if force not in pack_cache.forces:
        raise Problem(404, "We do not know that police force.")
    return JSONResponse({"open": pack_cache.is_open(force)}, headers={"Cache-Control": "no-store"})


def _script(build: Build, kept: str) -> Response:
    # Any site may load it, and may compare it with its hash, which a browser does only where every site may read it.
    for_all = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(build.content, media_type="text/javascript", headers={"Cache-Control": kept, **for_all})
