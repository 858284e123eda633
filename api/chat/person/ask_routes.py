"""The pages from "Talk to a person" to the moment it is sent. Until then nothing is kept: it is all in the form."""

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.chat_door import ChatDoor, OnChat
from api.chat.chat_page_view import ANY
from api.chat.dialogue.state import Chat
from api.chat.person import plain_times
from api.chat.person.ask_form import CALL_FIELDS, AskForm, must_be_ready, ready
from api.chat.person.ask_once import (
    AskToSend,
    IdempotencyToken,
    Kept,
    SentBefore,
    StaleIdempotencyToken,
    send,
    sent_already,
)
from api.chat.person.ask_view import Visit
from api.chat.person.call_form import NotReady, TypedCall
from api.chat.person.came_from import heard, visited
from api.chat.person.consent_terms import CONSENT, WITH_WORKER, ConsentTerms, NobodyAnswers, offer_of, terms_of
from api.chat.person.handover_outage import Away, at_work
from api.chat.person.handover_token import HandoverToken, StaleHandoverToken
from api.chat.person.person_door import OnPerson, PersonDoor
from api.chat.person.worker_form import TypedWorker
from api.web.origin import origin_of
from api.web.page_routes import page_routes
from api.web.page_state import page_state
from api.web.security_headers import anyone

routes = page_routes(anyone)
_SEE_OTHER = 303


@dataclass(frozen=True)
class AskFields:
    """What the forms on the way carry beside what a child fills in: the chat, the step, and what they agreed to.

    `level` is how they like to read, where they press that.
    """

    chat: Annotated[str, Form()] = ""
    go: Annotated[str, Form()] = "consent"
    level: Annotated[str, Form()] = ""
    rung: Annotated[str, Form()] = ""
    agreed: Annotated[tuple[str, ...], Form()] = ()
    provider: Annotated[str, Form()] = ""
    keep_days: Annotated[str, Form()] = ""
    once: Annotated[str, Form()] = ""

    @property
    def fingerprints(self) -> dict[str, str]:
        """The fingerprints of the consent cards that the child said yes to, by their keys."""
        return {key: fingerprint for key, _, fingerprint in (one.partition(" ") for one in self.agreed)}


@routes.get("/{force}/person")
async def first(request: Request, chat_door: OnChat, on_person: OnPerson, force: str, chat: str = "") -> Response:
    """Who answers, and the cards to agree to; for a child who has asked already, the way to their talk."""
    now = visited(chat_door, force, chat)
    if chat and (now.force or ANY) != force:
        return RedirectResponse(f"/{now.force or ANY}/person?{urlencode({'chat': chat})}", _SEE_OTHER)
    visit = Visit(request, chat_door, now)
    try:
        talking = await _open_talk(on_person, now)
        if talking:
            return _to_talk(chat_door, on_person, now, talking)
        terms = await terms_of(on_person, chat_door, now.force)
        # Where a worker sits beside the child, whether they ask together comes before everything else.
        ask_first = terms.worker and page_state(request).reading.place == "alongside"
        return visit.with_worker(terms) if ask_first else visit.consent(terms)
    except NobodyAnswers as nobody:
        return visit.nobody(nobody.why)
    except Away:
        return visit.away("consent", by_get=True)


@routes.post("/{force}/person")
async def go_on(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    force: str,
    posted: Annotated[AskFields, Depends()],
    typed: Annotated[AskForm, Depends()],
    call: Annotated[TypedCall, Depends()],
    worker: Annotated[TypedWorker, Depends()],
) -> Response:
    """The next step, the one before, or sending; each page holds all that was typed."""
    rung = await heard(chat_door, *typed.texts, *call.texts, *worker.texts)
    chat = visited(chat_door, force, posted.chat, rung=rung or bool(posted.rung), level=posted.level)
    if chat_door.tokens.over(posted.chat):
        # A browser may send a page of before once more: whoever does so after leaving finds nothing that was typed.
        return RedirectResponse(f"/{chat.force or ANY}/person", _SEE_OTHER)
    if posted.go == "no":
        return RedirectResponse(f"/{chat.force or ANY}?{urlencode({'chat': chat_door.tokens.write(chat)})}", _SEE_OTHER)
    held = (posted.fingerprints, posted.provider, posted.keep_days, posted.once)
    visit = Visit(request, chat_door, chat, typed, call, *held, _asks(posted.go, worker))
    try:
        kept = (
            await sent_already(on_person, IdempotencyToken.of(chat_door.settings), posted.once)
            if posted.go == "send"
            else None
        )
        if kept:
            return _sent(visit, kept)
        terms = await terms_of(on_person, chat_door, chat.force)
        return _to_agree(visit, terms, posted.go) or await _step(visit, on_person, terms, posted.go)
    except SentBefore:
        return visit.page("sent-before", 409)
    except NobodyAnswers as nobody:
        return visit.nobody(nobody.why)
    except Away:
        return visit.away(posted.go)


