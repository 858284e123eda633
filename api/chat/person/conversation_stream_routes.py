"""The open page of a talk, kept up to date by server-sent events: lines, how it stands, and new handles."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse

from api.chat.chat_door import ChatDoor, OnChat
from api.chat.chat_page_view import ANY
from api.chat.dialogue.state import Chat
from api.chat.person.came_from import visited
from api.chat.person.conversation_events import STALE, EventRenderer, told_live
from api.chat.person.conversation_request import is_change
from api.chat.person.conversation_view import View, at_the_wait, own_chat
from api.chat.person.handover_token import HandoverToken, StaleHandoverToken
from api.chat.person.live_page import Live
from api.chat.person.person_door import OnPerson, PersonDoor
from api.records.handovers.status import Snapshot
from api.web.security_headers import anyone
from api.web.server_sent_events import stream_of

routes = APIRouter(dependencies=[Depends(anyone)], include_in_schema=False)


class PageEvents(EventRenderer):
    """How a page is told of a look: by parts and lines that the page's own templates render."""

    def __init__(
        self, request: Request, chat_door: ChatDoor, person_door: PersonDoor, handle: HandoverToken, chat: Chat | None
    ) -> None:
        self._request, self._chat_door, self._person_door, self._handle, self._chat = (
            request,
            chat_door,
            person_door,
            handle,
            chat,
        )

    def lines(self, seen: Snapshot) -> list[tuple[int, str]]:
        """Each line under its change."""
        view = self._view(seen)
        return [(line.change, self._html("line", view.lines(replace(seen, lines=(line,))))) for line in seen.lines]

    def status(self, seen: Snapshot) -> str:
        """Every part of the page that may differ."""
        return self._html("live", self._view(seen).state(seen))

    def handle(self, here: str) -> str:
        """The new handle as it is."""
        return here

    def _view(self, seen: Snapshot) -> View:
        chat = self._chat or own_chat(seen.handover)
        return View(
            self._chat_door,
            self._person_door,
            at_the_wait(self._chat_door, self._person_door, self._handle, chat, opened_now=False),
        )

    def _html(self, name: str, shown: dict[str, Any]) -> str:
        return bytes(self._chat_door.pages.page(self._request, f"person/{name}.html", **shown).body).decode()


@routes.get("/{force}/person/stream")
async def stream(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    force: str,
    here: str = "",
    chat: str = "",
    level: str = "",
    after: str = "",
    last_event_id: Annotated[str, Header()] = "",
) -> EventSourceResponse:
    """Everything since a change, and then whatever comes, until the talk is closed or this is not its page any more."""
    chat_door.force(None if force == ANY else force)
    try:
        handle = on_person.handover_tokens.read(here, on_person.now())
    except StaleHandoverToken:
        return stream_of(_only(STALE))
    live = Live(on_person, handle, since_of(last_event_id, after))
    pages = PageEvents(
        request, chat_door, on_person, handle, visited(chat_door, force, chat, level=level) if chat or level else None
    )
    return stream_of(told_live(live, pages, on_person.now))


def since_of(last_event_id: str, after: str) -> int:
    """The change to go on from: the last that the browser has heard of, else the one that the page was opened at."""
    return next((int(one) for one in (last_event_id, after) if is_change(one)), 0)


async def _only(one: bytes) -> AsyncIterator[bytes]:
    yield one
