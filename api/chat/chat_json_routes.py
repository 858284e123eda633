"""The JSON API of the chat, as the contract has it: forces, cards, chats.

What is not in English has a `language`; in what has none, the words are English.
"""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from accessibility.rule_finding import Level
from api.chat.buttons import Reply
from api.chat.chat_door import ChatDoor, OnCaller, OnChatJson
from api.chat.chat_json_models import (
    CardLine,
    CardView,
    ChatView,
    ForceView,
    MatchesView,
    MatchView,
    NewChat,
    SayRequest,
    problems,
)
from api.chat.dialogue.state import Chat, Turn
from api.chat.end_visit import end_visit
from api.chat.message import Answered, ChildMessage, NotAnswered, WithPerson, answer
from api.chat.person.person_door import OnPerson
from api.chat.reply import LONGEST
from api.chat.reply_view import card_view, reply_view
from api.web.errors import Problem
from api.web.rate_limit import TooFast
from api.web.security_headers import anyone
from content.card import NO_BUTTON
from content.situations import is_menu

routes = APIRouter(prefix="/api/v1", dependencies=[Depends(anyone)])

_CARDS = problems(404, 422, 503)
_TITLES: Mapping[str, str] = {
    "old_page": "This chat is too old or was changed. Start a new chat.",
    "empty": "The message is empty. Type a question, or press a button.",
    "too_long": f"That is too long. Please ask in fewer words: {LONGEST} letters at most.",
}


@routes.post("/chats/say", response_model=ChatView, responses=problems(404, 409, 413, 422, 429, 503))
async def say(chat_door: OnChatJson, on_person: OnPerson, caller: OnCaller, said: SayRequest) -> Response:
    """Answers a message, a card's button, or an act. The alarm is heard before anything else is looked at.

    So what rings is answered whatever the token, the length, the key or the pace. While a person talks with this child,
    the answer is of kind "person", with a note that they are here. `force` is there when the chat moved to another one.
    """
    opened = chat_door.tokens.look(said.chat)
    message = ChildMessage(opened, said.text, said.card, said.act, caller=caller)
    outcome = await answer(chat_door, on_person, message)
    if isinstance(outcome, NotAnswered):
        raise _problem(chat_door, outcome)
    if isinstance(outcome, WithPerson):
        return _quiet(chat_door, outcome)
    _must_be_signed(chat_door, outcome, said.card)
    if outcome.cleared:
        await end_visit(chat_door, on_person, "", said.chat, "")
    return _view(chat_door, outcome)


@routes.post("/chats", status_code=201, response_model=ChatView, responses=problems(404, 413, 422, 429, 503))
async def start(chat_door: OnChatJson, caller: OnCaller, new: NewChat) -> Response:
    """Starts a chat. Nothing is kept: the token holds it all."""
    chat = caller.begin(chat_door, Chat(new.force, new.level, new.situation))
    chat_door.open_pack(new.force)
    return _view(chat_door, Answered(*chat_door.helper.start(chat)), 201)


@routes.get("/forces")
async def forces(chat_door: OnChatJson) -> list[ForceView]:
    """Every police force, by name."""
    today = chat_door.pack_cache.today()
    return [
        ForceView(
            slug=force.slug,
            name=force.name,
            nation=force.nation,
            joined=chat_door.pack_cache.pack(force.slug).joined(today),
        )
        for force in sorted(chat_door.pack_cache.forces.values(), key=lambda force: force.name)
    ]


@routes.get("/forces/find")
async def find(chat_door: OnChatJson, q: Annotated[str, Query(max_length=200)]) -> MatchesView:
    """The forces that fit a town, district, nickname or outward postcode. Nothing of it is kept."""
    return MatchesView(
        matches=[
            MatchView(slug=match.slug, name=match.name, because=match.because, sure=match.sure)
            for match in chat_door.helper.places.find(q)
        ]
    )


@routes.get("/forces/{slug}/cards", response_model_exclude_defaults=True, responses=_CARDS)
async def cards(chat_door: OnChatJson, caller: OnCaller, slug: str, level: Level = "simple") -> list[CardLine]:
    """Every card that this force's children may see today."""
    caller.must_be_of(slug)
    chat_door.force(slug)
    today = chat_door.pack_cache.today()
    return [
        CardLine(
            key=key,
            question=signed.words.levels[level].question,
            language=signed.words.language,
            about=signed.words.about,
            asks=signed.words.asks,
            situations=list(signed.words.situations),
            layer=signed.layer,
            signed_on=(today if signed.built_in else signed.signed_on).isoformat(),
            review_by=(today if signed.built_in else signed.review_by).isoformat(),
        )
        for key, signed in sorted(chat_door.open_pack(slug).live(today).items())
        if signed.words.kind in ("card", "house")
    ]


@routes.get("/forces/{slug}/cards/{key}", response_model_exclude_defaults=True, responses=_CARDS)
async def card(chat_door: OnChatJson, caller: OnCaller, slug: str, key: str, level: Level = "simple") -> CardView:
    """One card's signed words at a level."""
    caller.must_be_of(slug)
    chat_door.force(slug)
    pack = chat_door.open_pack(slug)
    found = card_view(key, level, pack, chat_door.pack_cache.today())
    if found is None:
        raise Problem(404, "There is no signed card with that name.")
    return found


def _problem(chat_door: ChatDoor, refused: NotAnswered) -> Exception:
    """Why a message is not answered, as a program is told of it."""
    if refused.wait:
        return TooFast(refused.wait)
    title = _TITLES.get(refused.why)
    return Problem(refused.status, title) if title else chat_door.shut_problem(refused.why)


def _quiet(chat_door: ChatDoor, found: WithPerson) -> Response:
    """What is said in the bot's place: that a person is here, and how to reach help; no card is opened."""
    turn = Turn("person", "talk-to-a-person", found.alarm.alarm if found.alarm else None, note=found.why)
    return _view(chat_door, Answered(chat_door.for_help(found.chat, helps=True), Reply(turn)))


def _must_be_signed(chat_door: ChatDoor, answered: Answered, card: str | None) -> None:
    """Raises Problem 404 for the button of a card that was never signed, which no page has."""
    if card is None or is_menu(card) or answered.reply.turn.alarm:
        return
    pack = chat_door.pack(answered.chat.force)
    signed = pack.signed().get(card) or pack.card(card, chat_door.pack_cache.today())
    if signed is None or signed.words.kind in NO_BUTTON:
        raise Problem(404, "There is no signed card with that name.")


def _view(chat_door: ChatDoor, outcome: Answered, status: int = 200) -> Response:
    chat, reply = outcome.chat, outcome.reply
    note = chat_door.pages.words[reply.turn.note] if reply.turn.note else None
    pack, today = chat_door.open_pack(chat.force, reply.turn), chat_door.pack_cache.today()
    view = reply_view(chat, reply, pack, today, chat_door.helper.menu, chat_door.spoken, note)
    shown = ChatView.model_construct(
        chat=chat_door.tokens.write(chat),
        reply=view,
        force=chat.force if outcome.moved else None,
        cleared=outcome.cleared,
    )
    body = shown.model_dump_json(exclude_defaults=True)
    return Response(body, status, media_type="application/json")
