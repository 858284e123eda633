"""Knocks: a provider's own system is told that a child waits, by a real request, signed, once heard, never led away."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sqlalchemy import update

from api.records.handovers.tables import Provider, WebhookCall
from api.records.handovers.webhook_delivery import AT_ONCE, KEPT, SIGNATURE, WebhookDelivery, knocks_of, signature
from api.records.handovers.webhooks import may_be_told, set_hook
from api.records.outbox import IN_HAND, NEVER, WAITS
from api.records.outbox_worker import OutboxWorker
from api.records.people import operator
from api.records.reminders import Reminders
from api.web.ciphers import Cipher
from tests.handover_app import (
    House,
    house,
    two_houses,
)

PLANTED = "zebrafish marmalade"


def says(status: str, *headers: str, body: str = "") -> bytes:
    """An answer by HTTP."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close", "", body]
    return "\r\n".join(lines).encode()


@dataclass
class System:
    """A provider's own system, on loopback: keeps each call, and answers as it is told. b"" hangs up, None hangs."""

    answer: bytes | None = says("204 No Content")
    knocks: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.knocks.append((line, headers, body))
        if self.answer is None:
            await reader.read()
        else:
            writer.write(self.answer)
        writer.close()


@asynccontextmanager
async def system(answer: bytes | None = System.answer) -> AsyncIterator[System]:
    """The system, up."""
    one = System(answer)
    listening = await asyncio.start_server(one.take, "127.0.0.1", 0)
    async with listening:
        one.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/in-the-know?desk=1"
        yield one


@pytest.fixture
async def here(own_url: str) -> AsyncIterator[House]:
    """One process over each database in turn."""
    async with house(own_url) as one:
        yield one


async def hooked(one: House, url: str, slug: str = "young-voices") -> tuple[Provider, str]:
    """A provider with a system of its own, set as on the page for it, and the secret that was shown once."""
    made = await one.provider(slug)
    async with one.database.begin() as session:
        provider = await session.get_one(Provider, made.id)
        secret = await set_hook(session, operator("test"), provider, url, one.hook_seal, one.clock())
    assert secret
    return provider, secret


def webhook_delivery(one: House, *, practice: bool = True, seconds: float = 5) -> WebhookDelivery:
    return WebhookDelivery(one.database, one.hook_seal, practice, one.clock, seconds)


async def only(one: House) -> WebhookCall:
    """The only webhook call there is."""
    (knock,) = await one.rows(WebhookCall)
    assert isinstance(knock, WebhookCall)
    return knock


async def test_a_knock_says_that_a_child_waits_and_nothing_of_the_child(here: House) -> None:
    async with system() as theirs:
        provider, secret = await hooked(here, theirs.url)
        child = await here.child(provider, f"{PLANTED} is what they said", danger=True)
        await webhook_delivery(here).round()
        ((line, headers, body),) = theirs.knocks
        assert line == "POST /in-the-know?desk=1 HTTP/1.1"
        assert headers["content-type"] == "application/json"
        assert json.loads(body) == {
            "event": "handover.waiting",
            "provider": provider.slug,
            "handover": child.ref,
            "wants": "here",
            "danger": True,
            "asked_at": here.clock().isoformat(),
        }
        # As a provider checks it, with nothing of ours.
        parts = dict(part.split("=", 1) for part in headers[SIGNATURE.lower()].split(","))
        assert int(parts["t"]) == int(here.clock().timestamp())
        ours = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, sha256).hexdigest()
        assert parts == {"t": parts["t"], "v1": ours}
        assert (await only(here)).sent_at == here.clock()
        await webhook_delivery(here).round()
        assert len(theirs.knocks) == 1


