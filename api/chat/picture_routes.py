"""The pictures that cards may show, one by one, and a page of them all with what each one means."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from accessibility.symbols import picture, symbols
from api.chat.chat_door import OnChat
from api.web.errors import Problem
from api.web.security_headers import anyone

routes = APIRouter(dependencies=[Depends(anyone)], include_in_schema=False)


@routes.api_route("/pictures", methods=["GET", "HEAD"])
async def show_all(request: Request, chat_door: OnChat) -> Response:
    """Every picture with its caption, what it means, and who drew it."""
    return chat_door.pages.page(request, "pictures/pictures.html", symbols=symbols())


@routes.get("/pictures/{symbol}.svg")
async def show(symbol: str) -> Response:
    """One picture."""
    if symbol not in symbols():
        raise Problem(404, "There is no such picture.")
    return Response(picture(symbol), media_type="image/svg+xml")
