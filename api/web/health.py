"""Says whether the app is alive, and whether children can be answered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from api.web.handed import DoorRouter, handed
from api.web.security_headers import anyone

routes = APIRouter(dependencies=[Depends(anyone)])


@dataclass(frozen=True)
class Health:
    """How each part is asked how it does, by its name, and whether children can be answered at all."""

    checks: Mapping[str, Callable[[], Awaitable[str]]]
    is_open: Callable[[], bool]


def router(health: Health) -> DoorRouter:
    """For whoever watches over the app."""
    return DoorRouter((routes,), health)


@routes.head("/healthz", include_in_schema=False)
@routes.get("/healthz")
async def alive() -> dict[str, str]:
    """Alive."""
    return {"status": "ok"}


@routes.head("/readyz", include_in_schema=False)
@routes.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    """How database, bot and ledger are. 200 while children can be answered at all, from the words in memory."""
    health = handed(request, Health)
    states = {name: await check() for name, check in health.checks.items()}
    return JSONResponse(states, 200 if health.is_open() else 503)
