"""The chat's door: what its pages and its JSON share, how fast who asks may go, and what the key of an app opens."""

from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import Depends, Request

from api.chat.chat_token import ChatTokens, OpenedChat
from api.chat.danger_detection import ALARM_CARDS
from api.chat.dialogue.state import NEW_SECONDS, Chat, Turn
from api.chat.reply import LONGEST as LONGEST
from api.chat.reply import Helper
from api.chat.revocation_store import RevocationStore
from api.chat.sounds import Sounds
from api.records.force_availability import MESSAGES
from api.records.wiring import Services
from api.web.cors import HELP, NO_KEY, OnOwnApp, OwnApp
from api.web.errors import Problem
from api.web.handed import from_door
from api.web.page_state import is_visit, language_of, new_visit, page_state, set_visit
from api.web.rate_limit import OneAtATime, RateLimit, TooFast
from content.force import Force
from content.interface import Interface
from content.language import Language
from content.pack import Pack

_OTHERS = f"This key is of another police force. Start a chat of its own force, or of no force. {HELP}"
_HELP_CARDS = {*ALARM_CARDS, "in-danger", "talk-to-a-person"}


@dataclass(frozen=True)
class RateLimits:
    """How fast one chat may go and how fast one force's app may, in this process.

    Nobody comes near it by hand. What a chat types goes to the bot one message at a time, so that a program that sends
    without waiting for answers takes one turn among all others, however fast it is. `new_chats` is for the
    first message in each chat too new for anybody to have typed it: beyond it, each is asked to wait until it is not.
    """

    typing: OneAtATime = field(default_factory=OneAtATime)
    messages: RateLimit = field(default_factory=lambda: RateLimit(600, 20))
    presses: RateLimit = field(default_factory=lambda: RateLimit(20_000, 100))
    key_asks: RateLimit = field(default_factory=lambda: RateLimit(2_000, 200))
    key_starts: RateLimit = field(default_factory=lambda: RateLimit(600, 20))
    new_chats: RateLimit = field(default_factory=lambda: RateLimit(1_500, 25))

    def go_on(self, chat: Chat, key: str, *, typed: bool) -> None:
        """A chat goes on, by words that were `typed` or by a press. Raises TooFast.

        `key` is that of the app it comes from, "" for none. One fast chat uses up little of what its app may.
        """
        if typed and chat.new and chat.visit not in self.messages:
            self._begin_to_type()
        if chat.visit:
            (self.messages if typed else self.presses).step(chat.visit)
        if key:
            self.key_asks.step(key)

    def _begin_to_type(self) -> None:
        try:
            self.new_chats.step("all")
        except TooFast:
            raise TooFast(NEW_SECONDS) from None

    def start(self, key: str) -> None:
        """A chat begins in the app of this key; without one, nothing is counted. Raises TooFast."""
        if key:
            self.key_starts.step(key)


@dataclass(frozen=True)
class ChatDoor(Services):
    """The chat's own things, put together once when the app starts, and the language that this browser asks for."""

    helper: Helper
    tokens: ChatTokens
    sounds: Sounds
    rate_limits: RateLimits
    revocations: RevocationStore
    language: Language = "en"

    @property
    def spoken(self) -> Interface:
        """The interface strings in the language asked for."""
        return self.pages.interfaces[self.language]

    def force(self, slug: str | None) -> Force | None:
        """A force by its slug; None for no slug. Raises Problem 404 for one that we do not know."""
        if slug is None:
            return None
        if slug not in self.pack_cache.forces:
            raise Problem(404, "We do not know that police force.")
        return self.pack_cache.forces[slug]

    def pack(self, slug: str | None) -> Pack:
        """The Pack of a force, in the language asked for as far as it is signed."""
        return self.pack_cache.pack(slug, self.language)

    def pack_or_national(self, slug: str | None) -> Pack:
        """The Pack of a force; the national one while its door is shut, which shuts nobody off from a person."""
        return self.pack(None if slug in self.pack_cache.closed else slug)

    def open_pack(self, slug: str | None, turn: Turn | None = None) -> Pack:
        """The Pack of a force. Raises Problem 503 while its door is shut, unless `turn` shows the way to help."""
        why = self.shut_to(slug, turn)
        if why:
            raise self.shut_problem(why)
        return self.pack(slug)

    def shut_problem(self, why: str) -> Problem:
        """That the door of a force is shut, as a program is told of it."""
        told = self.pages.words[why] if why in MESSAGES else "This page is not open yet."
        return Problem(503, f"{told} {HELP}")

    def shut(self, slug: str | None) -> str | None:
        """Why the door of a force is shut, as the name of an interface string; None while it is open."""
        if not self.pack_cache.pack(slug).open(self.pack_cache.today()):
            return "closed_body"
        return self.pack_cache.closed.get(slug) if slug else None

    def shut_to(self, slug: str | None, turn: Turn | None) -> str | None:
        """The same for what is to be shown: words that lead to help stand while no answer can be given at all."""
        helps = turn is not None and turn.card in _HELP_CARDS
        return None if helps and slug not in self.pack_cache.closed else self.shut(slug)

    def for_help(self, chat: Chat, *, helps: bool) -> Chat:
        """The chat to answer in. A child who needs help is never kept out by the shut door of their force.

        They are answered with the national words, which hold every way to help.
        """
        return replace(chat, force=None) if helps and chat.force in self.pack_cache.closed else chat

    def chat_of(self, token: str) -> Chat | None:
        """The chat that a page holds; None where it holds none, or one that is stale or of a force that is gone."""
        return self.still(self.tokens.look(token))

    def still(self, opened: OpenedChat) -> Chat | None:
        """The chat that was opened, if its force still exists."""
        return opened.chat if opened.chat and self.knows(opened.chat.force) else None

    def knows(self, slug: str | None) -> bool:
        """True for a force that there is, and for none."""
        return slug is None or slug in self.pack_cache.forces

    def known(self, chat: Chat) -> Chat:
        """The chat, if its force still exists; Problem 404 otherwise."""
        self.force(chat.force)
        return chat


