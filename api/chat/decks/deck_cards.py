"""The cards of a deck as an address names them: in their order, without those that nobody can read now."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from api.chat.chat_door import ChatDoor
from api.records.decks import MOST_CARDS

_KEY = re.compile(r"[a-z][a-z0-9-]{0,59}")
# Nobody ticks more than all cards; an address that names more is not of our making.
_MOST_READ = 300


@dataclass(frozen=True)
class DeckCards:
    """The keys of a deck, in order. `left_out` is how many more were named that are no live cards.

    `too_many` is True when there were more cards than a deck may have.
    """

    keys: tuple[str, ...]
    left_out: int = 0
    too_many: bool = False

    @property
    def cards(self) -> str:
        """The keys as an address has them."""
        return ",".join(self.keys)

    def without(self, key: str) -> str:
        """The keys as an address has them, this one left out."""
        return ",".join(one for one in self.keys if one != key)

    def moved(self, key: str, by: int) -> str:
        """The keys as an address has them, this one so many places further down."""
        keys, at = [one for one in self.keys if one != key], self.keys.index(key) + by
        return ",".join((*keys[: max(at, 0)], key, *keys[max(at, 0) :]))


def named(asked: Iterable[str]) -> list[str]:
    """The keys that stand in an address, each once: "a,b" and "c" are three. Nothing of what cannot be one is read."""
    parts = (part.strip() for one in asked for part in one.split(","))
    return list(dict.fromkeys(part for part in parts if _KEY.fullmatch(part)))[:_MOST_READ]


def chosen(chat_door: ChatDoor, slug: str | None, asked: Iterable[str]) -> DeckCards:
    """The deck that an address names, for the young people of a force. A deck holds answers alone."""
    keys, signed = named(asked), chat_door.pack(slug).live(chat_door.pack_cache.today())
    live = [key for key in keys if key in signed and signed[key].words.kind == "card"]
    return DeckCards(tuple(live[:MOST_CARDS]), len(keys) - len(live), len(live) > MOST_CARDS)
