"""The Chat: a child's place in the talk, as a sealed token that the page holds. It never holds the child's words."""

import json
import time
import zlib
from base64 import b85decode, b85encode
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from accessibility.rule_finding import LEVELS, Level
from api.chat.dialogue.state import DialogueState
from api.chat.revocation import EndedVisits
from api.web.ciphers import BrokenCipherText, Cipher
from api.web.page_state import is_visit, new_visit
from content.danger import Kind

ReplyKind = Literal["card", "choices", "not-sure", "alarm", "person", "act", "bot-away"]
_REMEMBERED = 6
_LONGEST_PERSON = 600
_VERSION = 6
_LENGTH = 1_300
"""How long what is sealed always is: its length tells nobody what was heard. Where more was shown, the oldest go."""
_TURN_LEAST = 3
"""A turn has at least its kind, its card, its alarm and its buttons."""
NEW_SECONDS = 3
"""How long a chat is new. Nobody opens the page, reads it and types a question in less; a program does."""


class StaleChat(Exception):
    """The token is too old, was altered, or is not ours. A new chat starts; help stays on the page."""


@dataclass(frozen=True)
class Turn:
    """What was shown once: the kind of reply, its card, the alarm kind, and the keys of the buttons beside it.

    `menu` is the page of the menu that the buttons are, so that it can be laid out again at another level. `note` names
    a sentence of the interface that stands above the answer. `word` is the hard word whose meaning was asked. `feeling`
    is the card of a feeling that stands above the answer, `second` the card that answers a second question, and `check`
    the kind of danger of which something may be a hint; with `offers_help` the page offers help for it, quietly.
    `asked` names what the bubble answers that stands first, of ANSWERS in content/card.py.
    """

    kind: ReplyKind
    card: str
    alarm: Kind | None = None
    near: tuple[str, ...] = ()
    menu: str | None = None
    note: str | None = None
    word: str | None = None
    feeling: str | None = None
    second: str | None = None
    check: Kind | None = None
    asked: str | None = None
    offers_help: bool = False

    def parts(self) -> list[Any]:
        """The turn as it is sealed, without what it does not have at the end."""
        all_parts: list[Any] = [self.kind, self.card, self.alarm, self.near, self.menu, self.note, self.word]
        all_parts += [self.feeling, self.second, self.check, self.asked, int(self.offers_help)]
        return all_parts[: max(at for at, part in enumerate(all_parts) if part or at <= _TURN_LEAST) + 1]


@dataclass(frozen=True)
class Chat:
    """Where a child is in the talk.

    `subject` is what it is about, `misses` counts answers not found in a row, and `rung` stays true once the alarm
    rang, so that help stays on the page. `person` is the sealed handle of the handover that this chat belongs to, at
    most 600 characters; ValueError for a longer one. `visit` names the visit that ends when the child leaves: two
    chats at the same place are the same, whatever visit they are of. `app` is the force in whose own app it began, and
    `began` when, in whole seconds of Unix time. `state` is what was understood of the talk beside that.
    """

    force: str | None
    level: Level
    situation: str | None = None
    subject: str | None = None
    shown: tuple[Turn, ...] = ()
    misses: int = 0
    rung: bool = False
    person: str | None = None
    visit: str = field(default="", compare=False)
    app: str | None = None
    began: int = field(default_factory=lambda: int(time.time()), compare=False)
    state: DialogueState = field(default_factory=DialogueState)

    def __post_init__(self) -> None:
        if len(self.person or "") > _LONGEST_PERSON:
            raise ValueError("not a handle of a handover: it is too long")

    def after(self, turn: Turn, *, subject: str | None, missed: bool = False) -> "Chat":
        """The chat once this turn is shown; the oldest turns drop off, so that the token stays short.

        `missed` counts it as an answer not found, which a "not-sure" always is.
        """
        return replace(
            self,
            subject=subject or self.subject,
            shown=(*self.shown, turn)[-_REMEMBERED:],
            misses=self.misses + 1 if missed or turn.kind == "not-sure" else 0,
            rung=self.rung or turn.alarm is not None,
            state=self.state.with_danger(turn.alarm) if turn.alarm else self.state,
        )

    @property
    def new(self) -> bool:
        """True while it is younger than anybody needs to type a question; never in an app that came with a key."""
        # A clock that was put back makes nobody new for longer.
        return self.app is None and 0 <= time.time() - self.began < NEW_SECONDS

    @property
    def last(self) -> Turn | None:
        """The turn on show, if any."""
        return self.shown[-1] if self.shown else None


class UnsureChat(StaleChat):
    """Nobody can know yet whether this chat was left: it is of before this process began, and the database is away."""


@dataclass(frozen=True)
class OpenedChat:
    """What a token turned out to be: its chat, or None for one that is stale.

    `given` is False where the page holds none at all; `unsure` is True where nobody can know whether it was left.
    """

    chat: Chat | None = None
    given: bool = True
    unsure: bool = False


