"""The pages from "Talk to a person" to the moment it is sent. Until then nothing is kept: it is all in the form."""

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.page_view import ANY
from api.chat.person import times
from api.chat.person.ask_view import Visit
from api.chat.person.away import Away, at_work
from api.chat.person.calls import NotReady, TypedCall
from api.chat.person.form import CALL_FIELDS, Typed, must_be_ready, ready
from api.chat.person.handle import Handle, StaleHandle
from api.chat.person.place import heard, visited
from api.chat.person.room import OnWay, Way
from api.chat.person.sending import Kept, Onces, Sending, SentBefore, StaleOnce, send, sent_already
from api.chat.person.terms import CONSENT, WITH_WORKER, NobodyAnswers, Terms, offer_of, terms_of
from api.chat.person.worker import TypedWorker
from api.chat.room import InRoom, Room
from api.chat.token import Chat
from api.hall.guard import anyone
from api.hall.keeping import reading_of

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)
_SEE_OTHER = 303


@dataclass(frozen=True)
class Posted:
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
async def first(request: Request, room: InRoom, on_way: OnWay, force: str, chat: str = "") -> Response:
    """Who answers, and the cards to agree to; for a child who has asked already, the way to their talk."""
    now = visited(room, force, chat)
    if chat and (now.force or ANY) != force:
        return RedirectResponse(f"/{now.force or ANY}/person?{urlencode({'chat': chat})}", _SEE_OTHER)
    visit = Visit(request, room, now)
    try:
        talking = await _open_talk(on_way, now)
        if talking:
            return _to_talk(room, on_way, now, talking)
        terms = await terms_of(on_way, room, now.force)
        # Where a worker sits beside the child, whether they ask together comes before everything else.
        ask_first = terms.worker and reading_of(request).place == "alongside"
        return visit.with_worker(terms) if ask_first else visit.consent(terms)
    except NobodyAnswers as nobody:
        return visit.nobody(nobody.why)
    except Away:
        return visit.away("consent", by_get=True)


@routes.post("/{force}/person")
async def go_on(
    request: Request,
    room: InRoom,
    on_way: OnWay,
    force: str,
    posted: Annotated[Posted, Depends()],
    typed: Annotated[Typed, Depends()],
    call: Annotated[TypedCall, Depends()],
    worker: Annotated[TypedWorker, Depends()],
) -> Response:
    """The next step, the one before, or sending; each page holds all that was typed."""
    rung = heard(room, *typed.texts, *call.texts, *worker.texts)
    chat = visited(room, force, posted.chat, rung=rung or bool(posted.rung), level=posted.level)
    if room.tokens.over(posted.chat):
        # A browser may send a page of before once more: whoever does so after leaving finds nothing that was typed.
        return RedirectResponse(f"/{chat.force or ANY}/person", _SEE_OTHER)
    if posted.go == "no":
        return RedirectResponse(f"/{chat.force or ANY}?{urlencode({'chat': room.tokens.write(chat)})}", _SEE_OTHER)
    held = (posted.fingerprints, posted.provider, posted.keep_days, posted.once)
    visit = Visit(request, room, chat, typed, call, *held, _asks(posted.go, worker))
    try:
        kept = await sent_already(on_way, Onces.of(room.settings), posted.once) if posted.go == "send" else None
        if kept:
            return _sent(visit, kept)
        terms = await terms_of(on_way, room, chat.force)
        return _to_agree(visit, terms, posted.go) or await _step(visit, on_way, terms, posted.go)
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


def _to_agree(visit: Visit, terms: Terms, go: str) -> Response | None:
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


async def _step(visit: Visit, way: Way, terms: Terms, go: str) -> Response:
    offer = offer_of(visit.room, visit.slug, terms)
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
    onces = Onces.of(visit.room.settings)
    fresh = replace(visit, once=onces.new(way.now()))
    if go != "send":
        return fresh.review(terms, complete)
    agreed = terms.fingerprints(worker=visit.worker.asks)
    try:
        return _sent(visit, await send(way, onces, terms, Sending(visit.once, visit.chat, complete, agreed)))
    except StaleOnce:
        return fresh.review(terms, complete, again=True)


def _sent(visit: Visit, kept: Kept) -> Response:
    after = replace(visit, chat=replace(visit.chat, person=kept.here))
    when = times.label(kept.window) if kept.window else ""
    words = kept.words.split("-")
    return after.page("sent", here=kept.here, three_words=words, wants=kept.wants, when=when, provider=kept.provider)


async def _open_talk(way: Way, chat: Chat) -> Handle | None:
    """The handle of the talk that this chat has already, while it is open."""
    if chat.person is None:
        return None
    try:
        async with at_work(way) as session:
            handover, handle = await way.found(session, chat.person)
    except StaleHandle:
        return None
    return handle if handover.state != "closed" else None


def _to_talk(room: Room, way: Way, chat: Chat, handle: Handle) -> Response:
    here = way.handles.write(handle, way.now())
    held = {"here": here, "chat": room.tokens.write(replace(chat, person=here))}
    return RedirectResponse(f"/{chat.force or ANY}/person/talk?{urlencode(held)}", _SEE_OTHER)
