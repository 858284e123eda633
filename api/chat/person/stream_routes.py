"""The open page of a talk, kept up to date by server-sent events: lines, how it stands, and new handles."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse

from api.chat.page_view import ANY
from api.chat.person.events import STALE, Looked, told_live
from api.chat.person.handle import Handle, StaleHandle
from api.chat.person.live import Live
from api.chat.person.place import visited
from api.chat.person.room import OnWay, Way
from api.chat.person.sight import Sight
from api.chat.person.talk_view import View, at_the_wait, own_chat
from api.chat.person.talking import is_change
from api.chat.room import InRoom, Room
from api.chat.token import Chat
from api.hall.guard import anyone
from api.hall.stream import stream_of

routes = APIRouter(dependencies=[Depends(anyone)], include_in_schema=False)


class Pages(Looked):
    """How a page is told of a look: by parts and lines that the page's own templates render."""

    def __init__(self, request: Request, room: Room, way: Way, handle: Handle, chat: Chat | None) -> None:
        self._request, self._room, self._way, self._handle, self._chat = request, room, way, handle, chat

    def lines(self, seen: Sight) -> list[tuple[int, str]]:
        """Each line under its change."""
        view = self._view(seen)
        return [(line.change, self._html("line", view.lines(replace(seen, lines=(line,))))) for line in seen.lines]

    def status(self, seen: Sight) -> str:
        """Every part of the page that may differ."""
        return self._html("live", self._view(seen).state(seen))

    def handle(self, here: str) -> str:
        """The new handle as it is."""
        return here

    def _view(self, seen: Sight) -> View:
        chat = self._chat or own_chat(seen.handover)
        return View(self._room, self._way, at_the_wait(self._room, self._way, self._handle, chat, opened_now=False))

    def _html(self, name: str, shown: dict[str, Any]) -> str:
        return bytes(self._room.pages.page(self._request, f"person/{name}.html", **shown).body).decode()


@routes.get("/{force}/person/stream")
async def stream(
    request: Request,
    room: InRoom,
    on_way: OnWay,
    force: str,
    here: str = "",
    chat: str = "",
    level: str = "",
    after: str = "",
    last_event_id: Annotated[str, Header()] = "",
) -> EventSourceResponse:
    """Everything since a change, and then whatever comes, until the talk is closed or this is not its page any more."""
    room.force(None if force == ANY else force)
    try:
        handle = on_way.handles.read(here, on_way.now())
    except StaleHandle:
        return stream_of(_only(STALE))
    live = Live(on_way, handle, since_of(last_event_id, after))
    pages = Pages(request, room, on_way, handle, visited(room, force, chat, level=level) if chat or level else None)
    return stream_of(told_live(live, pages, on_way.now))


def since_of(last_event_id: str, after: str) -> int:
    """The change to go on from: the last that the browser has heard of, else the one that the page was opened at."""
    return next((int(one) for one in (last_event_id, after) if is_change(one)), 0)


async def _only(one: bytes) -> AsyncIterator[bytes]:
    yield one
