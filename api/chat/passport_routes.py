"""My passport: a page on which a young person picks how to talk with them. It is made in the browser alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.chat.chat_door import OnChat
from api.chat.chat_page_view import ANY
from api.chat.person.came_from import visited
from api.web.security_headers import anyone
from content.passport import PassportGroup, passport

routes = APIRouter(dependencies=[Depends(anyone)])


@routes.api_route("/passport", methods=["GET", "HEAD"], include_in_schema=False)
async def show(request: Request, chat_door: OnChat, chat: Annotated[str, Query()] = "") -> Response:
    """The sentences to pick from. `chat` leads back to the talk that the reader came from, and says if help stays."""
    now = visited(chat_door, ANY, chat) if chat else None
    slug = (now.force if now else None) or ANY
    return chat_door.pages.page(
        request,
        "passport/passport.html",
        groups=passport().groups,
        slug=slug,
        back=f"/{slug}/person" if now and now.person else f"/{slug}",
        chat=chat_door.tokens.write(now) if now else "",
        rung=now is not None and now.rung,
    )


@routes.get("/api/v1/passport")
async def sentences() -> tuple[PassportGroup, ...]:
    """The sentences on how to talk with a young person, in groups: what each says for them, and how to help."""
    return passport().groups
