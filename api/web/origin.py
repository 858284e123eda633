"""The origin of a request: the network or the app it comes from, and the name it is counted by, never its address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Annotated, Self

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.web.ciphers import Hashes
from api.web.cors import OwnApp
from api.web.settings import Settings

Networks = Sequence[IPv4Network | IPv6Network]
_FORWARDED = "X-Forwarded-For"
_IPV4_BITS = 24
_IPV6_BITS = 48
_NAME_LENGTH = 32


@dataclass(frozen=True)
class Origin:
    """Where a request comes from: "network 203.0.113.0/24", "network 2001:db8:7::/48", "app know_..." or "unknown".

    It is for counting alone, and is kept nowhere but under its name (OriginNames); it is left out of its own repr, so
    that no log and no error holds it.
    """

    place: str = field(repr=False)


UNKNOWN = Origin("unknown")
"""Everybody of whom nothing is known, as one: at a socket file, say."""


class Origins:
    """Tells each request's origin, for `origin` to hand on. It stands inside Sharing, which knows the apps' keys.

    `trusted` are the networks of our own proxies. Only what these say of who sent a request is believed, and only as
    far as each of them is one itself: anybody can write the rest of that header.
    """

    # uvicorn's own middleware walks the header alike, but takes an entry that is no address for the sender: whoever can
    # have one written would choose an origin. Nor does it see an IPv4 proxy behind ::ffff:.
    def __init__(self, app: ASGIApp, trusted: Networks = ()) -> None:
        self._app, self._trusted = app, trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] == "http":
            state = scope.setdefault("state", {})
            state["origin"] = _of_app(state.get("own_app")) or self._of_network(scope)
        await self._app(scope, receive, send)

    def _of_network(self, scope: Scope) -> Origin:
        peer = scope.get("client")
        hops = [hop for value in Headers(scope=scope).getlist(_FORWARDED) for hop in value.split(",")]
        return network_of(sender(peer[0] if peer else "", hops, self._trusted))


class OriginNames:
    """Names origins so that two requests of one are known to be alike, and nothing else is known of it.

    A name is a keyed hash. The key is made from the secrets of this installation and the day (UTC), so that what comes
    from the same network on another day has another name.
    """

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The names that these settings make."""
        return cls(settings.keys)

    def name(self, origin: Origin, now: datetime) -> str:
        """The name of an origin today: 32 hex digits."""
        return Hashes(self._secrets[:1], f"origin on {now:%Y-%m-%d}").of(origin.place)[:_NAME_LENGTH]


def sender(peer: str, hops: Sequence[str], trusted: Networks) -> IPv4Address | IPv6Address | None:
    """Who sent a request that came from `peer` over these hops, the last one nearest. None where that is no address.

    An entry that is no address ends the walk at the proxy that wrote it.
    """
    found = _address(peer)
    for hop in reversed(hops):
        before = _address(hop) if found is not None and _is_among(found, trusted) else None
        if before is None:
            break
        found = before
    return found


def network_of(address: IPv4Address | IPv6Address | None) -> Origin:
    """The origin of an address: its IPv4 /24 or IPv6 /48, which one line or one site has to itself."""
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv4Address):
        return Origin(f"network {IPv4Network((int(address), _IPV4_BITS), strict=False)}")
    return Origin(f"network {IPv6Network((int(address), _IPV6_BITS), strict=False)}")


def origin_of(request: Request) -> Origin:
    """Where a request comes from."""
    found: Origin = request.state.origin
    return found


async def origin(request: Request) -> Origin:
    """The same, for routes that ask for it."""
    return origin_of(request)


OnOrigin = Annotated[Origin, Depends(origin)]


def _of_app(app: OwnApp | None) -> Origin | None:
    return Origin(f"app {app.key}") if app and app.force else None


def _is_among(address: IPv4Address | IPv6Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks)


def _address(hop: str) -> IPv4Address | IPv6Address | None:
    """The address of a hop, which may carry a port: 203.0.113.9, 203.0.113.9:4711, 2001:db8::1 or [2001:db8::1]:80."""
    text = hop.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found if isinstance(found, IPv4Address) else found.ipv4_mapped or found
