"""Server-sent events: how one is written, and the answer that carries them."""

from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType

from fastapi.sse import EventSourceResponse, format_sse_event

_HEADERS: Mapping[str, str] = MappingProxyType({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


def event(name: str, said: str = "1", id: str | None = None) -> bytes:  # noqa: A002 - the name in the standard
    """One event. What it says may have several lines; a page that was cut off comes back with the last `id`."""
    return format_sse_event(event=name, data_str=said, id=id)


def stream_of(events: AsyncIterator[bytes]) -> EventSourceResponse:
    """The answer that sends these events as they come: kept nowhere, and held back by no proxy.

    A route returns it, and yields nothing itself: the framework would log an error whenever a browser leaves while it
    is being sent to.
    """
    return EventSourceResponse(events, headers=_HEADERS)
