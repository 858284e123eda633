"""What the buttons on the page of a talk do: show, read, wait, be called, end, forget, and say how it was."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Header, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.person import times
from api.chat.person.away import Away, at_work
from api.chat.person.calls import WHOSE, NotReady, TypedCall, ready_call
from api.chat.person.forgetting import forget_now
from api.chat.person.handle import StaleHandle
from api.chat.person.place import heard
from api.chat.person.receipt import Receipts
from api.chat.person.room import OnWay, Way
from api.chat.person.talking import Held, Talking
from api.chat.person.worker import reach_of
from api.chat.room import InRoom
from api.hall.guard import anyone
from api.records.handovers.alarm import raise_alarm
from api.records.handovers.asking import call_me, wait_here
from api.records.handovers.ending import end, rate
from api.records.handovers.finding import provider_of_handover
from api.records.handovers.providers import hours_of
from api.records.handovers.states import Face, NotNow, NotYours
from api.records.handovers.tables import Handover

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)
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
    room: InRoom,
    on_way: OnWay,
    force: str,
    held: Annotated[Held, Depends()],
    pressed: Annotated[Pressed, Depends()],
    call: Annotated[TypedCall, Depends()],
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """Does what one button says. What stands in the box stays there."""
    rang = heard(room, held.text, *call.texts)
    held = replace(held, rung="1" if rang else held.rung)
    talking = Talking(request, room, on_way, force, held, bool(x_fragment))
    try:
        return await _do(talking, pressed, call, rang=rang)
    except NotNow:
        return await talking.page("person_not_now", 409)
    except StaleHandle:
        return talking.slept()
    except Away:
        return talking.away()


async def _do(talking: Talking, pressed: Pressed, call: TypedCall, *, rang: bool) -> Response:
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
        await _change(talking.way, held.here, _CHANGES[act])
    face = next((one for one in FACES if one == pressed.face), None)
    if face:
        await _change(talking.way, held.here, lambda session, way, own: rate(session, own, face, way.now()))
    return talking.go_on() or await talking.page()


Change = Callable[[AsyncSession, Way, Handover], Awaitable[None]]


async def _change(way: Way, here: str, change: Change) -> None:
    async with at_work(way) as session:
        handover, _ = await way.found(session, here)
        await change(session, way, handover)


async def _end(session: AsyncSession, way: Way, handover: Handover) -> None:
    await end(session, way.talks, handover, way.now())


async def _wait_here(session: AsyncSession, way: Way, handover: Handover) -> None:
    await wait_here(session, way.talks, handover, way.now())


async def _raise_alarm(session: AsyncSession, way: Way, handover: Handover) -> None:
    await raise_alarm(session, way.talks, handover, way.now())


_CHANGES: Mapping[str, Change] = {"end": _end, "here": _wait_here}


async def _how_to_call(talking: Talking, call: TypedCall, faults: Mapping[str, str]) -> Response:
    way = talking.way
    async with at_work(way) as session:
        handover, _ = await way.found(session, talking.held.here)
        hours = hours_of(await provider_of_handover(session, handover))
    if handover.state == "closed":
        raise NotNow("closed")
    worker = way.talks.safe.sent(handover).worker
    workers = reach_of(worker) if worker and worker.phone else ""
    choices = times.choices(hours, way.now())
    shown = {"call": call, "choices": choices, "whose": WHOSE, "workers": workers, "faults": faults}
    return await replace(talking, more=shown).page(name="call-me", status=422 if faults else 200)


async def _call_me(talking: Talking, call: TypedCall, *, rang: bool) -> Response:
    way, now = talking.way, talking.way.now()
    if rang:
        # Passed on even where the rest has to be mended first.
        await _change(way, talking.held.here, _raise_alarm)
    try:
        async with at_work(way) as session:
            handover, _ = await way.found(session, talking.held.here)
            hours = hours_of(await provider_of_handover(session, handover))
            worker = way.talks.safe.sent(handover).worker
            phone, practice = worker.phone if worker else "", talking.room.settings.practice
            details, window = ready_call(call, hours, now, practice=practice, worker=phone)
            await call_me(session, way.talks, handover, details, window, now)
    except NotReady as missing:
        return await _how_to_call(talking, call, missing.faults)
    return talking.go_on() or await talking.page()


async def _forget(talking: Talking) -> Response:
    way, slip = talking.way, ""
    try:
        receipt = await forget_now(way, talking.held.here)
        slip = Receipts.of(talking.room.settings).write(receipt, way.now())
    except NotYours:
        # Pressed twice: whoever was quicker has the numbers.
        pass
    return RedirectResponse(f"/{talking.slug}/person/gone?{urlencode({'slip': slip})}", _SEE_OTHER)
