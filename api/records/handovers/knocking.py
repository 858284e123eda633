"""Knocking: tells a provider's own system that a child waits. Signed, tried again until heard, never led elsewhere."""

import asyncio
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import httpx
from sqlalchemy import delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.hall.clock import Clock
from api.hall.database import Database
from api.hall.sealing import BrokenSeal, Seal
from api.records import sending
from api.records.handovers.hooks import may_be_told
from api.records.handovers.tables import Knock, Provider

SIGNATURE = "Know-Signature"
"""The header by which a provider's system knows that it is us: see `signature`."""
SECONDS = 10.0
"""How long one knock may take, from reaching for their system to its answer."""
AT_ONCE = 8
"""How many knocks go out at once, and in one round: systems that hang hold up the next for SECONDS, not longer."""
KEPT = timedelta(days=30)
"""How long a knock is kept once it was heard, or given up."""


class NotHeard(Exception):
    """Their system did not take the knock. Says why, in words for the provider, without the address or a secret."""


@dataclass(frozen=True)
class Knocker:
    """Knocks at the systems of providers. Any number of processes may have one: each knock is taken by one of them.

    A knock follows no redirect and reads no answer. `seal` opens the providers' secrets.
    """

    database: Database
    seal: Seal
    practice: bool
    now: Clock
    seconds: float = SECONDS

    async def round(self) -> None:
        """Knocks that are due, AT_ONCE at most, and forgets old ones. Raises whatever the database raises."""
        taken = [found for _ in range(AT_ONCE) if (found := await self._take())]
        if taken:
            async with httpx.AsyncClient(timeout=self.seconds, follow_redirects=False) as client:
                done = await asyncio.gather(*(self._knock(client, *one) for one in taken), return_exceptions=True)
            for trouble in filter(None, done):
                raise trouble
        async with self.database.begin() as session:
            await forget_old(session, self.now())

    async def _take(self) -> tuple[Knock, Provider] | None:
        async with self.database.begin() as session:
            knock = await sending.take(session, Knock, self.now())
            return (knock, await session.get_one(Provider, knock.provider_id)) if knock else None

    async def _knock(self, client: httpx.AsyncClient, knock: Knock, provider: Provider) -> None:
        fault = ""
        try:
            await self._send(client, knock.body, provider)
        except NotHeard as no:
            fault = str(no)
        async with self.database.begin() as session:
            if fault:
                await sending.failed(session, knock, fault, self.now())
            else:
                await sending.sent(session, knock, self.now())

    async def _send(self, client: httpx.AsyncClient, body: str, provider: Provider) -> None:
        if not provider.hook_url or not provider.hook_secret:
            raise NotHeard("No address is set any more.")
        if not may_be_told(provider.hook_url, practice=self.practice):
            raise NotHeard("We do not knock at this address. Set another.")
        try:
            secret = self.seal.open(provider.hook_secret)
        except BrokenSeal:
            raise NotHeard("The secret cannot be read any more. Set the address again, to get a new one.") from None
        headers = {"Content-Type": "application/json", SIGNATURE: signature(secret, body, self.now())}
        try:
            async with (
                asyncio.timeout(self.seconds),
                client.stream("POST", provider.hook_url, content=body.encode(), headers=headers) as answer,
            ):
                code = answer.status_code
        except Exception as error:  # noqa: BLE001 - whatever it is, the knock was not heard and is tried again
            raise NotHeard(_in_words(error)) from None
        if 300 <= code < 400:
            raise NotHeard(f"Their system sends us on (code {code}), and we do not follow. Set the address it names.")
        if not 200 <= code < 300:
            raise NotHeard(f"Their system refused it (code {code}).")


def signature(secret: str, body: str, at: datetime) -> str:
    """What proves that a knock is ours and when it was sent: "t=<unix seconds>,v1=<hex HMAC-SHA256 of t.body>".

    Who gets one works the HMAC out again with their secret, over the bytes as they came, and refuses an old `t`.
    """
    t = int(at.timestamp())
    return f"t={t},v1={hmac.new(secret.encode(), f'{t}.{body}'.encode(), sha256).hexdigest()}"


async def knocks_of(session: AsyncSession, provider_id: int, newest: int = 20) -> Sequence[Knock]:
    """The newest knocks of a provider, newest first: when they were heard, or what went wrong."""
    wanted = select(Knock).where(Knock.provider_id == provider_id).order_by(Knock.id.desc()).limit(newest)
    return list(await session.scalars(wanted))


async def forget_old(session: AsyncSession, now: datetime) -> None:
    """Deletes the knocks that were heard, or given up, long ago."""
    given_up = (Knock.try_at >= sending.NEVER) & (Knock.made_at <= now - KEPT)
    old = or_(Knock.sent_at <= now - KEPT, given_up)
    if await session.scalar(select(exists().where(old))):
        await session.execute(delete(Knock).where(old))


def _in_words(error: Exception) -> str:
    """Why a knock was not heard. The error's own text may hold the address, so only its kind is told."""
    match error:
        case TimeoutError() | httpx.TimeoutException():
            return "Their system did not answer in time."
        case httpx.ConnectError():
            return "Their system could not be reached, or could not prove that it is the one we know."
        case httpx.TransportError():
            return "Their system broke off."
        case _:
            return f"Something went wrong here while knocking ({type(error).__name__})."
