"""What the templates of a turn and of a page need to know."""

from collections.abc import Mapping
from typing import Any

from accessibility.finding import LEVELS, Level
from accessibility.symbols import symbols
from api.chat.room import Room
from api.chat.token import Chat, Turn
from content.signoff import NATIONAL

ANY = "england-and-wales"
"""The address of the talk for a child who does not say where they live."""

# No more buttons than a reader of the level can choose among.
_CHOICES: Mapping[Level, int] = {"standard": 4, "simple": 4, "easy": 3}


def page_view(room: Room, chat: Chat) -> dict[str, Any]:
    """The last turn of a chat with its signed words, at the chat's level; crisis words at the easy level."""
    today, pack, force = room.shelf.today(), room.shelf.pack(chat.force), room.force(chat.force)
    turn = chat.last or Turn("act", "what-is-this")
    level: Level = "easy" if turn.alarm else chat.level
    signed = pack.card(turn.card, today) or pack.card("being-checked", today) or pack.card("not-sure", today)
    near = ((key, pack.card(key, today)) for key in turn.near)
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
        "near": [(key, found.words.levels[level].label) for key, found in near if found][: _CHOICES[level]],
        "symbols": symbols(),
        "can_go_back": len(chat.shown) > 1,
        "rung": chat.rung,
    }
