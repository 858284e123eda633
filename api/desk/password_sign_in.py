"""Signing in: a password, then a code, then a new token in a cookie; for the pages and for a form that lapsed."""

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from argon2 import PasswordHasher
from fastapi import Depends, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.desk.desk_door import DeskDoor
from api.desk.sign_in_refusal import Refused
from api.desk.webauthn_ceremony import Ceremony
from api.records import sessions
from api.records.accounts import Account
from api.records.audit import note
from api.records.credentials import (
    AppCodes,
    account_numbered,
    account_with,
    recovery_codes_left,
    use_app_code,
    use_recovery_code,
)
from api.records.failed_sign_ins import Tried
from api.records.passwords import Passwords
from api.records.roles import is_providers
from api.records.sign_in_rate_limit import (
    CountedSignIn,
    Guesser,
    asks_for_two,
    count_try,
    let_go,
    take_back,
)
from api.web.ciphers import Cipher, SignedToken
from api.web.cookies import keep_cookie
from api.web.csrf import COOKIE
from api.web.handed import from_door
from api.web.origin import Origin, OriginNames
from api.web.rate_limit import TooFast
from api.web.settings import Settings
from content.signoff import NATIONAL

WRONG = (
    "That e-mail and password do not go together. Check both and try again. If you have not chosen a password yet, "
    "or cannot get in, ask whoever looks after people in your force or organisation to send you a new invitation."
)
WRONG_CODE = (
    "That code is not right, or was used already. Wait for the next one in your code app and try again, "
    "or use one of your recovery codes."
)
WRONG_TWO = (
    "These two codes are not right, or do not follow each other. Type the code that your app shows now, wait until it "
    "changes, and type the new one below it. Or use one of your recovery codes."
)
HALFWAY = timedelta(minutes=5)
Door = Literal["/desk", "/console"]
"""Where somebody works: at a force's desk, or at the console of the advocates."""
_OWN_PATH = re.compile(r"/(?:desk|console)(?:[/?][!-\"$-\[\]-~]*)?")


_OTHER_DOOR: dict[Door, str] = {
    "/desk": "What you sent was for a force's desk, and this account is an advocate's. Sign in with another.",
    "/console": "What you sent was for the console of the advocates, and this account has none. Sign in with another.",
}


@dataclass(frozen=True)
class Codes:
    """What somebody typed in the second step: a code of their app, the next one too where two are asked for, or theirs
    on paper."""

    code: str
    following: str
    recovery: str


@dataclass(frozen=True)
class Locks:
    """What signing in needs beside the desk: how passwords are kept, code apps sealed, and half-way tokens written.

    `origins` names where tries come from; `ceremony` judges passkeys, where this site can have any.
    """

    passwords: Passwords
    cipher: Cipher
    halfway: SignedToken
    away: SignedToken
    origins: OriginNames
    ceremony: Ceremony | None

    @classmethod
    def of(cls, settings: Settings, forces: Container[str]) -> Self:
        """The locks that these settings make. Raises ValueError for an own sign-in of a force that we do not know."""
        unknown = [layer for layer in settings.oidc if layer not in forces and layer != NATIONAL]
        if unknown:
            raise ValueError(f"KNOW_OIDC names what is no force here: {', '.join(unknown)}")
        secret = settings.secret.get_secret_value()
        return cls(
            Passwords(PasswordHasher()),
            Cipher.of(settings, "code app"),
            SignedToken(secret, "half-way in", HALFWAY),
            SignedToken(secret, "away at a force's own sign-in", 2 * HALFWAY),
            OriginNames.of(settings),
            Ceremony.of(settings),
        )


OnLocks = Annotated[Locks, Depends(from_door(Locks))]


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


def must_be_of(account: Account, door: Door) -> None:
    """Raises Refused for somebody of the other door."""
    if home_of(account) != door:
        raise Refused(422, _OTHER_DOOR[door])


async def check_password(desk: DeskDoor, locks: Locks, origin: Origin, email: str, password: str) -> Account:
    """The open account that an e-mail and a password belong to. Raises Refused.

    The same sentence and the same work for a wrong e-mail, a wrong password, a closed account and one without a
    password, so that nobody learns who has an account.
    """
    now = desk.now()
    named = locks.origins.name(origin, now)
    try:
        async with desk.work() as session:
            tried = await count_try(session, Guesser(email, named), now)
            account = await account_with(session, email)
    except TooFast as stop:
        raise Refused.slowed(stop) from stop
    kept = account.password_hash if account and account.closed_at is None else None
    if not await locks.passwords.fits(named, kept, password) or account is None:
        raise Refused(422, WRONG, Tried.of(account))
    async with desk.work() as session:
        await take_back(session, tried, now)
    return account


async def check_code(
    desk: DeskDoor, locks: Locks, origin: Origin, account: Account, typed: Codes, before: str | None
) -> str:
    """Uses a code of somebody whose password was right, and gives the token of a new sign-in. Raises Refused.

    `before` is the token of a sign-in in this browser, which ends.
    """
    now = desk.now()
    who, of_app = Guesser(account.email, locks.origins.name(origin, now)), not typed.recovery.strip()
    try:
        async with desk.work() as session:
            tried = await count_try(session, who, now, code=of_app)
    except TooFast as stop:
        raise Refused.slowed(stop, two=await two_codes_for(desk, account)) from stop
    async with desk.work() as session:
        found = await account_numbered(session, account.id)
        if found is None:
            raise Refused(422, WRONG_CODE)
        is_same = found.closed_at is None and found.password_hash == account.password_hash
        how = await _use(session, locks, found, typed, tried, now) if is_same else None
        if how is None:
            two = await asks_for_two(session, found.email, now)
            raise Refused(422, WRONG_TWO if two else WRONG_CODE, Tried.of(found), two=two)
        await let_go(session, tried, now)
        return await let_in(desk, session, found, how, before)


async def two_codes_for(desk: DeskDoor, account: Account) -> bool:
    """True when two codes in a row are asked for from everybody who knows the password of this account."""
    async with desk.work() as session:
        return await asks_for_two(session, account.email, desk.now())


async def _use(
    session: AsyncSession, locks: Locks, account: Account, typed: Codes, tried: CountedSignIn, now: datetime
) -> str | None:
    """How somebody proved themselves by what they typed, in words for the log; None when they did not."""
    if not tried.code:
        right = await use_recovery_code(session, account, typed.recovery, now)
        return f"with a recovery code, {await recovery_codes_left(session, account)} left" if right else None
    two = await asks_for_two(session, account.email, now, besides=1)
    right = await use_app_code(session, account, AppCodes(typed.code, typed.following, two), locks.cipher, now)
    return "with password and code" if right else None


async def let_in(desk: DeskDoor, session: AsyncSession, account: Account, how: str, before: str | None) -> str:
    """Starts a sign-in, with a token that nobody had before, and ends the one of this browser."""
    now = desk.now()
    if before:
        await sessions.end(session, before, now)
    await note(session, now, account.layer, account.name, "sign in", how, account.id)
    return await sessions.begin(session, account, now)


def keep_token(request: Request, response: Response, token: str) -> Response:
    """Gives the browser the token of its sign-in, out of any script's reach."""
    keep_cookie(request, response, COOKIE, token)
    return response
