"""What the reading rules and the must-say facts make of words that are being written, for the editor's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accessibility.rule_finding import LEVELS, Level
from content.card import Card, Fact
from content.signed_words import SignedWords
from content.vetting import Report

_SAID_EVERYWHERE = frozenset({32, 43})
"""The rules about the facts and the safety lines that every level must say."""


@dataclass(frozen=True)
class MustSayFact:
    """A must-say fact or a safety line, and the levels at which the words say it."""

    fact: Fact
    levels: tuple[Level, ...]

    @property
    def everywhere(self) -> bool:
        """True when no level leaves it out."""
        return len(self.levels) == len(LEVELS)


@dataclass(frozen=True)
class CheckedWording:
    """Words as a child would see them, with all that stands in their way. `fault` is why they cannot be used at all."""

    words: SignedWords | None
    reports: tuple[Report, ...]
    facts: tuple[MustSayFact, ...]
    fault: str = ""

    @property
    def blocking(self) -> tuple[Report, ...]:
        """What stops these words from being sent to review."""
        return tuple(report for report in self.reports if report.blocks)

    @property
    def to_read(self) -> tuple[Report, ...]:
        """What was found, without the facts and lines that a level leaves out: `facts` says those in plain words."""
        left_out = {said.fact.id for said in self.facts if not said.everywhere}
        return tuple(
            one for one in self.reports if one.finding.rule not in _SAID_EVERYWHERE or one.finding.text not in left_out
        )

    def of_level(self, level: Level) -> tuple[Report, ...]:
        """What was found at one level."""
        return tuple(report for report in self.to_read if report.level == level)

    @property
    def advised(self) -> Mapping[int, str]:
        """The rules that advise against some of these words, and why the editor keeps them; empty where nobody said."""
        rules = {one.finding.rule for one in self.reports if one.asks_reason}
        return {rule: self.reports[0].card.reasons.get(rule, "") for rule in sorted(rules)}

    @property
    def of_card(self) -> tuple[Report, ...]:
        """What was found in the card as a whole."""
        return tuple(report for report in self.to_read if not report.level)


def checked(card: Card, words: SignedWords, reports: Sequence[Report]) -> CheckedWording:
    """The state of words that can be read."""
    said = tuple(
        MustSayFact(fact, tuple(level for level in LEVELS if _says(card, level, fact)))
        for fact in card.said_at_every_level
    )
    return CheckedWording(words, tuple(reports), said)


def unusable(fault: str) -> CheckedWording:
    """The state of words that cannot be read, and what to mend."""
    return CheckedWording(None, (), (), fault)


def _says(card: Card, level: Level, fact: Fact) -> bool:
    return any(fact.id in bubble.says for bubble in card.version(level).bubbles)
