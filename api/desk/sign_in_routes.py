"""The pages to sign in, for the desk and the console; a form that is sent again after it; the way out of the desk."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Form, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from api.desk import reauthenticate
from api.desk.desk_access import OnActor, from_here
from api.desk.desk_door import DeskDoor, OnDesk
from api.desk.passkey_sign_in import check_passkey
from api.desk.password_sign_in import (
    Codes,
    Door,
    Locks,
    OnLocks,
    check_code,
    check_password,
    door_of,
    keep_token,
    must_be_of,
    own_path,
    two_codes_for,
    way_for,
)
from api.desk.sign_in_refusal import Refused, log_refusal
from api.records import sessions
from api.records.accounts import Account
from api.records.audit import note
from api.records.credentials import account_numbered
from api.web.ciphers import StaleSignedToken
from api.web.cookies import forget_cookie, read_cookie
from api.web.csrf import COOKIE
from api.web.errors import Problem
from api.web.origin import OnOrigin, Origin
from api.web.page_routes import page_routes

routes = page_routes()
before_sign_in = page_routes(from_here)
_SEE_OTHER = 303
_TOO_LONG = "That took more than five minutes, so the first step has to be done again."
Typed = Annotated[str, Form()]
Next = Annotated[str, Query(alias="next")]


@routes.get("/desk")
async def home(actor: OnActor) -> Response:
    """The desk of whoever is signed in."""
    return RedirectResponse(f"/desk/{actor.layer}", _SEE_OTHER)


@routes.post("/desk/sign-out")
async def sign_out(request: Request, actor: OnActor, desk: OnDesk) -> Response:
    """Ends this browser's sign-in."""
    async with desk.work() as session:
        await sessions.end(session, read_cookie(request, COOKIE), desk.now())
        await note(session, desk.now(), actor.layer, actor.name, "sign out", "own account", actor.id)
    response = RedirectResponse("/desk/sign-in", _SEE_OTHER)
    forget_cookie(request, response, COOKIE)
    return response


@before_sign_in.get("/desk/sign-in")
async def sign_in(request: Request, desk: OnDesk, to: Next = "") -> Response:
    """The first page; whoever is signed in at the desk goes on."""
    token, path = read_cookie(request, COOKIE), own_path(to)
    async with desk.work() as session:
        actor = await sessions.actor_of(session, token, desk.now(), desk.pack_cache.today()) if token else None
    goes_on = actor and door_of(path) == "/desk"
    return RedirectResponse(path, _SEE_OTHER) if goes_on else _first_page(request, desk, path)


@before_sign_in.get("/desk/sign-in/code")
@before_sign_in.get("/desk/sign-in/again")
async def from_the_start() -> Response:
    """Where a restored tab lands: at the first page."""
    return RedirectResponse("/desk/sign-in", _SEE_OTHER)


