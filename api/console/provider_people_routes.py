"""The people of a provider, for its supervisors: who answers here, inviting an advocate, and closing an account."""

from typing import Annotated, Any, Literal

from fastapi import Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.console.console_access import OnSupervisor, supervising
from api.console.console_door import ConsoleDoor, OnConsole, nothing_here
from api.console.console_view import show
from api.records import people
from api.records.credentials import account_numbered
from api.records.handovers.advocates import Advocate
from api.records.handovers.tables import LARGEST_NUMBER
from api.records.invitation_email import Invited, welcome
from api.records.people import Mistaken, NewPerson
from api.records.roles import roles_given_by
from api.web.page_routes import page_routes
from content.review import NotAllowed

routes = page_routes(supervising, prefix="/console/people")
_SEE_OTHER = 303
# The largest number that a row can have on every database.
Doing = Literal["close", "reopen", "invite"]


@routes.get("")
async def everyone(request: Request, console: OnConsole, supervisor: OnSupervisor) -> Response:
    """Who answers children here, and who did before."""
    return await _page(request, console, supervisor)


@routes.post("")
async def invite(
    request: Request,
    console: OnConsole,
    supervisor: OnSupervisor,
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
) -> Response:
    """Adds an advocate and shows their link. Not a 303: the link is shown once and must be in no address."""
    new, now = NewPerson("advocate", name, "", email), console.now()
    try:
        async with console.work() as session:
            account = await people.add(
                session,
                supervisor,
                supervisor.layer,
                new,
                forces=console.pack_cache.forces,
                practice=console.settings.practice,
                now=now,
            )
            invited = await welcome(session, account, console.settings, now)
    except NotAllowed as no:
        return await _page(request, console, supervisor, 409, told=no.reasons, typed=new)
    except Mistaken as mistaken:
        return await _page(request, console, supervisor, 422, faults=mistaken.faults, typed=new)
    return await _page(request, console, supervisor, invited=invited)


@routes.post("/{number}/{doing}")
async def do(
    request: Request,
    console: OnConsole,
    supervisor: OnSupervisor,
    number: Annotated[int, Path(ge=1, le=LARGEST_NUMBER)],
    doing: Doing,
) -> Response:
    """Closes an account, opens it again, or makes a new link; or says why not."""
    try:
        async with console.work() as session:
            invited = await _do(session, console, supervisor, number, doing)
    except NotAllowed as no:
        return await _page(request, console, supervisor, 409, told=no.reasons)
    if invited:
        return await _page(request, console, supervisor, invited=invited)
    return RedirectResponse("/console/people", _SEE_OTHER)


async def _do(
    session: AsyncSession, console: ConsoleDoor, supervisor: Advocate, number: int, doing: Doing
) -> Invited | None:
    account, now = await account_numbered(session, number), console.now()
    if account is None or account.layer != supervisor.layer:
        raise nothing_here()
    if doing == "close":
        await people.close(session, supervisor, account, now)
        return None
    if doing == "reopen":
        await people.reopen(session, supervisor, account, now)
    else:
        await people.invite_again(session, supervisor, account, now)
    return await welcome(session, account, console.settings, now)


async def _page(
    request: Request, console: ConsoleDoor, supervisor: Advocate, status: int = 200, **others: Any
) -> Response:
    async with console.work() as session:
        accounts = await people.people_of(session, supervisor.layer)
    shown: dict[str, Any] = {"told": (), "faults": {}, "typed": NewPerson("", "", "", ""), "invited": None, **others}
    return show(
        request,
        console,
        supervisor,
        "people.html",
        status,
        people=[account for account in accounts if account.closed_at is None],
        gone=[account for account in accounts if account.closed_at is not None],
        given=roles_given_by(supervisor, supervisor.layer),
        **shown,
    )
