"""The log of a layer: who did what, when, in plain words; for its lead, the deputy and the national admins."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from api.desk.desk_access import OnLog, of_log
from api.desk.desk_door import DeskDoor, OnDesk
from api.desk.desk_view import show
from api.desk.person_routes import LARGEST_NUMBER
from api.records.audit import AuditRow, log_of
from api.records.chain_verification import first_altered
from api.records.force_availability import MESSAGES
from api.web.page_routes import page_routes
from content.signoff import NATIONAL

routes = page_routes(of_log, prefix="/desk/{layer}/log")
SHOWN = 100
"""How many lines a page has."""
SAID: Mapping[str, str] = {
    "edit": "changed the words of a card",
    "submit": "sent a card to review",
    "approve": "approved a card",
    "return": "asked for changes to a card",
    "sign": "signed a card",
    "withdraw": "withdrew a card",
    "recall": "recalled a card",
    "set local fact": "set a local fact",
    "take back local fact": "took back a local fact",
    "import files": "brought in files",
    "export files": "took out files",
    "remind": "wrote a reminder",
    "try letter again": "had a letter tried again",
    "sign in": "signed in",
    "sign out": "signed out",
    "fail to sign in": "failed to sign in",
    "warn of guessing": "was warned that somebody guesses at their sign-in",
    "warn of a known password": "was warned that somebody knows their password",
    "add passkey": "added a passkey",
    "remove passkey": "removed a passkey",
    "accept invitation": "used an invitation",
    "add person": "invited somebody",
    "change role or post": "changed a role or post",
    "name lead": "named the lead",
    "close account": "closed an account",
    "reopen account": "opened an account again",
    "invite again": "made a new invitation",
    "name deputy": "named a deputy",
    "end deputy": "ended a delegation",
    "close door": "closed the door to children",
    "open door": "opened the door to children",
    "name provider": "named the advocacy organisation",
    "decide widget": "decided how the widget is on the force's own website",
    "make key": "made a key for the force's own apps",
    "end key": "ended a key of the force's own apps",
    "mark rows": "gave rows of the ledger marks",
    "begin heads anew": "began the heads of the ledger anew",
    "add provider": "added an advocacy organisation",
    "change provider": "changed an organisation's settings",
    "set hook": "set the address of an organisation's own system",
    "take back hook": "took back the address of an organisation's own system",
}
"""What the log calls each act; one that is not here is shown as it was written."""


@routes.get("")
async def log(
    request: Request,
    desk: OnDesk,
    actor: OnLog,
    layer: str,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_NUMBER)] = None,
) -> Response:
    """The newest lines, or those before a line. Never anything of a chat: there is nothing of one to show."""
    async with desk.work() as session:
        lines = await log_of(session, layer, SHOWN + 1, before)
        walked = await first_altered(session, AuditRow) if actor.layer == NATIONAL and actor.role == "admin" else None
    return show(
        request,
        desk,
        actor,
        layer,
        "log.html",
        lines=lines[:SHOWN],
        older=lines[SHOWN - 1].id if len(lines) > SHOWN else None,
        newest=before is None,
        said=SAID,
        told=_told(desk),
        walked=walked,
    )


def _told(desk: DeskDoor) -> dict[str, str]:
    """What people call the things that lines are about: cards, local facts and sentences at the door."""
    cards = {key: card.question for key, card in desk.wordings.cards.items()}
    slots = {slot.id: slot.label for slot in desk.wordings.vetting.renderer.slots.values()}
    return {**slots, **cards, **{name: desk.pages.words[name] for name in MESSAGES}}
