"""The films of answers and their captions: each only while a signed answer on show names exactly this file."""

from fastapi.responses import Response

from api.chat.chat_door import OnChat
from api.chat.chat_page_view import ANY
from api.web.page_routes import page_routes
from api.web.security_headers import anyone
from api.web.video_files import OnFilms, film

routes = page_routes(anyone)


# Not async: nobody else should wait while a film is looked at.
@routes.api_route("/videos/{force}/{sha256}", methods=["GET", "HEAD"])
def video(chat_door: OnChat, films: OnFilms, force: str, sha256: str) -> Response:
    """A film or its captions by the SHA-256 that was signed."""
    slug = None if force == ANY else force
    chat_door.force(slug)
    live = chat_door.open_pack(slug).live(chat_door.pack_cache.today()).values()
    return film(films, [one for signed in live for one in signed.words.videos], sha256)
