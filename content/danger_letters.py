"""Hears danger by the letters of a message, while the bot is away: a weight for each piece of a word, and no words."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from itertools import pairwise
from math import sqrt
from pathlib import Path
from zlib import crc32

from content.danger_words import fold

WEIGHTS = Path(__file__).with_name("danger_letters.bin")
PLACES = 1 << 16
"""Pieces share so many weights: a piece has the one that its checksum names, and a few pieces have the same."""
UNITS = 8
"""What a weight of 1 is in the file, where each is a whole number from -127 to 127."""
RINGS = 1.0
"""The log-odds of danger from which help is shown. Chosen on development lines (docs/understanding.md)."""
_WORD = re.compile(r"[^\W_]+")
_SHORTEST, _LONGEST = 3, 4


def pieces(text: str) -> set[int]:
    """Which weights a message has: of its words, their parts of three and four letters, and two and three in a row."""
    words = _WORD.findall(fold(text))
    return {crc32(piece.encode()) % PLACES for piece in _pieces(words)}


def _pieces(words: list[str]) -> Iterator[str]:
    for word in words:
        marked = f"<{word}>"
        yield marked
        for length in range(_SHORTEST, _LONGEST + 1):
            yield from (marked[at : at + length] for at in range(len(marked) - length + 1))
    row = ["^", *words, "$"]
    yield from map(" ".join, pairwise(row))
    yield from map(" ".join, zip(row, row[1:], row[2:], strict=False))


class BrokenWeights(ValueError):
    """The weights cannot be used; says what to do."""


class DangerLetters:
    """How likely a message tells of danger, by weights that `python -m content letters` has learnt."""

    def __init__(self, weights: array[int], offset: int) -> None:
        self._weights, self._offset = weights, offset

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> DangerLetters:
        """Reads the weights. Raises BrokenWeights for a file of another length, OSError where there is none."""
        weights = array("b", path.read_bytes())
        if len(weights) != PLACES + 1:
            raise BrokenWeights(f"{path} must hold {PLACES + 1} bytes; teach it anew: python -m content letters")
        return cls(weights, weights.pop())

    def danger(self, text: str) -> float:
        """The log-odds that a message tells of danger; 0 is as likely as not."""
        found = pieces(text)
        summed = sum(self._weights[place] for place in found) / sqrt(len(found) or 1)
        return (summed + self._offset) / UNITS

    def ring(self, text: str) -> bool:
        """Whether help is shown for a message that nobody else can read now."""
        return self.danger(text) >= RINGS
