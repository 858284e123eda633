"""Puts a child's spelling right for the sentence encoders, which know only words as books write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SHORTEST = 4
_SEEN_AT_LEAST = 4
_LONG_FROM = 6
_LOOKED_AT = 8


class Speller:
    """The words of this subject. A word the encoders do not know becomes the nearest of them, if one is near.

    Nothing that it corrects is ever shown: a child who is corrected may stop typing.
    """

    def __init__(self, counts: dict[str, int], known: frozenset[str]) -> None:
        """`counts`: how often each word of the subject is used; `known`: the words the encoders know."""
        self._counts, self._known = counts, known
        self._words = sorted(counts)

    @classmethod
    def learn(cls, lines: Iterable[str], known: frozenset[str]) -> Speller:
        """The speller of a set of lines: a word counts when several lines use it and the encoders know it."""
        seen = Counter(word for line in lines for word in set(WORD.findall(line.lower())))
        counts = {word: n for word, n in seen.items() if n >= _SEEN_AT_LEAST and word in known and len(word) > 2}
        return cls(counts, known)

    @property
    def counts(self) -> dict[str, int]:
        """What was learnt, to be kept with the model."""
        return self._counts

    def fix(self, text: str) -> str:
        """The text in small letters with each unknown word replaced by the nearest word of the subject."""
        return WORD.sub(lambda found: self._word(found[0]), text.lower())

    def fix_all(self, texts: Sequence[str]) -> list[str]:
        """The texts put right. A word is looked up once for all of them, and forgotten afterwards."""
        words = {word for text in texts for word in WORD.findall(text.lower())}
        right = {word: self._word(word) for word in words}
        return [WORD.sub(lambda found: right[found[0]], text.lower()) for text in texts]

    def _word(self, word: str) -> str:
        plain = len(word) >= _SHORTEST and word.isalpha() and word not in self._known
        return self._nearest(word) if plain else word

    def _nearest(self, word: str) -> str:
        slips = 1 if len(word) < _LONG_FROM else 2
        near = process.extract(
            word, self._words, scorer=DamerauLevenshtein.distance, score_cutoff=slips, limit=_LOOKED_AT
        )
        # Children get the first letter right more often than the rest.
        best = min(near, key=lambda hit: (hit[1] - (hit[0][0] == word[0]) / 2, -self._counts[hit[0]]), default=None)
        return best[0] if best else word
