"""The page of a talk from sent to forgotten: opening it, and saying something. Complete without JavaScript."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.chat_door import OnChat
from api.chat.chat_page_view import ANY
from api.chat.person.came_from import heard
from api.chat.person.conversation_request import ConversationRequest, HeldForm
from api.chat.person.forget_receipt import Receipts
from api.chat.person.handover_outage import Away
from api.chat.person.handover_token import StaleHandoverToken
from api.chat.person.person_door import OnPerson
from api.chat.person.send_message import NotSent, Saying, say
from api.records.handovers.states import NotNow
from api.web.page_routes import page_routes
from api.web.security_headers import anyone

routes = page_routes(anyone)
_SEE_OTHER = 303


@routes.get("/{force}/person/talk")
async def talk(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    force: str,
    here: str = "",
    chat: str = "",
    after: str = "",
    look: str = "",
) -> Response:
    """The page. Opened anew, it shows nothing of what was said before."""
    return await ConversationRequest(request, chat_door, on_person, force, HeldForm(here, chat, after, look)).page()


@routes.post("/{force}/person/say")
async def say_it(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    force: str,
    held: Annotated[HeldForm, Depends()],
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """Sends what is in the box. The alarm is heard first; what cannot be sent stays in the box."""
    rang = await heard(chat_door, held.text)
    held = replace(held, rung="1" if rang else held.rung)
    talking = ConversationRequest(request, chat_door, on_person, force, held, bool(x_fragment))
    try:
        await say(on_person, Saying(held.here, held.text, held.client_id, rang))
    except NotSent as not_sent:
        return await talking.page(not_sent.why, 422)
    except NotNow:
        return await talking.page("person_over", 409)
    except StaleHandoverToken:
        return talking.slept()
    except Away:
        return talking.away("person_away_not_sent")
    sent = replace(talking, held=replace(held, text="", client_id=""))
    return sent.go_on() or await sent.page()


@routes.get("/{force}/person/gone")
async def gone(request: Request, chat_door: OnChat, on_person: OnPerson, force: str, slip: str = "") -> Response:
    """What went and what stays, once the words were deleted. Opened later, it says so without numbers."""
    chat_door.force(None if force == ANY else force)
    receipt = Receipts.of(chat_door.settings).read(slip, on_person.now())
    return chat_door.pages.page(request, "person/gone.html", slug=force, receipt=receipt)


@routes.get("/{force}/person/say")
@routes.get("/{force}/person/do")
async def again(chat_door: OnChat, force: str) -> Response:
    """Where a restored tab lands: at the three words."""
    chat_door.force(None if force == ANY else force)
    return RedirectResponse(f"/{force}/person/back", _SEE_OTHER)
