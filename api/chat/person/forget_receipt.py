"""The receipt of forgetting: what went and what stays, sealed in the address of the page that says so."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Self

from api.web.ciphers import BrokenCipherText, Cipher
from api.web.settings import Settings

LIVES = timedelta(hours=1)
"""How long an address shows a receipt. Whoever opens it later learns only that words were deleted."""


@dataclass(frozen=True)
class Receipt:
    """What went: how many messages somebody wrote, and whether a name, a number, a passport and a worker did.

    `concern` is True where a record about the child's safety stays with the provider. `wiped` is False while the key
    of the talk still lies in a file of the database.
    """

    messages: int
    name: bool
    number: bool
    concern: bool
    provider: str
    passport: bool = False
    worker: bool = False
    wiped: bool = True


class Receipts:
    """Seals receipts, so that nobody reads in an address what a child was told."""

    def __init__(self, cipher: Cipher) -> None:
        self._seal = cipher

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of this installation."""
        return cls(Cipher.of(settings, "receipt of forgetting"))

    def write(self, receipt: Receipt, now: datetime) -> str:
        """A receipt for the address of a page."""
        parts = [now.timestamp(), *asdict(receipt).values()]
        return self._seal.close(json.dumps(parts)).rstrip("=")

    def read(self, slip: str, now: datetime) -> Receipt | None:
        """The receipt of an address; None for an old one, and for what is none."""
        try:
            at, *parts = json.loads(self._seal.open(slip + "=" * (-len(slip) % 4)))
            return Receipt(*parts) if now.timestamp() - at <= LIVES.total_seconds() else None
        except (BrokenCipherText, ValueError, TypeError):
            return None
