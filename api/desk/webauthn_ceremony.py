"""WebAuthn: what a browser is asked to make or to use a passkey with, and whether what comes back proves it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, generate_challenge
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from api.records.accounts import Account, Passkey
from api.records.credentials import ISSUER
from api.records.passkeys import Challenge, NewPasskey
from api.web.ciphers import SignedToken, StaleSignedToken
from api.web.settings import Settings

LASTS = timedelta(minutes=5)
"""How long somebody has for it: a browser asks for a finger, a face or a PIN."""
_DEFAULT_PORTS = {"https": 443, "http": 80}
# What may come out of reading something that somebody made up.
_BROKEN = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError)
Purpose = Literal["sign in", "add"]


class NotProved(Exception):
    """What came back does not prove that somebody has this passkey, here and now."""


@dataclass(frozen=True)
class CeremonyOptions:
    """What a browser is asked for: options for its script, and a signed token that it sends back with the answer."""

    options: Any
    slip: str


@dataclass(frozen=True)
class Ceremony:
    """Makes and judges passkeys for one site: those made for its name, used on its own pages, by somebody verified."""

    host: str
    origin: str
    slips: SignedToken

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The ceremony of KNOW_PUBLIC_URL; None where browsers make no passkeys for it."""
        if settings.passkey_host is None:
            return None
        slips = SignedToken(settings.secret.get_secret_value(), "challenge for a passkey", LASTS)
        return cls(settings.passkey_host, origin_of(settings.public_url), slips)

    def ask_to_sign_in(self, now: datetime) -> CeremonyOptions:
        """Asks for any passkey of this site: nobody types an e-mail, so nobody learns who has an account."""
        challenge = generate_challenge()
        options = generate_authentication_options(
            rp_id=self.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
        )
        slip = self._slip("sign in", challenge, now)
        return CeremonyOptions(json.loads(options_to_json(options)), slip)

    def ask_to_add(self, account: Account, handle: str, has: Iterable[Passkey], now: datetime) -> CeremonyOptions:
        """Asks a browser to make a passkey for somebody, on a device that has none of theirs."""
        challenge = generate_challenge()
        options = generate_registration_options(
            rp_id=self.host,
            rp_name=ISSUER,
            user_id=base64url_to_bytes(handle),
            user_name=account.email,
            user_display_name=account.name,
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(one.credential)) for one in has],
        )
        slip = self._slip("add", challenge, now, account=str(account.id), handle=handle)
        return CeremonyOptions(json.loads(options_to_json(options)), slip)

    def added(self, slip: str, answer: str, account: Account, now: datetime) -> tuple[NewPasskey, str, Challenge]:
        """The passkey that a browser made for this account, its handle, and the challenge. Raises NotProved."""
        says = self._read(slip, "add", now)
        if says["account"] != str(account.id):
            raise NotProved
        try:
            made = verify_registration_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(says["challenge"]),
                expected_rp_id=self.host,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except _BROKEN as error:
            raise NotProved from error
        new = NewPasskey(
            bytes_to_base64url(made.credential_id), bytes_to_base64url(made.credential_public_key), made.sign_count
        )
        return new, says["handle"], self._challenge(says, now)

    def used(self, slip: str, answer: str, passkey: Passkey, now: datetime) -> tuple[int, Challenge]:
        """How often the passkey says that it was used, and the challenge that it answered. Raises NotProved."""
        says = self._read(slip, "sign in", now)
        try:
            proved = verify_authentication_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(says["challenge"]),
                expected_rp_id=self.host,
                expected_origin=self.origin,
                credential_public_key=base64url_to_bytes(passkey.public_key),
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except _BROKEN as error:
            raise NotProved from error
        if _handle_in(answer) not in (None, passkey.handle):
            raise NotProved
        return proved.new_sign_count, self._challenge(says, now)

    def _slip(self, purpose: Purpose, challenge: bytes, now: datetime, **others: str) -> str:
        return self.slips.write({"for": purpose, "challenge": bytes_to_base64url(challenge), **others}, now)

    def _read(self, slip: str, purpose: Purpose, now: datetime) -> dict[str, str]:
        try:
            says = self.slips.read(slip, now)
        except StaleSignedToken as stale:
            raise NotProved from stale
        if says["for"] != purpose:
            raise NotProved
        return says

    def _challenge(self, says: dict[str, str], now: datetime) -> Challenge:
        # It was asked for before now, so that it counts no longer than this.
        return Challenge(says["challenge"], now + LASTS)


def origin_of(url: str) -> str:
    """A site as a browser names it: without the port that goes without saying."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def credential_in(answer: str) -> str:
    """Which credential an answer says it is from. Raises NotProved for no answer at all."""
    try:
        named = json.loads(answer)["id"]
    except _BROKEN as error:
        raise NotProved from error
    if not isinstance(named, str) or not named.isascii() or not named.isprintable():
        raise NotProved
    return named


def _handle_in(answer: str) -> str | None:
    handle = json.loads(answer)["response"].get("userHandle")
    return str(handle).rstrip("=") if handle else None
