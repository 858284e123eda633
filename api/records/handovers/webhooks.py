"""A provider's own system: where it is told that a child waits, and the secret that proves that we told it."""

import secrets
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import IPPROTO_TCP
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.providers import must_decide, tell
from api.records.handovers.tables import Provider
from api.records.people import Mistaken
from api.records.roles import Deciding
from api.web.ciphers import Cipher

PURPOSE = "hook"
"""The purpose of the seal that keeps these secrets."""
LONGEST = 500
_LIKE_THIS = "Write the address of your own system like https://rota.example.org/in-the-know."
_IN_PRACTICE = "In practice http is allowed too, to this machine alone: http://127.0.0.1:9000/."
# Names by which machines behind somebody's own walls go, in homes, offices and clusters.
_AT_HOME = ("localhost", "localdomain", "local", "lan", "home", "arpa", "workgroup", "domain", "test", "invalid")
_AT_WORK = ("internal", "intranet", "corp", "private", "priv", "svc", "cluster", "onion")
# IPv6 addresses that lead to an IPv4 one, which is then the one that counts: NAT64, and the old form of mapping.
_LEADS_TO_IPV4 = (ip_network("64:ff9b::/96"), ip_network("::/96"))
# All that the public internet has of IPv6; Python calls much of the rest global too, as 64:ff9b:1::/48 (another NAT64),
# ::ffff:0:0:0/96 (another form of mapping) and fec0::/10, each of which can lead to a machine behind our own walls.
_PUBLIC_IPV6 = ip_network("2000::/3")
Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""All addresses that a host name has now, given the name and the port. Raises OSError for a name that has none."""


async def set_hook(
    session: AsyncSession, by: Deciding, provider: Provider, url: str, cipher: Cipher, now: datetime
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
    provider.hook_url, provider.hook_secret = address, cipher.close(secret)
    await tell(session, by, provider, "set hook", urlsplit(address).hostname or "", now)
    return secret


def may_be_told(address: str, *, practice: bool) -> bool:
    """True for an address that a call may go to; asked again before each call, as the rules may have grown."""
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


async def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses that this machine knows a host by."""
    found = await get_running_loop().getaddrinfo(host, port, proto=IPPROTO_TCP)
    return [str(address[0]) for *_, address in found]


def leads_outside(address: str) -> bool:
    """True for an address of the public internet, and not for one that only looks like it.

    Asked of what a name resolves to, because anybody can give a public name a private address.
    """
    found = _led_to(ip_address(address.partition("%")[0]))
    return found.is_global and not found.is_multicast and (isinstance(found, IPv4Address) or found in _PUBLIC_IPV6)


def _led_to(found: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, however it is written; else the address itself."""
    if isinstance(found, IPv4Address):
        return found
    if any(found in network for network in _LEADS_TO_IPV4):
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else found)


def _is_public(parts: SplitResult) -> bool:
    """True for https to a host with a public name, so that nobody points us at what lies behind our own walls."""
    labels = (parts.hostname or "").rstrip(".").split(".")
    # A last label that begins with a digit makes the whole a number, however it is written.
    return (
        parts.scheme == "https"
        and len(labels) > 1
        and labels[-1][:1].isalpha()
        and labels[-1] not in (*_AT_HOME, *_AT_WORK)
    )


def _is_this_machine(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
    return here and parts.scheme in ("http", "https")
