"""Who somebody is at their force's own sign-in: found by e-mail the first time, by that sign-in's own name after."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from api.records.accounts import Account
from api.records.credentials import account_with
from api.records.failed_sign_ins import Tried
from api.records.marked_rows import believed

_LONGEST = 255


class NotKnown(Exception):
    """Nobody here whom this sign-in may let in. `tried` is whose account it named all the same."""

    def __init__(self, tried: Tried | None = None) -> None:
        super().__init__("nobody here whom this sign-in may let in")
        self.tried = tried


@dataclass(frozen=True)
class Vouched:
    """What a force's own sign-in says of somebody. `email` is None unless it says that the address is theirs."""

    issuer: str
    subject: str
    email: str | None

    @property
    def pin(self) -> str:
        """Who they are, for good: subjects are unique within an issuer, and are never given to another."""
        return f"{self.issuer} {self.subject}"


async def account_of(session: AsyncSession, layer: str, vouched: Vouched) -> Account:
    """The open account of a layer that a sign-in of that layer vouches for; pinned to it from the first time.

    After that the e-mail does not matter: one who is given the address of somebody else does not become them.
    Raises NotKnown.
    """
    pinned = believed(session, await session.scalar(select(Account).where(Account.subject == vouched.pin)))
    named = pinned or (await account_with(session, vouched.email) if vouched.email else None)
    if named is None or named.layer != layer or named.closed_at or len(vouched.pin) > _LONGEST:
        raise NotKnown(Tried.of(named))
    if pinned is None:
        await _pin(session, named, vouched.pin)
    return named


async def _pin(session: AsyncSession, named: Account, pin: str) -> None:
    tried = Tried.of(named)
    if named.subject is not None:
        raise NotKnown(tried)
    named.subject = pin
    try:
        await session.flush()
    except StaleDataError as error:
        # Somebody else was pinned to it at this very moment.
        raise NotKnown(tried) from error
