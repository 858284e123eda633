"""The page of a talk from sent to forgotten: opening it, and saying something. Complete without JavaScript."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.page_view import ANY
from api.chat.person.away import Away
from api.chat.person.handle import StaleHandle
from api.chat.person.place import heard
from api.chat.person.receipt import Receipts
from api.chat.person.room import OnWay
from api.chat.person.saying import NotSent, Saying, say
from api.chat.person.talking import Held, Talking
from api.chat.room import InRoom
from api.hall.guard import anyone
from api.records.handovers.states import NotNow

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)
_SEE_OTHER = 303


@routes.get("/{force}/person/talk")
async def talk(
    request: Request,
    room: InRoom,
    on_way: OnWay,
    force: str,
    here: str = "",
    chat: str = "",
    after: str = "",
    look: str = "",
) -> Response:
    """The page. Opened anew, it shows nothing of what was said before."""
    return await Talking(request, room, on_way, force, Held(here, chat, after, look)).page()


@routes.post("/{force}/person/say")
async def say_it(
    request: Request,
    room: InRoom,
    on_way: OnWay,
    force: str,
    held: Annotated[Held, Depends()],
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """Sends what is in the box. The alarm is heard first; what cannot be sent stays in the box."""
    rang = heard(room, held.text)
    held = replace(held, rung="1" if rang else held.rung)
    talking = Talking(request, room, on_way, force, held, bool(x_fragment))
    try:
        await say(on_way, Saying(held.here, held.text, held.client_id, rang))
    except NotSent as not_sent:
        return await talking.page(not_sent.why, 422)
    except NotNow:
        return await talking.page("person_over", 409)
    except StaleHandle:
        return talking.slept()
    except Away:
        return talking.away("person_away_not_sent")
    sent = replace(talking, held=replace(held, text="", client_id=""))
    return sent.go_on() or await sent.page()


@routes.get("/{force}/person/gone")
async def gone(request: Request, room: InRoom, on_way: OnWay, force: str, slip: str = "") -> Response:
    """What went and what stays, once the words were deleted. Opened later, it says so without numbers."""
    room.force(None if force == ANY else force)
    receipt = Receipts.of(room.settings).read(slip, on_way.now())
    return room.pages.page(request, "person/gone.html", slug=force, receipt=receipt)


@routes.get("/{force}/person/say")
@routes.get("/{force}/person/do")
async def again(room: InRoom, force: str) -> Response:
    """Where a restored tab lands: at the three words."""
    room.force(None if force == ANY else force)
    return RedirectResponse(f"/{force}/person/back", _SEE_OTHER)
