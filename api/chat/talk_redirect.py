"""Where a message leads: to the talk with its answer, or to a first page that shows nothing of the talk before."""

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.chat.chat_door import ChatDoor
from api.chat.chat_page_view import ANY
from api.chat.dialogue.state import Chat
from api.chat.end_visit import end_visit
from api.chat.person.person_door import PersonDoor
from api.web.page_state import VISIT, page_state

_SEE_OTHER = 303


def to_talk(chat_door: ChatDoor, chat: Chat) -> Response:
    """The talk, at its last answer."""
    address = f"/{chat.force or ANY}?{urlencode({'chat': chat_door.tokens.write(chat)})}#latest"
    return RedirectResponse(address, _SEE_OTHER)


async def to_first_page(
    request: Request, chat_door: ChatDoor, person_door: PersonDoor, anew: Chat, before: str
) -> Response:
    """The first page, as anybody finds it; the visit before it ends, so that going back shows nothing."""
    ending = await end_visit(chat_door, person_door, page_state(request).asked_visit, before, "")
    address = f"/{anew.force or ANY}?{urlencode({VISIT: anew.visit, 'level': anew.level})}"
    return RedirectResponse(address, _SEE_OTHER, {"Clear-Site-Data": '"cache"'}, background=ending)
