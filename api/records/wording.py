"""A layer's words as they are now at the desk: the release's card or the layer's own, filled with its local facts."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from api.records.acts import ActRow, acts_of
from api.records.facts import LocalFact, facts_of, newest
from content.card import Card
from content.card_text import own_wording
from content.review import Progress
from content.signed_words import SignedWords
from content.vetting import Report, Vetting

_KEPT = 2_000
"""How many filled cards are remembered; a filled card is about 20 kB."""


@dataclass(frozen=True)
class Wording:
    """One card in one layer, now. `text` is the layer's own file where it has one; else the release's card stands.

    `names` are those of everyone in its progress.
    """

    layer: str
    card: Card
    words: SignedWords
    text: str | None
    acts: tuple[ActRow, ...]
    progress: Progress
    slots: frozenset[str]
    names: Mapping[int, str]


class Wordings:
    """Works out what a layer's words are now. Holds the release's cards and what filling one gave last time."""

    def __init__(self, cards: Mapping[str, Card], vetting: Vetting) -> None:
        self.cards, self.vetting = cards, vetting
        self._filled: OrderedDict[tuple[object, ...], tuple[Card, SignedWords]] = OrderedDict()
        self._reports: dict[tuple[str, str | None], list[Report]] = {}

    async def of(self, session: AsyncSession, layer: str, keys: Collection[str] | None = None) -> dict[str, Wording]:
        """The words of a layer now, by card; of the named cards only, where some are named.

        A key that this release does not have is left out.
        """
        wanted = [key for key in (keys if keys is not None else self.cards) if key in self.cards]
        one = wanted[0] if len(wanted) == 1 else None
        acts, facts = await acts_of(session, layer, one), await facts_of(session, layer)
        # Filling a hundred cards takes half a second the first time; children are answered meanwhile.
        return await asyncio.to_thread(
            lambda: {key: self._wording(layer, self.cards[key], acts.get(key, []), facts) for key in wanted}
        )

    def reports(self, wording: Wording) -> list[Report]:
        """What the reading rules find in a layer's words as written: a fact that fills a slot may be of any length."""
        known = (wording.card.key, wording.text)
        if known not in self._reports:
            self._reports[known] = self.vetting.vet(wording.card)
        return self._reports[known]

    def broken(self, wording: Wording) -> int:
        """How many findings block these words."""
        return sum(report.blocks for report in self.reports(wording))

    def slots_of(self, card: Card) -> frozenset[str]:
        """The slots that stand in a card."""
        return self.vetting.renderer.slots_in(card)

    def cards_with(self, slot: str, wordings: Mapping[str, Wording]) -> list[str]:
        """The keys of the cards in which a slot stands."""
        return [key for key, wording in wordings.items() if slot in wording.slots]

    def fill(self, card: Card, text: str | None, local: Mapping[str, str]) -> tuple[Card, SignedWords]:
        """A card in a layer's own wording, where it has one, with its facts. Raises BrokenCard where it cannot be."""
        known = (card.key, text, *sorted(local.items()))
        if known not in self._filled:
            own = own_wording(card, text) if text else card
            self._filled[known] = own, self.vetting.renderer.words(own, local)
            while len(self._filled) > _KEPT:
                self._filled.popitem(last=False)
        return self._filled[known]

    def _wording(
        self, layer: str, card: Card, acts: Sequence[ActRow], facts: Mapping[str, Sequence[LocalFact]]
    ) -> Wording:
        text = next((row.text for row in reversed(acts) if row.text is not None), None) or None
        own = own_wording(card, text) if text else card
        slots = self.slots_of(own)
        here = {slot: said for slot, said in facts.items() if slot in slots}
        local = newest(here)
        own, words = self.fill(card, text, local)
        signed = next((row.at for row in reversed(acts) if row.kind == "sign"), None)
        unsigned = [said[-1] for said in here.values() if signed is None or said[-1].at > signed]
        progress = Progress(
            tuple(row.act() for row in acts), words.fingerprint, frozenset(fact.account_id for fact in unsigned)
        )
        names = {fact.account_id: fact.who for fact in unsigned} | {row.account_id: row.who for row in acts}
        return Wording(layer, own, words, text, tuple(acts), progress, slots, names)
