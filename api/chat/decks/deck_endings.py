"""What a page shows when its deck is over, or cannot be reached now: in one place, for every route of a device."""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import Request
from fastapi.responses import Response

from api.chat.chat_door import ChatDoor
from api.chat.decks.deck_page import DeckPage, deck_page
from api.chat.decks.device_view import DeckAway
from api.records.decks import DeckOver
from api.web.handed import handed

_GONE = 410
_AWAY = 503


async def over(request: Request, _error: Exception) -> Response:
    """DeckOver: whoever ended it, and whether there ever was one, is not told."""
    return _page(request).page("over", _GONE)


async def away(request: Request, _error: Exception) -> Response:
    """DeckAway: the same page can be opened again."""
    page = _page(request)
    # What was posted is not in the address; the page that holds it is a step back.
    again = "" if request.method == "POST" else page.to("/together", here=request.query_params.get("here", ""))
    return page.page("away", _AWAY, again=again)


def _page(request: Request) -> DeckPage:
    return deck_page(request, handed(request, ChatDoor), request.path_params["force"])


ANSWERS: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    DeckOver: over,
    DeckAway: away,
}
"""How a device is answered that cannot have its deck."""
