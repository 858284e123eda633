"""What becomes known of sign-ins that failed: lines in the log, and a letter to the owner, but never a lock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Self

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records import letters
from api.records.accounts import Account
from api.records.audit import AuditRow, note
from api.records.roles import is_providers
from api.records.sign_in_rate_limit import asks_for_two, tries_with
from api.web.settings import Settings

WARNED_FROM = 20
"""From how many tries of late on the owner is told."""
_EACH_LINE = 10
_ONCE_IN = timedelta(days=1)
Kind = Literal["warn of guessing", "warn of a known password"]
_BODY = """Hello {name},

{why}

You can sign in as ever; nobody is shut out because somebody else guesses. {what_to_do}

If you make a passkey, you sign in without a password, and there is nothing to guess:

{link}
"""
_WHY: dict[Kind, tuple[str, str]] = {
    "warn of guessing": (
        "Somebody has tried many times today to sign in to In the Know with your e-mail address, and was not let in.",
        "If it was not you, tell whoever looks after people in your force or organisation.",
    ),
    "warn of a known password": (
        "Somebody who knows your password has typed many wrong codes today for your account of In the Know, and was "
        "not let in.",
        "If it was not you, ask whoever looks after people in your force or organisation for a new invitation today, "
        "and choose another password with it. Until tomorrow you are asked for two codes of your app in a row.",
    ),
}


@dataclass(frozen=True)
class Tried:
    """Whose account somebody tried to get into: what the log says of it, whatever became of the transaction."""

    account_id: int
    layer: str
    name: str
    email: str

    @classmethod
    def of(cls, account: Account | None) -> Self | None:
        """None for nobody's."""
        return cls(account.id, account.layer, account.name, account.email) if account else None


async def note_failure(session: AsyncSession, tried: Tried, chosen: Settings, now: datetime) -> None:
    """Writes that a sign-in failed, and tells the owner when there were many.

    Beyond the first few there is a line only each time their number has doubled: whoever guesses does not fill the log.
    """
    tries = await tries_with(session, tried.email, now)
    if tries <= _EACH_LINE or tries.bit_count() == 1:
        about = "own account" if tries <= _EACH_LINE else f"own account, {tries} tries of late"
        await note(session, now, tried.layer, tried.name, "fail to sign in", about, tried.account_id)
    if await asks_for_two(session, tried.email, now):
        await _warn(session, tried, "warn of a known password", chosen, now)
    elif tries >= WARNED_FROM:
        await _warn(session, tried, "warn of guessing", chosen, now)


async def _warn(session: AsyncSession, tried: Tried, of: Kind, chosen: Settings, now: datetime) -> None:
    """Once a day: a line in the log, and a letter where there is a mail server."""
    before = (AuditRow.account_id == tried.account_id, AuditRow.what == of, AuditRow.at > now - _ONCE_IN)
    if await session.scalar(select(exists().where(AuditRow.layer == tried.layer, *before))):
        return
    await note(session, now, tried.layer, tried.name, of, "own account", tried.account_id)
    if chosen.smtp_url:
        why, what_to_do = _WHY[of]
        door = "console" if is_providers(tried.layer) else "desk"
        body = _BODY.format(
            name=tried.name, why=why, what_to_do=what_to_do, link=f"{chosen.public_url}/{door}/my-sign-in"
        )
        subject = "Somebody is trying to sign in with your e-mail address"
        await letters.post(session, layer=tried.layer, email=tried.email, subject=subject, body=body, now=now)
