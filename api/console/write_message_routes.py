"""Writing to a child: a message, a ready-made reply, or a change to a message that their page does not have yet."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from accessibility.symbols import symbol_ids
from api.console.console_access import OnAdvocate
from api.console.console_conversation_page import (
    LONGEST,
    TOO_LATE,
    Extra,
    MessageDraft,
    new_name,
    part,
    talk_page,
    told,
)
from api.console.console_conversation_view import WithAnotherAdvocate, level_of, pack_of, readable, turns_since
from api.console.console_door import ConsoleDoor, OnConsole
from api.console.draft_on_outage import writing_routes
from api.console.snippet_view import sendable, with_meaning
from api.records.handovers.advocates import Advocate
from api.records.handovers.conversation import TooLate, edit, say_as_advocate
from api.records.handovers.message_cipher import MessageBody
from api.records.handovers.presence import arrive, still_here
from api.records.handovers.states import NotNow, NotYours
from api.records.handovers.tables import LARGEST_NUMBER, Handover, Presence

routes = writing_routes(prefix="/console/talk/{ref}")
_SEE_OTHER = 303
_NAME = re.compile(r"[A-Za-z0-9_-]{8,64}")
CLOSED = "The talk is over, so this was not sent. Your words are still here."
NOT_YOURS = "The talk is not with you any more, so this was not sent. Your words are still here."
NO_CARD = "These words are not signed now, so they were not sent. Choose others."
Doing = Literal["say", "word"]
Write = Callable[[AsyncSession, Handover], Awaitable[object]]


class CannotBeSent(Exception):
    """A message that is not sent as it stands. `why` says what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class MessageForm:
    """The fields that every form of the talk's page sends; whatever is not as our page sends it is left out."""

    def __init__(
        self,
        text: Annotated[str, Form()] = "",
        symbol: Annotated[str, Form()] = "",
        name: Annotated[str, Form(alias="client_id")] = "",
        number: Annotated[int, Form()] = 0,
        after: Annotated[int, Form()] = 0,
    ) -> None:
        self.after = min(max(0, after), LARGEST_NUMBER)
        self.draft = MessageDraft(
            text.replace("\r\n", "\n").strip(),
            symbol if symbol in symbol_ids() else "",
            min(max(0, number), LARGEST_NUMBER),
            name if _NAME.fullmatch(name) else new_name(),
        )

    @property
    def said(self) -> MessageBody:
        """What is sent. Raises CannotBeSent."""
        text = self.draft.text
        if not text:
            raise CannotBeSent("Write something first." + (" A picture goes with words." if self.draft.symbol else ""))
        if len(text) > LONGEST:
            raise CannotBeSent(f"Your message has {len(text):,} letters; at most {LONGEST:,} are sent. Make it two.")
        return MessageBody(text, self.draft.symbol or None)


OnLetter = Annotated[MessageForm, Depends(MessageForm)]


@routes.post("/say")
async def say(
    request: Request,
    console: OnConsole,
    advocate: OnAdvocate,
    ref: str,
    letter: OnLetter,
    card: Annotated[str, Form()] = "",
    word: Annotated[str, Form()] = "",
    doing: Annotated[Doing, Form()] = "say",
) -> Response:
    """Sends a message or a signed card; or puts what a hard word means into the box. Sent twice, it is one message."""
    if doing == "word":
        return await _explained(request, console, advocate, ref, letter.draft, word)

    async def write(session: AsyncSession, handover: Handover) -> object:
        said = _card(console, handover, card) if card else letter.said
        name = f"advocate {letter.draft.name}"
        return await say_as_advocate(session, console.handover_context, advocate, handover, said, name, console.now())

    return await _written(request, console, advocate, ref, letter, write)


@routes.post("/change")
async def change(request: Request, console: OnConsole, advocate: OnAdvocate, ref: str, letter: OnLetter) -> Response:
    """Changes a message, while the child's page does not have it."""

    async def write(session: AsyncSession, handover: Handover) -> object:
        number, now = letter.draft.number, console.now()
        return await edit(session, console.handover_context, advocate, handover, number, letter.said, now)

    return await _written(request, console, advocate, ref, letter, write)


async def _written(
    request: Request, console: ConsoleDoor, advocate: Advocate, ref: str, letter: MessageForm, write: Write
) -> Response:
    """Writes, or says why not and keeps the words in the box."""
    try:
        async with console.work() as session:
            handover, _ = await readable(session, advocate, ref)
            await write(session, handover)
            await _is_here(session, console, advocate)
            turns = await turns_since(session, console, advocate, handover, letter.after)
    except CannotBeSent as cannot:
        return await _kept(request, console, advocate, ref, letter, cannot.why, 422)
    except NotNow:
        return await _kept(request, console, advocate, ref, letter, CLOSED, 409)
    except TooLate:
        return await _kept(request, console, advocate, ref, letter, TOO_LATE, 409)
    except (NotYours, WithAnotherAdvocate):
        return await _kept(request, console, advocate, ref, letter, NOT_YOURS, 409)
    if "x-fragment" in request.headers:
        return HTMLResponse(part(request, console, advocate, "conversation_lines.html", turns=turns, ref=ref))
    return RedirectResponse(f"/console/talk/{ref}#latest", _SEE_OTHER)


async def _kept(
    request: Request, console: ConsoleDoor, advocate: Advocate, ref: str, letter: MessageForm, why: str, status: int
) -> Response:
    # What came too late to be a change is a new message from here on.
    draft = MessageDraft(letter.draft.text, letter.draft.symbol) if why == TOO_LATE else letter.draft
    extra = Extra((why,), draft)
    return told(request, why, status) or await talk_page(request, console, advocate, ref, status, extra)


def _card(console: ConsoleDoor, handover: Handover, key: str) -> MessageBody:
    if sendable(pack_of(console, handover), key, console.pack_cache.today()) is None:
        raise CannotBeSent(NO_CARD)
    return MessageBody(card=key)


async def _explained(
    request: Request, console: ConsoleDoor, advocate: Advocate, ref: str, draft: MessageDraft, word: str
) -> Response:
    found = console.renderer.glossary.get(word)
    async with console.work() as session:
        try:
            handover, _ = await readable(session, advocate, ref)
        except WithAnotherAdvocate:
            handover = None
    text = with_meaning(draft.text, found, level_of(handover)) if found and handover else draft.text
    extra = Extra(draft=MessageDraft(text, draft.symbol, draft.number, draft.name))
    return await talk_page(request, console, advocate, ref, extra=extra)


async def _is_here(session: AsyncSession, console: ConsoleDoor, advocate: Advocate) -> None:
    """Whoever writes is at work, also where their page has been quiet while they wrote. Who has left stays away."""
    if await still_here(session, advocate.id, console.now()):
        return
    presence = await session.get(Presence, advocate.id)
    if presence and presence.here_since:
        await arrive(session, console.handover_context, advocate, console.now())