def test_the_signature_is_what_it_is_promised_to_be() -> None:
    # Worked out by `printf '1795680000.{"a": 1}' | openssl dgst -sha256 -hmac secret`.
    v1 = "abed71e14c2e29c512bf44e002718623dec37a7a3f35937050ee2eeb6f2d9cd6"
    assert signature("secret", '{"a": 1}', datetime(2026, 11, 26, 8, 0, tzinfo=UTC)) == f"t=1795680000,v1={v1}"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (says("500 Broken", body=PLANTED), "Their system refused it (code 500)."),
        (says("401 Who"), "Their system refused it (code 401)."),
        (says("302 Found", "Location: http://127.0.0.1:1/else"), "Their system sends us on (code 302)"),
        (says("307 Go", "Location: http://169.254.169.254/"), "Their system sends us on (code 307)"),
        (b"", "Their system broke off."),
        (b"SSH-2.0-nonsense\r\n\r\n", "Their system broke off."),
        (None, "Their system did not answer in time."),
    ],
)
async def test_what_was_not_heard_is_tried_again_and_says_why_without_what_they_said(
    here: House, answer: bytes | None, why: str
) -> None:
    async with system(answer) as theirs:
        provider, _ = await hooked(here, theirs.url)
        await here.child(provider)
        await webhook_delivery(here, seconds=0.5).round()
        knock = await only(here)
        assert knock.fault.startswith(why)
        assert PLANTED not in knock.fault
        assert "127.0.0.1" not in knock.fault
        assert (knock.sent_at, knock.tries, knock.try_at) == (None, 1, here.clock() + WAITS[0])
        await webhook_delivery(here).round()
        assert len(theirs.knocks) == 1
        here.clock.move(minutes=1)
        theirs.answer = says("200 OK", body="thanks " * 9)
        await webhook_delivery(here).round()
        knock = await only(here)
        assert (knock.sent_at, knock.tries, knock.fault) == (here.clock(), 2, "")
        assert [body for *_, body in theirs.knocks] == [knock.body.encode()] * 2
        # Signed anew, so that their system can refuse what is old.
        first, second = (headers[SIGNATURE.lower()] for _, headers, _ in theirs.knocks)
        assert first != second


async def test_an_answer_that_never_ends_is_not_read(here: House) -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n" + b"x" * 65_536
    async with system(endless) as theirs:
        provider, _ = await hooked(here, theirs.url)
        await here.child(provider)
        await asyncio.wait_for(webhook_delivery(here).round(), 5)
        assert (await only(here)).sent_at


async def test_a_redirect_reaches_nobody(here: House) -> None:
    async with system() as inside, system() as theirs:
        theirs.answer = says("302 Found", f"Location: {inside.url}")
        provider, _ = await hooked(here, theirs.url)
        await here.child(provider)
        await webhook_delivery(here).round()
        assert (len(theirs.knocks), len(inside.knocks)) == (1, 0)


async def test_when_live_only_https_to_a_public_name_is_knocked_at(own_sqlite: str) -> None:
    async with system() as theirs, house(own_sqlite) as one:
        provider, _ = await hooked(one, theirs.url)
        for url in (theirs.url, "https://127.0.0.1/", "https://localhost/", "https://rota.internal/", "https://[::1]/"):
            async with one.database.begin() as session:
                await session.execute(update(Provider).values(hook_url=url))
            await one.child(provider)
        await webhook_delivery(one, practice=False).round()
        assert theirs.knocks == []
        assert {knock.fault for knock in await one.rows(WebhookCall)} == {
            "We do not knock at this address. Set another."
        }


async def test_an_address_that_was_taken_back_and_a_secret_that_cannot_be_read_are_said_to_be_so(
    own_sqlite: str,
) -> None:
    async with system() as theirs, house(own_sqlite) as one:
        provider, _ = await hooked(one, theirs.url)
        await one.child(provider)
        other = WebhookDelivery(
            one.database, Cipher("another key that is long enough, really", "hook"), True, one.clock
        )
        await other.round()
        assert (await only(one)).fault.startswith("The secret cannot be read any more.")
        async with one.database.begin() as session:
            kept = await session.get_one(Provider, provider.id)
            assert await set_hook(session, operator("test"), kept, "", one.hook_seal, one.clock()) is None
        one.clock.move(minutes=1)
        await webhook_delivery(one).round()
        assert (await only(one)).fault == "No address is set any more."
        assert theirs.knocks == []
        await one.child(kept)
        assert len(await one.rows(WebhookCall)) == 1


async def test_each_knock_is_made_by_one_of_two_processes(own_url: str) -> None:
    async with system() as theirs, two_houses(own_url) as (one, two):
        provider, _ = await hooked(one, theirs.url)
        for _ in range(3 * AT_ONCE):
            await one.child(provider)
        for _ in range(3):
            await asyncio.gather(webhook_delivery(one).round(), webhook_delivery(two).round())
        refs = [json.loads(body)["handover"] for *_, body in theirs.knocks]
        assert len(refs) == len(set(refs)) == 3 * AT_ONCE


