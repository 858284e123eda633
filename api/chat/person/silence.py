"""The silence of the bot: it says nothing to a child whom a person is talking with, nor where we cannot know."""

from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.chat.page_view import ANY
from api.chat.person.away import Away, at_work
from api.chat.person.handle import StaleHandle
from api.chat.person.room import Way
from api.chat.person.talking import Held, Talking
from api.chat.room import Room
from api.chat.token import Chat, StaleChat
from api.records.handovers.finding import state_of_ref
from api.records.handovers.states import State

WHOLE_PAGE = "X-Whole-Page"
"""A header that tells the script to send the form as a browser without it does."""
Silence = Literal["person_is_here", "person_cannot_know"]
"""Why the bot is silent: the name of the interface string that says so."""
_WITH_A_PERSON: frozenset[State] = frozenset({"talking", "calling"})
_SEE_OTHER = 303


async def silence(way: Way, chat: Chat | None) -> Silence | None:
    """Why the bot must not answer in this chat; None when it may. A chat that asked for nobody asks no database.

    An old handle counts as well: the child is asked for their three words then, but nobody talks over the person.
    """
    if chat is None or chat.person is None:
        return None
    try:
        ref = way.handles.of_any_age(chat.person, way.now()).ref
        async with at_work(way) as session:
            state = await state_of_ref(session, ref)
    except StaleHandle:
        return None
    except Away:
        return "person_cannot_know"
    return "person_is_here" if state in _WITH_A_PERSON else None


@dataclass(frozen=True)
class Quiet:
    """One message or button of the bot's page, as it is answered while the bot is silent."""

    request: Request
    room: Room
    way: Way
    chat: Chat | None
    text: str
    fragment: bool

    async def answer(self) -> Response | None:
        """Where the child is led instead, with what they typed in the box there; None while the bot may answer."""
        why = await silence(self.way, self.chat)
        if self.chat is None or why is None:
            return None
        if self.fragment and (self.text or why == "person_cannot_know"):
            return self._told(why)
        talk = Talking(self.request, self.room, self.way, self.chat.force or ANY, self._held(self.chat))
        if why == "person_cannot_know":
            return talk.away(why)
        if self.text:
            return await talk.page("person_here_now")
        held = {"here": self.chat.person or "", "chat": self.room.tokens.write(self.chat)}
        return RedirectResponse(f"/{self.chat.force or ANY}/person/talk?{urlencode(held)}", _SEE_OTHER)

    def _held(self, chat: Chat) -> Held:
        return Held(here=chat.person or "", chat=self.room.tokens.write(chat), text=self.text)

    def _told(self, why: Silence) -> Response:
        """What the script shows: the words stay in its box, and it goes to the talk where somebody is there."""
        away = why == "person_cannot_know"
        told = self.room.pages.page(self.request, "_told.html", 503 if away else 409, told=why, shut=away, chat="")
        if not away:
            told.headers[WHOLE_PAGE] = "1"
        return told


def quiet_chat(room: Room, token: str, *, rang: bool) -> Chat | None:
    """The chat of a token, with help pinned where the alarm rang; None where it has asked for nobody."""
    try:
        chat = room.tokens.read(token)
    except StaleChat:
        return None
    return replace(chat, rung=chat.rung or rang) if chat.person else None
