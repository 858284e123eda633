"""The page of an invitation: somebody chooses a password and a code app, proves the app, and gets recovery codes."""

import asyncio
from typing import Annotated

import segno
from fastapi import Form, Request
from fastapi.responses import Response
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from api.desk.desk_access import from_here
from api.desk.desk_door import DeskDoor, OnDesk
from api.desk.password_sign_in import Locks, OnLocks, home_of, keep_token
from api.records.accounts import Account
from api.records.credentials import ISSUER, app_address, new_app_secret, step_of
from api.records.handovers.providers import provider_with
from api.records.invitations import ChosenCredentials, InvitationOver, accept, invited
from api.records.passwords import LONGEST, SHORTEST, why_not
from api.records.roles import is_providers
from api.records.sessions import hash_of
from api.web.ciphers import BrokenCipherText
from api.web.origin import OnOrigin
from api.web.page_routes import page_routes

routes = page_routes(from_here, prefix="/desk/invitation/{token}")
_OTHER_CODE = (
    "That is not the code that the app shows for this page now. Look again; if the clock of your phone is wrong, "
    "set it to the network's time."
)
_OTHER_PASSWORD = "These two are not the same. Type both again."  # noqa: S105
_OTHER_APP = "This page had lost its code for the app. Remove the old entry from your app and scan this one."
_GROUP = 4


@routes.get("")
async def choose(request: Request, desk: OnDesk, locks: OnLocks, token: str) -> Response:
    """Asks for a password, shows the picture for the code app, and asks for one code of it."""
    try:
        async with desk.work() as session:
            account = await invited(session, token, desk.now())
            place = await _place(session, desk, account)
    except InvitationOver:
        return _over(request, desk)
    return _page(request, desk, locks, token, account, place, new_app_secret())


@routes.post("")
async def chosen(
    request: Request,
    desk: OnDesk,
    locks: OnLocks,
    origin: OnOrigin,
    token: str,
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
    app: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
) -> Response:
    """Stores both together when both are right, signs in, and shows the recovery codes once."""
    now = desk.now()
    try:
        async with desk.work() as session:
            account = await invited(session, token, now)
            place = await _place(session, desk, account)
        secret, faults = _secret(locks, token, app), {}
        if secret is None:
            secret, faults = new_app_secret(), {"code": _OTHER_APP}
        step = step_of(secret, code, now)
        about_password = await asyncio.to_thread(_faults, account, place, password, again)
        faults |= about_password | ({} if faults or step else {"code": _OTHER_CODE})
        if faults or step is None:
            return _page(request, desk, locks, token, account, place, secret, 422, faults, code)
        kept = await locks.passwords.keep(locks.origins.name(origin, now), password)
        async with desk.work() as session:
            signed_in, codes = await accept(session, token, ChosenCredentials(kept, secret, step), locks.cipher, now)
    except InvitationOver:
        return _over(request, desk)
    page = desk.pages.page(request, "desk/recovery-codes.html", codes=codes, door=home_of(account))
    return keep_token(request, page, signed_in)


async def _place(session: AsyncSession, desk: DeskDoor, account: Account) -> str:
    """What people call the force or the organisation that somebody is to work for. Raises InvitationOver for none."""
    if not is_providers(account.layer):
        return desk.layer_name(account.layer)
    provider = await provider_with(session, account.layer, practice=desk.settings.practice)
    if provider is None:
        raise InvitationOver
    return provider.name


def _faults(account: Account, place: str, password: str, again: str) -> dict[str, str]:
    about_them = (account.name, account.email, account.post, place, account.layer, ISSUER)
    fault = why_not(password, [*about_them, ISSUER.replace(" ", "")])
    if fault:
        return {"password": fault}
    return {} if password == again else {"password": _OTHER_PASSWORD}


def _secret(locks: Locks, token: str, app: str) -> str | None:
    """The secret that this page showed for this invitation; it carries it, as nothing is stored before the end."""
    try:
        whose, _, secret = locks.cipher.open(app).partition(" ")
    except BrokenCipherText:
        return None
    return secret if whose == hash_of(token) else None


def _page(
    request: Request,
    desk: DeskDoor,
    locks: Locks,
    token: str,
    account: Account,
    place: str,
    secret: str,
    status: int = 200,
    faults: dict[str, str] | None = None,
    code: str = "",
) -> Response:
    return desk.pages.page(
        request,
        "desk/invitation.html",
        status,
        account=account,
        place=place,
        door=home_of(account),
        app=locks.cipher.close(f"{hash_of(token)} {secret}"),
        picture=_picture(app_address(secret, account.email)),
        secret=" ".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP)),
        faults=faults or {},
        code=code,
        shortest=SHORTEST,
        longest=LONGEST,
    )


def _picture(address: str) -> Markup:
    """The address as an SVG for a phone to read; black on white, with the quiet edge that readers need."""
    # segno writes it from its own numbers; nothing of the address stands in it as text.
    return Markup(  # noqa: S704
        segno.make(address, micro=False, error="m").svg_inline(
            scale=4, border=4, dark="#000", light="#fff", svgclass="scan", lineclass=None, omitsize=True
        )
    )


def _over(request: Request, desk: DeskDoor) -> Response:
    return desk.pages.page(request, "desk/invitation-over.html", 410)
