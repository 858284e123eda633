"""Signing in with a passkey: one step, on any device that has one, and nothing that could be guessed."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.desk.desk_door import DeskDoor
from api.desk.password_sign_in import Door, Locks, let_in, must_be_of
from api.desk.sign_in_refusal import Refused
from api.desk.webauthn_ceremony import Ceremony, NotProved, credential_in
from api.records.accounts import Account
from api.records.passkeys import passkey_with, spend, use_passkey

WRONG_PASSKEY = (
    "That passkey did not sign you in: it may have been removed, be another site's, or have taken more than five "
    "minutes. Try it again, or sign in with your password and code."
)


async def check_passkey(
    desk: DeskDoor, locks: Locks, slip: str, answer: str, before: str | None, door: Door | None = None
) -> tuple[Account, str]:
    """Whose passkey answered, and the token of their new sign-in. Raises Refused, also for one not of this `door`.

    The same sentence for a passkey that nobody has, one of a closed account and one that proves nothing.
    """
    if locks.ceremony is None:
        raise Refused(422, WRONG_PASSKEY)
    try:
        async with desk.work() as session:
            account = await _proved(session, desk, locks.ceremony, slip, answer)
            if door:
                must_be_of(account, door)
            return account, await let_in(desk, session, account, "with a passkey", before)
    except NotProved as no:
        raise Refused(422, WRONG_PASSKEY) from no


async def _proved(session: AsyncSession, desk: DeskDoor, ceremony: Ceremony, slip: str, answer: str) -> Account:
    found = await passkey_with(session, credential_in(answer))
    if found is None:
        raise NotProved
    passkey, account = found
    count, challenge = ceremony.used(slip, answer, passkey, desk.now())
    if not await spend(session, challenge) or not await use_passkey(session, passkey, count, desk.now()):
        raise NotProved
    return account
