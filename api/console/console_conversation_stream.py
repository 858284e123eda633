"""A talk as it goes on: server-sent events, each a part of the page as the page itself shows it."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse
from sqlalchemy.ext.asyncio import AsyncSession

from api.console.console_conversation_page import part
from api.console.console_conversation_view import WithAnotherAdvocate, readable, turns_since
from api.console.console_door import ConsoleDoor, OnConsole, ours
from api.console.conversation_sidebar import around
from api.console.danger_view import danger_of
from api.console.passive_auth import OnLooking, find, looking
from api.records.handovers import pubsub
from api.records.handovers.advocates import Advocate
from api.records.handovers.conversation import unfetched
from api.records.handovers.presence import still_here
from api.records.handovers.subscribe import news
from api.records.handovers.tables import LARGEST_NUMBER, Handover
from api.web.cookies import read_cookie
from api.web.csrf import COOKIE, NotSignedIn
from api.web.errors import Problem
from api.web.server_sent_events import event, stream_of

routes = APIRouter(prefix="/console/talk/{ref}", dependencies=[Depends(looking)], include_in_schema=False)
_STILL_EVERY = timedelta(seconds=10)
_CLOSED = "closed"


@dataclass(frozen=True)
class StreamUpdate:
    """What one look finds: the lines since the last, the numbers their page has not fetched, and the rest."""

    after: int
    lines: str
    waiting: str
    around: str
    closed: bool


class OpenPage:
    """One open page of a talk. `after` is the change up to which it has been told."""

    def __init__(self, request: Request, console: ConsoleDoor, ref: str, after: int) -> None:
        self._request, self._console, self._ref, self._after = request, console, ref, after
        self._still_at: datetime | None = None
        self._told: dict[str, str] = {}

    async def look(self, session: AsyncSession) -> StreamUpdate:
        """One look. Raises NotSignedIn, and Elsewhere and Problem 404 when the words are not this page's any more."""
        advocate = (await find(session, self._console, read_cookie(self._request, COOKIE))).advocate
        handover, _ = await readable(session, advocate, self._ref)
        await self._still(session, advocate)
        turns = await turns_since(session, self._console, advocate, handover, self._after)
        now = await around(session, self._console, advocate, handover)
        danger = await danger_of(session, self._console, advocate, handover)
        return StreamUpdate(
            after=max((turn.line.change for turn in turns), default=self._after),
            lines=self._part(advocate, "conversation_lines.html", turns=turns, ref=self._ref) if turns else "",
            waiting=" ".join(map(str, await unfetched(session, handover))),
            around=self._part(advocate, "conversation_sidebar.html", now=now, ref=self._ref, danger=danger),
            closed=handover.closed_at is not None,
        )

    def events(self, seen: StreamUpdate) -> Iterator[bytes]:
        """What is new in a look, or a beat when nothing is."""
        self._after = seen.after
        yield from list(self._changed(seen)) or [event("beat")]
        if seen.closed:
            yield over(_CLOSED)

    def away(self) -> bytes:
        """The database does not answer. What is then said is taken back by the next look."""
        self._told.clear()
        return event("away")

    def _changed(self, seen: StreamUpdate) -> Iterator[bytes]:
        if seen.lines:
            yield event("lines", seen.lines, str(seen.after))
        for name, shown in (("waiting", seen.waiting), ("around", seen.around)):
            if self._told.get(name) != shown:
                self._told[name] = shown
                yield event(name, shown)

    def _part(self, advocate: Advocate, name: str, **shown: Any) -> str:
        return part(self._request, self._console, advocate, name, **shown)

    async def _still(self, session: AsyncSession, advocate: Advocate) -> None:
        now = self._console.now()
        if self._still_at is None or now - self._still_at >= _STILL_EVERY:
            self._still_at = now
            await still_here(session, advocate.id, now)


async def known(console: OnConsole, looks: OnLooking, ref: str) -> Handover:
    """The handover, before anything is sent. Raises Problem 404 for every other provider."""
    async with console.work() as session:
        return await ours(session, looks.advocate, ref)


@routes.get("/stream")
async def stream(
    request: Request,
    console: OnConsole,
    looks: OnLooking,
    ref: str,
    handover: Annotated[Handover, Depends(known)],
    after: int = 0,
) -> EventSourceResponse:
    """Lines as they come or change (`lines`), and what stands around them; after a break from the last id on.

    `waiting` names the messages that the child's page has not fetched. `away` comes while the database is, `beat` when
    nothing is new. `over` is the last: the talk is closed, with somebody else or forgotten; or `ended`, the sign-in.
    """
    page = OpenPage(request, console, ref, _since(request, after))
    heard = (pubsub.talk(handover.id), pubsub.queue(looks.advocate.provider.id))
    return stream_of(_told(console, page, heard))


async def _told(console: ConsoleDoor, page: OpenPage, heard: tuple[str, ...]) -> AsyncIterator[bytes]:
    try:
        async with aclosing(_rounds(console, page, heard)) as rounds:
            async for one in rounds:
                yield one
    except NotSignedIn:
        yield event("ended")
    except WithAnotherAdvocate:
        yield over("elsewhere")
    except Problem:
        yield over("forgotten")


async def _rounds(console: ConsoleDoor, page: OpenPage, heard: tuple[str, ...]) -> AsyncGenerator[bytes, None]:
    async with aclosing(news(console.database, console.handover_context, heard, page.look)) as looks:
        async for seen in looks:
            for one in page.events(seen) if seen else (page.away(),):
                yield one
            if seen and seen.closed:
                return


def over(why: str) -> bytes:
    """The last event of a talk."""
    return event("over", why)


def _since(request: Request, after: int) -> int:
    came_back = request.headers.get("last-event-id", "")
    return min(int(came_back) if came_back.isascii() and came_back.isdecimal() else max(0, after), LARGEST_NUMBER)