class ChatTokens:
    """Seals chats and opens them again. `hours` is how long a token lives; `visits` are those that ended before that.

    A token stands in the address when there is no JavaScript. It shows when it was written, and nothing of the talk.
    `visit` is the one that chats begin in; on a `shared` screen all are of it, and live for minutes only.
    """

    def __init__(
        self, cipher: Cipher, hours: int, visits: EndedVisits | None = None, visit: str = "", *, shared: bool = False
    ) -> None:
        self._seal, self._hours, self._seconds = cipher, hours, hours * 3600
        self.visits = visits or EndedVisits(self._seconds, self._seconds)
        self._visit, self._shared = visit, shared
        self._seen: dict[str, list[Any]] | None = None

    def for_request(self) -> "ChatTokens":
        """The same for one request, which opens each token once however often it is asked for."""
        mine = ChatTokens(self._seal, self._hours, self.visits)
        mine._seen = {}
        return mine

    def during(self, visit: str, *, shared: bool) -> "ChatTokens":
        """The same, for a page of this visit."""
        mine = ChatTokens(self._seal, self._hours, self.visits, visit, shared=shared)
        mine._seen = self._seen
        return mine

    def write(self, chat: Chat) -> str:
        """The token for a chat."""
        visit = (self._visit if self._shared else chat.visit or self._visit) or new_visit()
        about = [_VERSION, int(time.time()), visit, int(self._shared), chat.began]
        place = [chat.force, chat.level, chat.situation, chat.subject]
        rest = [chat.misses, chat.rung, chat.person, chat.app, chat.state.parts()]
        for first in range(len(chat.shown) + 1):
            shown = [turn.parts() for turn in chat.shown[first:]]
            packed = _packed([*about, *place, shown, *rest])
            if len(packed) <= _LENGTH:
                break
        return self._seal.close(packed.ljust(_LENGTH)).rstrip("=")

    def cipher(self, parts: list[Any]) -> str:
        """Any list as a sealed token, fit for an address."""
        return self._seal.close(_packed(parts).ljust(_LENGTH)).rstrip("=")

    def read(self, token: str) -> Chat:
        """The chat of a token. Raises StaleChat when it is old, altered, from another release, or its visit ended.

        UnsureChat, which is one of these, is raised where it may have ended and nobody can know yet.
        """
        try:
            visit, written, shared, began, *place = self._opened(token)
            if time.time() - written > self._seconds or self.visits.dead(visit, written, shared=bool(shared)):
                raise StaleChat
            if self.visits.unsure(written):
                raise UnsureChat
            return _chat(*place, visit=visit, began=began)
        except (ValueError, TypeError, KeyError) as error:
            raise StaleChat from error

    def look(self, token: str) -> OpenedChat:
        """The chat of a token, or what is wrong with it."""
        try:
            return OpenedChat(self.read(token))
        except StaleChat as stale:
            return OpenedChat(None, given=token != "", unsure=isinstance(stale, UnsureChat))

    def visit_of(self, token: str) -> str | None:
        """The visit of a token however old; None for what is no token."""
        try:
            return str(self._opened(token)[0])
        except (StaleChat, ValueError, TypeError):
            return None

    def minutes_since(self, token: str) -> float:
        """How long ago a token was written, in minutes; 0 for what is no token."""
        try:
            return (time.time() - float(self._opened(token)[1])) / 60
        except (StaleChat, ValueError, TypeError):
            return 0.0

    def over(self, token: str) -> bool:
        """True when the visit of a token was ended on purpose."""
        visit = self.visit_of(token)
        return visit is not None and self.visits.ended(visit)

    def end(self, visit: str, token: str) -> tuple[str, ...]:
        """Ends a visit and that of a token; gives those that were any."""
        named = {one for one in (visit, self.visit_of(token)) if one and is_visit(one)}
        for one in named:
            self.visits.end(one)
        return tuple(named)

    def _opened(self, token: str) -> list[Any]:
        if self._seen is None:
            return self._open(token)
        if token not in self._seen:
            self._seen[token] = self._open(token)
        return self._seen[token]

    def _open(self, token: str) -> list[Any]:
        # The one way to write a token has no = at its end, and the seal knows only one way to write the rest.
        if not token or token.endswith("="):
            raise StaleChat
        try:
            version, written, visit, *rest = _unpacked(self._seal.open(token + "=" * (-len(token) % 4)))
        except (BrokenCipherText, zlib.error) as error:
            raise StaleChat from error
        if version != _VERSION or not is_visit(visit):
            raise StaleChat
        return [visit, written, *rest]


def _chat(
    force: Any,
    level: Any,
    situation: Any,
    subject: Any,
    shown: list[Any],
    misses: int,
    rung: bool,
    person: Any,
    app: Any,
    state: list[Any],
    *,
    visit: str,
    began: Any,
) -> Chat:
    if level not in LEVELS or not all(
        isinstance(part, str | None) for part in (force, situation, subject, person, app)
    ):
        raise ValueError("not a chat")
    turns = tuple(_turn(*turn) for turn in shown)
    known = DialogueState.of(state)
    return Chat(force, level, situation, subject, turns, int(misses), bool(rung), person, visit, app, int(began), known)


def _turn(
    kind: Any,
    card: Any,
    alarm: Any,
    near: list[str],
    menu: Any = None,
    note: Any = None,
    word: Any = None,
    feeling: Any = None,
    second: Any = None,
    check: Any = None,
    asked: Any = None,
    offers_help: Any = 0,
) -> Turn:
    named = (kind, card, menu or "", note or "", word or "", feeling or "", second or "", asked or "", *near)
    if not all(isinstance(part, str) for part in named):
        raise ValueError("not a turn")
    kinds = [Kind(one) if one else None for one in (alarm, check)]
    return Turn(
        kind, card, kinds[0], tuple(near), menu, note, word, feeling, second, kinds[1], asked, bool(offers_help)
    )


def _packed(parts: list[Any]) -> str:
    """A list as text, as short as it can be made without losing anything."""
    return b85encode(zlib.compress(json.dumps(parts, separators=(",", ":")).encode(), 9)).decode()


def _unpacked(text: str) -> list[Any]:
    """The list again. Raises ValueError or zlib.error for what is none."""
    read = json.loads(zlib.decompress(b85decode(text.rstrip())))
    if not isinstance(read, list):
        raise ValueError("not a chat")
    return read
