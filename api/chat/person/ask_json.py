"""Asking for a person and coming back, as JSON: the same steps and checks as the pages, each error naming its field."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from accessibility.finding import Level
from api.chat.person.ask_models import (
    AskBody,
    BackBody,
    BackView,
    KeptView,
    ProviderView,
    TermsView,
    WindowView,
    WorkerBody,
)
from api.chat.person.away import Away
from api.chat.person.calls import NotReady, TypedCall
from api.chat.person.coming import come_back
from api.chat.person.form import CALL_FIELDS, Typed, ready
from api.chat.person.place import heard
from api.chat.person.problems import AWAY, HELP, problem_with, typed_call
from api.chat.person.rate import TooManyTries, address_of, tries
from api.chat.person.room import OnWay, Way
from api.chat.person.sending import Kept, Onces, Sending, SentBefore, StaleOnce, send, sent_already
from api.chat.person.terms import WITH_WORKER, NobodyAnswers, Terms, offer_of, pack_of, terms_of
from api.chat.person.worker import TypedWorker
from api.chat.room import InRoom, Room
from api.chat.token import Chat, StaleChat
from api.chat.view import card_view
from api.hall.errors import Problem
from api.hall.guard import anyone
from api.records.handovers.states import NotYours

routes = APIRouter(prefix="/api/v1/handovers", dependencies=[Depends(anyone)])

_NOBODY = {
    "nobody": (404, f"Nobody answers here for this police force yet. {HELP}"),
    "unsigned": (503, f"The words about this are not signed yet. {HELP}"),
}
_OTHER_TERMS = "The terms have changed since they were read. Read them again, and ask the child again."
_OLD_CHAT = (409, "This chat is too old or was changed. Start a new chat.")
_REFUSED: Mapping[type[Exception], tuple[int, str]] = {
    StaleChat: _OLD_CHAT,
    Problem: _OLD_CHAT,
    StaleOnce: (409, _OTHER_TERMS),
    SentBefore: (409, "This was sent already. The three words lead back to it."),
    Away: (503, AWAY),
}
_FIELDS: Mapping[str, str] = {
    "how": "wants",
    "worker_name": "worker.name",
    "worker_reach": "worker.reach",
    **{name: f"call.{name}" for name in CALL_FIELDS},
}


def _problems(**why: str) -> dict[int | str, dict[str, Any]]:
    """What a caller may get instead, by status: each with a `title` in plain words."""
    form: dict[str, Any] = {"application/problem+json": {}}
    return {int(status[1:]): {"description": told, "content": form} for status, told in why.items()}


@routes.get(
    "/terms",
    response_model_exclude_defaults=True,
    responses=_problems(_404="no such force, or nobody answers for it", _503="words not signed, or no database"),
)
async def terms(
    room: InRoom, on_way: OnWay, force: Annotated[str | None, Query(max_length=60)] = None, level: Level = "simple"
) -> TermsView:
    """Who answers for a force, or for children who do not say where they live, and what must be agreed to first."""
    room.force(force)
    found = await _terms(on_way, room, force)
    pack, today = pack_of(room, force), room.shelf.today()
    views = (card_view(key, level, pack, today) for key in found.cards)
    return TermsView(
        provider=ProviderView(slug=found.provider.slug, name=found.provider.name),
        open=found.open,
        here=found.here,
        opens_next=found.hours.opens_next(found.now),
        keep_days=found.provider.keep_days,
        consent=[view for view in views if view],
        windows=[WindowView(starts=one.window.starts, ends=one.window.ends, label=one.label) for one in found.choices],
        once=Onces.of(room.settings).new(found.now),
        consent_with_worker=card_view(WITH_WORKER, level, pack, today) if found.worker else None,
    )


@routes.post(
    "",
    status_code=201,
    response_model=KeptView,
    responses=_problems(
        _404="nobody answers for this force",
        _409="the chat, the terms or `once` are too old, or this was sent a while ago",
        _422="something to mend: `fields` says what, by field; `danger` is true when the alarm rang at something in it",
        _503="words not signed, or no database: send the same again",
    ),
)
async def send_ask(room: InRoom, on_way: OnWay, body: AskBody) -> Response:
    """Keeps what a child asks for and tells the provider. Sent twice with the same `once`, it is kept once."""
    typed, call, worker = _typed(body), typed_call(body.call), _worker(body)
    rung = heard(room, *typed.texts, *call.texts, *worker.texts)
    try:
        chat = room.known(room.tokens.read(body.chat))
        chat = replace(chat, rung=chat.rung or rung)
        kept = await _keep(room, on_way, body, chat, typed, call, worker)
    except NotReady as missing:
        told = {_FIELDS.get(name, name): room.pages.words[why] for name, why in missing.faults.items()}
        return problem_with(422, f"Please check: {', '.join(told)}.", danger=rung, fields=told)
    except NobodyAnswers as nobody:
        return problem_with(*_NOBODY[nobody.why], danger=rung)
    except (StaleChat, Problem, StaleOnce, SentBefore, Away) as refused:
        return problem_with(*_REFUSED[type(refused)], danger=rung)
    token = room.tokens.write(replace(chat, person=kept.here))
    view = KeptView(here=kept.here, words=kept.words, chat=token, state=kept.state, danger=chat.rung)
    return Response(view.model_dump_json(), 201, media_type="application/json")


async def _keep(
    room: Room, way: Way, body: AskBody, chat: Chat, typed: Typed, call: TypedCall, worker: TypedWorker
) -> Kept:
    onces = Onces.of(room.settings)
    kept = await sent_already(way, onces, body.once)
    if kept:
        return kept
    found = await terms_of(way, room, chat.force)
    if not found.are(body.provider, str(body.keep_days), body.agreed, worker=worker.asks):
        raise StaleOnce
    if body.worker and not worker.asks:
        raise NotReady({"with_worker": "asking_fault_with_worker"})
    complete = ready(typed, call, worker, offer_of(room, chat.force, found))
    return await send(way, onces, found, Sending(body.once, chat, complete, found.fingerprints(worker=worker.asks)))


@routes.post(
    "/back",
    response_model=BackView,
    responses=_problems(
        _404="these words lead nowhere", _429="too many wrong tries: wait, see Retry-After", _503="no database"
    ),
)
async def back(request: Request, room: InRoom, on_way: OnWay, body: BackBody) -> Response:
    """Comes back to a talk by its three words."""
    rung = heard(room, body.words)
    try:
        chat = room.tokens.read(body.chat) if body.chat else Chat(None, "simple")
    except StaleChat:
        chat = Chat(None, "simple")
    chat = replace(chat, rung=chat.rung or rung)
    try:
        found = await come_back(on_way, room, tries(request), address_of(request), body.words, chat)
    except NotYours:
        return problem_with(404, f"{room.pages.words['coming_wrong']} {HELP}", danger=rung)
    except TooManyTries as many:
        told = problem_with(429, f"{room.pages.words['coming_too_many']} {HELP}", danger=rung)
        told.headers["Retry-After"] = str(many.args[0])
        return told
    except Away:
        return problem_with(503, AWAY, danger=rung)
    token = room.tokens.write(replace(found.chat, person=found.here))
    view = BackView(here=found.here, chat=token, force=found.chat.force, state=found.state, danger=found.chat.rung)
    return Response(view.model_dump_json(), media_type="application/json")


async def _terms(way: Way, room: Room, force: str | None) -> Terms:
    try:
        return await terms_of(way, room, force)
    except NobodyAnswers as nobody:
        raise Problem(*_NOBODY[nobody.why]) from None
    except Away:
        raise Problem(503, AWAY) from None


def _typed(body: AskBody) -> Typed:
    # Whoever names sentences here sends them: the program has asked the child.
    return Typed(body.name, body.question, tuple(body.cards), body.wants, tuple(body.passport), "yes")


def _worker(body: AskBody) -> TypedWorker:
    named = body.worker or WorkerBody()
    return TypedWorker("yes" if body.with_worker else "", named.name, named.reach)
