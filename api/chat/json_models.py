"""What the JSON of the chat takes and gives, and what a caller may get instead."""

from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from accessibility.finding import Level
from api.chat.view import ReplyView
from content.card import Situation
from content.language import Language

_WHY = {
    404: "no such force or card",
    409: "the chat is too old or was changed",
    413: "longer than any message",
    422: "not a message that can be answered",
    429: "faster than by hand: wait as many seconds as Retry-After says, and send the same again",
    503: "the words are not signed yet, or the force has shut its door for now",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a caller may get instead, by status: each with a `title` in plain words."""
    return {one: {"description": _WHY[one], "content": {"application/problem+json": {}}} for one in statuses}


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
    """The chat's new token, and what to show. `force` is there when the child has said that they live elsewhere."""

    chat: str
    reply: ReplyView
    force: str | None = None
