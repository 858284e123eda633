"""Asking for a person and coming back, as JSON: the same steps and checks as the pages, each error naming its field."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from accessibility.rule_finding import Level
from api.chat.chat_door import ChatDoor, OnChat
from api.chat.chat_token import StaleChat
from api.chat.dialogue.state import Chat
from api.chat.person.ask_form import CALL_FIELDS, AskForm, ready
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
from api.chat.person.ask_once import (
    AskToSend,
    IdempotencyToken,
    Kept,
    SentBefore,
    StaleIdempotencyToken,
    send,
    sent_already,
)
from api.chat.person.call_form import NotReady, TypedCall
from api.chat.person.came_from import heard
from api.chat.person.come_back import come_back
from api.chat.person.consent_terms import WITH_WORKER, ConsentTerms, NobodyAnswers, offer_of, terms_of
from api.chat.person.handover_outage import Away
from api.chat.person.json_problems import AWAY, HELP, problem_with, typed_call
from api.chat.person.person_door import OnPerson, PersonDoor
from api.chat.person.worker_form import TypedWorker
from api.chat.reply_view import card_view
from api.records.handovers.states import NotYours
from api.web.errors import Problem
from api.web.origin import OnOrigin, Origin
from api.web.security_headers import anyone

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
    StaleIdempotencyToken: (409, _OTHER_TERMS),
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
    chat_door: OnChat,
    on_person: OnPerson,
    force: Annotated[str | None, Query(max_length=60)] = None,
    level: Level = "simple",
) -> TermsView:
    """Who answers for a force, or for children who do not say where they live, and what must be agreed to first."""
    chat_door.force(force)
    found = await _terms(on_person, chat_door, force)
    pack, today = chat_door.pack_or_national(force), chat_door.pack_cache.today()
    views = (card_view(key, level, pack, today) for key in found.cards)
    return TermsView(
        provider=ProviderView(slug=found.provider.slug, name=found.provider.name),
        open=found.open,
        here=found.here,
        opens_next=found.hours.opens_next(found.now),
        keep_days=found.provider.keep_days,
        consent=[view for view in views if view],
        windows=[WindowView(starts=one.window.starts, ends=one.window.ends, label=one.label) for one in found.choices],
        once=IdempotencyToken.of(chat_door.settings).new(found.now),
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
async def send_ask(chat_door: OnChat, on_person: OnPerson, origin: OnOrigin, body: AskBody) -> Response:
    """Keeps what a child asks for and tells the provider. Sent twice with the same `once`, it is kept once."""
    typed, call, worker = _typed(body), typed_call(body.call), _worker(body)
    rung = await heard(chat_door, *typed.texts, *call.texts, *worker.texts)
    try:
        chat = chat_door.known(chat_door.tokens.read(body.chat))
        chat = replace(chat, rung=chat.rung or rung)
        kept = await _keep(chat_door, on_person, origin, body, chat, typed, call, worker)
    except NotReady as missing:
        told = {_FIELDS.get(name, name): chat_door.pages.words[why] for name, why in missing.faults.items()}
        return problem_with(422, f"Please check: {', '.join(told)}.", danger=rung, fields=told)
    except NobodyAnswers as nobody:
        return problem_with(*_NOBODY[nobody.why], danger=rung)
    except (StaleChat, Problem, StaleIdempotencyToken, SentBefore, Away) as refused:
        return problem_with(*_REFUSED[type(refused)], danger=rung)
    token = chat_door.tokens.write(replace(chat, person=kept.here))
    view = KeptView(here=kept.here, words=kept.words, chat=token, state=kept.state, danger=chat.rung, full=kept.full)
    return Response(view.model_dump_json(), 201, media_type="application/json")


async def _keep(
    chat_door: ChatDoor,
    person_door: PersonDoor,
    origin: Origin,
    body: AskBody,
    chat: Chat,
    typed: AskForm,
    call: TypedCall,
    worker: TypedWorker,
) -> Kept:
    idempotency_tokens = IdempotencyToken.of(chat_door.settings)
    kept = await sent_already(person_door, idempotency_tokens, body.once)
    if kept:
        return kept
    found = await terms_of(person_door, chat_door, chat.force)
    if not found.are(body.provider, str(body.keep_days), body.agreed, worker=worker.asks):
        raise StaleIdempotencyToken
    if body.worker and not worker.asks:
        raise NotReady({"with_worker": "asking_fault_with_worker"})
    complete = ready(typed, call, worker, offer_of(chat_door, chat.force, found))
    agreed = found.fingerprints(worker=worker.asks)
    return await send(person_door, idempotency_tokens, found, AskToSend(body.once, chat, complete, agreed, origin))


@routes.post(
    "/back",
    response_model=BackView,
    responses=_problems(
        _404="these words lead nowhere; after many wrong tries of one network this answer takes up to 10 seconds",
        _503="no database",
    ),
)
async def back(chat_door: OnChat, on_person: OnPerson, origin: OnOrigin, body: BackBody) -> Response:
    """Comes back to a talk by its three words."""
    rung = await heard(chat_door, body.words)
    try:
        chat = chat_door.tokens.read(body.chat) if body.chat else Chat(None, "simple")
    except StaleChat:
        chat = Chat(None, "simple")
    chat = replace(chat, rung=chat.rung or rung)
    try:
        found = await come_back(on_person, chat_door, origin, body.words, chat)
    except NotYours:
        return problem_with(404, f"{chat_door.pages.words['coming_wrong']} {HELP}", danger=rung)
    except Away:
        return problem_with(503, AWAY, danger=rung)
    token = chat_door.tokens.write(replace(found.chat, person=found.here))
    view = BackView(here=found.here, chat=token, force=found.chat.force, state=found.state, danger=found.chat.rung)
    return Response(view.model_dump_json(), media_type="application/json")


async def _terms(person_door: PersonDoor, chat_door: ChatDoor, force: str | None) -> ConsentTerms:
    try:
        return await terms_of(person_door, chat_door, force)
    except NobodyAnswers as nobody:
        raise Problem(*_NOBODY[nobody.why]) from None
    except Away:
        raise Problem(503, AWAY) from None


def _typed(body: AskBody) -> AskForm:
    # Whoever names sentences here sends them: the program has asked the child.
    return AskForm(body.name, body.question, tuple(body.cards), body.wants, tuple(body.passport), "yes")


def _worker(body: AskBody) -> TypedWorker:
    named = body.worker or WorkerBody()
    return TypedWorker("yes" if body.with_worker else "", named.name, named.reach)
