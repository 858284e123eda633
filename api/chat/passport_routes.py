"""My passport: a page on which a young person picks how to talk with them. It is made in the browser alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.chat.page_view import ANY
from api.chat.person.place import visited
from api.chat.room import InRoom
from api.hall.guard import anyone
from content.passport import Group, passport

routes = APIRouter(dependencies=[Depends(anyone)])


@routes.api_route("/passport", methods=["GET", "HEAD"], include_in_schema=False)
async def show(request: Request, room: InRoom, chat: Annotated[str, Query()] = "") -> Response:
    """The sentences to pick from. `chat` leads back to the talk that the reader came from, and says if help stays."""
    now = visited(room, ANY, chat) if chat else None
    slug = (now.force if now else None) or ANY
    return room.pages.page(
        request,
        "passport.html",
        groups=passport().groups,
        slug=slug,
        back=f"/{slug}/person" if now and now.person else f"/{slug}",
        chat=room.tokens.write(now) if now else "",
        rung=now is not None and now.rung,
    )


@routes.get("/api/v1/passport")
async def sentences() -> tuple[Group, ...]:
    """The sentences on how to talk with a young person, in groups: what each says for them, and how to help."""
    return passport().groups
