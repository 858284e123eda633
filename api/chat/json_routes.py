"""The JSON API of the chat, as the contract has it: forces, cards, chats.

What is not in English has a `language`; in what has none, the words are English.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field, model_validator

from accessibility.finding import Level
from api.chat.reply import Reply
from api.chat.room import LONGEST, InRoom, Room
from api.chat.token import Chat, StaleChat
from api.chat.view import CardView, ReplyView, card_view, reply_view
from api.hall.errors import Problem
from api.hall.guard import anyone
from content.card import Situation
from content.language import Language
from content.situations import is_menu

routes = APIRouter(prefix="/api/v1", dependencies=[Depends(anyone)])


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": why, "content": {"application/problem+json": {}}}
    for status, why in (
        (404, "no such force or card"),
        (409, "the chat is too old or was changed"),
        (413, "longer than any message"),
        (422, "not a message that can be answered"),
        (503, "the words are not signed yet, or the force has shut its door for now"),
    )
}
"""What a caller may get instead, each with a `title` in plain words."""


class ForceView(BaseModel):
    """A police force; `joined` when it has live signed words of its own."""

    slug: str
    name: str
    nation: str
    joined: bool


class MatchView(BaseModel):
    """A force that fits a place; `because` names the place as we know it, never as it was typed."""

    slug: str
    name: str
    because: str
    sure: bool


class MatchesView(BaseModel):
    """All forces that fit: several when it is unclear, none when unknown."""

    matches: list[MatchView]


class CardLine(BaseModel):
    """A card in the list of a force's cards."""

    key: str
    question: str
    about: str
    asks: str
    situations: list[str]
    layer: str
    signed_on: str
    review_by: str
    language: Language = "en"


class NewChat(BaseModel):
    """What a chat starts from."""

    force: str | None = None
    level: Level = "simple"
    situation: Situation | None = None


class Said(BaseModel):
    """One thing said: a text, or the key of a card or of a page of the menu, or an act of a button."""

    chat: str = Field(max_length=8_000)
    text: str | None = None
    card: str | None = Field(None, max_length=60)
    act: Literal["simpler", "again", "back", "person", "not-meant", "back-to-talk"] | None = None

    @model_validator(mode="after")
    def _one_of_three(self) -> "Said":
        if sum(part is not None for part in (self.text, self.card, self.act)) != 1:
            raise ValueError("send one of text, card or act")
        return self


class ChatView(BaseModel):
    """The chat's new token, and what to show."""

    chat: str
    reply: ReplyView


@routes.post("/chats/say", response_model=ChatView, responses=PROBLEMS)
async def say(room: InRoom, said: Said) -> Response:
    """Answers a message, a card's button, or an act. The alarm is heard before the token or the length is looked at."""
    alarm = room.helper.hear(said.text) if said.text is not None else None
    chat = _chat(room, said.chat, fallback=Chat(None, "easy") if alarm else None)
    chat = room.for_help(chat, alarm, said.card, said.act)
    pack = room.open_pack(chat.force)
    if said.text is not None:
        if not alarm:
            _readable(said.text)
        return _view(room, *await room.helper.answer(chat, said.text, alarm))
    if said.card is None:
        return _view(room, *room.helper.act(chat, said.act or "again"))
    signed = pack.signed().get(said.card)
    if not is_menu(said.card) and (signed is None or signed.words.kind == "act"):
        raise Problem(404, "There is no signed card with that name.")
    return _view(room, *room.helper.open_card(chat, said.card))


@routes.post("/chats", status_code=201, response_model=ChatView, responses=PROBLEMS)
async def start(room: InRoom, new: NewChat) -> Response:
    """Starts a chat. Nothing is kept: the token holds it all."""
    room.force(new.force)
    room.open_pack(new.force)
    return _view(room, *room.helper.start(Chat(new.force, new.level, new.situation)), status=201)


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


@routes.get("/forces/{slug}/cards", response_model_exclude_defaults=True)
async def cards(room: InRoom, slug: str, level: Level = "simple") -> list[CardLine]:
    """Every card that this force's children may see today."""
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


@routes.get("/forces/{slug}/cards/{key}", response_model_exclude_defaults=True)
async def card(room: InRoom, slug: str, key: str, level: Level = "simple") -> CardView:
    """One card's signed words at a level."""
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


def _readable(text: str) -> None:
    if len(text) > LONGEST:
        raise Problem(422, f"That is too long. Please ask in fewer words: {LONGEST} letters at most.")
    if not text.strip():
        raise Problem(422, "The message is empty. Type a question, or press a button.")


def _view(room: Room, chat: Chat, reply: Reply, status: int = 200) -> Response:
    note = room.pages.words[reply.turn.note] if reply.turn.note else None
    view = reply_view(chat, reply, room.open_pack(chat.force), room.shelf.today(), room.helper.menu, note)
    body = ChatView.model_construct(chat=room.tokens.write(chat), reply=view).model_dump_json(exclude_defaults=True)
    return Response(body, status, media_type="application/json")
