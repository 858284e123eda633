"""Sign-ins that last: one row a browser, found by the hash of its token, ended by time or by closing the account."""

import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.accounts import Account, Delegation, DeskSession
from api.records.handovers.tables import LAYER_PREFIX
from api.records.marked_rows import TAKEN_AWAY, believed, believed_of
from content.review import Actor, Role

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
FRESH = timedelta(minutes=10)
"""How long after somebody proved who they are they may change how they do."""
_SEEN_EVERY = timedelta(minutes=1)


def hash_of(token: str) -> str:
    """What is kept of a token: whoever reads the database cannot use it.

    A key would add nothing: the token is 256 bits, and whoever writes a hash of their own has no mark for the row.
    """
    return hashlib.sha256(token.encode()).hexdigest()


async def begin(session: AsyncSession, account: Account, now: datetime) -> str:
    """Starts a sign-in and gives its token, 256 bits that are kept nowhere."""
    token = secrets.token_urlsafe(32)
    session.add(DeskSession(account_id=account.id, token_hash=hash_of(token), began_at=now, seen_at=now))
    await session.flush()
    return token


async def account_of(session: AsyncSession, token: str, now: datetime) -> Account | None:
    """Whose a token is; None when it is unknown, too old, idle too long, ended, or the account is closed."""
    found = await _lasting(session, token, now)
    if found is None:
        return None
    row, account = found
    if now - row.seen_at > _SEEN_EVERY:
        # By number alone: somebody may be ending this sign-in, and then neither waits for the other nor is told so.
        await session.execute(update(DeskSession).where(DeskSession.id == row.id).values(seen_at=now))
    return account


async def look(session: AsyncSession, token: str, now: datetime) -> tuple[Account, datetime] | None:
    """The same for what a page does by itself, and when the sign-in ends. Looking does not keep it."""
    found = await _lasting(session, token, now)
    if found is None:
        return None
    row, account = found
    return account, min(row.seen_at + IDLE, row.began_at + LONGEST)


async def is_fresh(session: AsyncSession, token: str, now: datetime) -> bool:
    """True while whoever has this token proved a short time ago who they are."""
    found = await _lasting(session, token, now)
    return found is not None and now - found[0].began_at <= FRESH


async def _lasting(session: AsyncSession, token: str, now: datetime) -> tuple[DeskSession, Account] | None:
    row = believed(session, await session.scalar(select(DeskSession).where(DeskSession.token_hash == hash_of(token))))
    if row is None or row.ended_at or now - row.seen_at > IDLE or now - row.began_at > LONGEST:
        return None
    account = believed(session, await session.get(Account, row.account_id))
    return None if account is None or account.closed_at else (row, account)


async def actor_of(session: AsyncSession, token: str, now: datetime, today: date) -> Actor | None:
    """Who at the desk a token belongs to; None for nobody, and for a provider's people, who have no desk."""
    account = await account_of(session, token, now)
    if account is None or account.layer.startswith(LAYER_PREFIX):
        return None
    return await actor(session, account, today)


async def actor(session: AsyncSession, account: Account, today: date) -> Actor:
    """An account as somebody at the desk today: a deputy when a delegation is in date."""
    delegated = await session.scalars(
        select(Delegation).where(
            Delegation.deputy_id == account.id,
            Delegation.layer == account.layer,
            Delegation.starts <= today,
            Delegation.ends >= today,
            Delegation.ended_at.is_(None),
        )
    )
    role = cast(Role, account.role)
    return Actor(
        account.id, account.name, account.post, role, account.layer, deputy=bool(believed_of(session, delegated))
    )


async def end(session: AsyncSession, token: str, now: datetime) -> None:
    """Ends one sign-in."""
    await session.execute(
        update(DeskSession)
        .where(DeskSession.token_hash == hash_of(token), DeskSession.ended_at.is_(None))
        .values(ended_at=now, mark=TAKEN_AWAY)
    )


async def end_all(session: AsyncSession, account_id: int, now: datetime) -> None:
    """Ends every sign-in of an account."""
    await session.execute(
        update(DeskSession)
        .where(DeskSession.account_id == account_id, DeskSession.ended_at.is_(None))
        .values(ended_at=now, mark=TAKEN_AWAY)
    )
