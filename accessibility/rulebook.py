"""Reads rules.yml: the limits by level and the word lists that the reading rules use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from accessibility.rule_finding import LEVELS, Finding, Level, Severity
from accessibility.yaml_text import read_yaml

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


class Phrases(dict[str, str]):
    """A list of phrases, each with a kinder wording."""

    @cached_property
    def _each(self) -> Mapping[str, re.Pattern[str]]:
        return {phrase: re.compile(rf"\b{re.escape(phrase)}\b", re.I) for phrase in self}

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{'|'.join(map(re.escape, self))})\b", re.I)

    def said(self, text: str) -> list[str]:
        """The phrases that stand in a text in whole words, in the order of the list."""
        if not self._any.search(text):
            return []
        return [phrase for phrase, pattern in self._each.items() if pattern.search(text)]


@dataclass(frozen=True)
class Rulebook:
    """All limits by name, plain word sets by name, phrase lists by name, and the rules that never stop a signature."""

    limits: Mapping[str, Limit]
    words: Mapping[str, frozenset[str]]
    phrases: Mapping[str, Phrases]
    advice_only: frozenset[int]


def _limit(raw: Mapping[str, Any]) -> Limit:
    severity: dict[Level, Severity] = {
        level: "error" if mark == "E" else "warning" for level, mark in zip(LEVELS, raw["severity"], strict=True)
    }
    return Limit(raw["rule"], dict(zip(LEVELS, map(float, raw["figures"]), strict=True)), severity)


@lru_cache(maxsize=1)
def rulebook() -> Rulebook:
    """The rulebook of this release, read once."""
    raw = read_yaml(RULES.read_text("utf-8"))
    limits = {name: _limit(value) for name, value in raw.pop("limits").items()}
    advice_only = frozenset(map(int, raw.pop("advice_only")))
    words = {name: frozenset(map(str, value)) for name, value in raw.items() if isinstance(value, list)}
    phrases = {name: Phrases(value) for name, value in raw.items() if isinstance(value, dict)}
    return Rulebook(limits, words, phrases, advice_only)
