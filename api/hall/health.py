"""Says whether the app is alive, and whether children can be answered."""

from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from api.hall.guard import anyone

routes = APIRouter(dependencies=[Depends(anyone)])
Checks = Mapping[str, Callable[[], Awaitable[str]]]


@routes.head("/healthz", include_in_schema=False)
@routes.get("/healthz")
async def alive() -> dict[str, str]:
    """Alive."""
    return {"status": "ok"}


@routes.head("/readyz", include_in_schema=False)
@routes.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    """How the database and the bot are. 200 while children can be answered at all, from the words in memory."""
    checks = cast(Checks, request.app.state.health)
    states = {name: await check() for name, check in checks.items()}
    return JSONResponse(states, 200 if request.app.state.open() else 503)
