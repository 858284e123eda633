"""Invitations: a link that works once, with which somebody chooses a password and a code app, first time or again."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records import sessions
from api.records.accounts import Account, Invitation
from api.records.audit import note
from api.records.credentials import new_recovery_codes
from api.records.marked_rows import TAKEN_AWAY, believed
from api.records.passkeys import forget_passkeys
from api.records.sign_in_rate_limit import forget_tries
from api.web.ciphers import Cipher
from content.review import NotAllowed

LASTS = timedelta(days=3)
CLOSED = "This account is closed. Open it again before you invite them."


class InvitationOver(Exception):
    """This link was used, is too old, was followed by a newer one, or belongs to nobody who may come in."""


@dataclass(frozen=True)
class ChosenCredentials:
    """What somebody chose: the hash of their password, their code app's secret, and the step of the code they gave."""

    password_hash: str
    app_secret: str
    step: int


async def invite(session: AsyncSession, account: Account, now: datetime) -> str:
    """Makes an invitation and gives the token of its link; invitations before it end. The caller writes the audit line.

    Raises NotAllowed for a closed account.
    """
    if account.closed_at:
        raise NotAllowed([CLOSED])
    before = update(Invitation).where(Invitation.account_id == account.id, Invitation.used_at.is_(None))
    await session.execute(before.where(Invitation.expires_at > now).values(expires_at=now, mark=TAKEN_AWAY))
    token = secrets.token_urlsafe(32)
    session.add(
        Invitation(account_id=account.id, token_hash=sessions.hash_of(token), made_at=now, expires_at=now + LASTS)
    )
    await session.flush()
    return token


async def invited(session: AsyncSession, token: str, now: datetime) -> Account:
    """Whose invitation this is. Raises InvitationOver."""
    mine = select(Invitation).where(Invitation.token_hash == sessions.hash_of(token), Invitation.used_at.is_(None))
    found = believed(session, await session.scalar(mine.where(Invitation.expires_at > now)))
    account = believed(session, await session.get(Account, found.account_id)) if found else None
    if account is None or account.closed_at:
        raise InvitationOver
    return account


async def accept(
    session: AsyncSession, token: str, chosen: ChosenCredentials, cipher: Cipher, now: datetime
) -> tuple[str, list[str]]:
    """Uses an invitation up: password and code app are stored together; sign-ins and passkeys from before end.

    Gives the token of a new sign-in and ten recovery codes, to be shown once. Raises InvitationOver.
    """
    account = await invited(session, token, now)
    # Guarded, so that of two who use the same link at once one is told that it was used.
    mine = update(Invitation).where(Invitation.token_hash == sessions.hash_of(token), Invitation.used_at.is_(None))
    if await session.scalar(mine.values(used_at=now, mark=TAKEN_AWAY).returning(Invitation.id)) is None:
        raise InvitationOver
    account.password_hash = chosen.password_hash
    account.totp_sealed = cipher.close(chosen.app_secret)
    account.totp_step = chosen.step
    codes = await new_recovery_codes(session, account)
    # First, so that whoever is just signing in with one of them is waited for, and then out too.
    await forget_passkeys(session, account.id)
    await sessions.end_all(session, account.id, now)
    await forget_tries(session, account.email)
    await note(session, now, account.layer, account.name, "accept invitation", "password and code app", account.id)
    return await sessions.begin(session, account, now), codes
