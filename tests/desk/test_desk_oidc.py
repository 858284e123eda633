"""Signing in with a force's own account: against a real OpenID Connect provider on loopback, and against its faults."""

import base64
import contextlib
import html
import json
import logging
import socket
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
import werkzeug.serving
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import func, select

from api.desk.oidc_routes import LEAVING
from api.main import create_app
from api.records.accounts import Account, DeskSession
from api.web.csrf import COOKIE
from tests.conftest import release_for, settings_for
from tests.desk_app import DeskApp, desk_app
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.sign_in import log

with warnings.catch_warnings():
    # Authlib's own notice that the mock uses an older part of it.
    warnings.simplefilter("ignore", DeprecationWarning)
    import oidc_provider_mock

# The mock is served from this process, and Authlib tells it of what is to change there.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")


class Provider:
    """The provider, with people whom tests put in. `bend` may change what its addresses answer, as a bad one would."""

    def __init__(self) -> None:
        self.bend: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, list[str]], str]] = []
        self._app = oidc_provider_mock.app(require_nonce=True)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answers, or lets a test's answer stand in."""
        path = environ["PATH_INFO"]
        if path in self.bend:
            start_response(self.bend[path][0], [("Content-Type", "application/json")])
            return [self.bend[path][1]]
        if path == "/oauth2/token":
            self.asked.append((path, {}, environ.get("HTTP_AUTHORIZATION", "")))
        return self._app(environ, start_response)


@pytest.fixture(scope="module")
def running_provider() -> Iterator[tuple[Provider, str]]:
    provider = Provider()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = werkzeug.serving.make_server("127.0.0.1", 0, provider, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield provider, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def provider(running_provider: tuple[Provider, str]) -> tuple[Provider, str]:
    running_provider[0].bend.clear()
    running_provider[0].asked.clear()
    return running_provider


@dataclass
class Force:
    """The desk of a force with its own sign-in, and the people that it knows."""

    desk: DeskApp
    provider: Provider
    issuer: str
    browser: httpx.AsyncClient

    async def knows(self, subject: str, email: str, verified: Any = True) -> None:
        """The force's own sign-in knows somebody."""
        async with httpx.AsyncClient() as client:
            claims = {"email": email, "email_verified": verified}
            (await client.put(f"{self.issuer}/users/{subject}", json=claims)).raise_for_status()

    async def leave(self, layer: str = "northmoor", **asked: str) -> httpx.Response:
        """Follows the link on our page."""
        return await self.browser.get(f"/desk/oidc/{layer}", params=asked)

    async def agree(self, address: str, subject: str) -> str:
        """Signs in over there, and gives the path that the browser is sent back to."""
        async with httpx.AsyncClient() as client:
            sent = await client.post(address, data={"sub": subject})
        assert sent.status_code in (302, 303), sent.text
        back = urlsplit(sent.headers["location"])
        assert f"{back.scheme}://{back.netloc}" == "https://know.test"
        return f"{back.path}?{back.query}"

    async def sign_in(self, subject: str, layer: str = "northmoor", **asked: str) -> httpx.Response:
        """The whole way there and back."""
        away = await self.leave(layer, **asked)
        assert away.status_code == 303, away.text
        return await self.browser.get(await self.agree(away.headers["location"], subject))

    async def sign_ins(self) -> int:
        """How many sign-ins there are."""
        async with self.desk.database.begin() as session:
            return await session.scalar(select(func.count()).select_from(DeskSession)) or 0

    async def kept(self, account: Account) -> Account:
        """An account as it is kept now."""
        async with self.desk.database.begin() as session:
            return await session.get_one(Account, account.id)


def settings_of(issuer: str) -> dict[str, Any]:
    own = {"issuer": issuer, "client_id": "know desk", "client_secret": "s3cret/with:signs"}
    return {"public_url": "https://know.test", "oidc": {"northmoor": own, "southmere": own}}


@pytest.fixture
async def force(provider: tuple[Provider, str], sqlite_url: str, tmp_path: Path) -> AsyncIterator[Force]:
    async with desk_app(sqlite_url, tmp_path, **settings_of(provider[1])) as desk:
        yield Force(desk, *provider, desk.browser())


async def test_somebody_signs_in_with_their_forces_account_and_no_code(force: Force) -> None:
    account = await force.desk.account("northmoor", "lead", "Ada Invented")
    await force.knows("ada-1", account.email.upper())
    page = await force.browser.get("/desk/sign-in", params={"next": "/desk/northmoor/sign"})
    name = doors(force.desk.app).pack_cache.forces["northmoor"].name
    assert f"Sign in with {name}'s own account" in html.unescape(page.text)
    assert 'href="/desk/oidc/northmoor?next=/desk/northmoor/sign"' in page.text
    done = await force.sign_in("ada-1", next="/desk/northmoor/sign")
    assert done.status_code == 200
    assert done.headers["refresh"] == "0; url=/desk/northmoor/sign"
    assert 'href="/desk/northmoor/sign"' in done.text
    assert "samesite=strict" in done.headers["set-cookie"].lower()
    assert LEAVING not in force.browser.cookies
    assert (await force.browser.get("/desk")).headers["location"] == "/desk/northmoor"
    assert (await force.kept(account)).subject == f"{force.issuer} ada-1"
    assert await log(force.desk) == [("Ada Invented", "sign in", "with the force's own account")]


async def test_the_way_there_is_by_code_with_pkce_state_and_nonce_that_are_new_each_time(force: Force) -> None:
    first, second = await force.leave(), await force.leave()
    asked, again = (parse_qs(urlsplit(answer.headers["location"]).query) for answer in (first, second))
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert set(asked["scope"][0].split()) == {"openid", "email"}
    assert asked["redirect_uri"] == ["https://know.test/desk/oidc/northmoor/back"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name][0]) >= 40
        assert asked[name] != again[name]
    cookie = first.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/", "max-age=600"))
    account = await force.desk.account("northmoor", "editor")
    await force.knows("pkce", account.email)
    await force.sign_in("pkce")
    kind, _, told = force.provider.asked[-1][2].partition(" ")
    assert (kind, base64.b64decode(told)) == ("Basic", b"know%20desk:s3cret%2Fwith%3Asigns")


