"""Webhook delivery: tells a provider's own system that a child waits. Signed, tried until heard, never redirected."""

import asyncio
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import httpx
from sqlalchemy import delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records import outbox
from api.records.handovers.tables import Provider, WebhookCall
from api.records.handovers.webhooks import Resolve, leads_outside, may_be_told, resolve
from api.web.ciphers import BrokenCipherText, Cipher
from api.web.clock import Clock
from api.web.database import Database

SIGNATURE = "Know-Signature"
"""The header by which a provider's system knows that it is us: see `signature`."""
SECONDS = 10.0
"""How long one webhook call may take, from reaching for their system to its answer."""
AT_ONCE = 8
"""How many calls go out at once, and in one round: systems that hang hold up the next for SECONDS, not longer."""
_HTTPS = 443
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
KEPT = timedelta(days=30)
"""How long a webhook call is kept once it was heard, or given up."""


class NotHeard(Exception):
    """Their system did not take the call. Says why, in words for the provider, without the address or a secret."""


@dataclass(frozen=True)
class WebhookDelivery:
    """Calls the systems of providers. Any number of processes may have one: each call is taken by one of them.

    A webhook call follows no redirect and reads no answer. `seal` opens the providers' secrets.
    """

    database: Database
    cipher: Cipher
    practice: bool
    now: Clock
    seconds: float = SECONDS
    resolve: Resolve = resolve

    async def round(self) -> None:
        """Sends the calls that are due, AT_ONCE at most, and forgets old ones. Raises whatever the database raises."""
        taken = [found for _ in range(AT_ONCE) if (found := await self._take())]
        if taken:
            async with httpx.AsyncClient(timeout=self.seconds, follow_redirects=False) as client:
                done = await asyncio.gather(*(self._knock(client, *one) for one in taken), return_exceptions=True)
            for trouble in filter(None, done):
                raise trouble
        async with self.database.begin() as session:
            await forget_old(session, self.now())

    async def _take(self) -> tuple[WebhookCall, Provider] | None:
        async with self.database.begin() as session:
            knock = await outbox.take(session, WebhookCall, self.now())
            return (knock, await session.get_one(Provider, knock.provider_id)) if knock else None

    async def _knock(self, client: httpx.AsyncClient, knock: WebhookCall, provider: Provider) -> None:
        fault = ""
        try:
            await self._send(client, knock.body, provider)
        except NotHeard as no:
            fault = str(no)
        async with self.database.begin() as session:
            if fault:
                await outbox.failed(session, knock, fault, self.now())
            else:
                await outbox.sent(session, knock, self.now())

    async def _send(self, client: httpx.AsyncClient, body: str, provider: Provider) -> None:
        if not provider.hook_url or not provider.hook_secret:
            raise NotHeard("No address is set any more.")
        if not may_be_told(provider.hook_url, practice=self.practice):
            raise NotHeard("We do not knock at this address. Set another.")
        try:
            secret = self.cipher.open(provider.hook_secret)
        except BrokenCipherText:
            raise NotHeard("The secret cannot be read any more. Set the address again, to get a new one.") from None
        headers = {"Content-Type": "application/json", SIGNATURE: signature(secret, body, self.now())}
        try:
            async with asyncio.timeout(self.seconds):
                url = httpx.URL(provider.hook_url)
                known, headers["Host"] = {"sni_hostname": url.host}, url.netloc.decode()
                where = url.copy_with(host=await self._address(url))
                asked = client.stream("POST", where, content=body.encode(), headers=headers, extensions=known)
                async with asked as answer:
                    code = answer.status_code
        except NotHeard:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the webhook call was not heard and is tried again
            raise NotHeard(_in_words(error)) from None
        if 300 <= code < 400:
            raise NotHeard(f"Their system sends us on (code {code}), and we do not follow. Set the address it names.")
        if not 200 <= code < 300:
            raise NotHeard(f"Their system refused it (code {code}).")

    async def _address(self, url: httpx.URL) -> str:
        """The address to call. The name is resolved here and once: asked again it could lead somewhere else."""
        found = await self.resolve(url.host, url.port or _HTTPS)
        # In practice a system on this machine is allowed, under no other name.
        if not found or (not all(map(leads_outside, found)) and not (self.practice and url.host in _THIS_MACHINE)):
            raise NotHeard("This address leads to a machine that is not on the public internet. Set another.")
        return found[0]


def signature(secret: str, body: str, at: datetime) -> str:
    """What proves that a webhook call is ours and when it was sent: "t=<unix seconds>,v1=<hex HMAC-SHA256 of t.body>".

    Who gets one works the HMAC out again with their secret, over the bytes as they came, and refuses an old `t`.
    """
    t = int(at.timestamp())
    return f"t={t},v1={hmac.new(secret.encode(), f'{t}.{body}'.encode(), sha256).hexdigest()}"


async def knocks_of(session: AsyncSession, provider_id: int, newest: int = 20) -> Sequence[WebhookCall]:
    """The newest webhook calls of a provider, newest first: when they were heard, or what went wrong."""
    wanted = (
        select(WebhookCall).where(WebhookCall.provider_id == provider_id).order_by(WebhookCall.id.desc()).limit(newest)
    )
    return list(await session.scalars(wanted))


async def forget_old(session: AsyncSession, now: datetime) -> None:
    """Deletes the webhook calls that were heard, or given up, long ago."""
    given_up = (WebhookCall.try_at >= outbox.NEVER) & (WebhookCall.made_at <= now - KEPT)
    old = or_(WebhookCall.sent_at <= now - KEPT, given_up)
    if await session.scalar(select(exists().where(old))):
        await session.execute(delete(WebhookCall).where(old))


def _in_words(error: Exception) -> str:
    """Why a webhook call was not heard. The error's own text may hold the address, so only its kind is told."""
    match error:
        case TimeoutError() | httpx.TimeoutException():
            return "Their system did not answer in time."
        case httpx.ConnectError():
            return "Their system could not be reached, or could not prove that it is the one we know."
        case httpx.TransportError():
            return "Their system broke off."
        case _:
            return f"Something went wrong here while knocking ({type(error).__name__})."
