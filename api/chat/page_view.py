"""What the templates of a turn and of a page need to know."""

from dataclasses import dataclass
from typing import Any

from accessibility.finding import LEVELS, Level
from accessibility.symbols import symbols
from api.chat.alongside.column import column
from api.chat.journey_view import journey_of
from api.chat.room import Room
from api.chat.token import Chat, Turn
from api.chat.words import signed_word
from content.language import Language
from content.pack import Pack
from content.signoff import NATIONAL
from content.situations import most_choices
from content.word_marks import WordMarks

ANY = "england-and-wales"
"""The address of the talk for a child who does not say where they live."""


@dataclass(frozen=True)
class Button:
    """A button beside an answer: what it opens, its words, its picture, and whether it opens a page of the menu.

    The words of the menu are in English here; the template has them in the page's language.
    """

    key: str
    label: str
    symbol: str | None = None
    menu: bool = False
    language: Language = "en"


def page_view(room: Room, chat: Chat, *, show_all: bool = False) -> dict[str, Any]:
    """The last turn of a chat with its signed words, at the chat's level; crisis words at the easy level.

    `paced` says that the answer may be shown one idea at a time, which `show_all` forgoes; house words never are.
    """
    today, pack, force = room.shelf.today(), room.pack(chat.force), room.force(chat.force)
    turn = chat.last or Turn("act", "what-is-this")
    level: Level = "easy" if turn.alarm else chat.level
    signed = pack.card(turn.card, today) or pack.card("being-checked", today) or pack.card("not-sure", today)
    national = bool(signed and signed.layer == NATIONAL and not pack.joined(today))
    version = signed.words.levels[level] if signed else None
    return {
        "force": force,
        "slug": chat.force or ANY,
        "levels": LEVELS,
        "level": chat.level,
        "turn": turn,
        "signed": signed,
        "version": version,
        "sounding": signed is not None and room.sounds.sounding(signed.words, level),
        "sound_level": level,
        "number": len(chat.shown),
        "marks": WordMarks(version.words if version else (), f"word-{len(chat.shown)}-"),
        "paced": bool(signed and signed.words.kind == "card" and not turn.alarm and not show_all),
        "word": signed_word(turn.word, level, pack, today) if turn.word else None,
        "national": national,
        "near": _buttons(room, turn, level, pack),
        "heading": _heading(room, turn),
        "symbols": symbols(),
        "can_go_back": len(chat.shown) > 1 or turn.menu is not None,
        "rung": chat.rung,
        # Officers read English, whatever the language of the answer.
        "asks": bool(signed and (words := room.shelf.pack(chat.force).card(signed.card, today)) and words.words.ask),
        "journey": journey_of(pack, today, chat.situation, signed),
        # Of the chat itself a worker is told nothing but what stands on the page: that help is there.
        "column": column(signed, level, pack, today, rung=chat.rung, national=national),
    }


def _buttons(room: Room, turn: Turn, level: Level, pack: Pack) -> list[Button]:
    """The turn's buttons, no more than a reader of the level can choose among. An alarm has its own instead."""
    if turn.alarm:
        return []
    found, today = [], room.shelf.today()
    for key in turn.near:
        signed, entry = pack.card(key, today), room.helper.menu.button(key)
        if entry:
            found.append(Button(key, entry.label, entry.symbol, menu=True))
        elif signed:
            found.append(Button(key, signed.words.levels[level].label, language=signed.words.language))
    return found[: most_choices(level)]


def _heading(room: Room, turn: Turn) -> str:
    """What stands over the buttons: the situation or group that was chosen, else what to do with them."""
    say, title = room.pages.words.say, room.helper.menu.title(turn.menu or "")
    return title or (say("choose") if turn.kind == "choices" else say("menu_heading"))
