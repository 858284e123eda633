"""A layer's words as they are now at the desk: the release's card or the layer's own, filled with its local facts."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from accessibility.rule_finding import Finding
from api.records.acts import ActRow, acts_of
from api.records.local_facts import LocalFact, facts_of, newest
from content.card import BrokenCard, Card
from content.review import Progress
from content.signed_words import SignedWords
from content.vetting import Report, Vetting

# The same rule as a slot or a source that is not there: it stops the words, and no reason sets it aside.
_UNUSABLE = 35


@dataclass(frozen=True)
class Wording:
    """One card in one layer, now. `text` is the layer's own file where it has one; else the release's card stands.

    `names` are those of everyone in its progress. `fault` is why the layer's own file cannot be used with this release:
    the release's card then stands here, and is stopped, until somebody has changed the words again.
    """

    layer: str
    card: Card
    words: SignedWords
    text: str | None
    acts: tuple[ActRow, ...]
    progress: Progress
    slots: frozenset[str]
    names: Mapping[int, str]
    fault: str = ""


class Wordings:
    """Works out what a layer's words are now. Holds the release's cards."""

    def __init__(self, cards: Mapping[str, Card], vetting: Vetting) -> None:
        self.cards, self.vetting = cards, vetting

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
        return [*_unusable(wording), *self.vetting.vetted(wording.card)]

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
        return self.vetting.filled(card, text, local)

    def _wording(
        self, layer: str, card: Card, acts: Sequence[ActRow], facts: Mapping[str, Sequence[LocalFact]]
    ) -> Wording:
        text = next((row.text for row in reversed(acts) if row.text is not None), None) or None
        own, fault = self._own(card, text)
        slots = self.slots_of(own)
        here = {slot: said for slot, said in facts.items() if slot in slots}
        _, words = self.fill(card, None if fault else text, newest(here))
        unsigned = list(self._unsigned(card, acts, here))
        names = {fact.account_id: fact.who for fact in unsigned} | {row.account_id: row.who for row in acts}
        setters = frozenset(fact.account_id for fact in unsigned)
        progress = Progress(tuple(row.act() for row in acts), words.fingerprint, setters, names)
        return Wording(layer, own, words, text, tuple(acts), progress, slots, names, fault)

    def _unsigned(
        self, card: Card, acts: Sequence[ActRow], here: Mapping[str, Sequence[LocalFact]]
    ) -> Iterator[LocalFact]:
        """Every time that somebody said what now stands in the words and was in no signature of this card."""
        before = acts[: max((at for at, row in enumerate(acts, 1) if row.kind == "sign"), default=0)]
        text = next((row.text for row in reversed(before) if row.text is not None), None) or None
        # A fact may be older than the signature and yet new here: its slot came into the words afterwards.
        known = self.slots_of(self._own(card, text)[0]) if before else frozenset()
        for slot, said in here.items():
            for fact in said:
                if fact.value == said[-1].value and (slot not in known or fact.at > before[-1].at):
                    yield fact

    def _own(self, card: Card, text: str | None) -> tuple[Card, str]:
        """The card in the layer's own wording; the release's card, and why, where this release cannot use that."""
        try:
            return (self.fill(card, text, {})[0] if text else card), ""
        except BrokenCard as error:
            return card, str(error)


def _unusable(wording: Wording) -> Iterator[Report]:
    if wording.fault:
        mend = "Your words are kept in the history. Write them again, starting from the words shown here."
        yield Report(wording.card, 1, "", Finding(_UNUSABLE, "error", "", wording.fault, mend))
