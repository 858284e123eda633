"""The JSON API of the chat, as the contract has it: forces, cards, chats.

What is not in English has a `language`; in what has none, the words are English.
"""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from accessibility.finding import Level
from api.chat.buttons import Reply
from api.chat.caller import OnCaller
from api.chat.json_models import CardLine, ChatView, ForceView, MatchesView, MatchView, NewChat, Said, problems
from api.chat.person.room import OnWay
from api.chat.person.silence import Silence, silence
from api.chat.room import LONGEST, InRoom, Room, wants_help
from api.chat.token import Chat, StaleChat, Turn
from api.chat.view import CardView, card_view, reply_view
from api.hall.errors import Problem
from api.hall.guard import anyone
from content.card import NO_BUTTON
from content.situations import is_menu

routes = APIRouter(prefix="/api/v1", dependencies=[Depends(anyone)])

_CARDS = problems(404, 422, 503)


@routes.post("/chats/say", response_model=ChatView, responses=problems(404, 409, 413, 422, 429, 503))
async def say(room: InRoom, on_way: OnWay, caller: OnCaller, said: Said) -> Response:
    """Answers a message, a card's button, or an act. The alarm is heard before anything else is looked at.

    So what rings is answered whatever the token, the length, the key or the pace. While a person talks with this child,
    the answer is of kind "person", with a note that they are here. `force` is there when the chat moved to another one.
    """
    alarm = room.helper.hear(said.text) if said.text is not None else None
    if not alarm:
        caller.must_have_good_key()
    chat = _chat(room, said.chat, fallback=Chat(None, "easy") if alarm else None)
    if not alarm:
        caller.must_hold(chat)
    helps = wants_help(None, said.card, said.act)
    fast = None if helps else room.too_fast(chat, typed=said.text is not None, key=caller.key)
    if fast and not alarm:
        raise fast
    silent = await silence(on_way, chat)
    answer = None if silent else await _say(room, said, alarm, chat, ask_bot=not fast)
    # Asked once more: somebody may have come while the bot was thinking, and then what it thought is not said.
    silent = silent or await silence(on_way, chat)
    return _quiet(room, chat, alarm, silent) if silent or answer is None else answer


async def _say(room: Room, said: Said, alarm: Turn | None, chat: Chat, *, ask_bot: bool) -> Response:
    chat = room.for_help(chat, alarm, said.card, said.act)
    pack = room.open_pack(chat.force)
    if alarm and not ask_bot:
        return _view(room, *room.helper.show(chat, alarm))
    if said.text is not None:
        if not alarm:
            _readable(said.text)
        after, reply = await room.answer(chat, said.text, alarm)
        return _view(room, after, reply, moved=after.force != chat.force)
    if said.card is None:
        return _view(room, *room.helper.act(chat, said.act or "again"))
    signed = pack.signed().get(said.card)
    if not is_menu(said.card) and (signed is None or signed.words.kind in NO_BUTTON):
        raise Problem(404, "There is no signed card with that name.")
    return _view(room, *room.helper.open_card(chat, said.card))


@routes.post("/chats", status_code=201, response_model=ChatView, responses=problems(404, 413, 422, 429, 503))
async def start(room: InRoom, caller: OnCaller, new: NewChat) -> Response:
    """Starts a chat. Nothing is kept: the token holds it all."""
    chat = caller.begin(room, Chat(new.force, new.level, new.situation))
    room.open_pack(new.force)
    return _view(room, *room.helper.start(chat), status=201)


@routes.get("/forces")
async def forces(room: InRoom) -> list[ForceView]:
    """Every police force, by name."""
    today = room.shelf.today()
    return [
        ForceView(
            slug=force.slug, name=force.name, nation=force.nation, joined=room.shelf.pack(force.slug).joined(today)
        )
        for force in sorted(room.shelf.forces.values(), key=lambda force: force.name)
    ]


@routes.get("/forces/find")
async def find(room: InRoom, q: Annotated[str, Query(max_length=200)]) -> MatchesView:
    """The forces that fit a town, district, nickname or outward postcode. Nothing of it is kept."""
    return MatchesView(
        matches=[
            MatchView(slug=match.slug, name=match.name, because=match.because, sure=match.sure)
            for match in room.helper.places.find(q)
        ]
    )


@routes.get("/forces/{slug}/cards", response_model_exclude_defaults=True, responses=_CARDS)
async def cards(room: InRoom, caller: OnCaller, slug: str, level: Level = "simple") -> list[CardLine]:
    """Every card that this force's children may see today."""
    caller.must_be_of(slug)
    room.force(slug)
    return [
        CardLine(
            key=key,
            question=signed.words.levels[level].question,
            language=signed.words.language,
            about=signed.words.about,
            asks=signed.words.asks,
            situations=list(signed.words.situations),
            layer=signed.layer,
            signed_on=signed.signed_on.isoformat(),
            review_by=signed.review_by.isoformat(),
        )
        for key, signed in sorted(room.open_pack(slug).live(room.shelf.today()).items())
        if signed.words.kind in ("card", "house")
    ]


@routes.get("/forces/{slug}/cards/{key}", response_model_exclude_defaults=True, responses=_CARDS)
async def card(room: InRoom, caller: OnCaller, slug: str, key: str, level: Level = "simple") -> CardView:
    """One card's signed words at a level."""
    caller.must_be_of(slug)
    room.force(slug)
    pack = room.open_pack(slug)
    found = card_view(key, level, pack, room.shelf.today())
    if found is None:
        raise Problem(404, "There is no signed card with that name.")
    return found


def _chat(room: Room, token: str, fallback: Chat | None) -> Chat:
    try:
        return room.known(room.tokens.read(token))
    except (StaleChat, Problem):
        if fallback is None:
            raise Problem(409, "This chat is too old or was changed. Start a new chat.") from None
        return fallback


def _quiet(room: Room, chat: Chat, alarm: Turn | None, why: Silence | None) -> Response:
    """What is said in the bot's place: that a person is here, and how to reach help; no card is opened."""
    chat = room.for_help(replace(chat, rung=chat.rung or alarm is not None), alarm, None, "person")
    turn = Turn("person", "talk-to-a-person", alarm.alarm if alarm else None, note=why)
    return _view(room, chat, Reply(turn))


def _readable(text: str) -> None:
    if len(text) > LONGEST:
        raise Problem(422, f"That is too long. Please ask in fewer words: {LONGEST} letters at most.")
    if not text.strip():
        raise Problem(422, "The message is empty. Type a question, or press a button.")


def _view(room: Room, chat: Chat, reply: Reply, status: int = 200, *, moved: bool = False) -> Response:
    note = room.pages.words[reply.turn.note] if reply.turn.note else None
    view = reply_view(chat, reply, room.open_pack(chat.force), room.shelf.today(), room.helper.menu, note)
    shown = ChatView.model_construct(chat=room.tokens.write(chat), reply=view, force=chat.force if moved else None)
    body = shown.model_dump_json(exclude_defaults=True)
    return Response(body, status, media_type="application/json")
