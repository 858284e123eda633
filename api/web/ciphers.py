"""What only this installation can read or write: secrets sealed at rest, hashes to look up by, and signed tokens."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import datetime, timedelta
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadData, URLSafeSerializer

from api.web.settings import Settings

_KEY_BYTES = 32


class BrokenCipherText(Exception):
    """This was not sealed here, was altered, or was sealed with a key that is no longer among the settings."""


class StaleSignedToken(Exception):
    """This token is too old, was altered, or is not ours."""


class Cipher:
    """Seals what must not be read with keys that the database does not hold, so that the database alone says nothing.

    The newest key closes and every key opens, so that keys change while people talk. `secrets` come newest first;
    `purpose` keeps keys apart: what was sealed for one purpose cannot be opened for another.
    """

    def __init__(self, secrets: str | tuple[str, ...], purpose: str) -> None:
        secrets = (secrets,) if isinstance(secrets, str) else secrets
        self._alone = [_box(derived_key(secret, purpose)) for secret in secrets]
        self._halves = [derived_key(secret, f"{purpose}, with another key") for secret in secrets]
        self._use(self._alone)

    def _use(self, boxes: Sequence[Fernet]) -> None:
        self._newest, self._any = boxes[0], MultiFernet(boxes)

    @classmethod
    def of(cls, settings: Settings, purpose: str) -> Self:
        """The seal for a purpose that these settings make."""
        return cls(settings.keys, purpose)

    def with_keys(self, others: Sequence[bytes]) -> "Cipher":
        """A seal that needs one of these keys too, 32 random bytes each: with either half alone nothing opens.

        The first of them closes. What this seal closed alone opens as before. With no other key it is this seal.
        """
        if not others:
            return self
        both = copy(self)
        keys = (hmac.digest(half, other, "sha256") for other in others for half in self._halves)
        both._use([*map(_box, keys), *self._alone])
        return both

    def close(self, text: str) -> str:
        """The text, sealed with the newest key: another string each time, 1.4 times as long and 100 characters."""
        return self._newest.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """What was sealed, with whichever key. Raises BrokenCipherText."""
        try:
            text = self._any.decrypt(sealed.encode()).decode()
            # Base64 has several spellings of the same bytes, and only ours is ours.
            if base64.urlsafe_b64encode(base64.urlsafe_b64decode(sealed)).decode() != sealed:
                raise BrokenCipherText
        except (InvalidToken, ValueError) as error:
            raise BrokenCipherText from error
        return text

    def is_old(self, sealed: str) -> bool:
        """True when this was not sealed with the newest key; it may be of an older key, or broken."""
        try:
            self._newest.decrypt(sealed.encode())
        except (InvalidToken, ValueError):
            return True
        return False

    def renew(self, sealed: str) -> str:
        """The same, sealed with the newest key. Raises BrokenCipherText when no key opens it."""
        return self.close(self.open(sealed))


class Hashes:
    """Hashes of secrets, to look them up by without keeping them: as hex, and useless to whoever has no key.

    Short secrets, such as three words, could else be guessed from their hashes. `secrets` come newest first, and
    `purpose` keeps keys apart, as in a Seal. A hash cannot be made again with a newer key: what was kept by an older
    one is found only while that key is among the settings.
    """

    def __init__(self, secrets: tuple[str, ...], purpose: str) -> None:
        self._keys = [derived_key(secret, f"{purpose}, hashed") for secret in secrets]

    @classmethod
    def of_settings(cls, settings: Settings, purpose: str) -> Self:
        """The hashes for a purpose that these settings make."""
        return cls(settings.keys, purpose)

    def of(self, text: str) -> str:
        """The hash to keep: HMAC-SHA256 by the newest key, 64 hex digits."""
        return self.all_of(text)[0]

    def all_of(self, text: str) -> list[str]:
        """Every hash that this may have been kept by, the newest key's first."""
        return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in self._keys]


def _box(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key))


def derived_key(secret: str, purpose: str) -> bytes:
    """32 bytes for one purpose: whoever knows them knows neither the secret nor the key of another purpose."""
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose.encode()).derive(secret.encode())


class SignedToken:
    """Signed notes that a browser holds and hands back. Whoever holds one can read it, and nobody can change it."""

    def __init__(self, secret: str, purpose: str, lasts: timedelta) -> None:
        self._signed = URLSafeSerializer(secret, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256})
        self._lasts = lasts

    def write(self, says: Mapping[str, str], now: datetime) -> str:
        """A token that says this, good until `lasts` from now."""
        return str(self._signed.dumps({"at": now.timestamp(), "says": dict(says)}))

    def read(self, slip: str, now: datetime) -> dict[str, str]:
        """What a token says. Raises StaleSignedToken."""
        try:
            held = self._signed.loads(slip)
        except BadData as error:
            raise StaleSignedToken from error
        if now.timestamp() - held["at"] > self._lasts.total_seconds():
            raise StaleSignedToken
        return dict(held["says"])
