"""A Pack: all that the children of one force may see today, in one language. In memory: reading waits for nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from content.built_in_help import KEYS, built_in
from content.card import HOUSE_KEYS
from content.given_way import with_checked_help
from content.helpline_checks import HelplineChecks, helpline_checks
from content.language import LANGUAGES, Language
from content.signoff import NATIONAL, SignOff, Withdrawn

_DOOR = tuple(key for key in HOUSE_KEYS if not key.startswith("alarm-"))
"""The cards without which a door stays shut. An alarm card is none of them: help is built in for it."""


@dataclass(frozen=True)
class _Day:
    """What a Pack shows on one day: the words that are signed, and with them the help that is built in."""

    on: date
    signed: Mapping[str, SignOff]
    live: Mapping[str, SignOff]


class Pack:
    """The newest signed words of each card: the force's own where it has signed, else the national ones.

    `translated` holds, by card, signed words of the same layer in the language of this Pack. Each is shown in the
    place of its English while both are in date, and past that only where the English is past it too and stays.
    `withdrawn` holds what is hidden until it is signed again. `checks` knows when each helpline was checked.
    """

    def __init__(
        self,
        national: Mapping[str, SignOff],
        own: Mapping[str, SignOff],
        translated: Mapping[str, SignOff] | None = None,
        withdrawn: Mapping[str, Withdrawn] | None = None,
        checks: HelplineChecks | None = None,
    ) -> None:
        self._cards = {**national, **own}
        self._own = own
        self._translated = translated or {}
        self._withdrawn = withdrawn or {}
        self._checks = checks or helpline_checks()
        self._day: _Day | None = None

    def joined(self, today: date) -> bool:
        """True when the force has live signed words of its own."""
        return any(signed.live(today) for key, signed in self._own.items() if key not in self._withdrawn)

    def open(self, today: date) -> bool:
        """True when every house card but those of the alarm was signed and is not withdrawn; else the door stays shut.

        A review date shuts no door.
        """
        signed = self._on(today).signed
        return all(key in signed for key in _DOOR)

    def card(self, key: str, today: date) -> SignOff | None:
        """What children are shown of a card; None when it is unknown, unsigned, withdrawn or past its review date.

        Cards that stay are shown past their date, and help that is built in where those about danger have no good
        signature.
        """
        return self._on(today).live.get(key) or built_in(key)

    def _on(self, today: date) -> _Day:
        """What is shown today, made once a day: a Pack never changes, and each message asks for many of its cards."""
        if self._day is None or self._day.on != today:
            signed = {key: shown for key in self._cards if (shown := self._signed(key, today))}
            keys = dict.fromkeys((*self._cards, *sorted(KEYS))) if self._cards else ()
            live = {key: shown for key in keys if (shown := signed.get(key) or built_in(key))}
            self._day = _Day(today, signed, live)
        return self._day

    def _signed(self, key: str, today: date) -> SignOff | None:
        signed = self._cards.get(key)
        if signed is None or key in self._withdrawn or not signed.shown(today):
            return None
        translated = self._translated.get(key)
        in_place = translated and (translated.live(today) or (signed.overdue(today) and translated.shown(today)))
        if translated and in_place and with_checked_help(translated, today, self._checks) is translated:
            return translated
        # Help is built in in English, and one answer is in one language.
        return with_checked_help(signed, today, self._checks)

    def overdue(self, key: str, today: date) -> bool:
        """True for a card that was signed but has passed its review date."""
        signed = self._cards.get(key)
        return signed is not None and signed.overdue(today)

    def withdrawn(self, key: str) -> Withdrawn | None:
        """The withdrawal that hides a card now; None for a card that nobody withdrew, or that was signed again."""
        return self._withdrawn.get(key)

    def being_checked(self, key: str, today: date) -> bool:
        """True for a card that children could read once and cannot now: it is withdrawn, or past its date for good."""
        return (key in self._withdrawn or self.overdue(key, today)) and self.card(key, today) is None

    def signed(self) -> Mapping[str, SignOff]:
        """Every card that was ever signed, in date or not, withdrawn or not, by key, in English."""
        return self._cards

    def live(self, today: date) -> Mapping[str, SignOff]:
        """Every card that is shown, by key. An empty Pack, such as one that was not read yet, shows none so."""
        return self._on(today).live

    @cached_property
    def general(self) -> "Pack":
        """The Pack without answers about the law: what is true wherever a young person lives."""
        national = {key: signed for key, signed in self._cards.items() if signed.words.kind not in ("card", "journey")}
        return Pack(national, {}, self._translated, self._withdrawn, self._checks)

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
