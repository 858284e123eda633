"""Keep what matters, and my letter: made on the page alone, with nothing to type in, and nothing that is sent."""

from fastapi.responses import Response

from api.chat.keep.keep_page import KeepPage, OnKeep
from api.web.page_routes import page_routes
from api.web.security_headers import anyone
from content.card_letter import CardLetter

routes = page_routes(anyone)

_FIRST = ("see-my-record", "bodycam", "cctv-anpr", "delete-my-record", "complain-police", "case-gone-quiet")
_TO_OTHERS = frozenset({"cctv-anpr"})
"""The letters that are for nobody of the police."""


@routes.api_route("/{force}/keep", methods=["GET", "HEAD"])
async def keep(opened: OnKeep) -> Response:
    """What there is to make: a letter, or the day until which something is kept."""
    return opened if isinstance(opened, Response) else opened.shown("keep")


@routes.api_route("/{force}/letter", methods=["GET", "HEAD"])
async def before(opened: OnKeep) -> Response:
    """What comes before a letter, on a screen of its own: is it safe, and does the child want it."""
    return opened if isinstance(opened, Response) else opened.shown("before-letter")


@routes.api_route("/{force}/letter/write", methods=["GET", "HEAD"])
async def write(opened: OnKeep) -> Response:
    """Every letter, closed; the one that belongs to the answer the child comes from is open."""
    if isinstance(opened, Response):
        return opened
    letters = _letters(opened)
    last = opened.chat.last if opened.chat else None
    first = last.card if last else None
    return opened.shown("letters", letters=letters, of_police=letters.keys() - _TO_OTHERS, first=first)


def _letters(page: KeepPage) -> dict[str, CardLetter]:
    """The letters of the cards that are live, by card. Offices read English, whatever the language of the page."""
    live = page.door.pack_cache.pack(page.force).live(page.door.pack_cache.today())
    keys = dict.fromkeys((*_FIRST, *sorted(live)))
    return {key: letter for key in keys if key in live and (letter := live[key].words.letter)}
