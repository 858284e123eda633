"""What only this installation can read or write: secrets sealed at rest, and slips that a browser holds for a while."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadData, URLSafeSerializer

_KEY_BYTES = 32


class BrokenSeal(Exception):
    """This was not sealed here, was altered, or was sealed with another KNOW_SECRET."""


class StaleSlip(Exception):
    """This slip is too old, was altered, or is not ours."""


class Seal:
    """Seals short secrets with a key made from KNOW_SECRET, so that the database alone does not give them away.

    `purpose` keeps keys apart: what was sealed for one purpose cannot be opened for another.
    """

    def __init__(self, secret: str, purpose: str) -> None:
        key = HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose.encode()).derive(secret.encode())
        self._box = Fernet(base64.urlsafe_b64encode(key))

    def close(self, text: str) -> str:
        """The text, sealed: another string each time."""
        return self._box.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """What was sealed. Raises BrokenSeal."""
        try:
            return self._box.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise BrokenSeal from error


class Slips:
    """Signed notes that a browser holds and hands back. Whoever holds one can read it, and nobody can change it."""

    def __init__(self, secret: str, purpose: str, lasts: timedelta) -> None:
        self._signed = URLSafeSerializer(secret, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256})
        self._lasts = lasts

    def write(self, says: Mapping[str, str], now: datetime) -> str:
        """A slip that says this, good until `lasts` from now."""
        return str(self._signed.dumps({"at": now.timestamp(), "says": dict(says)}))

    def read(self, slip: str, now: datetime) -> dict[str, str]:
        """What a slip says. Raises StaleSlip."""
        try:
            held = self._signed.loads(slip)
        except BadData as error:
            raise StaleSlip from error
        if now.timestamp() - held["at"] > self._lasts.total_seconds():
            raise StaleSlip
        return dict(held["says"])
