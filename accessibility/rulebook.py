"""Reads rules.yml: the limits by level and the word lists that the reading rules use."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from accessibility.finding import LEVELS, Finding, Level, Severity

RULES = Path(__file__).with_name("rules.yml")


@dataclass(frozen=True)
class Limit:
    """One rule's number, its figure at each level, and whether breaking it blocks."""

    rule: int
    figures: Mapping[Level, float]
    severity: Mapping[Level, Severity]

    def finding(self, level: Level, text: str, problem: str, suggestion: str) -> Finding:
        """A Finding of this rule with the severity it has at that level."""
        return Finding(self.rule, self.severity[level], text, problem, suggestion)


@dataclass(frozen=True)
class Rulebook:
    """All limits by name, plain word sets by name, and phrase lists (phrase to kinder wording) by name."""

    limits: Mapping[str, Limit]
    words: Mapping[str, frozenset[str]]
    phrases: Mapping[str, Mapping[str, str]]


def _limit(raw: Mapping[str, Any]) -> Limit:
    severity: dict[Level, Severity] = {
        level: "error" if mark == "E" else "warning" for level, mark in zip(LEVELS, raw["severity"], strict=True)
    }
    return Limit(raw["rule"], dict(zip(LEVELS, map(float, raw["figures"]), strict=True)), severity)


@lru_cache(maxsize=1)
def rulebook() -> Rulebook:
    """The rulebook of this release, read once."""
    raw = yaml.safe_load(RULES.read_text("utf-8"))
    limits = {name: _limit(value) for name, value in raw.pop("limits").items()}
    words = {name: frozenset(map(str, value)) for name, value in raw.items() if isinstance(value, list)}
    phrases = {name: value for name, value in raw.items() if isinstance(value, dict)}
    return Rulebook(limits, words, phrases)
