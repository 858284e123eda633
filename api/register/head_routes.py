"""The head of the ledger, for anybody to keep: how many rows each chain has and which is the last, signed."""

from fastapi import APIRouter, Depends, Response

from api.records.heads import Head
from api.register.register_door import AWAY, OnRegister
from api.web.errors import Problem
from api.web.security_headers import anyone

routes = APIRouter(prefix="/register", dependencies=[Depends(anyone)])
_CACHED = "public, max-age=60"


@routes.get("/head")
async def head(register: OnRegister, response: Response) -> Head:
    """The head made last, as JSON. 503 while there is none."""
    found = register.heads.head
    if found is None:
        raise Problem(503, AWAY)
    response.headers["cache-control"] = _CACHED
    return found
