"""The end of a talk, or of one's own part in it: what the child will see, and then it is done."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from accessibility.symbols import symbols
from api.console.console_access import OnAdvocate
from api.console.console_conversation_page import Extra, elsewhere_page, talk_page
from api.console.console_conversation_view import WithAnotherAdvocate, level_of, pack_of, readable
from api.console.console_door import ConsoleDoor, OnConsole
from api.console.console_view import show
from api.console.danger_view import danger_of
from api.console.draft_on_outage import writing_routes
from api.console.plain_labels import OUTCOMES
from api.console.refusal_words import REFUSED, why
from api.records.handovers import end_handover
from api.records.handovers.advocates import Advocate
from api.records.handovers.opening_hours import uk
from api.records.handovers.presence import who_is_here
from api.records.handovers.states import NotYours, Outcome
from api.records.handovers.tables import Handover
from content.signed_words import SignedVersion

routes = writing_routes(prefix="/console/talk/{ref}/close")
_SEE_OTHER = 303
_CLOSED = "person-closed"
_SHOWN: Mapping[Outcome, str] = {"answered": _CLOSED, "passed-on": _CLOSED, "not-reached": "person-not-reached"}
NOT_NOW = "The talk is not with you any more. Nothing was changed."


@routes.get("")
async def end(request: Request, console: OnConsole, advocate: OnAdvocate, ref: str) -> Response:
    """What the child will see, whichever way the advocate goes; nothing is done yet."""
    return await _page(request, console, advocate, ref)


@routes.post("")
async def close(
    request: Request, console: OnConsole, advocate: OnAdvocate, ref: str, outcome: Annotated[str, Form()] = ""
) -> Response:
    """Closes it with an outcome; or asks for one."""
    chosen = next((known for known in OUTCOMES if known == outcome), None)
    if chosen is None:
        return await _page(request, console, advocate, ref, 422, fault="Choose how it ended.")
    try:
        async with console.work() as session:
            handover, _ = await readable(session, advocate, ref)
            await end_handover.close(session, console.handover_context, advocate, handover, chosen, console.now())
    except (WithAnotherAdvocate, NotYours):
        return await talk_page(request, console, advocate, ref, 409, Extra((NOT_NOW,)))
    except REFUSED as refused:
        return await talk_page(request, console, advocate, ref, 409, Extra((why(refused),)))
    return RedirectResponse(f"/console/talk/{ref}", _SEE_OTHER)


async def _page(
    request: Request, console: ConsoleDoor, advocate: Advocate, ref: str, status: int = 200, fault: str = ""
) -> Response:
    now = console.now()
    try:
        async with console.work() as session:
            handover, stand = await readable(session, advocate, ref)
            here = await who_is_here(session, advocate.provider.slug, now)
            danger = await danger_of(session, console, advocate, handover)
    except WithAnotherAdvocate as elsewhere:
        return elsewhere_page(request, console, advocate, elsewhere, status, Extra())
    if handover.closed_at is not None or stand != "mine":
        return await talk_page(request, console, advocate, ref, status)
    return show(
        request,
        console,
        advocate,
        "close.html",
        status,
        ref=handover.ref,
        danger=danger,
        fault=fault,
        outcomes=OUTCOMES,
        seen=_seen(console, handover),
        calling=handover.wants == "call-back",
        symbols=symbols(),
        words_until=uk(now + timedelta(days=advocate.provider.keep_days)).date(),
        others=[one for one in here if one.id != advocate.id],
    )


def _seen(console: ConsoleDoor, handover: Handover) -> Mapping[Outcome, SignedVersion | None]:
    """The closing words for each outcome, as the child will read them; None where they are not signed now."""
    pack, level, today = pack_of(console, handover), level_of(handover), console.pack_cache.today()
    cards = {outcome: pack.card(key, today) for outcome, key in _SHOWN.items()}
    return {outcome: card.words.levels[level] if card else None for outcome, card in cards.items()}
