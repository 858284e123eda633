"""The Chat as a sealed token that the page holds, and the visits that were ended on purpose, whose tokens are dead."""

import json
import secrets
import time
import zlib
from base64 import b85decode, b85encode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from api.chat.dialogue.state import Chat
from api.records.revoked_visits import MOST
from api.web.ciphers import BrokenCipherText, Cipher, Hashes
from api.web.page_state import is_visit, new_visit

_VERSION = 6
_LENGTH = 1_300
"""How long what is sealed always is: its length tells nobody what was heard. Where more was shown, the oldest go."""
VISIT_PURPOSE = "visit"
"""What the hashes of visits are for, apart from all other hashes."""


class StaleChat(Exception):
    """The token is too old, was altered, or is not ours. A new chat starts; help stays on the page."""


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


def _own_hashes() -> Hashes:
    return Hashes((secrets.token_hex(),), VISIT_PURPOSE)


@dataclass
class EndedVisits:
    """The visits that ended, by keyed hashes, for as long as a page of theirs could be opened.

    `seconds` is how long a page lives; `shared_seconds` how long one on a screen that others use too. `listed` is False
    until those that ended before this process began are known: till then no page of before is believed.
    """

    seconds: int
    shared_seconds: int
    clock: Callable[[], float] = time.time
    hashes: Hashes = field(default_factory=_own_hashes)
    listed: bool = True
    unkept: OrderedDict[str, float] = field(default_factory=OrderedDict)
    """Those that ended here and are not in the database yet, by hash, and when."""
    _over: dict[str, float] = field(default_factory=dict)
    _known_since: float = 0

    def __post_init__(self) -> None:
        self._known_since = self._began = self.clock()

    def end(self, visit: str | None) -> None:
        """From now on no page of this visit opens; nothing for what is no visit."""
        if visit is None or not is_visit(visit):
            return
        name = self.hashes.of(visit)
        self.unkept.setdefault(name, self.clock())
        self.revoke(name)
        if len(self.unkept) > MOST:
            self.unkept.popitem(last=False)

    def revoke(self, name: str) -> None:
        """The same for a visit whose hash another process told."""
        now = self.clock()
        self._over.pop(name, None)
        self._over[name] = now
        # Kept in the order in which they ended, so that the first ones are the oldest.
        oldest = list(islice(self._over.items(), max(2, len(self._over) - MOST)))
        for one, ended in oldest:
            if now - ended > self.seconds:
                del self._over[one]
            elif len(self._over) > MOST:
                del self._over[one]
                # It is forgotten too early, so no page of a shared screen from before then is believed any more.
                self._known_since = max(self._known_since, ended)

    def know(self, ended: Mapping[str, float]) -> None:
        """Those that are kept, by hash and when they ended at the latest: from now on the list is whole."""
        known = {name: at for name, at in ended.items() if name not in self._over}
        self._over = dict(sorted({**known, **self._over}.items(), key=lambda one: one[1]))
        self.listed = True

    def missed(self) -> None:
        """Something may not have been heard until now."""
        self._known_since = self.clock()

    def ended(self, visit: str) -> bool:
        """True when this visit was ended on purpose."""
        return any(name in self._over for name in self.hashes.all_of(visit))

    def unsure(self, written: float) -> bool:
        """True for a page of before this process began, while nobody knows which of those were left."""
        return not self.listed and written <= int(self._began)

    def dead(self, visit: str, written: float, *, shared: bool) -> bool:
        """True when a page of this visit, written then, opens no more.

        On a shared screen that is also so after a while, and where this process cannot know whether it was ended.
        """
        too_old = self.clock() - written > self.shared_seconds or written < int(self._known_since)
        return self.ended(visit) or (shared and too_old)


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
        for first in range(len(chat.shown) + 1):
            packed = _packed([*about, *chat.parts(first)])
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
            visit, written, shared, began, *parts = self._opened(token)
            if time.time() - written > self._seconds or self.visits.dead(visit, written, shared=bool(shared)):
                raise StaleChat
            if self.visits.unsure(written):
                raise UnsureChat
            return Chat.of(parts, visit=visit, began=began)
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


def _packed(parts: list[Any]) -> str:
    """A list as text, as short as it can be made without losing anything."""
    return b85encode(zlib.compress(json.dumps(parts, separators=(",", ":")).encode(), 9)).decode()


def _unpacked(text: str) -> list[Any]:
    """The list again. Raises ValueError or zlib.error for what is none."""
    read = json.loads(zlib.decompress(b85decode(text.rstrip())))
    if not isinstance(read, list):
        raise ValueError("not a chat")
    return read
