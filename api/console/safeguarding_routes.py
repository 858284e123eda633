"""When a child may not be safe: what must be done, whom to ring, and a record of concern."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.console.console_access import OnAdvocate
from api.console.console_conversation_page import Extra, MessageDraft, elsewhere_page
from api.console.console_conversation_view import WithAnotherAdvocate, readable
from api.console.console_door import ConsoleDoor, OnConsole
from api.console.console_view import show
from api.console.danger_view import danger_of
from api.console.draft_on_outage import writing_routes
from api.console.plain_labels import REASONS
from api.records.handovers import concerns
from api.records.handovers.advocates import Advocate
from api.records.handovers.opening_hours import uk
from api.records.handovers.states import NotYours
from api.records.handovers.tables import Handover
from content.helplines import Helpline, load_helplines

routes = writing_routes(prefix="/console/talk/{ref}/safeguarding")
LONGEST = 10_000
"""Letters of one record at most."""
NOT_RECORDED = "The talk is not with you any more, so this was not recorded. Your words are still here."
_SEE_OTHER = 303
_PRESSED_TWICE = timedelta(minutes=1)


@dataclass(frozen=True)
class ConcernForm:
    """What stands in the form, and what is wrong with it by field."""

    reason: str = ""
    text: str = ""

    @property
    def faults(self) -> Mapping[str, str]:
        """What has to be mended before it can be kept."""
        faults = {} if self.reason in REASONS else {"reason": "Choose what it is about."}
        if not self.text:
            faults["text"] = "Write what you know and what was done."
        elif len(self.text) > LONGEST:
            faults["text"] = f"It has {len(self.text):,} letters; at most {LONGEST:,} are kept. Make it shorter."
        return faults


@routes.get("")
async def safeguarding(request: Request, console: OnConsole, advocate: OnAdvocate, ref: str) -> Response:
    """What must be done, whom to ring, what to record."""
    return await _page(request, console, advocate, ref)


@routes.post("")
async def record(
    request: Request,
    console: OnConsole,
    advocate: OnAdvocate,
    ref: str,
    reason: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
) -> Response:
    """Keeps a record of concern, apart from the talk; or says what is missing and keeps what was typed."""
    typed = ConcernForm(reason, text.replace("\r\n", "\n").strip())
    if typed.faults:
        return await _page(request, console, advocate, ref, 422, typed)
    try:
        async with console.work() as session:
            handover, _ = await readable(session, advocate, ref)
            named = next(known for known in REASONS if known == reason)
            if not await _recorded(session, console, advocate, handover, typed.text):
                await concerns.record(
                    session, console.handover_context, advocate, handover, named, typed.text, console.now()
                )
    except (WithAnotherAdvocate, NotYours):
        return await _page(request, console, advocate, ref, 409, typed)
    return RedirectResponse(f"/console/talk/{ref}/safeguarding?recorded=1#recorded", _SEE_OTHER)


async def _recorded(
    session: AsyncSession, console: ConsoleDoor, advocate: Advocate, handover: Handover, text: str
) -> bool:
    """True when these words were recorded just now: a button that is pressed twice makes one record."""
    since, message_cipher = console.now() - _PRESSED_TWICE, console.handover_context.message_cipher
    mine = [one for one in await concerns.concerns_of(session, advocate) if one.account_id == advocate.id]
    fresh = [one for one in mine if one.handover_ref == handover.ref and one.at >= since]
    return any(message_cipher.concerned(one) == text for one in fresh)


async def _page(
    request: Request,
    console: ConsoleDoor,
    advocate: Advocate,
    ref: str,
    status: int = 200,
    typed: ConcernForm | None = None,
) -> Response:
    try:
        async with console.work() as session:
            handover, _ = await readable(session, advocate, ref)
            danger = await danger_of(session, console, advocate, handover)
    except WithAnotherAdvocate as elsewhere:
        extra = Extra((NOT_RECORDED,), MessageDraft(typed.text)) if typed else Extra()
        return elsewhere_page(request, console, advocate, elsewhere, status, extra)
    return show(
        request,
        console,
        advocate,
        "safeguarding.html",
        status,
        ref=handover.ref,
        danger=danger,
        reasons=REASONS,
        typed=typed or ConcernForm(),
        faults=typed.faults if typed else {},
        helpline=_helpline(),
        keep_until=uk(console.now() + timedelta(days=advocate.provider.keep_concern_days)).date(),
        recorded="recorded" in request.query_params and typed is None,
    )


@lru_cache(maxsize=1)
def _helpline() -> Helpline:
    """Who talks with adults that worry about a child."""
    return load_helplines()["nspcc"]
