"""A Reply as a child sees it: how to reach help, and the signed words at their level, for templates and for JSON."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from accessibility.markup import spoken
from accessibility.rule_finding import Level
from api.chat.buttons import Reply
from api.chat.chat_json_models import (
    AboutView,
    AnsweredView,
    BubbleView,
    CardView,
    FirstHelpView,
    MeaningView,
    NearView,
    ReplyView,
    SignedView,
    SourceView,
    UnderstoodView,
    WordView,
)
from api.chat.dialogue.state import Chat, Turn
from api.chat.word_meanings import signed_word
from content.built_in_help import FIRST_HELP
from content.card import stays
from content.interface import Interface
from content.language import Language
from content.pack import Pack
from content.rendering import numbers
from content.signed_words import SignedBubble, SignedVersion
from content.signoff import SignOff
from content.situations import Menu, most_choices

_NOBODY = "nobody: this help is built into the program"
FIRST_HELP_CARD = "first-help"
_ANSWERS = ("card", "journey")
_ANSWERING = ("card", "alarm", "person", "act")
# Its own first words are these.
_HELP = "in-danger"


@dataclass(frozen=True)
class FirstHelp:
    """The line before every reply that gives no answer, so that no reply of ours is worse than none.

    `signed` is who signed it; None where it is the one that is built in.
    """

    text: str
    language: Language
    signed: SignOff | None


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
        signoff=_signed(signed, today),
        ask=list(signed.words.ask),
        stays=stays(signed.card, signed.words.kind),
    )


def _signed(signed: SignOff, today: date) -> SignedView:
    return SignedView(
        signed_by_post=_NOBODY if signed.built_in else signed.signer.post,
        signed_on=today if signed.built_in else signed.signed_on,
        review_by=today if signed.built_in else signed.review_by,
        fingerprint=signed.words.fingerprint,
    )


def _bubble(bubble: SignedBubble) -> BubbleView:
    meanings = [MeaningView(word=word.word, meaning=word.meaning) for word in bubble.meanings]
    return BubbleView(text=spoken(bubble.text), symbol=bubble.symbol, meanings=meanings)


def reply_view(
    chat: Chat, reply: Reply, pack: Pack, today: date, menu: Menu, spoken: Interface, note: str | None = None
) -> ReplyView:
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
        answers=_answers_of(reply.turn, level, pack, today),
        check=f"check-{reply.turn.check}" if reply.turn.check else None,
        about=AboutView(subject=chat.subject) if chat.subject else None,
        note=note,
        word=_word(reply.turn.word, level, pack, today),
        first_help=_first_help(reply.turn, level, pack, today, spoken),
    )


def answering(turn: Turn, version: SignedVersion | None) -> int | None:
    """Which bubble of the turn's card answers what was asked, counted from 0; None where it does not say."""
    bubbles = version.bubbles if version and turn.asked else ()
    return next((at for at, bubble in enumerate(bubbles) if turn.asked in bubble.answers), None)


def _answers_of(turn: Turn, level: Level, pack: Pack, today: date) -> list[AnsweredView]:
    """What the reply answers: nothing where it only offers, or does not know."""
    answers = [AnsweredView(key=turn.feeling)] if turn.feeling else []
    if turn.kind not in _ANSWERING:
        return answers
    signed = pack.card(turn.card, today)
    bubble = answering(turn, signed.words.levels[level] if signed else None)
    answers.append(AnsweredView(key=turn.card, bubble=bubble))
    return [*answers, AnsweredView(key=turn.second)] if turn.second else answers


def first_help(
    turn: Turn, shown: SignOff | None, level: Level, pack: Pack, today: date, spoken: Interface
) -> FirstHelp | None:
    """The line for this turn, which shows these signed words; None where they answer, or are the alarm's own.

    Where nobody has signed it, or it is withdrawn, it is the one that is built in, in the language of the page.
    """
    if turn.alarm or turn.word or _answers(turn, shown):
        return None
    signed = pack.card(FIRST_HELP_CARD, today)
    if signed is None:
        own = spoken.own(FIRST_HELP)
        return FirstHelp(own, spoken.language, None) if own else FirstHelp(FIRST_HELP, "en", None)
    text = "\\n".join(bubble.text for bubble in signed.words.levels[level].bubbles)
    return FirstHelp(text, signed.words.language, signed)


def _answers(turn: Turn, shown: SignOff | None) -> bool:
    return shown is not None and shown.card == turn.card and (shown.words.kind in _ANSWERS or turn.card == _HELP)


def _first_help(turn: Turn, level: Level, pack: Pack, today: date, spoken: Interface) -> FirstHelpView | None:
    line = first_help(turn, pack.card(turn.card, today), level, pack, today, spoken)
    return FirstHelpView(text=line.text, calls=numbers(line.text), language=line.language) if line else None


def _word(key: str | None, level: Level, pack: Pack, today: date) -> WordView | None:
    word = signed_word(key, level, pack, today) if key else None
    if word is None:
        return None
    return WordView(word=word.word, meaning=word.meaning, used=word.used, picture=word.picture)
