"""One person of a layer: their role and post, their account, and whether they stand in for the lead."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.desk.desk_access import OnPeople, of_people
from api.desk.desk_door import DeskDoor, OnDesk
from api.desk.desk_view import show
from api.records import people
from api.records.accounts import Account
from api.records.credentials import account_numbered
from api.records.deputies import delegations_of, end_deputy, name_deputy
from api.records.invitation_email import Invited, welcome
from api.records.people import Mistaken
from api.records.roles import is_providers, roles_given_by
from api.web.errors import Problem
from api.web.page_routes import page_routes
from content.review import Actor, NotAllowed

routes = page_routes(of_people, prefix="/desk/{layer}/people/{number}")
_SEE_OTHER = 303
LARGEST_NUMBER = 2**31 - 1
"""The largest number that a row can have on every database."""
Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]
Doing = Literal["change", "close", "reopen", "invite", "deputy", "end-deputy"]


@routes.get("")
async def person(request: Request, desk: OnDesk, actor: OnPeople, layer: str, number: Number) -> Response:
    """The person's page, with what this actor may do."""
    return await _page(request, desk, actor, layer, number)


@routes.post("/{doing}")
async def do(
    request: Request,
    desk: OnDesk,
    actor: OnPeople,
    layer: str,
    number: Number,
    doing: Doing,
    role: Annotated[str, Form()] = "",
    post: Annotated[str, Form()] = "",
    starts: Annotated[str, Form()] = "",
    ends: Annotated[str, Form()] = "",
) -> Response:
    """Does one thing, or says why not and keeps what was typed. A new link is shown at once, and in no address."""
    typed = {"role": role, "post": post, "starts": starts, "ends": ends}
    try:
        async with desk.work() as session:
            account = await _account(session, layer, number)
            invited = await _do(session, desk, actor, account, doing, typed)
    except NotAllowed as no:
        return await _page(request, desk, actor, layer, number, 409, told=no.reasons, doing=doing, typed=typed)
    except Mistaken as mistaken:
        return await _page(request, desk, actor, layer, number, 422, faults=mistaken.faults, doing=doing, typed=typed)
    if invited:
        return await _page(request, desk, actor, layer, number, invited=invited)
    return RedirectResponse(f"/desk/{layer}/people/{number}", _SEE_OTHER)


async def _do(
    session: AsyncSession, desk: DeskDoor, actor: Actor, account: Account, doing: Doing, typed: Mapping[str, str]
) -> Invited | None:
    now, today = desk.now(), desk.pack_cache.today()
    match doing:
        case "change":
            await people.change(session, actor, account, typed["role"], typed["post"], now)
        case "close":
            await people.close(session, actor, account, now)
        case "deputy":
            starts, ends = day_of("starts", typed["starts"]), day_of("ends", typed["ends"])
            await name_deputy(session, actor, account, starts, ends, now=now, today=today)
        case "end-deputy":
            await end_deputy(session, actor, account, now=now, today=today)
        case "reopen":
            await people.reopen(session, actor, account, now)
            return await welcome(session, account, desk.settings, now)
        case "invite":
            await people.invite_again(session, actor, account, now)
            return await welcome(session, account, desk.settings, now)
    return None


def day_of(field: str, typed: str) -> date:
    """A day as a date field sends it. Raises Mistaken."""
    try:
        return date.fromisoformat(typed.strip())
    except ValueError as error:
        raise Mistaken({field: "Write the day like 2027-01-31."}) from error


async def _account(session: AsyncSession, layer: str, number: int) -> Account:
    account = await account_numbered(session, number)
    if account is None or account.layer != layer:
        raise Problem(404, "There is nothing at this address.")
    return account


async def _page(
    request: Request, desk: DeskDoor, actor: Actor, layer: str, number: int, status: int = 200, **others: Any
) -> Response:
    async with desk.work() as session:
        account = await _account(session, layer, number)
        named = await delegations_of(session, layer, desk.pack_cache.today())
    roles = roles_given_by(actor, layer)
    typed = {"starts": "", "ends": "", **others.pop("typed", {})}
    if others.get("doing") != "change":
        typed |= {"role": account.role, "post": account.post}
    shown: dict[str, Any] = {"told": (), "faults": {}, "doing": "", "invited": None, **others}
    return show(
        request,
        desk,
        actor,
        layer,
        "person.html",
        status,
        person=account,
        deputy=[row for row in named if row.deputy_id == account.id],
        roles=roles,
        for_provider=is_providers(layer),
        mine=account.id == actor.id,
        may=account.role in roles and account.id != actor.id,
        today=desk.pack_cache.today().isoformat(),
        typed=typed,
        **shown,
    )
