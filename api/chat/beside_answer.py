"""What stands around an answer because of what was typed: a feeling, the bubble that answers, a second answer, help."""

from typing import Any

from api.chat.buttons import CHANGE, TWO_ANSWERS
from api.chat.chat_door import ChatDoor
from api.chat.dialogue.state import Chat, Turn
from api.chat.reply_view import answering
from content.signed_words import SignedVersion
from content.signoff import SignOff
from content.subject_names import subject_names

SENSITIVE = frozenset({"harmed", "exploited", "images", "missing", "worry"})
"""Situations whose cards all have the quiet offer of help, so that seeing it tells nobody anything."""


def beside_answer(
    chat_door: ChatDoor, chat: Chat, signed: SignOff | None, version: SignedVersion | None
) -> dict[str, Any]:
    """What the templates of a turn need for it, at the chat's level."""
    today, pack = chat_door.pack_cache.today(), chat_door.pack(chat.force)
    turn = chat.last or Turn("act", "what-is-this")
    at = answering(turn, version)
    felt, second = (pack.card(key, today) if key else None for key in (turn.feeling, turn.second))
    return {
        "feeling": felt,
        "answering": version.bubbles[at] if version and at else None,
        "second": second,
        "sensitive": _is_sensitive(turn, signed),
        "about_subject": subject_names().get(chat.subject or "") if chat_door.spoken.language == "en" else None,
        "two_answers": turn.note == TWO_ANSWERS,
        "changing": turn.note == CHANGE,
    }


def _is_sensitive(turn: Turn, signed: SignOff | None) -> bool:
    """Whether help stands under this answer for whoever opens it; the alarm has more than that."""
    situations = signed.words.situations if signed and signed.words.kind == "card" and not turn.alarm else ()
    return not SENSITIVE.isdisjoint(situations)
