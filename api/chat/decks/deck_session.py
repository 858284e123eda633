"""What decks on two devices share in this process: the handles of devices, the code's hashes, and who has joined."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Self

from fastapi import Depends

from api.chat.chat_token import EndedVisits
from api.chat.decks.deck_code_rate_limit import MOST, WITHIN, Guesses
from api.records.decks import MOST_LIVE, DeckOver
from api.web.ciphers import BrokenCipherText, Cipher, Hashes
from api.web.handed import from_door
from api.web.rate_limit import OriginLimit, RateLimit
from api.web.settings import Settings

# So many fill a few megabytes; of more, the oldest are forgotten, and their pages only say less.
_MOST_JOINED = 10_000
# Faster than anybody reads, slower than a program writes.
_TURNS_AT_ONCE, _TURNS_A_SECOND = 20, 3


@dataclass(frozen=True)
class Device:
    """One device of a deck: which deck, and the visit with which its pages end. Only the first one holds the code."""

    ref: str
    visit: str
    code: str = ""


class Joined:
    """Which decks more than one device was seen on, by this process, in its memory alone."""

    def __init__(self, most: int = _MOST_JOINED) -> None:
        self._most = most
        self._seen: dict[str, set[str]] = {}

    def see(self, device: Device) -> bool:
        """A device opens the deck; True when it is a new one beside others."""
        seen = self._seen.pop(device.ref, set())
        new = bool(seen) and device.visit not in seen
        self._seen[device.ref] = seen | {device.visit}
        if len(self._seen) > self._most:
            del self._seen[next(iter(self._seen))]
        return new

    def beside(self, device: Device) -> bool:
        """True when another device was seen on this deck."""
        return bool(self._seen.get(device.ref, set()) - {device.visit})

    def forget(self, ref: str) -> None:
        """The deck has ended."""
        self._seen.pop(ref, None)


@dataclass(frozen=True)
class Together:
    """Seals handles, hashes codes, slows guessers. `starts` counts how many decks an origin began lately.

    `most_live` is how many decks there may be at once.
    """

    cipher: Cipher
    hashes: Hashes
    guesses: Guesses = field(default_factory=Guesses)
    starts: OriginLimit = field(default_factory=lambda: OriginLimit(MOST, WITHIN))
    turns: RateLimit = field(default_factory=lambda: RateLimit(_TURNS_AT_ONCE, _TURNS_A_SECOND))
    joined: Joined = field(default_factory=Joined)
    most_live: int = MOST_LIVE

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As these settings seal and hash."""
        return cls(Cipher.of(settings, "page of a deck"), Hashes.of_settings(settings, "code of a deck"))

    def write(self, device: Device) -> str:
        """The handle that a device's pages hold. Whoever reads it in an address learns nothing."""
        return self.cipher.close(json.dumps([device.ref, device.visit, device.code], separators=(",", ":"))).rstrip("=")

    def read(self, here: str, visits: EndedVisits) -> Device:
        """The device of a handle. Raises DeckOver for one that is altered, not ours, or of a visit that ended."""
        try:
            device = Device(*_texts(json.loads(self.cipher.open(here + "=" * (-len(here) % 4)))))
        except (BrokenCipherText, ValueError, TypeError) as error:
            raise DeckOver from error
        if visits.ended(device.visit):
            raise DeckOver
        return device


def _texts(parts: Iterable[object]) -> tuple[str, str, str]:
    ref, visit, code = (str(part) for part in parts)
    return ref, visit, code


InTogether = Annotated[Together, Depends(from_door(Together))]
