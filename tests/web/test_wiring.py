"""How the app is put together: each route is reached, and each door is given what is its own and nothing else."""

import re
from dataclasses import FrozenInstanceError

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.routing import Match

from api.chat.chat_door import ChatDoor
from api.chat.person.person_door import PersonDoor
from api.console.console_door import ConsoleDoor
from api.desk.desk_door import DeskDoor
from api.records.wiring import Services
from api.register.register_door import RegisterDoor
from api.web.handed import DoorRouter, handed
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.routes import every_route

_BLANK = re.compile(r"\{(\w+)(?::\w+)?\}")
_TAKEN = {"force": "northmoor", "layer": "northmoor", "slug": "northmoor", "key": "bodycam", "card": "bodycam"}


def _sample(route: APIRoute) -> str:
    """An address that this route is meant for."""
    return _BLANK.sub(lambda blank: _TAKEN.get(blank[1], "7"), route.path)


def test_no_route_stands_in_the_way_of_another(running: tuple[FastAPI, FakeBrain]) -> None:
    routes = every_route(running[0])
    assert len(routes) > 100
    for route in routes:
        for method in route.methods:
            scope = {"type": "http", "path": _sample(route), "method": method, "root_path": "", "headers": []}
            first = next(one for one in routes if one.matches(scope)[0] is Match.FULL)
            assert first is route, f"{method} {route.path} is answered by {first.path}"


def test_doors_are_frozen_and_share_the_same_services(running: tuple[FastAPI, FakeBrain]) -> None:
    found = doors(running[0])
    for kind in (ChatDoor, PersonDoor, ConsoleDoor, DeskDoor, RegisterDoor):
        [door] = {id(one): one for held in found.handed for one in held.values() if type(one) is kind}.values()
        assert isinstance(door, Services)
        assert door.database is found.desk.database
        with pytest.raises(FrozenInstanceError):
            door.database = None


def test_no_slot_is_left_on_the_app(running: tuple[FastAPI, FakeBrain]) -> None:
    assert vars(running[0].state) == {"_state": {}}


def test_the_keys_of_childrens_messages_are_in_no_door_of_the_police_or_the_public(
    running: tuple[FastAPI, FakeBrain],
) -> None:
    found = doors(running[0])
    for door in (found.desk, found.register, found.chat):
        assert not hasattr(door, "handover_context")


async def test_a_route_is_handed_what_its_door_was_given_and_nothing_else() -> None:
    routes = APIRouter()

    @routes.get("/number")
    async def number(request: Request) -> int:
        return handed(request, int)

    @routes.get("/word")
    async def word(request: Request) -> str:
        return handed(request, str)

    app = FastAPI()
    app.router.routes.extend(DoorRouter([routes], 7).routes)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://know.test") as client:
        assert (await client.get("/number")).json() == 7
        with pytest.raises(LookupError, match="this door was given no str"):
            await client.get("/word")
