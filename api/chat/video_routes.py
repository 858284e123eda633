"""The films of answers and their captions: each only while a signed answer on show names exactly this file."""

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from api.chat.page_view import ANY
from api.chat.room import InRoom
from api.hall.films import InFilms, film
from api.hall.guard import anyone

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)


# Not async: nobody else should wait while a film is looked at.
@routes.api_route("/videos/{force}/{sha256}", methods=["GET", "HEAD"])
def video(room: InRoom, folder: InFilms, force: str, sha256: str) -> Response:
    """A film or its captions by the SHA-256 that was signed."""
    slug = None if force == ANY else force
    room.force(slug)
    live = room.open_pack(slug).live(room.shelf.today()).values()
    return film(folder, [one for signed in live for one in signed.words.videos], sha256)
