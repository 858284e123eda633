"""Passkeys: which somebody has, under which name, and that each answers a challenge once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.accounts import Account, AnsweredChallenge, Passkey
from api.records.audit import note
from api.records.marked_rows import believed, believed_of, give_mark
from api.records.sessions import hash_of
from api.web.database import inserting
from content.review import NotAllowed

NAME_LONGEST = 60
MOST = 10
"""How many passkeys one person has at most."""
_HANDLE_BYTES = 48
_ENOUGH = f"You have {MOST} passkeys already, and nobody has more. Remove one that you do not use any more."
_KNOWN = "This passkey is known here already. Make another, or use it to sign in."
_NAMELESS = f"Write a name that tells you which device it is on, in {NAME_LONGEST} letters at most."


class BadName(Exception):
    """What was typed is no name for a passkey; the error says what to do."""


@dataclass(frozen=True)
class NewPasskey:
    """A passkey that has proved itself: its credential and key as base64url, and how often it says it was used."""

    credential: str
    public_key: str
    sign_count: int


@dataclass(frozen=True)
class Challenge:
    """A challenge that was answered, and until when it would count."""

    text: str
    lasts_until: datetime


async def passkeys_of(session: AsyncSession, account_id: int) -> Sequence[Passkey]:
    """Somebody's passkeys, the oldest first."""
    mine = select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)
    return believed_of(session, await session.scalars(mine))


async def handle_of(session: AsyncSession, account_id: int) -> str:
    """The name by which devices know an account: that of the passkeys it has, else a new one."""
    known = await passkeys_of(session, account_id)
    return known[0].handle if known else secrets.token_urlsafe(_HANDLE_BYTES)


async def passkey_with(session: AsyncSession, credential: str) -> tuple[Passkey, Account] | None:
    """Whose passkey a credential is; None for one that nobody has here, and for that of a closed account."""
    found = believed(session, await session.scalar(select(Passkey).where(Passkey.credential == credential)))
    account = believed(session, await session.get(Account, found.account_id)) if found else None
    return (found, account) if found and account and account.closed_at is None else None


async def add_passkey(
    session: AsyncSession, account: Account, new: NewPasskey, handle: str, name: str, now: datetime
) -> None:
    """Keeps a passkey of somebody under the name they chose. Raises BadName, and NotAllowed for one too many."""
    name = passkey_name(name)
    # One writer at a time for one account, so that many at once are no way past the limit.
    await session.execute(update(Account).where(Account.id == account.id).values(name=Account.name))
    if len(await passkeys_of(session, account.id)) >= MOST:
        raise NotAllowed([_ENOUGH])
    row = inserting(session, Passkey).values(
        account_id=account.id, handle=handle, name=name, made_at=now, used_at=None, **vars(new)
    )
    kept = row.on_conflict_do_nothing(index_elements=["credential"]).returning(Passkey.id)
    number = await session.scalar(kept)
    if number is None:
        raise NotAllowed([_KNOWN])
    await give_mark(session, await session.get_one(Passkey, number))
    await note(session, now, account.layer, account.name, "add passkey", name, account.id)


def passkey_name(typed: str) -> str:
    """A name for a passkey, on one line. Raises BadName."""
    name = " ".join(typed.split())
    if not name or not name.isprintable() or len(name) > NAME_LONGEST:
        raise BadName(_NAMELESS)
    return name


async def remove_passkey(session: AsyncSession, account: Account, number: int, now: datetime) -> bool:
    """Removes a passkey of somebody: it is dead at once. False for one that is not theirs."""
    mine = delete(Passkey).where(Passkey.id == number, Passkey.account_id == account.id)
    name = await session.scalar(mine.returning(Passkey.name))
    if name is None:
        return False
    await note(session, now, account.layer, account.name, "remove passkey", name, account.id)
    return True


async def forget_passkeys(session: AsyncSession, account_id: int) -> None:
    """Removes every passkey of an account that is closed or begins anew."""
    await session.execute(delete(Passkey).where(Passkey.account_id == account_id))


async def use_passkey(session: AsyncSession, passkey: Passkey, sign_count: int, now: datetime) -> bool:
    """Says that a passkey was used. False when it is gone, or was used meanwhile and its count does not go on."""
    goes_on = or_(Passkey.sign_count < sign_count, (Passkey.sign_count == 0) & (sign_count == 0))
    used = update(Passkey).where(Passkey.id == passkey.id, goes_on).values(sign_count=sign_count, used_at=now)
    return await session.scalar(used.returning(Passkey.id)) is not None


async def spend(session: AsyncSession, answered: Challenge) -> bool:
    """Uses a challenge up, as an answer to it was found right: True once for each, on every process."""
    row = inserting(session, AnsweredChallenge).values(
        challenge_hash=hash_of(answered.text), forget_at=answered.lasts_until
    )
    once = row.on_conflict_do_nothing(index_elements=["challenge_hash"]).returning(AnsweredChallenge.id)
    return await session.scalar(once) is not None
