"""Hands a door's own things to its routes, which take them by their type: nothing is looked up by a name."""

from collections.abc import Awaitable, Callable, Iterable
from copy import copy
from dataclasses import dataclass
from typing import TypeVar

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

_HANDED = "handed"
T = TypeVar("T")


@dataclass(frozen=True)
class Handing:
    """What answers a route, which first has its door's things put within its reach."""

    app: ASGIApp
    handed: dict[type, object]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        scope[_HANDED] = self.handed
        await self.app(scope, receive, send)


class DoorRouter(APIRouter):
    """The one router of a door: its parts in the order in which they are tried. Each route is handed these things.

    The parts are the same for every app, so their routes are copied as they are: to include a router works out each
    route's parameters anew, which for all doors takes most of a second of every start.
    """

    def __init__(self, parts: Iterable[APIRouter], *things: object) -> None:
        self.handed = {type(one): one for one in things}
        super().__init__(routes=[self._given(route) for part in parts for route in part.routes])

    def _given(self, route: object) -> APIRoute:
        if not isinstance(route, APIRoute):
            raise TypeError(f"the parts of a door have routes of FastAPI alone, and {route!r} is none")
        given = copy(route)
        given.app = Handing(route.app, self.handed)
        return given


def handed(request: Request, kind: type[T]) -> T:
    """What this route's door has of a kind. Raises LookupError for what its door was not given."""
    found = request.scope[_HANDED].get(kind)
    if not isinstance(found, kind):
        raise LookupError(f"this door was given no {kind.__name__}")
    return found


def from_door(kind: type[T]) -> Callable[[Request], Awaitable[T]]:
    """The dependency that is what a route's door has of a kind."""

    async def given(request: Request) -> T:
        return handed(request, kind)

    return given
