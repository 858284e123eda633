"""The chat's room: what its pages and its JSON share, found on the app by both."""

from dataclasses import dataclass, replace
from typing import Annotated, cast

from fastapi import Depends, Request

from api.chat.reply import Helper
from api.chat.ringing import ALARM_CARDS
from api.chat.token import Chat, Tokens, Turn
from api.hall.errors import Problem
from api.hall.pages import Pages
from api.hall.settings import Settings
from api.records.doors import MESSAGES
from api.records.shelf import Shelf
from content.force import Force
from content.language import Language, asked
from content.pack import Pack

LONGEST = 1_000
"""The most characters a message may have."""
_HELP = {*ALARM_CARDS, "in-danger", "talk-to-a-person"}


@dataclass(frozen=True)
class Room:
    """The chat's own things, put together once when the app starts, and the language that this browser asks for."""

    settings: Settings
    pages: Pages
    shelf: Shelf
    helper: Helper
    tokens: Tokens
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
            raise Problem(503, f"{told} In danger now? Call 999. To talk, call Childline on 0800 1111.")
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
        wants_help = alarm is not None or card in _HELP or act == "person"
        return replace(chat, force=None) if wants_help and chat.force in self.shelf.closed else chat

    def known(self, chat: Chat) -> Chat:
        """The chat, if its force still exists; Problem 404 otherwise."""
        self.force(chat.force)
        return chat


async def room(request: Request) -> Room:
    """The room of this app, for the language that this browser asks for."""
    language = asked(request.headers.get("accept-language", ""))
    return replace(cast(Room, request.app.state.chat), language=language)


InRoom = Annotated[Room, Depends(room)]
