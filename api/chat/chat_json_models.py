"""What the JSON of the chat takes and gives, and what a caller may get instead."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from accessibility.rule_finding import Level
from api.chat.dialogue.state import ReplyKind
from content.card import Situation
from content.danger import Kind
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


class MeaningView(BaseModel):
    """A hard word and what it means."""

    word: str
    meaning: str


class WordView(MeaningView):
    """A hard word that was asked about, with the word used in a sentence, and the id of its picture."""

    used: str = ""
    picture: str | None = None


class BubbleView(BaseModel):
    """One idea as plain text, the id of its picture, and the meanings of the hard words that are new in it."""

    text: str
    symbol: str | None
    meanings: list[MeaningView]


class SourceView(BaseModel):
    """Where a fact comes from."""

    title: str
    url: str


class NearView(BaseModel):
    """A card that may be asked next, or a page of the menu with the words of its button."""

    key: str
    question: str
    language: Language = "en"


class SignedView(BaseModel):
    """Who signed these words, when, until when, and the fingerprint of the text."""

    signed_by_post: str
    signed_on: date
    review_by: date
    fingerprint: str


class CardView(BaseModel):
    """A Card of the JSON contract. `ask` are questions to show to an officer, in English.

    With `stays` they may be shown past their review date. Help that is built into the program, where a card about
    danger has no good signature, is of the layer "built-in"; its `signoff` says that nobody signed it, and today.
    """

    key: str
    question: str
    level: Level
    layer: str
    bubbles: list[BubbleView]
    words: list[str]
    sources: list[SourceView]
    near: list[NearView]
    signoff: SignedView
    language: Language = "en"
    ask: list[str] = []
    stays: bool = False


class UnderstoodView(BaseModel):
    """What the bot made of the message: never the message."""

    intent: str
    confidence: float


class AnsweredView(BaseModel):
    """Something that this reply answers: the key of its card, and which of its bubbles answers, counted from 0."""

    key: str
    bubble: int | None = None


class AboutView(BaseModel):
    """What answers are about, as the page shows it: the subject of the card that is open."""

    subject: str


class FirstHelpView(BaseModel):
    """How to reach help now, to show before a reply that gives no answer. `calls` are its numbers, for a phone."""

    text: str
    calls: list[str]
    language: Language = "en"


class ReplyView(BaseModel):
    """A Reply of the JSON contract. `note` is a sentence to show above the answer; left out where there is none.

    `answers` is all that is answered, in the order to show it: a feeling's card first where there is one, then two
    questions in the order asked. `check` names the hint of danger for which help is to be offered quietly, `about` what
    answers are about. `word` is there when the meaning of a hard word was asked. `first_help` is there in every reply
    that gives no answer: show it before everything else.
    """

    kind: ReplyKind
    card: CardView | None
    alarm: Kind | None
    near: list[NearView]
    understood: UnderstoodView | None
    answers: list[AnsweredView]
    check: str | None
    about: AboutView | None
    note: str | None = None
    word: WordView | None = None
    first_help: FirstHelpView | None = None


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


Act = Literal[
    "simpler",
    "again",
    "back",
    "person",
    "not-meant",
    "back-to-talk",
    "change",
    "for-suspect",
    "for-harmed",
    "for-both",
    "for-everyone",
]
"""What a button may do beside opening a card."""


class SayRequest(BaseModel):
    """One thing said: a text, or the key of a card or of a page of the menu, or an act of a button."""

    chat: str = Field(max_length=8_000)
    text: str | None = None
    card: str | None = Field(None, max_length=60)
    act: Act | None = None

    @model_validator(mode="after")
    def _one_of_three(self) -> "SayRequest":
        if sum(part is not None for part in (self.text, self.card, self.act)) != 1:
            raise ValueError("send one of text, card or act")
        return self


class ChatView(BaseModel):
    """The chat's new token, and what to show. `force` is there when the child has said that they live elsewhere.

    `cleared` is there, and true, when the child has said that somebody looks at the screen: take all that was shown off
    it at once, what they typed too, and show this reply as the beginning of a new chat.
    """

    chat: str
    reply: ReplyView
    force: str | None = None
    cleared: bool = False
