"""OpenID Connect with a force's own sign-in: where to send somebody, and what it says of them when they come back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote

import httpx
from authlib.common.security import generate_token, is_secure_transport
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from api.records.oidc_identities import Vouched
from api.web.settings import OwnSignIn

_SECONDS = 5.0
_SCOPE = "openid email"
# Signed with the issuer's private key, never with a secret that we hold too, and never not at all.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
_CLOCKS_DIFFER = 60
_DISCOVERY = "/.well-known/openid-configuration"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class SignInAway(Exception):
    """The force's own sign-in does not answer, or not as OpenID Connect says."""


class NotProven(Exception):
    """What came back does not prove who somebody is."""


@dataclass(frozen=True)
class Leaving:
    """What we must remember of somebody who goes to sign in elsewhere, to know them when they come back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def now(cls) -> Self:
        """New chance for one journey."""
        return cls(*(generate_token(48) for _ in range(3)))


class Issuer:
    """One force's own sign-in, as it describes itself.

    Authlib makes the address and judges the token. Its own HTTP client is not used: it warns at import that it is to
    move to another package, and its part here is one POST.
    """

    def __init__(self, chosen: OwnSignIn, described: Mapping[str, Any], back: str) -> None:
        self._chosen, self._described, self._back = chosen, described, back

    @classmethod
    async def find(cls, chosen: OwnSignIn, back: str) -> Self:
        """Asks the sign-in to describe itself. `back` is our address to come back to. Raises SignInAway."""
        described = await _json("GET", chosen.issuer.rstrip("/") + _DISCOVERY)
        addresses = [str(described.get(name, "")) for name in _ENDPOINTS]
        if described.get("issuer") != chosen.issuer or not all(map(is_secure_transport, addresses)):
            raise SignInAway
        return cls(chosen, described, back)

    def address(self, leaving: Leaving) -> str:
        """Where to send somebody to sign in."""
        client = OAuth2Client(
            None, self._chosen.client_id, scope=_SCOPE, redirect_uri=self._back, code_challenge_method="S256"
        )
        endpoint = self._described["authorization_endpoint"]
        address, _ = client.create_authorization_url(
            endpoint, state=leaving.state, code_verifier=leaving.verifier, nonce=leaving.nonce
        )
        return str(address)

    async def vouch(self, code: str, leaving: Leaving, now: datetime) -> Vouched:
        """Who somebody is, by the code they came back with. Raises SignInAway, and NotProven."""
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": leaving.verifier,
        }
        secret = self._chosen.client_secret.get_secret_value()
        # RFC 6749, 2.3.1: both are form-encoded before they are put into the header.
        who = httpx.BasicAuth(quote(self._chosen.client_id, safe=""), quote(secret, safe=""))
        token = await _json("POST", self._described["token_endpoint"], data=body, auth=who)
        keys = await _json("GET", self._described["jwks_uri"])
        return self._judge(token, keys, leaving, now)

    def _judge(self, token: Mapping[str, Any], keys: Mapping[str, Any], leaving: Leaving, now: datetime) -> Vouched:
        try:
            held = jwt.decode(
                str(token.get("id_token", "")),
                KeySet.import_key_set({"keys": list(keys["keys"])}),
                registry=JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False),
            )
            claims = CodeIDToken(
                held.claims,
                held.header,
                {
                    "iss": {"essential": True, "value": self._chosen.issuer},
                    "aud": {"essential": True, "value": self._chosen.client_id},
                },
                {
                    "nonce": leaving.nonce,
                    "client_id": self._chosen.client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=_CLOCKS_DIFFER)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotProven from error
        # Only the word true: some issuers let people write any address, and say so by leaving this out.
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Vouched(self._chosen.issuer, str(claims["sub"]), str(email) if email else None)


async def _json(method: str, address: str, **sent: Any) -> Mapping[str, Any]:
    """What an address of the sign-in answers. Raises NotProven when it refuses, and SignInAway for anything else."""
    try:
        async with httpx.AsyncClient(timeout=_SECONDS, headers={"Accept": "application/json"}) as client:
            answer = await client.request(method, address, **sent)
        if method == "POST" and answer.is_client_error:
            raise NotProven
        answer.raise_for_status()
        told = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise SignInAway from error
    if not isinstance(told, dict):
        raise SignInAway
    return told
