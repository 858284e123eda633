"""The films of a card that is not signed yet, for those who approve and sign it."""

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from api.desk.desk_access import of_layer
from api.desk.desk_door import OnDesk, wording_of
from api.web.page_routes import page_routes
from api.web.video_files import OnFilms, film

routes = page_routes(of_layer, prefix="/desk/{layer}/cards/{key}/films")


@routes.get("/{sha256}")
async def open_film(desk: OnDesk, films: OnFilms, layer: str, key: str, sha256: str) -> Response:
    """A film or its captions, as they would be signed."""
    async with desk.work() as session:
        wording = await wording_of(desk, session, layer, key)
    return await run_in_threadpool(film, films, wording.words.videos, sha256)
