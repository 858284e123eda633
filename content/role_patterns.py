"""What a message says of the child's part in it: suspected, hurt, a witness ... Patterns alone; nothing is kept."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from accessibility.yaml_text import read_yaml
from content.card import Reader
from content.follow_up import TALK, bare

ROLES = TALK / "roles.yml"
_STANDS_FOR = {"(they)": "(?:police|the police|officers|they|feds|cops)", "(we)": "(?:i|we)"}
# A pattern looks at what is near; beyond this a text is a story, whose beginning says who tells it.
_LONGEST = 1_000


class RolePatterns:
    """The patterns, read once. Raises KeyError, ValueError or re.error when the file is broken."""

    def __init__(self, path: Path = ROLES) -> None:
        read: Mapping[str, Any] = read_yaml(path.read_text("utf-8"))
        unknown = sorted(set(read["role"]) - set(get_args(Reader)))
        if unknown:
            raise ValueError(f"roles.yml: {', '.join(unknown)} is none of {', '.join(get_args(Reader))}")
        self._roles: Mapping[Reader, re.Pattern[str]] = {name: _any_of(lines) for name, lines in read["role"].items()}
        self._others = _any_of(read["others"])

    def hear(self, text: str) -> Reader | None:
        """The part that the message says the child has, by the first of them that matches; None where it says none."""
        words = self._others.sub(" ", bare(text[:_LONGEST]))
        return next((name for name, pattern in self._roles.items() if pattern.search(words)), None)


def _any_of(lines: Sequence[str]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{line})" for line in lines)
    for sign, words in _STANDS_FOR.items():
        joined = joined.replace(sign, words)
    return re.compile(rf"\b(?:{joined})\b")