async def test_an_account_of_another_layer_is_not_let_in(force: Force) -> None:
    charlie = await force.desk.account("southmere", "lead", "Charlie")
    await force.knows("charlie", charlie.email)
    answer = await force.sign_in("charlie", "northmoor")
    assert answer.status_code == 422
    assert (await force.kept(charlie)).subject is None
    assert (await force.sign_in("charlie", "southmere")).status_code == 200
    force.browser.cookies.clear()
    refused = await force.sign_in("charlie", "northmoor")
    assert refused.status_code == 422
    assert refused.text == answer.text
    assert COOKIE not in refused.cookies
    assert [what for _, what, _ in await log(force.desk, "southmere")] == [
        "fail to sign in",
        "sign in",
        "fail to sign in",
    ]
    assert not await log(force.desk, "northmoor")


@pytest.mark.parametrize("verified", [False, None, "false", "true", 1])
async def test_an_email_that_the_force_does_not_vouch_for_lets_nobody_in(force: Force, verified: Any) -> None:
    account = await force.desk.account("northmoor", "editor")
    await force.knows("someone", account.email, verified)
    assert (await force.sign_in("someone")).status_code == 422
    assert (await force.kept(account)).subject is None
    assert await force.sign_ins() == 0


async def test_after_the_first_time_it_is_the_person_and_not_the_email(force: Force) -> None:
    account = await force.desk.account("northmoor", "editor")
    await force.knows("first", account.email)
    assert (await force.sign_in("first")).status_code == 200
    force.browser.cookies.clear()
    await force.knows("first", "married.name@northmoor.example", verified=False)
    assert (await force.sign_in("first")).status_code == 200
    force.browser.cookies.clear()
    await force.knows("second", account.email)
    assert (await force.sign_in("second")).status_code == 422
    assert COOKIE not in force.browser.cookies
    assert (await force.kept(account)).subject == f"{force.issuer} first"


