"""A Reply as a child sees it: the signed words at their level, for the templates and for JSON."""

from datetime import date
from functools import lru_cache

from pydantic import BaseModel

from accessibility.finding import Level
from accessibility.markup import spoken
from api.chat.buttons import Reply
from api.chat.token import Chat, ReplyKind
from api.chat.words import signed_word
from content.danger import Kind
from content.language import Language
from content.pack import Pack
from content.signed_words import SignedBubble
from content.situations import Menu, most_choices


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
    """A Card of the JSON contract. `ask` are questions to show to an officer, in English."""

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


class UnderstoodView(BaseModel):
    """What the bot made of the message: never the message."""

    intent: str
    confidence: float


class ReplyView(BaseModel):
    """A Reply of the JSON contract. `note` is a sentence to show above the answer; left out where there is none.

    `word` is there when the meaning of a hard word was asked.
    """

    kind: ReplyKind
    card: CardView | None
    alarm: Kind | None
    near: list[NearView]
    understood: UnderstoodView | None
    note: str | None = None
    word: WordView | None = None


# A Pack never changes and the day only at midnight, so the same few hundred views serve everybody.
@lru_cache(maxsize=2_000)
def near_view(keys: tuple[str, ...], level: Level, pack: Pack, today: date, menu: Menu | None = None) -> list[NearView]:
    """The questions of these cards at a level, no more than its reader can choose among.

    A card that is no longer live is left out, and so are pages of the menu where no menu is given.
    """
    cards = {key: signed.words for key in keys if (signed := pack.card(key, today))}
    found = {
        key: NearView(key=key, question=words.levels[level].question, language=words.language)
        for key, words in cards.items()
    }
    for key in keys:
        if menu and (entry := menu.button(key)):
            found[key] = NearView(key=key, question=entry.label)
    return [found[key] for key in keys if key in found][: most_choices(level)]


@lru_cache(maxsize=2_000)
def card_view(key: str, level: Level, pack: Pack, today: date) -> CardView | None:
    """A card's signed words at a level; None when it is not live in this Pack."""
    signed = pack.card(key, today)
    if signed is None:
        return None
    version = signed.words.levels[level]
    return CardView(
        key=signed.card,
        question=version.question,
        language=signed.words.language,
        level=level,
        layer=signed.layer,
        bubbles=[_bubble(bubble) for bubble in version.bubbles],
        words=[word.id for word in version.words],
        sources=[SourceView(title=title, url=url) for title, url in signed.words.sources],
        near=near_view(signed.words.near, level, pack, today),
        signoff=SignedView(
            signed_by_post=signed.signer.post,
            signed_on=signed.signed_on,
            review_by=signed.review_by,
            fingerprint=signed.words.fingerprint,
        ),
        ask=list(signed.words.ask),
    )


def _bubble(bubble: SignedBubble) -> BubbleView:
    meanings = [MeaningView(word=word.word, meaning=word.meaning) for word in bubble.meanings]
    return BubbleView(text=spoken(bubble.text), symbol=bubble.symbol, meanings=meanings)


def reply_view(chat: Chat, reply: Reply, pack: Pack, today: date, menu: Menu, note: str | None = None) -> ReplyView:
    """A Reply as JSON gives it. Crisis words are always at the easy level."""
    level: Level = "easy" if reply.turn.alarm else chat.level
    understood = reply.understood
    return ReplyView.model_construct(
        kind=reply.turn.kind,
        card=card_view(reply.turn.card, level, pack, today),
        alarm=reply.turn.alarm,
        near=near_view(reply.turn.near, level, pack, today, menu),
        understood=UnderstoodView(intent=understood.intent, confidence=round(understood.confidence, 4))
        if understood
        else None,
        note=note,
        word=_word(reply.turn.word, level, pack, today),
    )


def _word(key: str | None, level: Level, pack: Pack, today: date) -> WordView | None:
    word = signed_word(key, level, pack, today) if key else None
    if word is None:
        return None
    return WordView(word=word.word, meaning=word.meaning, used=word.used, picture=word.picture)
