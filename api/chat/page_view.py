"""What the templates of a turn and of a page need to know."""

from dataclasses import dataclass
from typing import Any

from accessibility.finding import LEVELS, Level
from accessibility.symbols import symbols
from api.chat.room import Room
from api.chat.token import Chat, Turn
from content.language import Language
from content.pack import Pack
from content.signoff import NATIONAL
from content.situations import most_choices

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


def page_view(room: Room, chat: Chat) -> dict[str, Any]:
    """The last turn of a chat with its signed words, at the chat's level; crisis words at the easy level."""
    today, pack, force = room.shelf.today(), room.pack(chat.force), room.force(chat.force)
    turn = chat.last or Turn("act", "what-is-this")
    level: Level = "easy" if turn.alarm else chat.level
    signed = pack.card(turn.card, today) or pack.card("being-checked", today) or pack.card("not-sure", today)
    return {
        "force": force,
        "slug": chat.force or ANY,
        "levels": LEVELS,
        "level": chat.level,
        "turn": turn,
        "signed": signed,
        "version": signed.words.levels[level] if signed else None,
        "number": len(chat.shown),
        "national": bool(signed and signed.layer == NATIONAL and not pack.joined(today)),
        "near": _buttons(room, turn, level, pack),
        "heading": _heading(room, turn),
        "symbols": symbols(),
        "can_go_back": len(chat.shown) > 1 or turn.menu is not None,
        "rung": chat.rung,
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
