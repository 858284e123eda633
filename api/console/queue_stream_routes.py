"""The queue as it changes: server-sent events, each the part of the page as the page itself shows it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import sha256

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse
from sqlalchemy.ext.asyncio import AsyncSession

from api.console.bulk_closing_view import closing_views
from api.console.console_door import ConsoleDoor, OnConsole
from api.console.console_view import show
from api.console.passive_auth import OnLooking, find, looking
from api.console.queue_view import queue_of
from api.records.handovers import pubsub
from api.records.handovers.subscribe import news
from api.web.cookies import read_cookie
from api.web.csrf import COOKIE, NotSignedIn
from api.web.server_sent_events import event, stream_of

routes = APIRouter(prefix="/console", dependencies=[Depends(looking)], include_in_schema=False)
_ID_LENGTH = 16


@dataclass(frozen=True)
class RenderedQueue:
    """The queue on a page: its markup, what that goes by, and how many wait."""

    html: str
    id: str
    bell: int


class Page:
    """One open page of the queue, and what it shows: `had` is the id that it came back with."""

    def __init__(self, had: str) -> None:
        self._had, self._bell = had, -1

    def events(self, found: RenderedQueue) -> Iterator[bytes]:
        """What is new to the page, or a beat when nothing is."""
        had, bell = self._had, self._bell
        self._had, self._bell = found.id, found.bell
        if found.id != had:
            yield event("queue", found.html, found.id)
        if found.bell != bell:
            yield event("title", str(found.bell))
        if (found.id, found.bell) == (had, bell):
            yield event("beat")

    def away(self) -> bytes:
        """The database does not answer. What the page says of it is taken back by the next queue, changed or not."""
        self._had = ""
        return event("away")


@routes.get("/stream")
async def stream(request: Request, console: OnConsole, looks: OnLooking) -> EventSourceResponse:
    """The queue whenever it changes (`queue`), how many wait (`title`), and `beat` when nothing is new.

    `away` while the database is; `ended` when the sign-in has ended, and then nothing more. A page that comes back with
    the id of what it shows is sent the queue only if it has changed.
    """
    page = Page(request.headers.get("last-event-id", ""))
    heard = (pubsub.queue(looks.advocate.provider.id),)
    return stream_of(_told(request, console, page, heard))


async def _told(request: Request, console: ConsoleDoor, page: Page, heard: tuple[str, ...]) -> AsyncIterator[bytes]:
    async def read(session: AsyncSession) -> RenderedQueue | NotSignedIn:
        return await _shown(request, console, session)

    async with aclosing(news(console.database, console.handover_context, heard, read)) as rounds:
        async for found in rounds:
            if isinstance(found, NotSignedIn):
                yield event("ended")
                return
            for one in page.events(found) if found else (page.away(),):
                yield one


async def _shown(request: Request, console: ConsoleDoor, session: AsyncSession) -> RenderedQueue | NotSignedIn:
    try:
        looks = await find(session, console, read_cookie(request, COOKIE))
    except NotSignedIn as ended:
        return ended
    found = await queue_of(session, console, looks.advocate)
    closings, ends = await closing_views(session, console, looks.advocate), looks.soon(console.now())
    page = show(request, console, looks.advocate, "queue_parts.html", queue=found, closings=closings, sign_in_ends=ends)
    html = bytes(page.body).decode()
    return RenderedQueue(html, sha256(html.encode()).hexdigest()[:_ID_LENGTH], found.bell)