@dataclass(frozen=True)
class Caller:
    """The app of a force that asks; None for anybody else."""

    app: OwnApp | None

    @property
    def key(self) -> str:
        """The key to count by; "" for none, or one that is not good."""
        return self.app.key if self.app and self.app.force else ""

    def must_have_good_key(self) -> None:
        """Raises Problem 403 for a key that is not known, or has ended."""
        if self.app and self.app.force is None:
            raise Problem(403, f"{NO_KEY} {HELP}")

    def must_be_of(self, slug: str | None) -> None:
        """Raises Problem 403 for a key of another force than this one. The national words are every force's."""
        self.must_have_good_key()
        if self.app and slug not in (None, self.app.force):
            raise Problem(403, _OTHERS)

    def must_hold(self, chat: Chat) -> None:
        """Raises Problem 403 for a key that does not open this chat.

        It opens those of its force and of none, and goes on with one begun by it: a child may say that they live
        elsewhere, and is answered in the words of that force.
        """
        if not self.app or chat.app != self.app.force:
            self.must_be_of(chat.force)

    def begin(self, chat_door: ChatDoor, chat: Chat) -> Chat:
        """A new chat, as the app's own. Raises Problem 403, 404 for a force that we do not know, and TooFast."""
        self.must_be_of(chat.force)
        chat_door.force(chat.force)
        chat_door.rate_limits.start(self.key)
        return replace(chat, app=self.app.force) if self.app else chat


def wants_help(alarm: Turn | None, card: str | None, act: str | None) -> bool:
    """Whether the alarm rang at a message, or a button that was pressed leads to help."""
    return alarm is not None or card in _HELP_CARDS or act == "person"


_GivenChat = Annotated[ChatDoor, Depends(from_door(ChatDoor))]


async def chat_door(request: Request, door: _GivenChat) -> ChatDoor:
    """The chat's door for one request: in the language that its browser asks for, and each Chat token opened once."""
    tokens = door.tokens.for_request()
    place = page_state(request).reading.place
    named = _named_visit(request, tokens)
    visit = named or new_visit()
    if named or place != "alone" or "force" in request.path_params:
        # The links of its page carry it on. A page beside the talk, opened by itself, is of no visit yet.
        set_visit(request, visit)
    tokens = tokens.during(visit, shared=place == "shared")
    return replace(door, tokens=tokens, language=language_of(request))


def _named_visit(request: Request, tokens: ChatTokens) -> str | None:
    """The visit that this page is of, as its chat or its address says; None where neither does, or it has ended."""
    for visit in (tokens.visit_of(request.query_params.get("chat", "")), page_state(request).asked_visit):
        if visit and is_visit(visit) and not tokens.visits.ended(visit):
            return visit
    return None


async def chat_door_json(request: Request, door: _GivenChat) -> ChatDoor:
    """The same for a program, which has no page, and so no address or device that says more of its reader."""
    tokens = door.tokens.for_request().during(new_visit(), shared=False)
    return replace(door, tokens=tokens, language=language_of(request))


async def caller(app: OnOwnApp) -> Caller:
    """Who asks this."""
    return Caller(app)


OnChat = Annotated[ChatDoor, Depends(chat_door)]
OnChatJson = Annotated[ChatDoor, Depends(chat_door_json)]
OnCaller = Annotated[Caller, Depends(caller)]
