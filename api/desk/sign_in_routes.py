"""The pages to sign in, for the desk and the console; a form that is sent again after it; the way out of the desk."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.desk import lapsed
from api.desk.guard import OnActor, from_here
from api.desk.room import Desk, OnDesk
from api.desk.signing_in import (
    OnLocks,
    Refused,
    check_code,
    check_password,
    door_of,
    home_of,
    keep_token,
    log_refusal,
    own_path,
    way_for,
)
from api.hall.marks import COOKIE
from api.hall.sealing import StaleSlip
from api.records import sessions
from api.records.accounts import Account
from api.records.audit import note

routes = APIRouter(include_in_schema=False, default_response_class=Response)
before_sign_in = APIRouter(dependencies=[Depends(from_here)], include_in_schema=False, default_response_class=Response)
_SEE_OTHER = 303
_TOO_LONG = "That took more than five minutes, so the first step has to be done again."
_OTHER_DOOR = {
    "/desk": "What you sent was for a force's desk, and this account is an advocate's. Sign in with another.",
    "/console": "What you sent was for the console of the advocates, and this account has none. Sign in with another.",
}
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
        await sessions.end(session, request.cookies[COOKIE], desk.now())
        await note(session, desk.now(), actor.layer, actor.name, "sign out", "own account", actor.id)
    response = RedirectResponse("/desk/sign-in", _SEE_OTHER)
    response.delete_cookie(COOKIE, path="/desk", httponly=True, samesite="strict", secure=not desk.settings.practice)
    return response


@before_sign_in.get("/desk/sign-in")
async def sign_in(request: Request, desk: OnDesk, to: Next = "") -> Response:
    """The first page; whoever is signed in at the desk goes on. The console's cookie does not come here."""
    token, path = request.cookies.get(COOKIE, ""), own_path(to)
    async with desk.work() as session:
        actor = await sessions.actor_of(session, token, desk.now(), desk.shelf.today()) if token else None
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
    email: Typed = "",
    typed: Annotated[str, Form(alias="password")] = "",
    to: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Checks e-mail and password, and asks for a code. Nobody is signed in yet."""
    try:
        account = await check_password(desk, locks, email, typed)
    except Refused as refused:
        page = _first_page(request, desk, own_path(to), refused.status, email=email, told=refused.why)
        return log_refusal(page, desk, refused)
    slip = {"account": str(account.id), "password": _of_this_password(account), "to": own_path(to)}
    return _code_page(request, desk, locks.halfway.write(slip, desk.now()))


@before_sign_in.post("/desk/sign-in/code")
async def code(
    request: Request, desk: OnDesk, locks: OnLocks, slip: Typed = "", code: Typed = "", recovery: Typed = ""
) -> Response:
    """Checks the code and signs in, with a new token."""
    try:
        says = locks.halfway.read(slip, desk.now())
    except StaleSlip:
        return _first_page(request, desk, "/desk", 422, told=_TOO_LONG)
    async with desk.work() as session:
        account = await session.get_one(Account, int(says["account"]))
    if says["password"] != _of_this_password(account):
        return _first_page(request, desk, says["to"], 422, told=_TOO_LONG)
    try:
        token = await check_code(desk, locks, account, code, recovery, request.cookies.get(COOKIE))
    except Refused as refused:
        return log_refusal(_code_page(request, desk, slip, refused.status, told=refused.why), desk, refused)
    return keep_token(RedirectResponse(way_for(account, says["to"]), _SEE_OTHER), desk, account, token)


@before_sign_in.post("/desk/sign-in/again")
async def again(
    request: Request,
    desk: OnDesk,
    locks: OnLocks,
    email: Typed = "",
    typed: Annotated[str, Form(alias="password")] = "",
    code: Typed = "",
    recovery: Typed = "",
) -> Response:
    """Signs in on the page of a form whose sign-in had ended, and offers to send the form again."""
    draft = lapsed.carried(await request.form())
    try:
        account = await check_password(desk, locks, email, typed)
        if home_of(account) != door_of(draft.to):
            raise Refused(422, _OTHER_DOOR[door_of(draft.to)])
        token = await check_code(desk, locks, account, code, recovery, request.cookies.get(COOKIE))
    except Refused as refused:
        page = lapsed.page(request, draft, status=refused.status, email=email, told=refused.why)
        return log_refusal(page, desk, refused)
    return keep_token(lapsed.resend(request, draft, token), desk, account, token)


def _of_this_password(account: Account) -> str:
    """Ties a half-way slip to the password it was given for: a new one ends it."""
    return sessions.hash_of(account.password_hash or "")


def _first_page(
    request: Request, desk: Desk, to: str, status: int = 200, *, email: str = "", told: str = ""
) -> Response:
    forces = [(layer, desk.layer_name(layer)) for layer in sorted(desk.settings.oidc)]
    return desk.pages.page(request, "desk/sign-in.html", status, to=to, email=email, told=told, forces=forces)


def _code_page(request: Request, desk: Desk, slip: str, status: int = 200, *, told: str = "") -> Response:
    return desk.pages.page(request, "desk/code.html", status, slip=slip, told=told)
