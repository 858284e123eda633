"""Finds the words of the glossary in a text; the longest phrase wins, so "youth caution" is one of them, not two."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

from accessibility.rule_finding import Glossary


class Terms:
    """The glossary, ready to be looked for in many texts."""

    def __init__(self, glossary: Glossary) -> None:
        self.ids = glossary
        self._pattern = _pattern(frozenset(glossary)) if glossary else None

    def within(self, text: str) -> list[str]:
        """The glossary forms that stand in a text, once each, in order; a phrase of another sense ("") is none."""
        return list(dict.fromkeys(hit.lower() for hit in self.hits(text)))

    def hits(self, text: str) -> list[str]:
        """The same as they are written, each as often as it stands there."""
        found = self._pattern.findall(text) if self._pattern else []
        # Some letters of other alphabets, as the Turkish i without its dot, are found as ours and are not.
        return [hit for hit in found if self.ids.get(hit.lower())]

    def without(self, text: str, instead: str = " ") -> str:
        """The text with every glossary word or phrase taken out."""
        return self._pattern.sub(instead, text) if self._pattern else text


@lru_cache(maxsize=4)
def _pattern(forms: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_either(forms)})\b", re.I)


def _either(forms: Iterable[str]) -> str:
    """Any of the forms, the longest first. Sorted by their first two letters, a thousand are as quick as a few."""
    groups = groupby(sorted(forms), key=lambda form: form[:2])
    return "|".join(f"{re.escape(start)}(?:{_ends(list(group))})" for start, group in groups)


def _ends(forms: list[str]) -> str:
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return "|".join(re.escape(form[2:]) for form in longest_first)