async def test_nobody_uninvited_or_closed_is_let_in(force: Force) -> None:
    await force.knows("nobody", "nobody@northmoor.example")
    uninvited = await force.sign_in("nobody")
    account = await force.desk.account("northmoor", "editor")
    await force.knows("leaver", account.email)
    await force.sign_in("leaver")
    force.browser.cookies.clear()
    async with force.desk.database.begin() as session:
        (await session.get_one(Account, account.id)).closed_at = force.desk.clock()
    closed = await force.sign_in("leaver")
    assert (uninvited.status_code, closed.status_code) == (422, 422)
    assert uninvited.text == closed.text
    assert COOKIE not in force.browser.cookies
    assert "nobody" not in str(await log(force.desk))


async def test_a_forged_state_another_browser_and_a_late_return_are_refused(force: Force) -> None:
    account = await force.desk.account("northmoor", "editor")
    await force.knows("state", account.email)

    back = await force.agree((await force.leave()).headers["location"], "state")
    path, _, query = back.partition("?")
    forged = {**dict(parse_qsl(query)), "state": "forged"}
    assert (await force.browser.get(f"{path}?{urlencode(forged)}")).status_code == 422

    # The cookie went with that try; the right state is of no use any more.
    assert (await force.browser.get(back)).status_code == 422

    back = await force.agree((await force.leave()).headers["location"], "state")
    assert (await force.desk.browser().get(back)).status_code == 422

    force.desk.clock.move(minutes=10, seconds=1)
    assert (await force.browser.get(back)).status_code == 422

    back = await force.agree((await force.leave()).headers["location"], "state")
    assert (await force.browser.get(back.replace("northmoor", "southmere"))).status_code == 422
    assert await force.sign_ins() == 0
    assert not await log(force.desk)


async def test_a_token_with_another_nonce_is_refused(force: Force) -> None:
    account = await force.desk.account("northmoor", "editor")
    await force.knows("nonce", account.email)
    address = urlsplit((await force.leave()).headers["location"])
    asked = {**dict(parse_qsl(address.query)), "nonce": "of-another-journey"}
    back = await force.agree(address._replace(query=urlencode(asked)).geturl(), "nonce")
    answer = await force.browser.get(back)
    assert answer.status_code == 422
    assert "does not prove who you are" in answer.text
    assert await force.sign_ins() == 0


KEYS: dict[str, Any] = {
    "ours": RSAKey.generate_key(2048, {"kid": "ours"}),
    "another": RSAKey.generate_key(2048, {"kid": "ours"}),
    "shared": OctKey.import_key("a secret that both of us hold, as the client's is", {"kid": "ours"}),
}


@dataclass(frozen=True)
class Forged:
    """A token of our own making: what is changed in it, and what it is signed with."""

    key: str = "ours"
    alg: str = "RS256"
    changed: tuple[tuple[str, Any], ...] = ()
    left_out: str = ""


@pytest.mark.parametrize(
    ("forged", "status"),
    [
        (Forged(), 200),
        (Forged("another"), 422),
        (Forged("shared", "HS256"), 422),
        (Forged(changed=(("aud", "another client"),)), 422),
        (Forged(changed=(("aud", ["know desk", "another client"]), ("azp", "another client"))), 422),
        (Forged(changed=(("iss", "https://evil.example"),)), 422),
        (Forged(changed=(("nonce", "of another journey"),)), 422),
        (Forged(left_out="nonce"), 422),
        (Forged(changed=(("exp", -120),)), 422),
        (Forged(left_out="exp"), 422),
        (Forged(changed=(("iat", 120),)), 422),
        (Forged(left_out="sub"), 422),
        (Forged(changed=(("sub", "x" * 300),)), 422),
    ],
    ids=lambda value: "" if isinstance(value, int) else f"{value.key} {value.changed}{value.left_out}"[:40],
)
async def test_only_a_token_that_proves_everything_lets_in(force: Force, forged: Forged, status: int) -> None:
    account = await force.desk.account("northmoor", "editor")
    back = await force.agree((away := await force.leave()).headers["location"], "anybody")
    now = int(force.desk.clock().timestamp())
    right = {
        "iss": force.issuer,
        "aud": "know desk",
        "sub": "anybody",
        "nonce": dict(parse_qsl(urlsplit(away.headers["location"]).query))["nonce"],
        "iat": 0,
        "exp": 300,
        "email": account.email,
        "email_verified": True,
    }
    claims = {name: value for name, value in (right | dict(forged.changed)).items() if name != forged.left_out}
    claims |= {name: now + claims[name] for name in ("iat", "exp") if name in claims}
    token = jwt.encode({"alg": forged.alg, "kid": "ours"}, claims, KEYS[forged.key], algorithms=[forged.alg])
    force.provider.bend["/oauth2/token"] = ("200 OK", json.dumps({"id_token": token}).encode())
    force.provider.bend["/jwks"] = ("200 OK", json.dumps({"keys": [KEYS["ours"].as_dict(private=False)]}).encode())
    assert (await force.browser.get(back)).status_code == status
    assert await force.sign_ins() == (status == 200)


