"""Where a message of the bot's page leads while the bot is silent: to the person, with what was typed in their box."""

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.chat.chat_door import ChatDoor
from api.chat.chat_page_view import ANY
from api.chat.message import WithPerson
from api.chat.person.bot_silence import Silence
from api.chat.person.conversation_request import ConversationRequest, HeldForm
from api.chat.person.person_door import PersonDoor

WHOLE_PAGE = "X-Whole-Page"
"""A header that tells the script to send the form as a browser without it does."""
_SEE_OTHER = 303


async def lead_to_person(
    request: Request, chat_door: ChatDoor, person_door: PersonDoor, found: WithPerson, text: str, *, fragment: bool
) -> Response:
    """The page of the talk for what was typed, a redirect to it for a press; the honest page where we cannot know."""
    if fragment and (text or found.why == "person_cannot_know"):
        return _told(request, chat_door, found.why)
    chat, force = found.chat, found.chat.force or ANY
    token = chat_door.tokens.write(chat)
    held = HeldForm(here=chat.person or "", chat=token, text=text)
    talk = ConversationRequest(request, chat_door, person_door, force, held)
    if found.why == "person_cannot_know":
        return talk.away(found.why)
    if text:
        return await talk.page("person_here_now")
    return RedirectResponse(f"/{force}/person/talk?{urlencode({'here': held.here, 'chat': token})}", _SEE_OTHER)


def _told(request: Request, chat_door: ChatDoor, why: Silence) -> Response:
    """What the script shows: the words stay in its box, and it goes to the talk where somebody is there."""
    away = why == "person_cannot_know"
    told = chat_door.pages.page(request, "chat/_told.html", 503 if away else 409, told=why, shut=away, chat="")
    if not away:
        told.headers[WHOLE_PAGE] = "1"
    return told