async def test_whoever_takes_a_knock_and_ends_leaves_it_to_be_made_by_another(here: House) -> None:
    async with system() as theirs:
        provider, _ = await hooked(here, theirs.url)
        await here.child(provider)
        await webhook_delivery(here)._take()
        await webhook_delivery(here).round()
        assert theirs.knocks == []
        here.clock.now += IN_HAND
        await webhook_delivery(here).round()
        assert len(theirs.knocks) == 1


async def test_a_system_that_hangs_holds_nobody_up_for_long(own_sqlite: str) -> None:
    async with system(None) as hangs, system() as theirs, house(own_sqlite) as one:
        slow, _ = await hooked(one, hangs.url, "slow")
        quick, _ = await hooked(one, theirs.url, "quick")
        for _ in range(AT_ONCE - 1):
            await one.child(slow)
        await one.child(quick)
        async with asyncio.timeout(2):
            await webhook_delivery(one, seconds=0.5).round()
        assert (len(hangs.knocks), len(theirs.knocks)) == (AT_ONCE - 1, 1)


async def test_what_is_never_heard_is_given_up_and_forgotten_like_what_was_heard_long_ago(here: House) -> None:
    async with system(says("503 Later")) as theirs:
        provider, _ = await hooked(here, theirs.url)
        await here.child(provider)
        made = here.clock()
        async with here.database.begin() as session:
            await session.execute(update(WebhookCall).values(tries=len(WAITS)))
        await webhook_delivery(here).round()
        assert (await only(here)).try_at == NEVER
        assert (await only(here)).given_up
        theirs.answer = says("200 OK")
        await here.child(provider)
        here.clock.move(days=1)
        await webhook_delivery(here).round()
        assert len(theirs.knocks) == 2
        async with here.database.begin() as session:
            assert [knock.given_up for knock in await knocks_of(session, provider.id)] == [False, True]
        here.clock.now = made + KEPT
        await webhook_delivery(here).round()
        assert [bool(knock.sent_at) for knock in await here.rows(WebhookCall)] == [True]
        here.clock.move(days=1)
        await webhook_delivery(here).round()
        assert await here.rows(WebhookCall) == []


async def test_the_postman_knocks_on_his_round_and_tells_of_trouble_once(
    own_sqlite: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with system() as theirs, house(own_sqlite) as one:
        provider, _ = await hooked(one, theirs.url)
        await one.child(provider)
        reminders = Reminders(one.database, {}, "https://know.example", practice=True)
        man = OutboxWorker(one.database, None, reminders, one.clock, webhook_delivery(one))
        await man.round()
        assert len(theirs.knocks) == 1
        assert caplog.records == []


PRIVATE_NAMES = [
    *("https://rota.internal/", "https://api.default.svc/", "https://rota.corp/", "https://x.svc.cluster.local/"),
    *("https://10.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://0x7f000001/", "https://2130706433/", "https://rota/"),
]


@pytest.mark.parametrize("url", PRIVATE_NAMES)
def test_a_name_or_number_behind_somebodys_walls_is_no_address_for_a_knock(url: str) -> None:
    assert not may_be_told(url, practice=False)
    assert not may_be_told(url, practice=True)


LEADS_INSIDE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),  # noqa: S104
    *("::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"),
    *("64:ff9b:1::a00:1", "::ffff:0:10.0.0.1", "fec0::1", "5f00::1"),
]


@pytest.mark.parametrize("address", LEADS_INSIDE)
async def test_a_public_name_that_leads_inside_is_not_knocked_at(own_sqlite: str, address: str) -> None:
    async def leads_inside(_host: str, _port: int) -> list[str]:
        return ["93.184.215.14", address]

    async with house(own_sqlite) as one:
        provider, _ = await hooked(one, "https://rota.example.org/know")
        await one.child(provider)
        await replace(webhook_delivery(one, practice=False), resolve=leads_inside).round()
        assert {knock.fault for knock in await one.rows(WebhookCall)} == {
            "This address leads to a machine that is not on the public internet. Set another."
        }


async def test_a_knock_goes_to_the_address_that_was_looked_at_and_names_the_host(here: House) -> None:
    """Resolved a second time, a name could lead somewhere else."""
    asked = []

    async def looks(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    async with system() as theirs:
        url = theirs.url.replace("127.0.0.1", "localhost")
        provider, _ = await hooked(here, url)
        await here.child(provider)
        await replace(webhook_delivery(here), resolve=looks).round()
        (_, headers, _), port = theirs.knocks[0], int(url.split(":")[2].split("/")[0])
        assert asked == [("localhost", port)]
        assert headers["host"] == f"localhost:{port}"
