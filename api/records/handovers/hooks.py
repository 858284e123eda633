"""A provider's own system: where it is told that a child waits, and the secret that proves that we told it."""

import secrets
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from api.hall.sealing import Seal
from api.records.handovers.providers import must_decide, tell
from api.records.handovers.tables import Provider
from api.records.people import Mistaken
from api.records.roles import Deciding

PURPOSE = "hook"
"""The purpose of the seal that keeps these secrets."""
LONGEST = 500
_LIKE_THIS = "Write the address of your own system like https://rota.example.org/in-the-know."
_IN_PRACTICE = "In practice http is allowed too, to this machine alone: http://127.0.0.1:9000/."
_PRIVATE = ("localhost", "local", "internal", "lan", "home", "arpa")


async def set_hook(
    session: AsyncSession, by: Deciding, provider: Provider, url: str, seal: Seal, now: datetime
) -> str | None:
    """Says where a provider's own system is told; gives the new secret, to be shown once. Empty takes both back.

    Setting it again, to the same address too, makes another secret. Raises NotAllowed, and Mistaken for "hook_url".
    """
    must_decide(by, provider)
    address = url.strip()
    if not address:
        provider.hook_url = provider.hook_secret = None
        await tell(session, by, provider, "take back hook", "own system", now)
        return None
    if not may_be_told(address, practice=provider.practice):
        raise Mistaken({"hook_url": f"{_LIKE_THIS} {_IN_PRACTICE}" if provider.practice else _LIKE_THIS})
    secret = secrets.token_urlsafe(32)
    provider.hook_url, provider.hook_secret = address, seal.close(secret)
    await tell(session, by, provider, "set hook", urlsplit(address).hostname or "", now)
    return secret


def may_be_told(address: str, *, practice: bool) -> bool:
    """True for an address that a knock may go to; asked again before each knock, as the rules may have grown."""
    if len(address) > LONGEST or not address.isascii() or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        port_is_real = parts.port != 0
    except ValueError:
        return False
    # A name or password in an address would lie open in the database.
    whole = parts.hostname and port_is_real and not parts.fragment and "@" not in parts.netloc
    return bool(whole) and (_is_public(parts) or (practice and _is_this_machine(parts)))


def _is_public(parts: SplitResult) -> bool:
    """True for https to a host with a public name, so that nobody points us at what lies behind our own walls."""
    labels = (parts.hostname or "").rstrip(".").split(".")
    # A last label that begins with a digit makes the whole a number, however it is written.
    return parts.scheme == "https" and len(labels) > 1 and labels[-1][:1].isalpha() and labels[-1] not in _PRIVATE


def _is_this_machine(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
    return here and parts.scheme in ("http", "https")
