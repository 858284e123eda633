"""Vets a journey: every step in its place, the same steps at every level, and each opening one card."""

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import get_args

from accessibility.rule_finding import LEVELS, Finding
from content.card import Bubble, Card, Step, Version

FEWEST_STEPS, MOST_STEPS = 5, 7
# The words for everybody, and the sentence of the reader's own police.
_MOST_BUBBLES = 2
_ORDER = {step: place for place, step in enumerate(get_args(Step))}
_RULE = 35


def opened(version: Version) -> tuple[tuple[Step | None, str | None], ...]:
    """The steps of a journey in their order, each with the key of the card that says more of it."""
    return tuple(pair for pair, _ in groupby((bubble.step, bubble.opens) for bubble in version.bubbles))


def journey(card: Card) -> Iterator[Finding]:
    """What a journey must have beyond what every card must, and what no other card may have."""
    if card.kind != "journey":
        if any(bubble.step or bubble.opens for version in card.levels.values() for bubble in version.bubbles):
            yield _error("", "a step in a card that is no journey", "take step= and opens= out")
        return
    if len({opened(card.version(level)) for level in LEVELS}) > 1:
        yield _error("", "the levels have other steps, or steps that open other cards", "give all three the same")
    for level in LEVELS:
        yield from _steps(card.version(level), level)


def _steps(version: Version, level: str) -> Iterator[Finding]:
    for bubble in version.bubbles:
        if not (bubble.step and bubble.opens):
            yield _error(bubble.text, f"a bubble at {level} without a step or a card", "write step= and opens=")
    stops = [(step, opens) for step, opens in opened(version) if step]
    places = [_ORDER[step] for step, _ in stops]
    if any(before >= after for before, after in pairwise(places)):
        yield _error("", f"the steps at {level} are twice or out of order", f"order them: {', '.join(_ORDER)}")
    if not FEWEST_STEPS <= len(stops) <= MOST_STEPS:
        yield _error("", f"{len(stops)} steps at {level}", f"write {FEWEST_STEPS} to {MOST_STEPS}")
    if len({opens for _, opens in stops}) < len(stops):
        yield _error("", f"two steps at {level} open the same card", "let each step open its own")
    yield from _crowded(version.bubbles, level)


def _crowded(bubbles: tuple[Bubble, ...], level: str) -> Iterator[Finding]:
    steps = [bubble.step for bubble in bubbles]
    for step in dict.fromkeys(steps):
        if steps.count(step) > _MOST_BUBBLES:
            problem = f'"{step}" has {steps.count(step)} bubbles at {level}; at most {_MOST_BUBBLES}'
            yield _error("", problem, "keep the words for everybody, and one sentence of the police")


def _error(text: str, problem: str, suggestion: str) -> Finding:
    return Finding(_RULE, "error", text, problem, suggestion)
