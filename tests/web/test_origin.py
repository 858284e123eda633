"""The origin of a request: a network or an app, believed of nobody but our own proxies, and never kept as it is."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from api.web.cors import OwnApp
from api.web.origin import UNKNOWN, Origin, OriginNames, Origins, network_of, sender
from tests.conftest import settings_for

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


async def origin_of(
    peer: str, *forwarded: str, trusted: tuple[object, ...] = PROXIES, app: OwnApp | None = None
) -> str:
    """Where a request from this peer with these headers is found to come from."""
    seen = list[Origin]()

    async def route(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["state"]["origin"])

    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded] + [(b"forwarded", b"for=198.51.100.77")]
    scope: Scope = {"type": "http", "client": (peer, 4711) if peer else None, "headers": headers}
    if app:
        scope["state"] = {"own_app": app}
    await Origins(route, trusted)(scope, None, None)  # type: ignore[arg-type]
    return seen[0].place


@pytest.mark.parametrize(
    ("peer", "place"),
    [
        ("203.0.113.9", "network 203.0.113.0/24"),
        ("203.0.113.250", "network 203.0.113.0/24"),
        ("::ffff:203.0.113.9", "network 203.0.113.0/24"),
        ("2001:db8:7:1::5", "network 2001:db8:7::/48"),
        ("2001:db8:7:ffff:1:2:3:4", "network 2001:db8:7::/48"),
        ("2001:db8:8::5", "network 2001:db8:8::/48"),
        ("fe80::1%eth0", "network fe80::/48"),
        ("", "unknown"),
        ("testclient", "unknown"),
    ],
)
async def test_one_network_is_one_origin(peer: str, place: str) -> None:
    assert await origin_of(peer) == place


@pytest.mark.parametrize("peer", ["203.0.113.9", "127.0.0.1", "10.1.1.1", "::1"])
async def test_without_the_setting_nobody_says_for_another_where_they_are(peer: str) -> None:
    assert await origin_of(peer, "198.51.100.1", trusted=()) == network_of(sender(peer, [], ())).place
    assert settings_for("sqlite+aiosqlite:///var/know.db").trusted_proxies == ()


@pytest.mark.parametrize(
    ("forwarded", "place"),
    [
        (["203.0.113.9"], "network 203.0.113.0/24"),
        (["198.51.100.1, 203.0.113.9"], "network 203.0.113.0/24"),
        (["198.51.100.1, 203.0.113.9, 10.2.2.2, 10.3.3.3"], "network 203.0.113.0/24"),
        (["198.51.100.1", "203.0.113.9", "10.2.2.2"], "network 203.0.113.0/24"),
        (["203.0.113.9:51234"], "network 203.0.113.0/24"),
        (["[2001:db8:7::1]:443, fd00::5"], "network 2001:db8:7::/48"),
        (["2001:db8:7::1 , ::ffff:10.2.2.2"], "network 2001:db8:7::/48"),
        # What is no address ends the walk at whoever wrote it: nobody names themselves as they like.
        (["203.0.113.9, somebody, 10.2.2.2"], "network 10.2.2.0/24"),
        (["203.0.113.9, unknown"], "network 10.1.1.0/24"),
        (["203.0.113.9, "], "network 10.1.1.0/24"),
        (["203.0.113.999"], "network 10.1.1.0/24"),
        (["[203.0.113.9"], "network 203.0.113.0/24"),
        (["\u0661.2.3.4"], "network 10.1.1.0/24"),
        ([], "network 10.1.1.0/24"),
        # Nobody but proxies: then the farthest of them asks.
        (["10.9.9.9, 10.2.2.2"], "network 10.9.9.0/24"),
    ],
)
async def test_our_proxies_are_believed_from_the_right_up_to_the_first_stranger(
    forwarded: list[str], place: str
) -> None:
    assert await origin_of("10.1.1.1", *forwarded) == place
    assert await origin_of("::ffff:10.1.1.1", *forwarded) == place


async def test_a_stranger_is_believed_nothing_though_there_are_proxies() -> None:
    assert await origin_of("203.0.113.9", "198.51.100.1") == "network 203.0.113.0/24"


async def test_an_app_of_a_force_is_one_origin_wherever_its_servers_are_and_a_bad_key_is_none() -> None:
    app = OwnApp("know_abc", "northmoor")
    assert await origin_of("203.0.113.9", app=app) == await origin_of("2001:db8::1", app=app) == "app know_abc"
    assert await origin_of("203.0.113.9", app=OwnApp("know_abc", None)) == "network 203.0.113.0/24"


def test_a_name_tells_nothing_of_an_address_and_is_another_one_tomorrow() -> None:
    origin, names = network_of(sender("203.0.113.9", [], ())), OriginNames(("a" * 32, "b" * 32))
    name = names.name(origin, NOON)
    assert "203" not in repr(origin)
    assert len(name) == 32
    assert name == names.name(origin, NOON + timedelta(hours=11))
    assert name != names.name(origin, NOON + timedelta(hours=12))
    assert name != names.name(UNKNOWN, NOON)
    assert name != OriginNames(("b" * 32,)).name(origin, NOON)


def test_the_setting_takes_networks_and_single_addresses() -> None:
    found = settings_for("sqlite+aiosqlite:///x.db", trusted_proxies=" 10.0.0.0/8,127.0.0.1 , fd00::/8,")
    assert [str(one) for one in found.trusted_proxies] == ["10.0.0.0/8", "127.0.0.1/32", "fd00::/8"]


def test_the_setting_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOW_TRUSTED_PROXIES", "192.0.2.1,192.0.2.2")
    found = settings_for("sqlite+aiosqlite:///x.db")
    assert [str(one) for one in found.trusted_proxies] == ["192.0.2.1/32", "192.0.2.2/32"]


@pytest.mark.parametrize("written", ["*", "proxy.example", "10.0.0.1/8", "0.0.0.0/0", "::/0", "10.0.0.0/8 127.0.0.1"])
def test_a_setting_that_names_everybody_or_nothing_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match="KNOW_TRUSTED_PROXIES"):
        settings_for("sqlite+aiosqlite:///x.db", trusted_proxies=written)
