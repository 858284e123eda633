"""Finds which of many phrases a line holds, without comparing it with all of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from content.danger_phrases import Phrase

_SET_ASIDE = "~ "


@dataclass(frozen=True)
class PhraseIndex:
    """Phrases filed under words they need, so that a message is only compared with those it could match."""

    phrases: tuple[Phrase, ...]
    by_word: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, phrases: Sequence[Phrase]) -> "PhraseIndex":
        by_word: dict[str, tuple[int, ...]] = {}
        for i, phrase in enumerate(phrases):
            for word in phrase.keys:
                by_word[word] = (*by_word.get(word, ()), i)
        return cls(tuple(phrases), by_word)

    def near(self, line: str) -> Iterator[Phrase]:
        """The phrases that could match, in the order of the file."""
        places = {i for word in set(line.split()) for i in self.by_word.get(word, ())}
        return (self.phrases[i] for i in sorted(places))

    def rings(self, line: str) -> bool:
        return any(phrase.pattern.search(line) for phrase in self.near(line))

    def without(self, line: str, unless: str | None = None) -> str:
        """The line without the words of every matching phrase, save of one that holds `unless` or stands before it."""

        def kept(found: re.Match[str]) -> str:
            told = unless and (unless in found[0] or found.string.startswith(unless, found.end() - 1))
            return found[0] if told else _SET_ASIDE

        for phrase in self.near(line):
            line = phrase.pattern.sub(kept, line)
        return line
