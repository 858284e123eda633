"""One's own sign-in, for everybody at the desk and at the console: their passkeys, to add one and to remove one."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Form, Path, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from api.desk.desk_door import DeskDoor, OnDesk
from api.desk.password_sign_in import Door, Locks, OnLocks, door_of
from api.desk.person_routes import LARGEST_NUMBER
from api.desk.webauthn_ceremony import Ceremony, NotProved
from api.records import sessions
from api.records.accounts import Account
from api.records.credentials import recovery_codes_left
from api.records.handovers.advocates import Advocate, advocate_of
from api.records.passkeys import BadName, add_passkey, handle_of, passkeys_of, remove_passkey, spend
from api.records.sign_in_rate_limit import tries_with
from api.web.cookies import read_cookie
from api.web.csrf import COOKIE, NotSignedIn, form_mark, must_be_our_form
from api.web.errors import Problem
from api.web.page_routes import page_routes
from content.review import Actor, NotAllowed

_SEE_OTHER = 303
_STALE = "It is more than ten minutes since you proved who you are. Do that first, below; then try again."
_NOT_MADE = (
    "No passkey was kept: what the browser sent does not prove one, or it took more than five minutes. Try it again."
)


@dataclass(frozen=True)
class Myself:
    """Whoever is signed in at one of the two doors. `fresh` says that they proved who they are a short time ago."""

    account: Account
    who: Actor | Advocate
    door: Door
    fresh: bool


async def myself(request: Request, desk: OnDesk) -> Myself:
    """Who is asking, at the door that the address is behind. A form must carry the mark of this sign-in.

    Raises NotSignedIn for nobody and for people of the other door; OldForm and Problem 403 as the guards of both do.
    """
    token, door, now = read_cookie(request, COOKIE), door_of(request.url.path), desk.now()
    async with desk.work() as session:
        account = await sessions.account_of(session, token, now) if token else None
        who: Actor | Advocate | None
        if door == "/console":
            who = await advocate_of(session, token, now, practice=desk.settings.practice)
        else:
            who = await sessions.actor_of(session, token, now, desk.pack_cache.today())
        fresh = await sessions.is_fresh(session, token, now)
    if account is None or who is None:
        raise NotSignedIn
    await must_be_our_form(request, token)
    return Myself(account, who, door, fresh)


OnMyself = Annotated[Myself, Depends(myself)]
routes = page_routes(myself)


@routes.get("/desk/my-sign-in")
@routes.get("/console/my-sign-in")
async def mine(request: Request, desk: OnDesk, me: OnMyself) -> Response:
    """How somebody signs in: their passkeys, the codes they have left, and how many tries failed of late."""
    return await _page(request, desk, me)


@routes.get("/desk/my-sign-in/passkey")
@routes.get("/console/my-sign-in/passkey")
async def ask(desk: OnDesk, locks: OnLocks, me: OnMyself) -> Response:
    """What the script of the page asks the browser for, to make a passkey."""
    ceremony = _ceremony(locks, me)
    async with desk.work() as session:
        handle, has = await handle_of(session, me.account.id), await passkeys_of(session, me.account.id)
    return JSONResponse(vars(ceremony.ask_to_add(me.account, handle, has, desk.now())))


@routes.post("/desk/my-sign-in/passkey")
@routes.post("/console/my-sign-in/passkey")
async def add(
    request: Request,
    desk: OnDesk,
    locks: OnLocks,
    me: OnMyself,
    slip: Annotated[str, Form()] = "",
    credential: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
) -> Response:
    """Keeps the passkey that the browser made, under a name."""
    if not me.fresh:
        return await _page(request, desk, me, 403, told=[_STALE], typed=name)
    ceremony = _ceremony(locks, me)
    try:
        new, handle, challenge = ceremony.added(slip, credential, me.account, desk.now())
        async with desk.work() as session:
            if not await spend(session, challenge):
                raise NotProved
            await add_passkey(session, me.account, new, handle, name, desk.now())
    except NotProved:
        return await _page(request, desk, me, 422, told=[_NOT_MADE], typed=name)
    except BadName as bad:
        return await _page(request, desk, me, 422, faults={"name": str(bad)}, typed=name)
    except NotAllowed as no:
        return await _page(request, desk, me, 409, told=no.reasons, typed=name)
    return RedirectResponse(f"{me.door}/my-sign-in", _SEE_OTHER)


@routes.post("/desk/my-sign-in/passkeys/{number}/remove")
@routes.post("/console/my-sign-in/passkeys/{number}/remove")
async def remove(
    request: Request, desk: OnDesk, me: OnMyself, number: Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]
) -> Response:
    """Removes one of one's own passkeys: it signs nobody in from now on."""
    if not me.fresh:
        return await _page(request, desk, me, 403, told=[_STALE])
    async with desk.work() as session:
        if not await remove_passkey(session, me.account, number, desk.now()):
            raise Problem(404, "There is nothing at this address.")
    return RedirectResponse(f"{me.door}/my-sign-in", _SEE_OTHER)


def _ceremony(locks: Locks, me: Myself) -> Ceremony:
    """The ceremony for somebody who may have a passkey. Raises Problem 404.

    Whoever signs in with their force's own account alone may not: the passkey would outlive the account that the force
    closes.
    """
    if locks.ceremony is None or me.account.password_hash is None:
        raise Problem(404, "There is nothing at this address.")
    return locks.ceremony


async def _page(request: Request, desk: DeskDoor, me: Myself, status: int = 200, **others: Any) -> Response:
    now = desk.now()
    async with desk.work() as session:
        passkeys = await passkeys_of(session, me.account.id)
        tries = await tries_with(session, me.account.email, now)
        codes = await recovery_codes_left(session, me.account)
    at_console, layer = me.door == "/console", me.account.layer
    of_desk = {"actor": me.who, "layer": layer}
    framed = {"advocate": me.who} if at_console else {**of_desk, "layer_name": desk.layer_name(layer)}
    shown: dict[str, Any] = {"told": (), "faults": {}, "typed": "", **framed, **others}
    return desk.pages.page(
        request,
        "desk/my-sign-in.html",
        status,
        within_door="console/frame.html" if at_console else "desk/frame.html",
        mark=form_mark(read_cookie(request, COOKIE)),
        me=me,
        passkeys=passkeys,
        tries=tries,
        codes=codes,
        own=desk.settings.oidc.get(layer) is not None,
        **shown,
    )
