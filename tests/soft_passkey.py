"""A passkey made of software for tests without a browser: it can lie about everything that a browser would not."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def written(data: bytes) -> str:
    """As WebAuthn writes bytes down."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def read(text: str) -> bytes:
    """The other way."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SoftPasskey:
    """One passkey; what it says of itself can be changed before each answer."""

    origin: str
    host: str
    flags: int = PRESENT | VERIFIED
    count: int = 0
    steps: int = 1
    handle: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def make(self, options: dict[str, Any], **lies: Any) -> str:
        """What a browser sends that has made this passkey."""
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        about = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(public)
        told = {"fmt": "none", "attStmt": {}, "authData": self._said(WITH_KEY) + about}
        client = self._client("webauthn.create", options, lies)
        response = {"clientDataJSON": written(client), "attestationObject": written(cbor2.dumps(told))}
        return self._answer(response)

    def prove(self, options: dict[str, Any], **lies: Any) -> str:
        """What a browser sends that was asked for this passkey."""
        self.count += self.steps
        said, client = self._said(0), self._client("webauthn.get", options, lies)
        signed = self.key.sign(said + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": written(client), "authenticatorData": written(said), "signature": written(signed)}
        return self._answer({**response, "userHandle": self.handle})

    def _said(self, more: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, Any], lies: dict[str, Any]) -> bytes:
        says = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps({**says, **lies}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        named = written(self.credential)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response})
