"""The token of a handover: what a child's page holds of it, sealed, and good for as long as that page is open."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from api.web.ciphers import BrokenCipherText, Cipher

LIVES = timedelta(minutes=30)
"""How long a handle is good. Every page and every answer carries a new one; later the three words are asked for."""


class StaleHandoverToken(Exception):
    """Too old, altered or not ours. The three words lead back; help stays on the page."""


@dataclass(frozen=True)
class HandoverToken:
    """Which handover, and the secret of the page that may have it. `age` is how long ago it was written."""

    ref: str
    secret: str
    age: timedelta = field(default=timedelta(), compare=False)


class HandoverTokens:
    """Seals handles. Somebody who reads one in an address learns nothing, and can use it for LIVES at most."""

    def __init__(self, cipher: Cipher) -> None:
        self._seal = cipher

    def write(self, handle: HandoverToken, now: datetime) -> str:
        """A handle for a page that is rendered now."""
        parts = [handle.ref, handle.secret, int(now.timestamp())]
        return self._seal.close(json.dumps(parts, separators=(",", ":"))).rstrip("=")

    def read(self, written: str, now: datetime) -> HandoverToken:
        """The handle that a page sends back. Raises StaleHandoverToken."""
        handle = self.of_any_age(written, now)
        if handle.age > LIVES:
            raise StaleHandoverToken
        return handle

    def of_any_age(self, written: str, now: datetime) -> HandoverToken:
        """A handle however old, for what must be known of its handover in any case. Raises StaleHandoverToken."""
        try:
            ref, secret, at = json.loads(self._seal.open(written + "=" * (-len(written) % 4)))
        except (BrokenCipherText, ValueError, TypeError) as error:
            raise StaleHandoverToken from error
        # A clock that was put back makes none of them older.
        return HandoverToken(ref, secret, timedelta(seconds=max(0.0, now.timestamp() - at)))
