"""How somebody proves who they are: their code app and their recovery codes."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.accounts import Account, RecoveryCode
from api.records.marked_rows import TAKEN_AWAY, believed, believed_of
from api.records.sessions import hash_of
from api.web.ciphers import BrokenCipherText, Cipher

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


@dataclass(frozen=True)
class AppCodes:
    """What somebody typed from their code app: a code, and the one `following` it where `two` are asked for."""

    code: str
    following: str = ""
    two: bool = False


async def account_with(session: AsyncSession, email: str) -> Account | None:
    """The account of an e-mail, open or closed; None for one that nobody has."""
    if not email.isprintable():
        # PostgreSQL refuses to look for some of these letters.
        return None
    named = select(Account).where(func.lower(Account.email) == email.strip().lower())
    return next(iter(believed_of(session, await session.scalars(named))), None)


async def account_numbered(session: AsyncSession, number: int) -> Account | None:
    """The account of this number, open or closed; None for one that nobody has."""
    return believed(session, await session.get(Account, number))


def new_app_secret() -> str:
    """A secret for a code app."""
    return pyotp.random_base32()


def app_address(secret: str, email: str) -> str:
    """The address that a code app reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """The 30-second step that a typed code is for; None when it is not one of about now."""
    code = _without_spaces(typed)
    if len(code) != _DIGITS:
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=_STEPS_BESIDE)
    except OTPVerificationError:
        return None


def step_of_two(secret: str, first: str, second: str, now: datetime) -> int | None:
    """The step that the second of two codes is for; None unless it is one of about now and the first the one before."""
    step = step_of(secret, second, now)
    if step is None:
        return None
    before = pyotp.TOTP(secret).generate_otp(step - 1)
    return step if compare_digest(before.encode(), _without_spaces(first).encode()) else None


async def use_app_code(session: AsyncSession, account: Account, typed: AppCodes, cipher: Cipher, now: datetime) -> bool:
    """Uses a code of the code app: True once for each step, and never for one before a step that was used."""
    try:
        secret = cipher.open(account.totp_sealed or "")
    except BrokenCipherText:
        return False
    two, one = (secret, typed.code, typed.following, now), (secret, typed.code, now)
    step = step_of_two(*two) if typed.two else step_of(*one)
    if step is None:
        return False
    # One guarded UPDATE: of two sign-ins at once with the same code, one gets in.
    used = update(Account).where(Account.id == account.id, or_(Account.totp_step.is_(None), Account.totp_step < step))
    return await session.scalar(used.values(totp_step=step).returning(Account.id)) is not None


async def use_recovery_code(session: AsyncSession, account: Account, typed: str, now: datetime) -> bool:
    """Uses a recovery code: True once for each."""
    found = await session.scalars(_unused(account).where(RecoveryCode.code_hash == _code_hash(typed)))
    ours = [code.id for code in believed_of(session, found)]
    used = update(RecoveryCode).where(RecoveryCode.id.in_(ours), RecoveryCode.used_at.is_(None))
    gone = await session.scalars(used.values(used_at=now, mark=TAKEN_AWAY).returning(RecoveryCode.id))
    return bool(gone.all())


async def recovery_codes_left(session: AsyncSession, account: Account) -> int:
    """How many recovery codes somebody has not used."""
    return len(believed_of(session, await session.scalars(_unused(account))))


async def new_recovery_codes(session: AsyncSession, account: Account) -> list[str]:
    """Ten new codes in place of any before, to be shown once: only their hashes are kept."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account.id, code_hash=_code_hash(code)) for code in codes)
    return codes


def _unused(account: Account) -> Select[RecoveryCode]:
    return select(RecoveryCode).where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))


def _without_spaces(typed: str) -> str:
    return re.sub(r"\s", "", typed)


def _new_code() -> str:
    signs = "".join(secrets.choice(_SIGNS) for _ in range(_CODE_SIGNS))
    return "-".join(signs[at : at + _GROUP] for at in range(0, _CODE_SIGNS, _GROUP))


def _code_hash(typed: str) -> str:
    """Fast on purpose: a code is 79 bits of chance, which no list of guesses covers."""
    return hash_of(re.sub(r"[\s-]", "", typed.casefold()))
