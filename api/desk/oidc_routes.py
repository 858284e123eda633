"""Signing in with a force's own account, where the force has OpenID Connect."""

import hmac
import logging
from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Request
from fastapi.responses import RedirectResponse, Response

from api.desk.desk_access import from_here
from api.desk.desk_door import DeskDoor, OnDesk
from api.desk.oidc_client import Issuer, Leaving, NotProven, SignInAway
from api.desk.password_sign_in import Locks, OnLocks, keep_token, let_in, own_path, way_for
from api.desk.sign_in_refusal import Refused, log_refusal
from api.records.oidc_identities import NotKnown, account_of
from api.web.ciphers import StaleSignedToken
from api.web.cookies import forget_cookie, keep_cookie, read_cookie
from api.web.csrf import COOKIE
from api.web.errors import Problem
from api.web.page_routes import page_routes
from api.web.settings import OwnSignIn

routes = page_routes(from_here, prefix="/desk/oidc/{layer}")
LEAVING = "desk-away"
"""The name of the cookie that holds what we must remember of somebody who is away to sign in."""
_PATH = "/desk/oidc"
_SECONDS = 600
_SEE_OTHER = 303
_AWAY = "Its sign-in does not answer, or not as it should. Try again in a few minutes, or tell your force's IT people."
_NOT_STARTED = "This sign-in did not start in this browser, or took too long. Start again."
_NOT_PROVEN = (
    "What came back does not prove who you are. Start again; if it happens again, tell your force's IT people."
)
_NOT_KNOWN = (
    "We know who you are there, but no open account of this desk goes with it: either nobody has invited you here, or "
    "your force does not vouch for your e-mail address. Ask whoever looks after people in your force."
)
_log = logging.getLogger(__name__)


@routes.get("")
async def leave(
    layer: str, request: Request, desk: OnDesk, locks: OnLocks, to: Annotated[str, Query(alias="next")] = ""
) -> Response:
    """Sends somebody to their force's own sign-in."""
    chosen, leaving = _chosen(desk, layer), Leaving.now()
    try:
        issuer = await Issuer.find(chosen, _back(desk, layer))
    except (SignInAway, NotProven) as error:
        return _away(request, desk, layer, error)
    response = RedirectResponse(issuer.address(leaving), _SEE_OTHER)
    says = {"layer": layer, "to": own_path(to), **vars(leaving)}
    # Lax, because they come back from another site; it is of no use without the code that only they bring.
    keep_cookie(request, response, LEAVING, locks.away.write(says, desk.now()), seconds=_SECONDS, to="lax")
    return response


@routes.get("/back")
async def back(layer: str, request: Request, desk: OnDesk, locks: OnLocks, code: str = "", state: str = "") -> Response:
    """Signs in whom the force's own sign-in vouches for.

    No code of a code app is asked for: how sure a force is of its own people is the force's to decide, and its sign-in
    asks for a second proof where its policy says so. A second one of ours would outlive the account that the force
    closes, and adds nothing to it.
    """
    chosen = _chosen(desk, layer)
    try:
        response = await _come_back(layer, request, desk, locks, chosen, code, state)
    except SignInAway as error:
        response = _away(request, desk, layer, error)
    except Refused as refused:
        response = log_refusal(_told(request, desk, layer, refused.status, refused.why), desk, refused)
    forget_cookie(request, response, LEAVING, to="lax")
    return response


async def _come_back(
    layer: str, request: Request, desk: DeskDoor, locks: Locks, chosen: OwnSignIn, code: str, state: str
) -> Response:
    try:
        says = locks.away.read(read_cookie(request, LEAVING), desk.now())
    except StaleSignedToken as stale:
        raise Refused(422, _NOT_STARTED) from stale
    leaving = Leaving(says["state"], says["nonce"], says["verifier"])
    if says["layer"] != layer or not hmac.compare_digest(state.encode(), leaving.state.encode()):
        raise Refused(422, _NOT_STARTED)
    try:
        issuer = await Issuer.find(chosen, _back(desk, layer))
        vouched = await issuer.vouch(code, leaving, desk.now())
        async with desk.work() as session:
            account = await account_of(session, layer, vouched)
            how = "with the force's own account"
            token = await let_in(desk, session, account, how, read_cookie(request, COOKIE))
    except NotProven as no:
        raise Refused(422, _NOT_PROVEN) from no
    except NotKnown as no:
        raise Refused(422, _NOT_KNOWN, no.tried) from no
    to = way_for(account, says["to"])
    page = desk.pages.page(request, "desk/signed-in.html", to=to)
    # A page that sends itself on, not a redirect: on a journey that began at another site the browser would not
    # yet show us the new cookie, which is for our own pages only.
    page.headers["Refresh"] = f"0; url={to}"
    return keep_token(request, page, token)


def _chosen(desk: DeskDoor, layer: str) -> OwnSignIn:
    found = desk.settings.oidc.get(layer)
    if found is None:
        raise Problem(404, "There is nothing at this address.")
    desk.layer_name(layer)
    return found


def _back(desk: DeskDoor, layer: str) -> str:
    """Where a force's own sign-in sends people back to: one address for each, so that no two can be mixed up."""
    return f"{desk.settings.public_url}{_PATH}/{quote(layer)}/back"


def _away(request: Request, desk: DeskDoor, layer: str, error: Exception) -> Response:
    _log.warning("%s: the own sign-in of %s", type(error).__name__, layer)
    return _told(request, desk, layer, 503, _AWAY)


def _told(request: Request, desk: DeskDoor, layer: str, status: int, why: str) -> Response:
    name = desk.layer_name(layer)
    return desk.pages.page(request, "desk/own-sign-in.html", status, force_name=name, own=layer, why=why)
