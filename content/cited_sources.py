"""Sources as the cards cite them: each web address once, with the cards and facts that rest on it, oldest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from content.card import Card, Source


@dataclass(frozen=True)
class Citation:
    """One card's use of a source: the place in it, the facts that rest on it, and the day it was read for this card."""

    card: str
    question: str
    facts: tuple[str, ...]
    source: Source


@dataclass(frozen=True)
class CitedSource:
    """One web address, and every card that rests on it."""

    url: str
    citations: tuple[Citation, ...]

    @property
    def title(self) -> str:
        """The title in the card that comes first."""
        return self.citations[0].source.title

    @property
    def places(self) -> tuple[str, ...]:
        """The places in it that cards name, each once; "" for the whole page."""
        return tuple(sorted({one.source.place for one in self.citations}))

    @property
    def oldest(self) -> date:
        """The day on which it was read for the card that has waited longest."""
        return min(one.source.checked for one in self.citations)

    @property
    def cards(self) -> tuple[str, ...]:
        """The keys of the cards that rest on it, each once, in order."""
        return tuple(sorted({one.card for one in self.citations}))

    def has(self, words: str) -> bool:
        """True where these words are in its title, its address or the key of a card that rests on it."""
        return any(words.casefold() in text.casefold() for text in (self.title, self.url, *self.cards))


def cited_sources(cards: Iterable[Card]) -> list[CitedSource]:
    """Every source of these cards, the one that was read longest ago first."""
    found: dict[str, list[Citation]] = {}
    for card in sorted(cards, key=lambda card: card.key):
        for source in card.sources.values():
            facts = tuple(fact.text for fact in card.said_at_every_level if fact.source == source.id)
            found.setdefault(source.url, []).append(Citation(card.key, card.question, facts, source))
    sources = [CitedSource(url, tuple(citations)) for url, citations in found.items()]
    return sorted(sources, key=lambda one: (one.oldest, one.title.casefold(), one.url))
