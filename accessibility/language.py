"""Splits English text into sentences and words, and says how common each word is.

The lists of words are imported where a word is first asked for: a child's pages never ask, and they take half a second.
"""

import re
from functools import lru_cache

import pysbd

from accessibility.markup import EVERYDAY

_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*|\d[\d ,.]*\d|\d")
_ITEM_MARK = re.compile(r"^\s*(?:[-*]|\d+\.)\s+")
_SPLITTER = pysbd.Segmenter(language="en", clean=False)


# Each rule asks for the words and sentences of the same few texts again.
@lru_cache(maxsize=20_000)
def words(text: str) -> tuple[str, ...]:
    """The words of a text in order; a phone number or a figure with spaces counts as one word, marks as none."""
    return tuple(_WORD.findall(EVERYDAY.sub(r"\1", text)))


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text; each line is split alone, so list items without full stops stay apart."""
    return tuple(sentence for line in text.splitlines() for sentence in _of_line(_ITEM_MARK.sub("", line).strip()))


@lru_cache(maxsize=20_000)
def _of_line(line: str) -> tuple[str, ...]:
    # `segment` would look each sentence up in the line again, for the spaces after it, which are not wanted here.
    return tuple(piece.strip() for piece in _SPLITTER.processor(line).process() if piece.strip()) if line else ()


def forget() -> None:
    """Empties what is remembered of texts, for whoever reads a text that must be kept nowhere. Single words stay."""
    words.cache_clear()
    _of_line.cache_clear()


@lru_cache(maxsize=20_000)
def lemmas(word: str) -> frozenset[str]:
    """A word in lower case with every dictionary form it may stand for ("kept" gives "keep")."""
    from lemminflect import getAllLemmas

    low = word.lower().replace("’", "'").removesuffix("'s")
    found = {low}
    for forms in getAllLemmas(low).values():
        found.update(forms)
    return frozenset(found)


@lru_cache(maxsize=20_000)
def zipf(word: str) -> float:
    """How common a word is on the Zipf scale (0 unseen, 7 "the"), by its most common form."""
    from wordfreq import zipf_frequency

    return max(zipf_frequency(form, "en") for form in lemmas(word))


@lru_cache(maxsize=8)
def _common(count: int) -> frozenset[str]:
    from wordfreq import top_n_list

    return frozenset(top_n_list("en", count))


def is_common(word: str, count: int) -> bool:
    """True when the word, or a form of it, is among the `count` most used words of English."""
    return not lemmas(word).isdisjoint(_common(count))
