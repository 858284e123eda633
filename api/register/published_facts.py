"""What a force has told us: the local facts that stand in words its own people signed, and nothing unsigned."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from api.records.ledger_history import LedgerHistory
from content.pack import Pack
from content.signoff import SignOff

Said = Mapping[str, Collection[str]]
"""Every value that a force ever gave each slot, signed or not."""
# "31" and "yes" stand in many answers by chance; a shorter value counts only in a card that has a place for it.
_TELLING = 12
_NOTHING: Said = {}


@dataclass(frozen=True)
class _Looked:
    """What was found last time, and what it was found in."""

    pack: Pack
    national: Pack
    past: LedgerHistory
    today: date
    found: frozenset[str]

    def same(self, pack: Pack, national: Pack, past: LedgerHistory, today: date) -> bool:
        """True when there is nothing new to look through."""
        as_before = self.pack is pack and self.national is national and self.past is past
        return as_before and self.today == today


class PublishedFacts:
    """Works out what forces have told us. `places` are the cards that have a place for each slot."""

    def __init__(self, places: Mapping[str, Collection[str]]) -> None:
        self._places = places
        self._looked: dict[str, _Looked] = {}
        # Most cards are the same from one signature to the next, so their texts are made once.
        self._texts: dict[tuple[str, str], tuple[SignOff, SignOff | None, str]] = {}

    @property
    def slots(self) -> Collection[str]:
        """Every slot, told or not."""
        return self._places.keys()

    def of(self, force: str, pack: Pack, national: Pack, past: LedgerHistory, today: date) -> frozenset[str]:
        """The slots that a force has told us. The same words on the same day are looked through once."""
        before = self._looked.get(force)
        if before and before.same(pack, national, past, today):
            return before.found
        said = past.said.get(force, _NOTHING)
        found = frozenset(self._told(said, force, pack, national, today)) if said else frozenset[str]()
        self._looked[force] = _Looked(pack, national, past, today, found)
        return found

    def _told(self, said: Said, force: str, pack: Pack, national: Pack, today: date) -> Iterator[str]:
        texts = {
            key: self._own_text(signed, national.signed().get(key))
            for key, signed in pack.live(today).items()
            if signed.layer == force and signed.live(today)
        }
        everything = "\n".join(texts.values())
        for slot in self.slots:
            here = "\n".join(texts[card] for card in self._places[slot] if card in texts)
            if any(stands(value, everything if len(value) >= _TELLING else here) for value in said.get(slot, ())):
                yield slot

    def _own_text(self, own: SignOff, national: SignOff | None) -> str:
        """The bubbles and ways to send of a force's card that the national one does not have: they are the force's."""
        known = self._texts.get((own.layer, own.card))
        if known is None or known[0] is not own or known[1] is not national:
            everywhere = set(_bubbles(national)) if national else set[str]()
            known = own, national, "\n".join(bubble for bubble in _bubbles(own) if bubble not in everywhere)
            self._texts[own.layer, own.card] = known
        return known[2]


def stands(value: str, text: str) -> bool:
    """True when a value stands in a text, and not as a part of a longer word or number."""
    at = text.find(value)
    while at >= 0:
        end = at + len(value)
        if not (_is_word(text[at - 1 : at]) or _is_word(text[end : end + 1])):
            return True
        at = text.find(value, at + 1)
    return False


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _bubbles(signed: SignOff) -> Iterator[str]:
    for version in signed.words.levels.values():
        for bubble in version.bubbles:
            yield " ".join(bubble.text.split())
    # How a letter gets to its office is told in signed words too.
    yield from signed.words.letter.send if signed.words.letter else ()
