"""Signing in: a password, then a code, then a new token in a cookie; for the pages and for a form that lapsed."""

import math
import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal, Self, cast

from argon2 import PasswordHasher
from fastapi import Depends, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask

from api.desk.room import Desk
from api.hall.marks import COOKIE, SIGN_IN
from api.hall.sealing import Seal, Slips
from api.hall.settings import Settings
from api.records import sessions
from api.records.accounts import Account
from api.records.audit import note
from api.records.credentials import (
    TooManyTries,
    Tried,
    account_with,
    count_try,
    forget_tries,
    recovery_codes_left,
    take_back,
    use_app_code,
    use_recovery_code,
)
from api.records.passwords import Passwords
from api.records.roles import is_providers
from content.signoff import NATIONAL

WRONG = (
    "That e-mail and password do not go together. Check both and try again. If you have not chosen a password yet, "
    "or cannot get in, ask whoever looks after people in your force or organisation to send you a new invitation."
)
WRONG_CODE = (
    "That code is not right, or was used already. Wait for the next one in your code app and try again, "
    "or use one of your recovery codes."
)
HALFWAY = timedelta(minutes=5)
Door = Literal["/desk", "/console"]
"""Where somebody works: at a force's desk, or at the console of the advocates."""
_OWN_PATH = re.compile(r"/(?:desk|console)(?:[/?][!-\"$-\[\]-~]*)?")


class Refused(Exception):
    """Not let in. `why` says what to do; `tried` is whose account it was, where there is one, for its log."""

    def __init__(self, status: int, why: str, tried: Tried | None = None) -> None:
        super().__init__(why)
        self.status, self.why, self.tried = status, why, tried


@dataclass(frozen=True)
class Locks:
    """What signing in needs beside the desk: how passwords are kept, code apps sealed, and half-way slips written."""

    passwords: Passwords
    seal: Seal
    halfway: Slips
    away: Slips

    @classmethod
    def of(cls, settings: Settings, forces: Container[str]) -> Self:
        """The locks that these settings make. Raises ValueError for an own sign-in of a force that we do not know."""
        unknown = [layer for layer in settings.oidc if layer not in forces and layer != NATIONAL]
        if unknown:
            raise ValueError(f"KNOW_OIDC names what is no force here: {', '.join(unknown)}")
        secret = settings.secret.get_secret_value()
        return cls(
            Passwords(PasswordHasher()),
            Seal.of(settings, "code app"),
            Slips(secret, "half-way in", HALFWAY),
            Slips(secret, "away at a force's own sign-in", 2 * HALFWAY),
        )


async def locks(request: Request) -> Locks:
    """The locks of this app."""
    return cast(Locks, request.app.state.locks)


OnLocks = Annotated[Locks, Depends(locks)]


def own_path(wanted: str) -> str:
    """A page of the desk or of the console to go on to; /desk for anything that is not one."""
    return wanted if _OWN_PATH.fullmatch(wanted) and ".." not in wanted else "/desk"


def door_of(path: str) -> Door:
    """The door of one of our own paths."""
    return "/console" if path.startswith("/console") else "/desk"


def home_of(account: Account) -> Door:
    """Where somebody works: a provider's people at the console, everybody else at the desk."""
    return "/console" if is_providers(account.layer) else "/desk"


def way_for(account: Account, wanted: str) -> str:
    """Where somebody goes on to: the page they wanted, or their own first page when it is at the other door."""
    to, home = own_path(wanted), home_of(account)
    return to if door_of(to) == home else home


async def check_password(desk: Desk, locks: Locks, email: str, password: str) -> Account:
    """The open account that an e-mail and a password belong to. Raises Refused.

    The same sentence and the same work for a wrong e-mail, a wrong password, a closed account and one without a
    password, so that nobody learns who has an account.
    """
    try:
        async with desk.work() as session:
            tried = await count_try(session, email, desk.now())
            account = await account_with(session, email)
    except TooManyTries as stop:
        raise Refused(429, _wait(stop.wait)) from stop
    kept = account.password_hash if account and account.closed_at is None else None
    if not await locks.passwords.fits(kept, password) or account is None:
        raise Refused(422, WRONG, Tried.of(account))
    async with desk.work() as session:
        await take_back(session, tried)
    return account


async def check_code(desk: Desk, locks: Locks, account: Account, code: str, recovery: str, before: str | None) -> str:
    """Uses a code of somebody whose password was right, and gives the token of a new sign-in. Raises Refused.

    `before` is the token of a sign-in in this browser, which ends.
    """
    now = desk.now()
    try:
        async with desk.work() as session:
            await count_try(session, account.email, now)
    except TooManyTries as stop:
        raise Refused(429, _wait(stop.wait)) from stop
    async with desk.work() as session:
        found = await session.get_one(Account, account.id)
        if found.closed_at or found.password_hash != account.password_hash:
            raise Refused(422, WRONG_CODE, Tried.of(found))
        if recovery.strip():
            right = await use_recovery_code(session, found, recovery, now)
            how = f"with a recovery code, {await recovery_codes_left(session, found)} left"
        else:
            right, how = await use_app_code(session, found, code, locks.seal, now), "with password and code"
        if not right:
            raise Refused(422, WRONG_CODE, Tried.of(found))
        await forget_tries(session, found.email)
        return await let_in(desk, session, found, how, before)


async def let_in(desk: Desk, session: AsyncSession, account: Account, how: str, before: str | None) -> str:
    """Starts a sign-in, with a token that nobody had before, and ends the one of this browser."""
    now = desk.now()
    if before:
        await sessions.end(session, before, now)
    await note(session, now, account.layer, account.name, "sign in", how, account.id)
    return await sessions.begin(session, account, now)


def keep_token(response: Response, desk: Desk, account: Account, token: str) -> Response:
    """Gives the browser the token of its sign-in, for pages of this person's own door and out of any script's reach."""
    # To the page to sign in too, so that signing in anew ends the sign-in before also where that was the console's.
    for path in ("/desk",) if home_of(account) == "/desk" else ("/console", SIGN_IN):
        response.set_cookie(
            COOKIE, token, path=path, httponly=True, samesite="strict", secure=not desk.settings.practice
        )
    return response


def log_refusal(response: Response, desk: Desk, refused: Refused) -> Response:
    """Writes a refusal into the log of whoever was tried, once the answer has gone out.

    Not before, because the time it takes would tell that there is an account.
    """
    if refused.tried:
        response.background = BackgroundTask(_note_refusal, desk, refused.tried)
    return response


async def _note_refusal(desk: Desk, tried: Tried) -> None:
    async with desk.work() as session:
        await note(session, desk.now(), tried.layer, tried.name, "fail to sign in", "own account", tried.account_id)


def _wait(wait: timedelta) -> str:
    minutes = max(1, math.ceil(wait / timedelta(minutes=1)))
    return (
        f"There were too many tries with this e-mail. Wait {minutes} {'minute' if minutes == 1 else 'minutes'}, "
        "then try again. If it was not you who tried, tell whoever looks after people in your force or organisation."
    )
