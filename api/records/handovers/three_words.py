"""The three words with which a child comes back: 38 bits, from a list made for people to type."""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from rapidfuzz.distance import DamerauLevenshtein

# The list is the EFF's, chosen so that words are easy to type. These are no words to hand to a child on a bad day.
_LEFT_OUT = Path(__file__).with_name("left_out.txt")
# Still taken from a child who was once given them.
_NO_LONGER_GIVEN = frozenset({"badass", "groom", "bunkhouse", "cathouse", "outhouse", "safehouse"})
_WORDS = 3
_BETWEEN = re.compile(r"[^a-z]+")
_SHORTEST_TO_MEND = 5


@lru_cache(maxsize=1)
def word_list() -> tuple[str, ...]:
    """The words, in the list's own order. Source: EFF long word list, CC BY 3.0 US."""
    text = files("xkcdpass").joinpath("static", "eff-long").read_text("utf-8")
    left_out = frozenset(_LEFT_OUT.read_text("utf-8").split())
    return tuple(word for word in text.split() if word.isalpha() and word not in left_out)


def three_words(seed: bytes) -> str:
    """Three words from at least 16 random bytes, as "maple-otter-violin". The same seed gives the same words."""
    words, number = [word for word in word_list() if word not in _NO_LONGER_GIVEN], int.from_bytes(seed)
    chosen = []
    for _ in range(_WORDS):
        number, place = divmod(number, len(words))
        chosen.append(words[place])
    return "-".join(chosen)


def as_written(typed: str) -> str | None:
    """What somebody typed as three words of the list, one slip in a longer word mended; None when it is not three.

    Capitals, spaces, commas and full stops do not matter, nor does accented or full-width typing.
    """
    parted = unicodedata.normalize("NFKD", typed[:200]).casefold()
    # An accent is now a letter of its own, and must not part the word it stands in.
    plain = "".join(letter for letter in parted if not unicodedata.combining(letter))
    parts = [part for part in _BETWEEN.split(plain) if part]
    if len(parts) != _WORDS:
        return None
    words = [_nearest(part) for part in parts]
    return "-".join(word for word in words if word) if all(words) else None


def _nearest(part: str) -> str | None:
    """The word itself, or the only one of the list that is one slip away."""
    known = _known()
    if part in known:
        return part
    if len(part) < _SHORTEST_TO_MEND:
        return None
    near = [word for word in known if DamerauLevenshtein.distance(part, word, score_cutoff=1) <= 1]
    return near[0] if len(near) == 1 else None


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(word_list())
