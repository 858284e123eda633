"""What a message says of the child: their part in it, and how far it has gone. Patterns alone; nothing is kept."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from accessibility.yaml_text import read_yaml
from content.card import Reader
from content.follow_up import TALK, bare

ROLES = TALK / "roles.yml"
_STANDS_FOR = {"(they)": "(?:police|the police|officers|they|feds|cops)", "(we)": "(?:i|we)"}
# A pattern looks at what is near; beyond this a text is a story, whose beginning says who tells it.
_LONGEST = 1_000

CaseOutcome = Literal["no-action", "community-resolution", "caution", "charged", "convicted"]
"""How far a case against the child has gone; none of them while nothing is decided."""


@dataclass(frozen=True)
class RoleAndOutcome:
    """What one message says; None for what it does not say."""

    role: Reader | None = None
    outcome: CaseOutcome | None = None


class RolePatterns:
    """The patterns, read once. Raises KeyError, ValueError or re.error when the file is broken."""

    def __init__(self, path: Path = ROLES) -> None:
        read: Mapping[str, Any] = read_yaml(path.read_text("utf-8"))
        self._roles = _compiled(read["role"], get_args(Reader))
        self._outcomes = _compiled(read["outcome"], get_args(CaseOutcome))
        self._others = _any_of(read["others"])

    def hear(self, text: str) -> RoleAndOutcome:
        """What the message says, by the first of its kinds that matches."""
        words = self._others.sub(" ", bare(text[:_LONGEST]))
        return RoleAndOutcome(_first(self._roles, words), _first(self._outcomes, words))


def _compiled(read: Mapping[str, Sequence[str]], known: Sequence[Any]) -> list[tuple[Any, re.Pattern[str]]]:
    unknown = sorted(set(read) - set(known))
    if unknown:
        raise ValueError(f"roles.yml: {', '.join(unknown)} is none of {', '.join(known)}")
    return [(name, _any_of(lines)) for name, lines in read.items()]


def _any_of(lines: Sequence[str]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{line})" for line in lines)
    for sign, words in _STANDS_FOR.items():
        joined = joined.replace(sign, words)
    return re.compile(rf"\b(?:{joined})\b")


def _first(patterns: Sequence[tuple[Any, re.Pattern[str]]], words: str) -> Any:
    return next((name for name, pattern in patterns if pattern.search(words)), None)
