"""When a child may not be safe: what must be done, whom to ring, and a record of concern."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.console.guard import OnAdvocate, signed_in
from api.console.in_words import REASONS
from api.console.keeping import Keeping
from api.console.room import Console, OnConsole
from api.console.talk_page import Draft, Extra, elsewhere_page
from api.console.talk_view import Elsewhere, readable
from api.console.view import show
from api.records.handovers import concerns
from api.records.handovers.advocates import Advocate
from api.records.handovers.hours import uk
from api.records.handovers.states import NotYours
from api.records.handovers.tables import Handover
from content.helplines import Helpline, load_helplines

routes = APIRouter(
    prefix="/console/talk/{ref}/safeguarding",
    dependencies=[Depends(signed_in)],
    default_response_class=Response,
    include_in_schema=False,
    route_class=Keeping,
)
LONGEST = 10_000
"""Letters of one record at most."""
NOT_RECORDED = "The talk is not with you any more, so this was not recorded. Your words are still here."
_SEE_OTHER = 303
_PRESSED_TWICE = timedelta(minutes=1)


@dataclass(frozen=True)
class Typed:
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
    typed = Typed(reason, text.replace("\r\n", "\n").strip())
    if typed.faults:
        return await _page(request, console, advocate, ref, 422, typed)
    try:
        async with console.work() as session:
            handover, _ = await readable(session, advocate, ref)
            named = next(known for known in REASONS if known == reason)
            if not await _recorded(session, console, advocate, handover, typed.text):
                await concerns.record(session, console.talks, advocate, handover, named, typed.text, console.now())
    except (Elsewhere, NotYours):
        return await _page(request, console, advocate, ref, 409, typed)
    return RedirectResponse(f"/console/talk/{ref}/safeguarding?recorded=1#recorded", _SEE_OTHER)


async def _recorded(session: AsyncSession, console: Console, advocate: Advocate, handover: Handover, text: str) -> bool:
    """True when these words were recorded just now: a button that is pressed twice makes one record."""
    since, seal = console.now() - _PRESSED_TWICE, console.talks.safe.concern
    mine = [one for one in await concerns.concerns_of(session, advocate) if one.account_id == advocate.id]
    fresh = [one for one in mine if one.handover_ref == handover.ref and one.at >= since]
    return any(seal.open(one.sealed) == text for one in fresh)


async def _page(
    request: Request, console: Console, advocate: Advocate, ref: str, status: int = 200, typed: Typed | None = None
) -> Response:
    try:
        async with console.work() as session:
            handover, _ = await readable(session, advocate, ref)
    except Elsewhere as elsewhere:
        extra = Extra((NOT_RECORDED,), Draft(typed.text)) if typed else Extra()
        return elsewhere_page(request, console, advocate, elsewhere, status, extra)
    return show(
        request,
        console,
        advocate,
        "safeguarding.html",
        status,
        ref=handover.ref,
        reasons=REASONS,
        typed=typed or Typed(),
        faults=typed.faults if typed else {},
        helpline=_helpline(),
        keep_until=uk(console.now() + timedelta(days=advocate.provider.keep_concern_days)).date(),
        recorded="recorded" in request.query_params and typed is None,
    )


@lru_cache(maxsize=1)
def _helpline() -> Helpline:
    """Who talks with adults that worry about a child."""
    return load_helplines()["nspcc"]
