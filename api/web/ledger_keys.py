"""The keys of the ledger: they mark its rows and sign its heads, and no database holds them."""

import hashlib
import hmac
import json
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from api.web.ciphers import derived_key
from api.web.settings import Settings

_ROWS, _HEADS = "rows of the ledger", "heads of the ledger"
_NAME_DIGITS = 8


class LedgerKeys:
    """Marks what only this installation can have written. The newest key marks and signs; every key is believed.

    A mark is the name of its key, a colon and HMAC-SHA256 in hex, so that one key is tried and not all. `secrets`
    come newest first.
    """

    def __init__(self, secrets: tuple[str, ...]) -> None:
        keys = [derived_key(secret, _ROWS) for secret in secrets]
        self._by_name = {hashlib.sha256(key).hexdigest()[:_NAME_DIGITS]: key for key in keys}
        self._newest = next(iter(self._by_name))
        self._signers = [Ed25519PrivateKey.from_private_bytes(derived_key(secret, _HEADS)) for secret in secrets]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The keys that these settings name."""
        return cls(settings.marking_keys)

    def mark(self, *parts: str) -> str:
        """The mark of these parts, by the newest key: 73 characters."""
        return self._mark(self._newest, parts)

    def marked(self, mark: str | None, *parts: str) -> bool:
        """True when this is the mark of these very parts, by any of the keys."""
        name = (mark or "")[:_NAME_DIGITS]
        return name in self._by_name and hmac.compare_digest(self._mark(name, parts).encode(), (mark or "").encode())

    def is_old(self, mark: str | None) -> bool:
        """True when this mark was not made with the newest key."""
        return (mark or "")[:_NAME_DIGITS] != self._newest

    def knows(self, mark: str | None) -> bool:
        """True when this mark names one of these keys, right or not."""
        return (mark or "")[:_NAME_DIGITS] in self._by_name

    def sign(self, text: str) -> str:
        """The Ed25519 signature of a text, by the newest key, as hex."""
        return self._signers[0].sign(text.encode()).hex()

    @property
    def public_keys(self) -> list[str]:
        """What anybody can check signatures with, as hex; the newest first."""
        return [signer.public_key().public_bytes_raw().hex() for signer in self._signers]

    def _mark(self, name: str, parts: tuple[str, ...]) -> str:
        # As JSON, so that no two lists of parts read the same.
        said = json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return f"{name}:{hmac.digest(self._by_name[name], said, 'sha256').hex()}"


def signed_by(public_key: str, signature: str, text: str) -> bool:
    """True when this is the signature of a text by the key of that name. All but the text as hex."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
