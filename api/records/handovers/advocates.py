"""Advocates: the people of a provider, who answer children, and their supervisors."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.records import sessions
from api.records.accounts import Account
from api.records.handovers.providers import provider_with
from api.records.handovers.tables import Provider
from api.records.roles import is_providers


@dataclass(frozen=True)
class Advocate:
    """Somebody at the console, now. Children see `name`. A supervisor is an advocate who may do more."""

    id: int
    name: str
    provider: Provider
    supervisor: bool

    @property
    def role(self) -> str:
        """What they are at their provider."""
        return "supervisor" if self.supervisor else "advocate"

    @property
    def layer(self) -> str:
        """The layer of their provider's people."""
        return self.provider.layer


async def advocate_of(session: AsyncSession, token: str, now: datetime, *, practice: bool) -> Advocate | None:
    """Which advocate a token belongs to; None for nobody, for people of the desk, and for a provider of other mode."""
    account = await sessions.account_of(session, token, now)
    return await advocate(session, account, practice=practice) if account else None


async def advocate(session: AsyncSession, account: Account, *, practice: bool) -> Advocate | None:
    """An account as somebody at the console; None for one of the desk, or of a provider that this mode has not."""
    if not is_providers(account.layer):
        return None
    provider = await provider_with(session, account.layer, practice=practice)
    if provider is None:
        return None
    return Advocate(account.id, account.name, provider, supervisor=account.role == "supervisor")
