"""A talk with a person as JSON, in the steps of its page. Its handle goes in `Authorization: Bearer`, new each time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from accessibility.rule_finding import Level
from api.chat.chat_door import ChatDoor, OnChat
from api.chat.person.call_form import NotReady, ready_call
from api.chat.person.came_from import heard
from api.chat.person.conversation_json_view import forgotten_view, line_view, state_view
from api.chat.person.conversation_models import (
    ChangeBody,
    EndBody,
    FaceBody,
    ForgottenView,
    LinesView,
    SaidView,
    SayBody,
    StateView,
)
from api.chat.person.conversation_view import View, own_chat
from api.chat.person.forget_now import forget_now
from api.chat.person.handover_outage import Away, at_work
from api.chat.person.handover_token import HandoverToken, StaleHandoverToken
from api.chat.person.json_problems import AWAY, HELP, SLEPT, problem_with, typed_call
from api.chat.person.person_door import OnPerson, PersonDoor
from api.chat.person.send_message import NotSent, Saying, say
from api.records.handovers.danger_flag import raise_alarm
from api.records.handovers.end_handover import end, rate
from api.records.handovers.new_handover import call_me, wait_here
from api.records.handovers.queries import provider_of_handover
from api.records.handovers.states import NotNow, NotYours
from api.records.handovers.status import Snapshot, snapshot
from api.records.handovers.tables import LARGEST_NUMBER, Handover
from api.web.security_headers import anyone

routes = APIRouter(prefix="/api/v1/handovers", dependencies=[Depends(anyone)])
_BEARER = "bearer "
_FORM: dict[str, Any] = {"application/problem+json": {}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "the handle is missing, too old, or not this talk's any more", "content": _FORM},
    409: {"description": "not possible as the talk stands, such as after it was closed", "content": _FORM},
    422: {"description": "something to mend; `danger` is true when the alarm rang at it", "content": _FORM},
    503: {"description": "no database: send the same again", "content": _FORM},
}
"""What a caller may get instead, each with a `title` in plain words."""


async def bearer(authorization: Annotated[str, Header()] = "") -> str:
    """The handle in the header, empty where there is none."""
    bearing = authorization[: len(_BEARER)].lower() == _BEARER
    return authorization[len(_BEARER) :].strip() if bearing else ""


Bearer = Annotated[str, Depends(bearer)]


@dataclass(frozen=True)
class JsonConversationRequest:
    """One request about a talk: `here` is the handle that came with it."""

    chat_door: ChatDoor
    person_door: PersonDoor
    here: str
    danger: bool = False

    async def answered(self, work: Callable[["JsonConversationRequest"], Awaitable[BaseModel]]) -> Response:
        """What the work gives, or the problem that it met."""
        try:
            return _json(await work(self))
        except (StaleHandoverToken, NotYours):
            return problem_with(401, SLEPT, danger=self.danger)
        except NotNow as not_now:
            return problem_with(409, f"That is not possible: the talk is {not_now.state}.", danger=self.danger)
        except NotSent as not_sent:
            told = self.chat_door.pages.words[not_sent.why]
            return problem_with(422, f"{told} {HELP}" if self.danger else told, danger=self.danger)
        except NotReady as missing:
            fields = {f"call.{name}": self.chat_door.pages.words[why] for name, why in missing.faults.items()}
            return problem_with(422, f"Please check: {', '.join(fields)}.", danger=self.danger, fields=fields)
        except Away:
            return problem_with(503, AWAY, danger=self.danger)

    async def changed(self, change: Callable[[AsyncSession, Handover], Awaitable[None]]) -> StateView:
        """Changes the talk in one transaction; how it stands then."""
        async with at_work(self.person_door) as session:
            handover, _ = await self.person_door.found(session, self.here)
            await change(session, handover)
        seen, view, here = await self.seen(None)
        return state_view(view, seen, here)

    async def seen(self, after: int | None, level: Level | None = None) -> tuple[Snapshot, View, str]:
        """What is seen of the talk now, how to show it, and a new handle."""
        async with at_work(self.person_door) as session:
            handover, handle = await self.person_door.found(session, self.here)
            seen = await snapshot(session, self.person_door.handover_context, handover, after, self.person_door.now())
        return (
            seen,
            view_of(self.chat_door, self.person_door, seen, level),
            self.person_door.handover_tokens.write(handle, self.person_door.now()),
        )


def view_of(chat_door: ChatDoor, person_door: PersonDoor, seen: Snapshot, level: Level | None) -> View:
    """How a program shows a talk: at the level it asks for, else at that of the chat in which the child asked."""
    chat = own_chat(seen.handover)
    return View(chat_door, person_door, chat_door.helper.at_level(chat, level) if level else chat)


@routes.get("/state", response_model=StateView, responses=PROBLEMS)
async def state(chat_door: OnChat, on_person: OnPerson, here: Bearer, level: Level | None = None) -> Response:
    """Where the talk stands: who can see it, how the wait goes, how it ended."""

    async def work(asked: JsonConversationRequest) -> StateView:
        seen, view, new = await asked.seen(None, level)
        return state_view(view, seen, new, opened=True)

    return await JsonConversationRequest(chat_door, on_person, here).answered(work)


@routes.get("/messages", response_model=LinesView, responses=PROBLEMS)
async def messages(
    chat_door: OnChat,
    on_person: OnPerson,
    here: Bearer,
    after: Annotated[int, Query(ge=0, le=LARGEST_NUMBER)] = 0,
    level: Level | None = None,
) -> Response:
    """The messages since a change. Show what was said before only when the child asks for it."""

    async def work(asked: JsonConversationRequest) -> LinesView:
        seen, view, new = await asked.seen(after, level)
        shown = [line_view(view, seen, one) for one in view.lines(seen)["lines"]]
        return LinesView(here=new, changes=seen.handover.changes, lines=shown)

    return await JsonConversationRequest(chat_door, on_person, here).answered(work)


@routes.post("/say", status_code=201, response_model=SaidView, responses=PROBLEMS)
async def say_it(chat_door: OnChat, on_person: OnPerson, here: Bearer, body: SayBody) -> Response:
    """Says something to the person. The alarm is heard first; sent twice with the same `client_id` it is said once."""
    rang = await heard(chat_door, body.text)

    async def work(asked: JsonConversationRequest) -> SaidView:
        message = await say(on_person, Saying(asked.here, body.text, body.client_id, rang))
        return SaidView(here=_renewed(asked), number=message.number, change=message.change, danger=rang)

    answer = await JsonConversationRequest(chat_door, on_person, here or body.here, rang).answered(work)
    answer.status_code = 201 if answer.status_code == 200 else answer.status_code
    return answer


@routes.post("/change", response_model=StateView, responses=PROBLEMS)
async def change(chat_door: OnChat, on_person: OnPerson, here: Bearer, body: ChangeBody) -> Response:
    """Waits on the page, or asks to be called instead. The first ask stays the first."""
    call = typed_call(body.call)
    rang = await heard(chat_door, *call.texts)

    async def alarmed(session: AsyncSession, handover: Handover) -> None:
        await raise_alarm(session, on_person.handover_context, handover, on_person.now())

    async def to(session: AsyncSession, handover: Handover) -> None:
        now = on_person.now()
        if body.wants == "here":
            return await wait_here(session, on_person.handover_context, handover, now)
        hours = (await provider_of_handover(session, handover)).opening_hours
        worker = on_person.handover_context.message_cipher.sent(handover).worker
        phone = worker.phone if worker else ""
        details, window = ready_call(call, hours, now, practice=chat_door.settings.practice, worker=phone)
        return await call_me(session, on_person.handover_context, handover, details, window, now)

    async def work(asked: JsonConversationRequest) -> StateView:
        if rang:
            # Passed on even where the rest has to be mended first.
            await asked.changed(alarmed)
        return await asked.changed(to)

    return await JsonConversationRequest(chat_door, on_person, here or body.here, rang).answered(work)


@routes.post("/end", response_model=StateView | ForgottenView, responses=PROBLEMS)
async def end_it(chat_door: OnChat, on_person: OnPerson, here: Bearer, body: EndBody) -> Response:
    """Ends the talk; with `forget` every word is deleted now, and the answer is a receipt without a handle."""

    async def to(session: AsyncSession, handover: Handover) -> None:
        await end(session, on_person.handover_context, handover, on_person.now())

    async def forgetting(asked: JsonConversationRequest) -> ForgottenView:
        return forgotten_view(await forget_now(on_person, asked.here))

    asked = JsonConversationRequest(chat_door, on_person, here or body.here)
    return await asked.answered(forgetting if body.forget else lambda asked: asked.changed(to))


@routes.post("/face", response_model=StateView, responses=PROBLEMS)
async def face(chat_door: OnChat, on_person: OnPerson, here: Bearer, body: FaceBody) -> Response:
    """How the talk was, once it is closed; the first face counts, and nothing else is kept of it."""

    async def to(session: AsyncSession, handover: Handover) -> None:
        await rate(session, handover, body.face, on_person.now())

    return await JsonConversationRequest(chat_door, on_person, here or body.here).answered(
        lambda asked: asked.changed(to)
    )


def _renewed(asked: JsonConversationRequest) -> str:
    now = asked.person_door.now()
    held: HandoverToken = asked.person_door.handover_tokens.read(asked.here, now)
    return asked.person_door.handover_tokens.write(held, now)


def _json(view: BaseModel) -> JSONResponse:
    return JSONResponse(view.model_dump(mode="json"))
