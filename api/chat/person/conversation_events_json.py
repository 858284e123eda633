"""The stream of a talk for programs: the same looks as the page's, with each line and state as JSON."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse

from accessibility.rule_finding import Level
from api.chat.chat_door import ChatDoor, OnChat
from api.chat.person.conversation_events import EventRenderer, told_live
from api.chat.person.conversation_json import PROBLEMS, Bearer, view_of
from api.chat.person.conversation_json_view import line_view, state_view
from api.chat.person.conversation_stream_routes import since_of
from api.chat.person.handover_token import StaleHandoverToken
from api.chat.person.json_problems import SLEPT
from api.chat.person.live_page import Live
from api.chat.person.person_door import OnPerson, PersonDoor
from api.records.handovers.status import Snapshot
from api.records.handovers.tables import LARGEST_NUMBER
from api.web.errors import Problem
from api.web.security_headers import anyone
from api.web.server_sent_events import stream_of

routes = APIRouter(prefix="/api/v1/handovers", dependencies=[Depends(anyone)])


class Shapes(EventRenderer):
    """How a program is told of a look: by the shapes of the JSON API."""

    def __init__(self, chat_door: ChatDoor, person_door: PersonDoor, level: Level | None) -> None:
        self._chat_door, self._person_door, self._level = chat_door, person_door, level

    def lines(self, seen: Snapshot) -> list[tuple[int, str]]:
        """Each line under its change."""
        view = view_of(self._chat_door, self._person_door, seen, self._level)
        lines = [line_view(view, seen, one) for one in view.lines(seen)["lines"]]
        return [(line.change, line.model_dump_json()) for line in lines]

    def status(self, seen: Snapshot) -> str:
        """How the talk stands, without a handle."""
        return state_view(view_of(self._chat_door, self._person_door, seen, self._level), seen).model_dump_json()

    def handle(self, here: str) -> str:
        """The new handle, named as everywhere."""
        return json.dumps({"here": here})


@routes.get("/events", responses={200: {"content": {"text/event-stream": {}}}, 401: PROBLEMS[401]})
async def events(
    chat_door: OnChat,
    on_person: OnPerson,
    here: Bearer,
    after: Annotated[int, Query(ge=0, le=LARGEST_NUMBER)] = 0,
    level: Level | None = None,
    last_event_id: Annotated[str, Header()] = "",
) -> EventSourceResponse:
    """`line` under its change, `status`, `handle`, `looked` at every look, `away`, and `closed` or `stale` at the end.

    Go on after a cut with `Last-Event-ID`, or with `after`: nothing is lost, and nothing comes twice.
    """
    try:
        handle = on_person.handover_tokens.read(here, on_person.now())
    except StaleHandoverToken:
        raise Problem(401, SLEPT) from None
    live = Live(on_person, handle, since_of(last_event_id, str(after)))
    return stream_of(told_live(live, Shapes(chat_door, on_person, level), on_person.now))
