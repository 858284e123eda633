"""The stream of a talk for programs: the same looks as the page's, with each line and state as JSON."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse

from accessibility.finding import Level
from api.chat.person.events import Looked, told_live
from api.chat.person.handle import StaleHandle
from api.chat.person.live import Live
from api.chat.person.problems import SLEPT
from api.chat.person.room import OnWay, Way
from api.chat.person.sight import Sight
from api.chat.person.stream_routes import since_of
from api.chat.person.talk_json import PROBLEMS, Bearer, view_of
from api.chat.person.talk_shapes import line_view, state_view
from api.chat.room import InRoom, Room
from api.hall.errors import Problem
from api.hall.guard import anyone
from api.hall.stream import stream_of
from api.records.handovers.tables import LARGEST_NUMBER

routes = APIRouter(prefix="/api/v1/handovers", dependencies=[Depends(anyone)])


class Shapes(Looked):
    """How a program is told of a look: by the shapes of the JSON API."""

    def __init__(self, room: Room, way: Way, level: Level | None) -> None:
        self._room, self._way, self._level = room, way, level

    def lines(self, seen: Sight) -> list[tuple[int, str]]:
        """Each line under its change."""
        view = view_of(self._room, self._way, seen, self._level)
        lines = [line_view(view, seen, one) for one in view.lines(seen)["lines"]]
        return [(line.change, line.model_dump_json()) for line in lines]

    def status(self, seen: Sight) -> str:
        """How the talk stands, without a handle."""
        return state_view(view_of(self._room, self._way, seen, self._level), seen).model_dump_json()

    def handle(self, here: str) -> str:
        """The new handle, named as everywhere."""
        return json.dumps({"here": here})


@routes.get("/events", responses={200: {"content": {"text/event-stream": {}}}, 401: PROBLEMS[401]})
async def events(
    room: InRoom,
    on_way: OnWay,
    here: Bearer,
    after: Annotated[int, Query(ge=0, le=LARGEST_NUMBER)] = 0,
    level: Level | None = None,
    last_event_id: Annotated[str, Header()] = "",
) -> EventSourceResponse:
    """`line` under its change, `status`, `handle`, `looked` at every look, `away`, and `closed` or `stale` at the end.

    Go on after a cut with `Last-Event-ID`, or with `after`: nothing is lost, and nothing comes twice.
    """
    try:
        handle = on_way.handles.read(here, on_way.now())
    except StaleHandle:
        raise Problem(401, SLEPT) from None
    live = Live(on_way, handle, since_of(last_event_id, str(after)))
    return stream_of(told_live(live, Shapes(room, on_way, level), on_way.now))
