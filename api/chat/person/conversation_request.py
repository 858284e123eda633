"""One request on the page of a talk: what its form holds, where it leads, and the page when it cannot be had."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from accessibility.rule_finding import LEVELS
from api.chat.chat_door import ChatDoor
from api.chat.chat_page_view import ANY
from api.chat.dialogue.state import Chat
from api.chat.person.ask_view import helplines
from api.chat.person.came_from import visited
from api.chat.person.conversation_view import View, at_the_wait, own_chat
from api.chat.person.handover_outage import Away, at_work
from api.chat.person.handover_token import HandoverToken, StaleHandoverToken
from api.chat.person.person_door import PersonDoor
from api.records.handovers.status import Snapshot, snapshot

GOES_ON = timedelta(minutes=1)
"""How old an address may be and still go on with the page it came from. Later it opens anew, and repeats nothing."""
LONGEST_CHANGE = 9
_SEE_OTHER = 303


@dataclass(frozen=True)
class HeldForm:
    """What the page's form holds: its handle, the chat beside it, since which change it shows, and what is in the box.

    `look` is "on" or "off" where its reader has chosen whether it refreshes itself without script. `to_level` and
    `read` ask for another level and for a card; `rung` keeps help on the page.
    """

    here: Annotated[str, Form()] = ""
    chat: Annotated[str, Form()] = ""
    after: Annotated[str, Form()] = ""
    look: Annotated[str, Form()] = ""
    text: Annotated[str, Form()] = ""
    client_id: Annotated[str, Form()] = ""
    to_level: Annotated[str, Form()] = ""
    read: Annotated[str, Form()] = ""
    rung: Annotated[str, Form()] = ""

    @property
    def change(self) -> int | None:
        """The change since which lines are shown; None where it is none."""
        return int(self.after) if is_change(self.after) else None


@dataclass(frozen=True)
class ConversationRequest:
    """One request. `fragment` is True when the script asks, which puts the parts in by itself."""

    request: Request
    chat_door: ChatDoor
    person_door: PersonDoor
    force: str
    held: HeldForm
    fragment: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def chat(self) -> Chat | None:
        """The chat that this page carries, with what was just asked of it; None where it carries none."""
        held = self.held
        if not (held.chat or held.to_level or held.read or held.rung):
            return None
        chat = visited(self.chat_door, self.force, held.chat, rung=bool(held.rung), level=held.to_level)
        return self.chat_door.helper.open_card(chat, held.read)[0] if held.read else chat

    @property
    def slug(self) -> str:
        """Where this child lives, as addresses have it."""
        return self._some_chat().force or ANY

    async def page(self, told: str = "", status: int = 200, name: str = "conversation") -> Response:
        """The page as things stand; the page that slept, or the honest one while the database is away."""
        if self.chat_door.tokens.over(self.held.chat):
            # They left, or started fresh, from a page beside the talk, which does not hold its handle.
            return self.slept()
        try:
            async with at_work(self.person_door) as session:
                handover, handle = await self.person_door.found(session, self.held.here)
                since = self._since(handle)
                seen = await snapshot(
                    session, self.person_door.handover_context, handover, since, self.person_door.now()
                )
        except StaleHandoverToken:
            return self.slept()
        except Away:
            return self.away()
        opened_now = since is None
        chat = at_the_wait(
            self.chat_door, self.person_door, handle, self.chat or own_chat(seen.handover), opened_now=opened_now
        )
        view = View(self.chat_door, self.person_door, chat)
        shown = {**self._apart(chat), **view.state(seen), **view.lines(seen), **self._form(view, seen, handle, since)}
        return self._answer(name, status, {**shown, "told": told, **self.more})

    def go_on(self) -> Response | None:
        """The address where a press leads; None when the page itself must be the answer.

        That is so for the script, and where words stand in the box, which no address may hold.
        """
        if self.fragment or self.held.text:
            return None
        try:
            handle = self.person_door.handover_tokens.read(self.held.here, self.person_door.now())
        except StaleHandoverToken:
            return self.slept()
        chat = self.chat or visited(self.chat_door, self.force, "")
        return RedirectResponse(self._address(handle, chat, self.held.after), _SEE_OTHER)

    def slept(self) -> Response:
        """This page may not have the talk any more: the three words lead back, and help stays."""
        return self._answer("slept", 409, self._apart(self._some_chat()))

    def away(self, told: str = "") -> Response:
        """The database does not answer. What is in the box stays there, and nothing sent is lost."""
        held = {"here": self.held.here, "after": self.held.after, "look": self.held.look, "told": told}
        return self._answer("not-now", 503, {**self._apart(self._some_chat()), **held})

    def _some_chat(self) -> Chat:
        return self.chat or visited(self.chat_door, self.force, "")

    def _since(self, handle: HandoverToken) -> int | None:
        goes_on = self.request.method == "POST" or handle.age <= GOES_ON
        return self.held.change if goes_on else None

    def _form(self, view: View, seen: Snapshot, handle: HandoverToken, since: int | None) -> dict[str, Any]:
        state = seen.handover.state
        by_itself = self.held.look == "on" or (not self.held.look and state == "waiting")
        after = str(seen.handover.changes if since is None else since)
        return {
            "here": view.chat.person,
            "after": after,
            "before": seen.before,
            "look": self.held.look,
            "looking": by_itself and not self.held.text and state != "closed",
            "again": self._address(handle, view.chat, after),
            "unsent": view.unsent(),
            "levels": LEVELS,
        }

    def _apart(self, chat: Chat) -> dict[str, Any]:
        """What every page here shows beside the talk itself."""
        force = self.chat_door.force(chat.force)
        return {
            "slug": chat.force or ANY,
            "chat": self.chat_door.tokens.write(chat),
            "rung": chat.rung,
            "typed": "" if self.chat_door.tokens.over(self.held.chat) else self.held.text,
            "client_id": self.held.client_id if self.held.text else secrets.token_hex(15),
            "helplines": helplines(force.nation if force else None),
        }

    def _address(self, handle: HandoverToken, chat: Chat, after: str) -> str:
        here = self.person_door.handover_tokens.write(handle, self.person_door.now())
        token = self.chat_door.tokens.write(replace(chat, person=here))
        parts = {"here": here, "chat": token, "after": after, "look": self.held.look}
        query = urlencode({name: value for name, value in parts.items() if value})
        return f"/{chat.force or ANY}/person/talk?{query}"

    def _answer(self, name: str, status: int, shown: Mapping[str, Any]) -> Response:
        return self.chat_door.pages.page(self.request, f"person/{name}.html", status, **shown)


def is_change(written: str) -> bool:
    """True for the number of a change, as a page sends it."""
    return written.isascii() and written.isdigit() and len(written) <= LONGEST_CHANGE