@before_sign_in.post("/desk/sign-in")
async def password(
    request: Request,
    desk: OnDesk,
    locks: OnLocks,
    origin: OnOrigin,
    email: Typed = "",
    typed: Annotated[str, Form(alias="password")] = "",
    to: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Checks e-mail and password, and asks for a code. Nobody is signed in yet."""
    try:
        account = await check_password(desk, locks, origin, email, typed)
    except Refused as refused:
        page = _first_page(request, desk, own_path(to), refused.status, email=email, told=refused.why)
        return log_refusal(page, desk, refused)
    slip = {"account": str(account.id), "password": _of_this_password(account), "to": own_path(to)}
    two = await two_codes_for(desk, account)
    return _code_page(request, desk, locks.halfway.write(slip, desk.now()), two=two)


@before_sign_in.post("/desk/sign-in/code")
async def code(
    request: Request,
    desk: OnDesk,
    locks: OnLocks,
    origin: OnOrigin,
    slip: Typed = "",
    code: Typed = "",
    following: Typed = "",
    recovery: Typed = "",
) -> Response:
    """Checks the code and signs in, with a new token."""
    try:
        says = locks.halfway.read(slip, desk.now())
    except StaleSignedToken:
        return _first_page(request, desk, "/desk", 422, told=_TOO_LONG)
    async with desk.work() as session:
        account = await account_numbered(session, int(says["account"]))
    if account is None or says["password"] != _of_this_password(account):
        return _first_page(request, desk, says["to"], 422, told=_TOO_LONG)
    typed, before = Codes(code, following, recovery), read_cookie(request, COOKIE)
    try:
        token = await check_code(desk, locks, origin, account, typed, before)
    except Refused as refused:
        page = _code_page(request, desk, slip, refused.status, told=refused.why, two=refused.two)
        return log_refusal(page, desk, refused)
    return keep_token(request, RedirectResponse(way_for(account, says["to"]), _SEE_OTHER), token)


@before_sign_in.post("/desk/sign-in/again")
async def again(request: Request, desk: OnDesk, locks: OnLocks, origin: OnOrigin) -> Response:
    """Signs in on the page of a form whose sign-in had ended, and offers to send the form again."""
    form = await request.form()
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    draft = reauthenticate.carried(form)
    try:
        _, token = await _sign_in_at_once(request, desk, locks, origin, typed, door_of(draft.to))
    except Refused as refused:
        email = typed.get("email", "")
        page = reauthenticate.page(
            request, draft, status=refused.status, email=email, told=refused.why, two=refused.two
        )
        return log_refusal(page, desk, refused)
    return keep_token(request, reauthenticate.resend(request, draft, token), token)


async def _sign_in_at_once(
    request: Request, desk: DeskDoor, locks: Locks, origin: Origin, typed: Mapping[str, str], door: Door
) -> tuple[Account, str]:
    """Signs in somebody of this door in one step, with a passkey or with password and code. Raises Refused."""
    before = read_cookie(request, COOKIE)
    if typed.get("credential"):
        return await check_passkey(desk, locks, typed.get("slip", ""), typed["credential"], before, door)
    account = await check_password(desk, locks, origin, typed.get("email", ""), typed.get("password", ""))
    must_be_of(account, door)
    codes = Codes(*(typed.get(name, "") for name in ("code", "following", "recovery")))
    return account, await check_code(desk, locks, origin, account, codes, before)


@before_sign_in.get("/desk/sign-in/passkey")
async def ask_for_passkey(desk: OnDesk, locks: OnLocks) -> Response:
    """What the script of the sign-in page asks the browser for. Nothing is kept until somebody has signed in."""
    if locks.ceremony is None:
        raise Problem(404, "There is nothing at this address.")
    return JSONResponse(vars(locks.ceremony.ask_to_sign_in(desk.now())))


@before_sign_in.post("/desk/sign-in/passkey")
async def passkey(
    request: Request,
    desk: OnDesk,
    locks: OnLocks,
    slip: Typed = "",
    credential: Typed = "",
    to: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Signs in with a passkey, which counts as password and code together."""
    try:
        account, token = await check_passkey(desk, locks, slip, credential, read_cookie(request, COOKIE))
    except Refused as refused:
        return _first_page(request, desk, own_path(to), refused.status, told=refused.why)
    return keep_token(request, RedirectResponse(way_for(account, to), _SEE_OTHER), token)


def _of_this_password(account: Account) -> str:
    """Ties a half-way token to the password it was given for: a new one ends it."""
    return sessions.hash_of(account.password_hash or "")


def _first_page(
    request: Request, desk: DeskDoor, to: str, status: int = 200, *, email: str = "", told: str = ""
) -> Response:
    forces = [(layer, desk.layer_name(layer)) for layer in sorted(desk.settings.oidc)]
    return desk.pages.page(request, "desk/sign-in.html", status, to=to, email=email, told=told, forces=forces)


def _code_page(
    request: Request, desk: DeskDoor, slip: str, status: int = 200, *, told: str = "", two: bool
) -> Response:
    return desk.pages.page(request, "desk/code.html", status, slip=slip, told=told, two=two)
