"""How routes of pages begin: behind their guards, and left out of the schema, which lists what programs may ask."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response


def page_routes(*guards: Callable[..., Any], prefix: str = "") -> APIRouter:
    """Routes under an address, none yet. Each is asked for only by whom all of the guards let in."""
    return APIRouter(
        prefix=prefix,
        dependencies=[Depends(guard) for guard in guards],
        default_response_class=Response,
        include_in_schema=False,
    )
