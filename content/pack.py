"""A Pack: all that the children of one force may see today. Held in memory, so reading never waits for a database."""

from collections.abc import Iterable, Mapping
from datetime import date

from content.card import HOUSE_KEYS
from content.signoff import NATIONAL, SignOff


class Pack:
    """The newest signed words of each card: the force's own where it has signed, else the national ones."""

    def __init__(self, national: Mapping[str, SignOff], own: Mapping[str, SignOff]) -> None:
        self._cards = {**national, **own}
        self._own = own
        self._open_on: date | None = None

    def joined(self, today: date) -> bool:
        """True when the force has live signed words of its own."""
        return any(signed.live(today) for signed in self._own.values())

    def open(self, today: date) -> bool:
        """True when every house card is signed and in date; otherwise the door stays shut."""
        if self._open_on != today and all(self.card(key, today) for key in HOUSE_KEYS):
            self._open_on = today
        return self._open_on == today

    def card(self, key: str, today: date) -> SignOff | None:
        """A card's live SignOff, or None when it is unknown, unsigned or past its review date."""
        signed = self._cards.get(key)
        return signed if signed and signed.live(today) else None

    def overdue(self, key: str, today: date) -> bool:
        """True for a card that was signed but has passed its review date."""
        signed = self._cards.get(key)
        return signed is not None and signed.review_by < today

    def signed(self) -> Mapping[str, SignOff]:
        """Every card that was ever signed, in date or not, by key."""
        return self._cards

    def live(self, today: date) -> dict[str, SignOff]:
        """Every card in date, by key."""
        return {key: signed for key, signed in self._cards.items() if signed.live(today)}

    def general(self) -> "Pack":
        """The Pack without answers about the law: what is true wherever a young person lives."""
        national = {key: signed for key, signed in self._cards.items() if signed.words.kind != "card"}
        return Pack(national, {})

    def knows(self, about: str) -> bool:
        """True when some card is about this subject."""
        return any(signed.words.about == about for signed in self._cards.values())

    def find(self, about: str, asks: str, today: date) -> str | None:
        """The key of the card on this subject that answers this kind of question."""
        for key, signed in self.live(today).items():
            if signed.words.kind == "card" and (signed.words.about, signed.words.asks) == (about, asks):
                return key
        return None


class Packs:
    """The Pack of every force, built from the ledger's rows in the order they were added."""

    def __init__(self, signoffs: Iterable[SignOff] = ()) -> None:
        self._layers: dict[str, dict[str, SignOff]] = {}
        for signed in signoffs:
            self._layers.setdefault(signed.layer, {})[signed.card] = signed
        national = self._layers.get(NATIONAL, {})
        self._packs = {layer: Pack(national, own) for layer, own in self._layers.items() if layer != NATIONAL}
        self._national = Pack(national, {})

    def of(self, force: str | None) -> Pack:
        """The Pack of a force; the national one for a force that has signed nothing, or for no force."""
        return self._packs.get(force, self._national) if force else self._national