def _asks(go: str, worker: TypedWorker) -> TypedWorker:
    """Who asks, after this press. Who asks alone from now on passes nothing of a worker on."""
    if go == "alone":
        return TypedWorker()
    return replace(worker, with_worker="yes") if go == "with" else worker


def _to_agree(visit: Visit, terms: ConsentTerms, go: str) -> Response | None:
    """The page that the child must say yes to before anything else; None once they have, and go on."""
    agreed, worker = visit.agreed or {}, visit.worker
    if worker.asks and terms.worker is None:
        return replace(visit, worker=TypedWorker()).consent(terms, only_alone=True)
    if terms.worker and (go == "worker" or (worker.asks and not terms.with_worker(agreed))):
        return visit.with_worker(terms, changed=WITH_WORKER in agreed and not terms.with_worker(agreed))
    same = terms.are(visit.provider, visit.keep_days, agreed, worker=worker.asks)
    if same and go not in ("consent", "with", "alone"):
        return None
    return visit.consent(terms, changed=not same and any(key in agreed for key in CONSENT))


async def _step(visit: Visit, person_door: PersonDoor, terms: ConsentTerms, go: str) -> Response:
    offer = offer_of(visit.chat_door, visit.slug, terms)
    try:
        if go == "next":
            wants, _ = must_be_ready(visit.typed, visit.worker, offer)
            go = "call" if wants == "call-back" and visit.call.untouched else "review"
        if go in ("details", "call"):
            return visit.how_to_call(terms, {}) if go == "call" else visit.details(terms, {})
        complete = ready(visit.typed, visit.call, visit.worker, offer)
    except NotReady as missing:
        on_call_page = set(missing.faults) <= set(CALL_FIELDS)
        return (visit.how_to_call if on_call_page else visit.details)(terms, missing.faults)
    idempotency_tokens = IdempotencyToken.of(visit.chat_door.settings)
    fresh = replace(visit, once=idempotency_tokens.new(person_door.now()))
    if go != "send":
        return fresh.review(terms, complete)
    agreed, origin = terms.fingerprints(worker=visit.worker.asks), origin_of(visit.request)
    try:
        return _sent(
            visit,
            await send(
                person_door, idempotency_tokens, terms, AskToSend(visit.once, visit.chat, complete, agreed, origin)
            ),
        )
    except StaleIdempotencyToken:
        return fresh.review(terms, complete, again=True)


def _sent(visit: Visit, kept: Kept) -> Response:
    after = replace(visit, chat=replace(visit.chat, person=kept.here))
    when = plain_times.label(kept.window) if kept.window else ""
    words = kept.words.split("-")
    return after.page(
        "sent", here=kept.here, three_words=words, wants=kept.wants, when=when, provider=kept.provider, full=kept.full
    )


async def _open_talk(person_door: PersonDoor, chat: Chat) -> HandoverToken | None:
    """The handle of the talk that this chat has already, while it is open."""
    if chat.person is None:
        return None
    try:
        async with at_work(person_door) as session:
            handover, handle = await person_door.found(session, chat.person)
    except StaleHandoverToken:
        return None
    return handle if handover.state != "closed" else None


def _to_talk(chat_door: ChatDoor, person_door: PersonDoor, chat: Chat, handle: HandoverToken) -> Response:
    here = person_door.handover_tokens.write(handle, person_door.now())
    held = {"here": here, "chat": chat_door.tokens.write(replace(chat, person=here))}
    return RedirectResponse(f"/{chat.force or ANY}/person/talk?{urlencode(held)}", _SEE_OTHER)
