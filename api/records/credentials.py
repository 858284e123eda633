"""How somebody proves who they are: their code app, their recovery codes, and tries that are slowed down."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.hall.sealing import BrokenSeal, Seal
from api.records.accounts import Account, FailedSignIn, RecoveryCode
from api.records.sessions import hash_of

TRIES = 10
WINDOW = timedelta(minutes=15)
KEPT = timedelta(days=1)
RECOVERY_CODES = 10
ISSUER = "In the Know"
"""What a code app calls this site."""
_DIGITS = 6
# Somebody types for a while, and phones are off by some seconds: the step before and the one after are good too.
_STEPS_BESIDE = 1
# No 0, 1, i, l or o: they are mistaken for each other on paper.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE_SIGNS = 16
_GROUP = 4


class TooManyTries(Exception):
    """Somebody has tried this e-mail too often; `wait` is how long until the next try."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


@dataclass(frozen=True)
class Tried:
    """Whose account somebody tried to get into: what the log says of it, whatever became of the transaction."""

    account_id: int
    layer: str
    name: str

    @classmethod
    def of(cls, account: Account | None) -> Self | None:
        """None for nobody's."""
        return cls(account.id, account.layer, account.name) if account else None


async def count_try(session: AsyncSession, email: str, now: datetime) -> int:
    """Counts a try before it is made, so that many at once cannot all be the first. Gives its number, to take back.

    Raises TooManyTries after TRIES within WINDOW. Counts the same for an e-mail that nobody has.
    """
    await session.execute(delete(FailedSignIn).where(FailedSignIn.at < now - KEPT))
    tried = FailedSignIn(email_hash=_email_hash(email), at=now)
    session.add(tried)
    await session.flush()
    recent = select(FailedSignIn.at).where(
        FailedSignIn.email_hash == tried.email_hash, FailedSignIn.at > now - WINDOW, FailedSignIn.id != tried.id
    )
    before = list(await session.scalars(recent.order_by(FailedSignIn.at.desc()).limit(TRIES)))
    if len(before) >= TRIES:
        raise TooManyTries(before[-1] + WINDOW - now)
    return tried.id


async def take_back(session: AsyncSession, tried: int) -> None:
    """Takes back one try that did not fail."""
    await session.execute(delete(FailedSignIn).where(FailedSignIn.id == tried))


async def forget_tries(session: AsyncSession, email: str) -> None:
    """Forgets the tries for an e-mail, once its owner is in."""
    await session.execute(delete(FailedSignIn).where(FailedSignIn.email_hash == _email_hash(email)))


async def account_with(session: AsyncSession, email: str) -> Account | None:
    """The account of an e-mail, open or closed; None for one that nobody has."""
    if not email.isprintable():
        # PostgreSQL refuses to look for some of these letters.
        return None
    return await session.scalar(select(Account).where(func.lower(Account.email) == email.strip().lower()))


def new_app_secret() -> str:
    """A secret for a code app."""
    return pyotp.random_base32()


def app_address(secret: str, email: str) -> str:
    """The address that a code app reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """The 30-second step that a typed code is for; None when it is not one of about now."""
    code = re.sub(r"\s", "", typed)
    if len(code) != _DIGITS:
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=_STEPS_BESIDE)
    except OTPVerificationError:
        return None


async def use_app_code(session: AsyncSession, account: Account, typed: str, seal: Seal, now: datetime) -> bool:
    """Uses a code of the code app: True once for each step, and never for one before a step that was used."""
    try:
        step = step_of(seal.open(account.totp_sealed or ""), typed, now)
    except BrokenSeal:
        return False
    if step is None:
        return False
    # One guarded UPDATE: of two sign-ins at once with the same code, one gets in.
    used = update(Account).where(Account.id == account.id, or_(Account.totp_step.is_(None), Account.totp_step < step))
    return await session.scalar(used.values(totp_step=step).returning(Account.id)) is not None


async def use_recovery_code(session: AsyncSession, account: Account, typed: str, now: datetime) -> bool:
    """Uses a recovery code: True once for each."""
    mine = RecoveryCode.account_id == account.id
    used = update(RecoveryCode).where(mine, RecoveryCode.code_hash == _code_hash(typed), RecoveryCode.used_at.is_(None))
    return await session.scalar(used.values(used_at=now).returning(RecoveryCode.id)) is not None


async def recovery_codes_left(session: AsyncSession, account: Account) -> int:
    """How many recovery codes somebody has not used."""
    unused = select(func.count()).where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
    return await session.scalar(unused) or 0


async def new_recovery_codes(session: AsyncSession, account: Account) -> list[str]:
    """Ten new codes in place of any before, to be shown once: only their hashes are kept."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account.id, code_hash=_code_hash(code)) for code in codes)
    return codes


def _new_code() -> str:
    signs = "".join(secrets.choice(_SIGNS) for _ in range(_CODE_SIGNS))
    return "-".join(signs[at : at + _GROUP] for at in range(0, _CODE_SIGNS, _GROUP))


def _code_hash(typed: str) -> str:
    """Fast on purpose: a code is 79 bits of chance, which no list of guesses covers."""
    return hash_of(re.sub(r"[\s-]", "", typed.casefold()))


def _email_hash(email: str) -> str:
    return hash_of(email.strip().lower())
