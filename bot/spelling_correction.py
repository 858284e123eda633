"""Puts a child's spelling right for the sentence encoders, which know only words as books write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SHORTEST = 4
_SEEN_AT_LEAST = 4
_LONG_FROM = 6
_LOOKED_AT = 8
# Of the lines of a language, 92 to 100 in 100 have this share of their words in the other lines of that language; of
# English development lines one in 900 has ("yo wagwan").
_FOREIGN_FROM = 0.3


class Speller:
    """The words of this subject. A word the encoders do not know becomes the nearest of them, if one is near.

    A message in another language is left alone: made English word by word ("mère" to "mere") it would mean nothing.
    Nothing that it corrects is ever shown: a child who is corrected may stop typing.
    """

    def __init__(self, counts: dict[str, int], known: frozenset[str], foreign: frozenset[str] = frozenset()) -> None:
        """`counts`: how often each word of the subject is used; `known`: the words the encoders know.

        `foreign`: words of the subject in other languages, that English lines seldom use.
        """
        self._counts, self._known, self._foreign = counts, known, foreign
        self._words = sorted(counts)

    @classmethod
    def learn(cls, lines: Iterable[str], known: frozenset[str], spoken: Iterable[str] = ()) -> Speller:
        """The speller of a set of lines: a word counts when several lines use it and the encoders know it.

        `spoken` are lines in other languages.
        """
        seen, abroad = _lines_with(lines), _lines_with(spoken)
        counts = {word: n for word, n in seen.items() if n >= _SEEN_AT_LEAST and word in known and len(word) > 2}
        return cls(counts, known, frozenset(word for word, n in abroad.items() if n > seen[word]))

    @property
    def foreign(self) -> frozenset[str]:
        """The words of other languages, to be kept with the model."""
        return self._foreign

    @property
    def counts(self) -> dict[str, int]:
        """What was learnt, to be kept with the model."""
        return self._counts

    def is_foreign(self, text: str) -> bool:
        """True when enough of its words belong to the other languages."""
        words = WORD.findall(text.lower())
        return bool(words) and sum(word in self._foreign for word in words) >= _FOREIGN_FROM * len(words)

    def fix(self, text: str) -> str:
        """The text in small letters with each unknown word replaced by the nearest word of the subject."""
        return self.fix_all([text])[0]

    def fix_all(self, texts: Sequence[str]) -> list[str]:
        """The texts put right. A word is looked up once for all of them, and forgotten afterwards."""
        small = [text.lower() for text in texts]
        english = [not self.is_foreign(text) for text in texts]
        words = {word for text, ours in zip(small, english, strict=True) if ours for word in WORD.findall(text)}
        right = {word: self._word(word) for word in words}
        return [
            WORD.sub(lambda found: right[found[0]], text) if ours else text
            for text, ours in zip(small, english, strict=True)
        ]

    def _word(self, word: str) -> str:
        plain = len(word) >= _SHORTEST and word.isalpha() and word not in self._known
        return self._nearest(word) if plain else word

    def _nearest(self, word: str) -> str:
        slips = 1 if len(word) < _LONG_FROM else 2
        near = process.extract(word, self._words, scorer=OSA.distance, score_cutoff=slips, limit=_LOOKED_AT)
        # Children get the first letter right more often than the rest.
        best = min(near, key=lambda hit: (hit[1] - (hit[0][0] == word[0]) / 2, -self._counts[hit[0]]), default=None)
        return best[0] if best else word


def _lines_with(lines: Iterable[str]) -> Counter[str]:
    """For each word, how many lines use it."""
    return Counter(word for line in lines for word in set(WORD.findall(line.lower())))
