"""How likely a word is after another: counted in our own lines, and in English at large where those say little."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from itertools import pairwise
from typing import Any

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+[^\W\d_]*")
START, END = "<", ">"
"""What stands before the first word of a message and after the last."""
_SHORT = frozenset(
    "i a to of in is it on do me my we us he if no so up at by be an am as or go oh ok hi tv id ex pe uk".split()  # noqa: SIM905 - a list of words reads best as a line
)
# Our lines hold children's own spellings, so a word of theirs counts only when books know it too; a word they never
# use counts when books use it much.
_OFTEN_IN_LINES, _KNOWN_TO_BOOKS, _OFTEN_IN_BOOKS = 4, 100_000, 2_000_000
# What one word tells of the next is believed as if it had been seen this often beside the lines.
_PRIOR = 20.0
_OURS, _PAIRS, _LEAST = 0.8, 0.3, 1e-8


class WordChances:
    """Words of the subject and of everyday English, how often each is used, and how often one follows another."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        """`kept`: what `learn` gave."""
        self.counts: Mapping[str, int] = kept["counts"]
        self._books: Mapping[str, float] = kept["books"]
        # By both words with a space between: as pairs they would take 40 MB more.
        self._pairs: Mapping[str, int] = kept["pairs"]
        self._book_pairs: Mapping[str, float] = kept["book_pairs"]
        self._all = sum(self.counts.values())
        self._followed: Counter[str] = Counter()
        for pair, n in self._pairs.items():
            self._followed[pair.partition(" ")[0]] += n
        self.words = frozenset(self._books)

    @staticmethod
    def learn(lines: Iterable[str], known: Sequence[str] = ()) -> dict[str, Any]:
        """What to keep of lines; `known` are words of the subject that no book of general English has ("nfa")."""
        counts, pairs = Counter[str](), Counter[tuple[str, str]]()
        for line in lines:
            words = [START, *WORD.findall(line.lower()), END]
            counts.update(words)
            pairs.update(pairwise(words))
        books, book_pairs = _books()
        total = sum(books.values())
        words = {word for word in books if _counts(word, counts[word], books[word])} | {*known}
        kept = words | {START, END}
        return {
            "counts": {word: counts[word] for word in sorted(kept)},
            "books": {word: books.get(word, 0) / total for word in sorted(words)},
            "pairs": {" ".join(pair): n for pair, n in pairs.items() if n > 1 and kept.issuperset(pair)},
            "book_pairs": {
                " ".join(pair): min(0.9, n / books[pair[0]])
                for pair, n in book_pairs.items()
                if pair[0] in books and words.issuperset(pair)
            },
        }

    def share(self, word: str) -> float:
        """How often a word is used among all, ours and those of books."""
        return _OURS * self.counts.get(word, 0) / self._all + (1 - _OURS) * self._books.get(word, 0.0) + _LEAST

    def after(self, first: str, then: str) -> float:
        """The logarithm of how likely a word is after another."""
        expected = (1 - _PAIRS) * self.share(then) + _PAIRS * self._book_pairs.get(f"{first} {then}", 0.0)
        seen = self._pairs.get(f"{first} {then}", 0)
        return math.log((seen + _PRIOR * expected) / (self._followed[first] + _PRIOR))


def _counts(word: str, ours: int, books: int) -> bool:
    if len(word) < 3 and word not in _SHORT:
        return False
    return (ours >= _OFTEN_IN_LINES and books > _KNOWN_TO_BOOKS) or (books > _OFTEN_IN_BOOKS and len(word) > 3)


def _books() -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """How often books of English use each word, and each pair of words, as symspellpy carries the counts."""
    home = files("symspellpy")
    words, pairs = (
        [row.split() for row in (home / name).read_text("utf-8-sig").splitlines()]
        for name in ("frequency_dictionary_en_82_765.txt", "frequency_bigramdictionary_en_243_342.txt")
    )
    return {word: int(n) for word, n in words}, {(first, then): int(n) for first, then, n in pairs}
