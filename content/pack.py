"""A Pack: all that the children of one force may see today, in one language. In memory: reading waits for nothing."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from content.card import HOUSE_KEYS
from content.language import LANGUAGES, Language
from content.signoff import NATIONAL, SignOff, Withdrawn


class Pack:
    """The newest signed words of each card: the force's own where it has signed, else the national ones.

    `translated` holds, by card, signed words of the same layer in the language of this Pack. Each is shown while it
    and its English are both in date; otherwise the English is. `withdrawn` holds what is hidden until it is signed
    again.
    """

    def __init__(
        self,
        national: Mapping[str, SignOff],
        own: Mapping[str, SignOff],
        translated: Mapping[str, SignOff] | None = None,
        withdrawn: Mapping[str, Withdrawn] | None = None,
    ) -> None:
        self._cards = {**national, **own}
        self._own = own
        self._translated = translated or {}
        self._withdrawn = withdrawn or {}
        self._open_on: date | None = None

    def joined(self, today: date) -> bool:
        """True when the force has live signed words of its own."""
        return any(signed.live(today) for key, signed in self._own.items() if key not in self._withdrawn)

    def open(self, today: date) -> bool:
        """True when every house card is signed and in date; otherwise the door stays shut."""
        if self._open_on != today and all(self.card(key, today) for key in HOUSE_KEYS):
            self._open_on = today
        return self._open_on == today

    def card(self, key: str, today: date) -> SignOff | None:
        """A card's live SignOff, or None when it is unknown, unsigned, withdrawn or past its review date."""
        signed = self._cards.get(key)
        if signed is None or key in self._withdrawn or not signed.live(today):
            return None
        translated = self._translated.get(key)
        return translated if translated and translated.live(today) else signed

    def overdue(self, key: str, today: date) -> bool:
        """True for a card that was signed but has passed its review date."""
        signed = self._cards.get(key)
        return signed is not None and signed.review_by < today

    def withdrawn(self, key: str) -> Withdrawn | None:
        """The withdrawal that hides a card now; None for a card that nobody withdrew, or that was signed again."""
        return self._withdrawn.get(key)

    def being_checked(self, key: str, today: date) -> bool:
        """True for a card that children could read once and cannot now: it is withdrawn or past its review date."""
        return key in self._withdrawn or self.overdue(key, today)

    def signed(self) -> Mapping[str, SignOff]:
        """Every card that was ever signed, in date or not, withdrawn or not, by key, in English."""
        return self._cards

    def live(self, today: date) -> dict[str, SignOff]:
        """Every card in date and not withdrawn, by key."""
        live = {key: signed for key, signed in self._cards.items() if key not in self._withdrawn and signed.live(today)}
        return live | {key: words for key, words in self._translated.items() if key in live and words.live(today)}

    def general(self) -> "Pack":
        """The Pack without answers about the law: what is true wherever a young person lives."""
        national = {key: signed for key, signed in self._cards.items() if signed.words.kind not in ("card", "journey")}
        return Pack(national, {}, self._translated, self._withdrawn)

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
    """The Pack of every force in every language, built from what happened to words in the order it happened."""

    def __init__(self, happened: Iterable[SignOff | Withdrawn] = ()) -> None:
        self._layers: dict[tuple[str, Language], dict[str, SignOff]] = {}
        self._withdrawn: dict[str, dict[str, Withdrawn]] = {}
        for event in happened:
            if isinstance(event, Withdrawn):
                self._withdrawn.setdefault(event.layer, {})[event.card] = event
            else:
                self._sign(event)
        forces = {layer for layer, _ in self._layers} | set(self._withdrawn)
        self._packs = {
            (force, language): self._pack(force, language) for force in forces - {NATIONAL} for language in LANGUAGES
        }
        self._national = {language: self._pack(NATIONAL, language) for language in LANGUAGES}

    def of(self, force: str | None, language: Language = "en") -> Pack:
        """The Pack of a force; the national one for a force that has signed nothing, or for no force."""
        return self._packs.get((force, language), self._national[language]) if force else self._national[language]

    def _sign(self, signed: SignOff) -> None:
        self._layers.setdefault((signed.layer, signed.words.language), {})[signed.card] = signed
        # A translation goes with its English, so signing one never brings withdrawn English back.
        if signed.words.language == "en":
            self._withdrawn.get(signed.layer, {}).pop(signed.card, None)

    def _pack(self, layer: str, language: Language) -> Pack:
        national = self._layers.get((NATIONAL, "en"), {})
        own = self._layers.get((layer, "en"), {}) if layer != NATIONAL else {}
        # A force that has signed its own words shows none of the national ones, so theirs alone can be withdrawn.
        elsewhere = {key: found for key, found in self._withdrawn.get(NATIONAL, {}).items() if key not in own}
        withdrawn = elsewhere | self._withdrawn.get(layer, {})
        return Pack(national, own, dict(self._translated({**national, **own}, language)), withdrawn)

    def _translated(self, shown: Mapping[str, SignOff], language: Language) -> Iterator[tuple[str, SignOff]]:
        """The newest signed words in a language that translate exactly the English on show, word for word."""
        for key, english in shown.items():
            found = self._layers.get((english.layer, language), {}).get(key)
            if found and found.words.of == english.words.fingerprint:
                yield key, found
