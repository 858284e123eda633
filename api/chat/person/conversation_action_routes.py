"""What the buttons on the page of a talk do: show, read, wait, be called, end, forget, and say how it was."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import Depends, Form, Header, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.chat_door import OnChat
from api.chat.person import plain_times
from api.chat.person.call_form import WHOSE, NotReady, TypedCall, ready_call
from api.chat.person.came_from import heard
from api.chat.person.conversation_request import ConversationRequest, HeldForm
from api.chat.person.forget_now import forget_now
from api.chat.person.forget_receipt import Receipts
from api.chat.person.handover_outage import Away, at_work
from api.chat.person.handover_token import StaleHandoverToken
from api.chat.person.person_door import OnPerson, PersonDoor
from api.chat.person.worker_form import reach_of
from api.records.handovers.danger_flag import raise_alarm
from api.records.handovers.end_handover import end, rate
from api.records.handovers.new_handover import call_me, wait_here
from api.records.handovers.queries import provider_of_handover
from api.records.handovers.states import Face, NotNow, NotYours
from api.records.handovers.tables import Handover
from api.web.page_routes import page_routes
from api.web.security_headers import anyone

routes = page_routes(anyone)
_SEE_OTHER = 303
_FROM_THE_START = "0"
_LOOKS: Mapping[str, str] = {"look-on": "on", "look-off": "off"}
FACES: tuple[Face, ...] = get_args(Face)


@dataclass(frozen=True)
class Pressed:
    """Which button was pressed: an act, or a face."""

    act: Annotated[str, Form()] = ""
    face: Annotated[str, Form()] = ""


@routes.post("/{force}/person/do")
async def do(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    force: str,
    held: Annotated[HeldForm, Depends()],
    pressed: Annotated[Pressed, Depends()],
    call: Annotated[TypedCall, Depends()],
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """Does what one button says. What stands in the box stays there."""
    rang = await heard(chat_door, held.text, *call.texts)
    held = replace(held, rung="1" if rang else held.rung)
    talking = ConversationRequest(request, chat_door, on_person, force, held, bool(x_fragment))
    try:
        return await _do(talking, pressed, call, rang=rang)
    except NotNow:
        return await talking.page("person_not_now", 409)
    except StaleHandoverToken:
        return talking.slept()
    except Away:
        return talking.away()


async def _do(talking: ConversationRequest, pressed: Pressed, call: TypedCall, *, rang: bool) -> Response:
    act, held = pressed.act, talking.held
    if act == "call-back":
        return await _how_to_call(talking, call, {})
    if act == "call-me":
        return await _call_me(talking, call, rang=rang)
    if act == "forget":
        return await _forget(talking)
    if act == "wait":
        return await talking.page("wait_kept")
    if act == "show":
        talking = replace(talking, held=replace(held, after=_FROM_THE_START))
    if act in _LOOKS:
        talking = replace(talking, held=replace(held, look=_LOOKS[act]))
    if act in _CHANGES:
        await _change(talking.person_door, held.here, _CHANGES[act])
    face = next((one for one in FACES if one == pressed.face), None)
    if face:
        await _change(
            talking.person_door,
            held.here,
            lambda session, person_door, own: rate(session, own, face, person_door.now()),
        )
    return talking.go_on() or await talking.page()


Change = Callable[[AsyncSession, PersonDoor, Handover], Awaitable[None]]


async def _change(person_door: PersonDoor, here: str, change: Change) -> None:
    async with at_work(person_door) as session:
        handover, _ = await person_door.found(session, here)
        await change(session, person_door, handover)


async def _end(session: AsyncSession, person_door: PersonDoor, handover: Handover) -> None:
    await end(session, person_door.handover_context, handover, person_door.now())


async def _wait_here(session: AsyncSession, person_door: PersonDoor, handover: Handover) -> None:
    await wait_here(session, person_door.handover_context, handover, person_door.now())


async def _raise_alarm(session: AsyncSession, person_door: PersonDoor, handover: Handover) -> None:
    await raise_alarm(session, person_door.handover_context, handover, person_door.now())


_CHANGES: Mapping[str, Change] = {"end": _end, "here": _wait_here}


async def _how_to_call(talking: ConversationRequest, call: TypedCall, faults: Mapping[str, str]) -> Response:
    person_door = talking.person_door
    async with at_work(person_door) as session:
        handover, _ = await person_door.found(session, talking.held.here)
        hours = (await provider_of_handover(session, handover)).opening_hours
    if handover.state == "closed":
        raise NotNow("closed")
    worker = person_door.handover_context.message_cipher.sent(handover).worker
    workers = reach_of(worker) if worker and worker.phone else ""
    choices = plain_times.choices(hours, person_door.now())
    shown = {"call": call, "choices": choices, "whose": WHOSE, "workers": workers, "faults": faults}
    return await replace(talking, more=shown).page(name="call-me", status=422 if faults else 200)


async def _call_me(talking: ConversationRequest, call: TypedCall, *, rang: bool) -> Response:
    person_door, now = talking.person_door, talking.person_door.now()
    if rang:
        # Passed on even where the rest has to be mended first.
        await _change(person_door, talking.held.here, _raise_alarm)
    try:
        async with at_work(person_door) as session:
            handover, _ = await person_door.found(session, talking.held.here)
            hours = (await provider_of_handover(session, handover)).opening_hours
            worker = person_door.handover_context.message_cipher.sent(handover).worker
            phone, practice = worker.phone if worker else "", talking.chat_door.settings.practice
            details, window = ready_call(call, hours, now, practice=practice, worker=phone)
            await call_me(session, person_door.handover_context, handover, details, window, now)
    except NotReady as missing:
        return await _how_to_call(talking, call, missing.faults)
    return talking.go_on() or await talking.page()


async def _forget(talking: ConversationRequest) -> Response:
    person_door, slip = talking.person_door, ""
    try:
        receipt = await forget_now(person_door, talking.held.here)
        slip = Receipts.of(talking.chat_door.settings).write(receipt, person_door.now())
    except NotYours:
        # Pressed twice: whoever was quicker has the numbers.
        pass
    return RedirectResponse(f"/{talking.slug}/person/gone?{urlencode({'slip': slip})}", _SEE_OTHER)
