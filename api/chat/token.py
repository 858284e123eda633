"""The Chat: a child's place in the talk, as a signed token that the page holds. It never holds the child's words."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Literal

from itsdangerous import Signer

from accessibility.finding import LEVELS, Level
from content.danger import Kind

ReplyKind = Literal["card", "choices", "not-sure", "alarm", "person", "act", "bot-away"]
_REMEMBERED = 6
_VERSION = 2


class StaleChat(Exception):
    """The token is too old, was altered, or is not ours. A new chat starts; help stays on the page."""


@dataclass(frozen=True)
class Turn:
    """What was shown once: the kind of reply, its card, the alarm kind, and the keys of the buttons beside it.

    `menu` is the page of the menu that the buttons are, so that it can be laid out again at another level. `note` names
    a sentence of the interface that stands above the answer.
    """

    kind: ReplyKind
    card: str
    alarm: Kind | None = None
    near: tuple[str, ...] = ()
    menu: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Chat:
    """Where a child is in the talk.

    `subject` is what it is about, `misses` counts answers not found in a row, and `rung` stays true once the alarm
    rang, so that help stays on the page.
    """

    force: str | None
    level: Level
    situation: str | None = None
    subject: str | None = None
    shown: tuple[Turn, ...] = ()
    misses: int = 0
    rung: bool = False

    def after(self, turn: Turn, *, subject: str | None, missed: bool = False) -> "Chat":
        """The chat once this turn is shown; the oldest turns drop off, so that the token stays short.

        `missed` counts it as an answer not found, which a "not-sure" always is.
        """
        return Chat(
            self.force,
            self.level,
            self.situation,
            subject or self.subject,
            (*self.shown, turn)[-_REMEMBERED:],
            self.misses + 1 if missed or turn.kind == "not-sure" else 0,
            self.rung or turn.alarm is not None,
        )

    @property
    def last(self) -> Turn | None:
        """The turn on show, if any."""
        return self.shown[-1] if self.shown else None


class Tokens:
    """Signs chats and reads them back. `hours` is how long a token lives."""

    def __init__(self, secret: str, hours: int) -> None:
        self._signer = Signer(secret, salt="chat", digest_method=hashlib.sha256)
        self._seconds = hours * 3600

    def write(self, chat: Chat) -> str:
        """The token for a chat."""
        shown = [[turn.kind, turn.card, turn.alarm, turn.near, turn.menu, turn.note] for turn in chat.shown]
        place = [chat.force, chat.level, chat.situation, chat.subject, shown, chat.misses, chat.rung]
        return self.seal([_VERSION, int(time.time()), *place])

    def seal(self, parts: list[Any]) -> str:
        """Any list as a signed token, fit for an address."""
        payload = urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).rstrip(b"=")
        return self._signer.sign(payload).decode()

    def read(self, token: str) -> Chat:
        """The chat of a token. Raises StaleChat when it is old, altered, or from another release."""
        payload, _, signature = token.rpartition(".")
        try:
            # Compared as written: Base64 has several spellings of the same bytes, and only ours is ours.
            if not hmac.compare_digest(self._signer.get_signature(payload), signature.encode()):
                raise StaleChat
            version, written, *place = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            if version != _VERSION or time.time() - written > self._seconds:
                raise StaleChat
            return _chat(*place)
        except (ValueError, TypeError, KeyError) as error:
            raise StaleChat from error


def _chat(force: Any, level: Any, situation: Any, subject: Any, shown: list[Any], misses: int, rung: bool) -> Chat:
    if level not in LEVELS or not all(isinstance(part, str | None) for part in (force, situation, subject)):
        raise ValueError("not a chat")
    return Chat(force, level, situation, subject, tuple(_turn(*turn) for turn in shown), int(misses), bool(rung))


def _turn(kind: Any, card: Any, alarm: Any, near: list[str], menu: Any = None, note: Any = None) -> Turn:
    if not all(isinstance(part, str) for part in (kind, card, menu or "", note or "", *near)):
        raise ValueError("not a turn")
    return Turn(kind, card, Kind(alarm) if alarm else None, tuple(near), menu, note)