@pytest.mark.parametrize(
    "token", ['{"access_token": "a"}', '{"id_token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."}', '{"id_token": 7}']
)
async def test_a_token_that_is_none_or_not_signed_is_refused(force: Force, token: str) -> None:
    back = await force.agree((await force.leave()).headers["location"], "anybody")
    force.provider.bend["/oauth2/token"] = ("200 OK", token.encode())
    assert (await force.browser.get(back)).status_code == 422


async def test_a_code_that_was_made_up_or_used_is_refused(force: Force) -> None:
    away = urlsplit((await force.leave()).headers["location"])
    state = dict(parse_qsl(away.query))["state"]
    made_up = await force.browser.get("/desk/oidc/northmoor/back", params={"code": "made-up", "state": state})
    assert made_up.status_code == 422
    away = urlsplit((await force.leave()).headers["location"])
    state = dict(parse_qsl(away.query))["state"]
    denied = {"error": "access_denied", "state": state}
    assert (await force.browser.get("/desk/oidc/northmoor/back", params=denied)).status_code == 422


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/.well-known/openid-configuration", ("500 Oh", b"a secret trace")),
        ("/.well-known/openid-configuration", ("200 OK", b"no json")),
        ("/.well-known/openid-configuration", ("200 OK", b"[]")),
        ("/.well-known/openid-configuration", ("200 OK", b'{"issuer": "https://evil.example"}')),
        ("/oauth2/token", ("500 Oh", b"a secret trace")),
        ("/oauth2/token", ("200 OK", b"<html>")),
        ("/jwks", ("404 No", b"{}")),
    ],
)
async def test_a_sign_in_that_does_not_answer_as_it_should_is_told_clearly(
    force: Force, path: str, answer: tuple[str, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    account = await force.desk.account("northmoor", "editor")
    await force.knows("away", account.email)
    if path == "/.well-known/openid-configuration":
        force.provider.bend[path] = answer
        told = await force.leave()
    else:
        back = await force.agree((await force.leave()).headers["location"], "away")
        force.provider.bend[path] = answer
        told = await force.browser.get(back)
    assert told.status_code == 503
    assert "Try again in a few minutes" in told.text
    assert "secret trace" not in told.text + caplog.text
    assert "Traceback" not in told.text + caplog.text
    assert COOKIE not in told.cookies


async def test_a_sign_in_that_is_down_is_told_clearly(sqlite_url: str, tmp_path: Path) -> None:
    with contextlib.closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with desk_app(sqlite_url, tmp_path, **settings_of(f"http://127.0.0.1:{port}")) as desk:
        told = await desk.browser().get("/desk/oidc/northmoor")
        assert told.status_code == 503
        assert "Northmoor Police" in told.text
        assert str(port) not in told.text
        assert (await desk.browser().get("/desk/oidc/kent")).status_code == 404
        assert (await desk.browser().get("/desk/oidc/kent/back")).status_code == 404


def test_a_force_that_nobody_knows_is_refused_at_start() -> None:
    own = settings_of("https://sign-in.example")["oidc"]["northmoor"]
    settings = settings_for("sqlite+aiosqlite:///nowhere.db", oidc={"kemt": own})
    with pytest.raises(ValueError, match="kemt"):
        create_app(settings, FakeBrain(), release_for(practice=True))


@pytest.mark.parametrize("issuer", ["http://sign-in.example", "ftp://sign-in.example", "sign-in.example", ""])
def test_an_issuer_that_can_be_overheard_is_refused_at_start(issuer: str) -> None:
    with pytest.raises(ValueError, match="https"):
        settings_for("sqlite+aiosqlite:///nowhere.db", **settings_of(issuer))
