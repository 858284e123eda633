"""The chat's room: what its pages and its JSON share, found on the app by both."""

from dataclasses import dataclass, replace
from typing import Annotated, cast

from fastapi import Depends, Request

from api.chat.buttons import Reply
from api.chat.reply import Helper
from api.chat.ringing import ALARM_CARDS
from api.chat.slowing import Paces, TooFast
from api.chat.sounds import Sounds
from api.chat.token import Chat, Tokens, Turn
from api.chat.visits import new_visit
from api.hall.errors import Problem
from api.hall.keeping import VISIT, is_visit, reading_of
from api.hall.pages import Pages
from api.hall.settings import Settings
from api.hall.sharing import HELP
from api.records.doors import MESSAGES
from api.records.shelf import Shelf
from content.force import Force
from content.language import Language, asked
from content.pack import Pack

LONGEST = 1_000
"""The most characters a message may have."""
_HELP_CARDS = {*ALARM_CARDS, "in-danger", "talk-to-a-person"}


@dataclass(frozen=True)
class Room:
    """The chat's own things, put together once when the app starts, and the language that this browser asks for."""

    settings: Settings
    pages: Pages
    shelf: Shelf
    helper: Helper
    tokens: Tokens
    sounds: Sounds
    paces: Paces
    language: Language = "en"

    def force(self, slug: str | None) -> Force | None:
        """A force by its slug; None for no slug. Raises Problem 404 for one that we do not know."""
        if slug is None:
            return None
        if slug not in self.shelf.forces:
            raise Problem(404, "We do not know that police force.")
        return self.shelf.forces[slug]

    def pack(self, slug: str | None) -> Pack:
        """The Pack of a force, in the language asked for as far as it is signed."""
        return self.shelf.pack(slug, self.language)

    def open_pack(self, slug: str | None) -> Pack:
        """The Pack of a force. Raises Problem 503 while its door is shut."""
        why = self.shut(slug)
        if why:
            told = self.pages.words[why] if why in MESSAGES else "This page is not open yet."
            raise Problem(503, f"{told} {HELP}")
        return self.pack(slug)

    def shut(self, slug: str | None) -> str | None:
        """Why the door of a force is shut, as the name of an interface string; None while it is open."""
        if not self.shelf.pack(slug).open(self.shelf.today()):
            return "closed_body"
        return self.shelf.closed.get(slug) if slug else None

    def for_help(self, chat: Chat, alarm: Turn | None, card: str | None, act: str | None) -> Chat:
        """The chat to answer in. A child who needs help is never kept out by the shut door of their force.

        They are answered with the national words, which hold every way to help.
        """
        return replace(chat, force=None) if wants_help(alarm, card, act) and chat.force in self.shelf.closed else chat

    def too_fast(self, chat: Chat, *, typed: bool, key: str = "") -> TooFast | None:
        """Why a message that was typed, or else a press, has to wait; None where it has not.

        `key` is that of the app of a force in which it was done.
        """
        try:
            self.paces.go_on(chat.visit, key, typed=typed, new=chat.new)
        except TooFast as fast:
            return fast
        return None

    async def answer(self, chat: Chat, text: str, alarm: Turn | None) -> tuple[Chat, Reply]:
        """Answers what was typed, one message of a visit at a time. Raises TooFast for one whose turn does not come.

        Help waits for no turn: it is told as it is, without what the bot would have put beside it.
        """
        if alarm and self.paces.typing.busy(chat.visit):
            return self.helper.show(chat, alarm)
        async with self.paces.typing.turn(chat.visit):
            return await self.helper.answer(chat, text, alarm)

    def known(self, chat: Chat) -> Chat:
        """The chat, if its force still exists; Problem 404 otherwise."""
        self.force(chat.force)
        return chat


def wants_help(alarm: Turn | None, card: str | None, act: str | None) -> bool:
    """Whether the alarm rang at a message, or a button that was pressed leads to help."""
    return alarm is not None or card in _HELP_CARDS or act == "person"


async def room(request: Request) -> Room:
    """The room of this app, for the language that this browser asks for."""
    language = asked(request.headers.get("accept-language", ""))
    found = cast(Room, request.app.state.chat)
    place = reading_of(request).place
    named = _named_visit(request, found.tokens)
    visit = named or new_visit()
    if named or place != "alone" or "force" in request.path_params:
        # The links of its page carry it on. A page beside the talk, opened by itself, is of no visit yet.
        request.state.visit = visit
    return replace(found, language=language, tokens=found.tokens.during(visit, shared=place == "shared"))


def _named_visit(request: Request, tokens: Tokens) -> str | None:
    """The visit that this page is of, as its chat or its address says; None where neither does, or it has ended."""
    asked = request.query_params
    for visit in (tokens.visit_of(asked.get("chat", "")), asked.get(VISIT)):
        if visit and is_visit(visit) and not tokens.visits.ended(visit):
            return visit
    return None


InRoom = Annotated[Room, Depends(room)]
