"""Cards that bear on one point (`touches:`) name each other, and say it alike (rule 46)."""

from collections.abc import Iterator, Mapping

from accessibility.rule_finding import Finding
from content.card import Card

_RULE = 46


def touching(card: Card, cards: Mapping[str, Card]) -> Iterator[Finding]:
    """What is wrong between a card and those that it touches: no such card, one that does not name it, other words."""
    for key in card.touches:
        if key == card.key or key not in cards:
            yield _error(key, f'touches "{key}", which is no other card', "mend the key, or take it out of touches")
        elif card.key not in cards[key].touches:
            problem = f'touches "{key}", which does not name this card'
            yield _error(key, problem, f"write touches: [{card.key}] in {cards[key].path.name} as well")
        else:
            yield from _told_apart(card, cards[key])


def _told_apart(card: Card, other: Card) -> Iterator[Finding]:
    """A fact with the same id in both cards has the same words."""
    theirs = {fact.id: fact for fact in other.said_at_every_level}
    for fact in card.said_at_every_level:
        if fact.id in theirs and theirs[fact.id].text != fact.text:
            yield _error(
                fact.text,
                f'"{fact.id}" is told otherwise in {other.key}: {theirs[fact.id].text!r}',
                "write the same fact in both cards, or give one of them another id",
            )


def _error(text: str, problem: str, suggestion: str) -> Finding:
    return Finding(_RULE, "error", text, problem, suggestion)
