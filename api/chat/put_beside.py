"""What is put beside a reply because of what was typed: the reply and its chat, with the turn on show changed alike."""

from dataclasses import replace
from typing import Any

from api.chat.buttons import Reply
from api.chat.chat_token import Chat
from content.danger import Kind


def beside(chat: Chat, reply: Reply, **changed: Any) -> tuple[Chat, Reply]:
    """The reply and its chat with these parts of the turn on show changed."""
    turn = replace(reply.turn, **changed)
    return replace(chat, shown=(*chat.shown[:-1], turn)), replace(reply, turn=turn)


def with_feeling(chat: Chat, reply: Reply, feeling: str | None) -> tuple[Chat, Reply]:
    """Something true of a feeling above the answer, never in its place; the alarm says its own, and so does "rude"."""
    if feeling is None or reply.turn.alarm or reply.turn.card == "rude" or not chat.shown:
        return chat, reply
    return beside(chat, reply, feeling=feeling)


def with_check(chat: Chat, reply: Reply, kind: Kind | None) -> tuple[Chat, Reply]:
    """Help offered quietly, where something may be a hint of danger: drawn once for each kind, named each time."""
    if kind is None or reply.turn.alarm or not chat.shown:
        return chat, reply
    chat, reply = beside(chat, reply, check=kind, offers_help=kind not in chat.state.offered)
    return replace(chat, state=chat.state.with_offer(kind)), reply


def with_nudge(chat: Chat, reply: Reply) -> tuple[Chat, Reply]:
    """A line that names are not needed here; never beside danger, nor where another line stands."""
    turn = reply.turn
    if turn.alarm or turn.check or turn.note or not chat.shown:
        return chat, reply
    return beside(chat, reply, note="no_names_needed")
