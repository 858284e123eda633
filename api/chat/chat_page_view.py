"""What the templates of a turn and of a page need to know."""

from dataclasses import dataclass
from typing import Any

from accessibility.rule_finding import LEVELS, Level
from accessibility.symbols import symbols
from api.chat.alongside.worker_column import column
from api.chat.beside_answer import beside_answer
from api.chat.buttons import EASIEST, PERSON
from api.chat.chat_door import ChatDoor
from api.chat.dialogue.state import Chat, Turn
from api.chat.journey_view import journey_of
from api.chat.reply_view import first_help
from api.chat.word_meanings import signed_word
from content.language import Language
from content.pack import Pack
from content.signed_words import SignedVersion, SignedWord
from content.signoff import NATIONAL, SignOff
from content.situations import most_choices
from content.word_marks import WordMarks

_QUESTIONS, _FEWER = 3, 2
ANY = "england-and-wales"
"""The address of the talk for a child who does not say where they live."""


@dataclass(frozen=True)
class Button:
    """A button beside an answer: what it opens, its words, its picture, and whether it opens a page of the menu.

    `other` is true for what a message may also have meant. The words of the menu are in English here; the template has
    them in the page's language.
    """

    key: str
    label: str
    symbol: str | None = None
    menu: bool = False
    language: Language = "en"
    other: bool = False


@dataclass(frozen=True)
class AnswerView:
    """The last turn of a chat with its signed words, at the chat's level; crisis words at the easy level.

    `near` are the likeliest buttons, `more` those that wait behind More.
    """

    turn: Turn
    level: Level
    signed: SignOff | None
    version: SignedVersion | None
    near: list[Button]
    more: list[Button]


def answer_view(chat_door: ChatDoor, chat: Chat) -> AnswerView:
    """What is on show in a chat."""
    today, pack = chat_door.pack_cache.today(), chat_door.pack(chat.force)
    turn = chat.last or Turn("act", "what-is-this")
    level: Level = "easy" if turn.alarm else chat.level
    signed = pack.card(turn.card, today) or pack.card("being-checked", today) or pack.card("not-sure", today)
    version = signed.words.levels[level] if signed else None
    found = _buttons(chat_door, turn, level, pack, signed)
    most = _most_at_once(turn, signed, level)
    if turn.card == "what-is-this" and not turn.menu:
        # The hello has its three tiles as well, which stand side by side and are quickly seen.
        most = 1 + sum(button.menu for button in found)
    return AnswerView(turn, level, signed, version, found[:most], found[most:])


def page_view(chat_door: ChatDoor, chat: Chat, *, show_all: bool = False, alongside: bool = False) -> dict[str, Any]:
    """What is on show in a chat, and what stands around it; `alongside` a worker too.

    `paced` says that the answer may be shown one idea at a time, which `show_all` forgoes; house words never are.
    """
    today, pack, force = chat_door.pack_cache.today(), chat_door.pack(chat.force), chat_door.force(chat.force)
    shown = answer_view(chat_door, chat)
    turn, level, signed, version = shown.turn, shown.level, shown.signed, shown.version
    national = bool(signed and signed.layer == NATIONAL and not pack.joined(today))
    # Of the chat itself a worker is told nothing but what stands on the page: that help is there.
    beside = column(signed, level, pack, today, rung=chat.rung, national=national) if alongside else None
    return {
        **({"column": beside} if beside else {}),
        "force": force,
        "slug": chat.force or ANY,
        "levels": LEVELS,
        "level": chat.level,
        "turn": turn,
        "signed": signed,
        "version": version,
        "sounding": signed is not None and chat_door.sounds.sounding(signed.words, level),
        "sound_level": level,
        "number": len(chat.shown),
        "marks": WordMarks(version.words if version else (), f"word-{len(chat.shown)}-"),
        "first_help": first_help(turn, signed, level, pack, today, chat_door.spoken),
        "paced": bool(signed and signed.words.kind in ("card", "journey") and not turn.alarm and not show_all),
        "word": signed_word(turn.word, level, pack, today) if turn.word else None,
        "national": national,
        "near": shown.near,
        "more_near": shown.more,
        "hard_words": _hard_words(chat_door, chat, version),
        "is_answer": _is_answer(turn, signed),
        "leads_on": turn.card == EASIEST,
        **beside_answer(chat_door, chat, signed, version),
        "heading": _heading(chat_door, turn),
        "symbols": symbols(),
        "can_go_back": len(chat.shown) > 1 or turn.menu is not None,
        "rung": chat.rung,
        # Officers read English, whatever the language of the answer.
        "asks": bool(
            signed and (words := chat_door.pack_cache.pack(chat.force).card(signed.card, today)) and words.words.ask
        ),
        "journey": journey_of(pack, today, chat.situation, signed),
    }


def _is_answer(turn: Turn, signed: SignOff | None) -> bool:
    """Whether the words answer, also when they are read again; what only offers has its buttons first."""
    read_again = turn.kind == "act" and signed is not None and signed.words.kind in ("card", "journey")
    return turn.kind == "card" or read_again


def _most_at_once(turn: Turn, signed: SignOff | None, level: Level) -> int:
    """How many buttons stand in sight: a whole page of the menu, or three questions, and fewer under an easy answer."""
    if turn.menu:
        return most_choices(level)
    return _FEWER if level == "easy" and _is_answer(turn, signed) else _QUESTIONS


def _hard_words(chat_door: ChatDoor, chat: Chat, version: SignedVersion | None) -> tuple[SignedWord, ...]:
    """The words to explain: those of the answer, and where that only leads on, of the answer before it."""
    if len(chat.shown) > 1 and chat.shown[-1].card == EASIEST:
        before = chat_door.pack(chat.force).card(chat.shown[-2].card, chat_door.pack_cache.today())
        version = before.words.levels[chat.level] if before else None
    return version.words if version else ()


def _buttons(chat_door: ChatDoor, turn: Turn, level: Level, pack: Pack, shown: SignOff | None) -> list[Button]:
    """The turn's buttons, no more than a reader of the level can choose among. An alarm has its own instead.

    The way to a person stands above the box on every page, and so among the questions only where the signed words lead
    there first, as those about fear do.
    """
    if turn.alarm:
        return []
    found, today = [], chat_door.pack_cache.today()
    answers = shown is not None and turn.kind == "card" and not turn.note and shown.words.kind != "journey"
    own = shown.words.near if shown and answers else turn.near
    to_person = shown is not None and shown.words.near[:1] == (PERSON,)
    for key in turn.near:
        signed, entry = pack.card(key, today), chat_door.helper.menu.button(key)
        if entry:
            found.append(Button(key, entry.label, entry.symbol, menu=True))
        elif signed and (key != PERSON or to_person):
            label, other = signed.words.levels[level].label, key not in own
            found.append(Button(key, label, language=signed.words.language, other=other))
    return found[: most_choices(level)]


def _heading(chat_door: ChatDoor, turn: Turn) -> str:
    """What stands over the buttons: the situation or group that was chosen, else what to do with them."""
    say, title = chat_door.pages.words.say, chat_door.helper.menu.title(turn.menu or "")
    return title or (say("choose") if turn.kind == "choices" else say("menu_heading"))
