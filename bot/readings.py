"""Reads a message as the plain words it may stand for, each reading with how likely it is; nothing is ever shown."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA
from sound_key import bones, sound
from word_chances import END, START, WORD, WordChances

Words = tuple[str, ...]
LIST = Path(__file__).with_name("typed_words.yml")
"""Text-speak, spellings by ear, and words of dialects and streets with their region, written for a person to review."""
# How unlikely, as a logarithm, it is that somebody who means one word types another. Chosen on the development
# messages of tests/writing, never on the sealed ones.
_AS_TYPED, _LISTED_AS_TYPED, _UNKNOWN = -0.05, -1.2, -3.2
_LISTED, _LISTED_NEXT = -0.3, -0.5
_MISTAKE, _SLIP_OF_A_KNOWN_WORD = -1.5, -5.5
_ANOTHER_START, _LONGER = -0.7, -0.6
_BARE, _VOWEL = -0.5, -0.35
_ANY_SLIP, _SLIP, _FIRST_SLIP, _LONG_WORD, _SHORT_WORD = -0.8, -1.8, -1.2, 0.8, -1.0
_STRETCHED = -1.0
_FEW_VOWELS = 0.25
_LONG_FROM = 7
_LOOKED_AT, _BEAM = 8, 24
# A longer message has words enough that are spelt well, and would take longer than a child should wait.
_MOST_WORDS = 60
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
# Shares of readings that differ in one doubtful word lie closer together than their scores.
_EVENS = 1.5


def listed_words(file: Path = LIST) -> tuple[dict[str, list[str]], list[str]]:
    """The list for review: for a word as typed its plain readings, likeliest first; and words no general book knows."""
    told = yaml.safe_load(file.read_text("utf-8"))
    dialect = {word: entry["means"] for word, entry in told["dialect"].items()}
    return {**dialect, **told["sounds"], **told["shorthand"]}, told["known"]


class Readings:
    """What messages may stand for: spelt by ear, with slips or no vowels, in text-speak, dialect or street words."""

    def __init__(self, chances: WordChances, listed: Mapping[str, Sequence[str]]) -> None:
        """`listed`: for a word as it is typed, the plain readings of it, likeliest first (bot/typed_words.yml)."""
        self._chances, self._listed = chances, listed
        self._words = sorted(chances.words)
        self._by_sound, self._by_bones = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
        for word in self._words:
            if len(word) > 1:
                self._by_sound[sound(word)].append(word)
            if len(word) > 2:
                self._by_bones[bones(word)].append(word)

    def of(self, text: str, most: int = 3) -> list[tuple[str, float]]:
        """The likeliest readings in small letters, best first; their shares are 1 together. None for a story."""
        typed = WORD.findall(text.lower())
        if not typed or len(typed) > _MOST_WORDS:
            return []
        meant = {word: self._meant(word) for word in {*typed}}
        best: list[tuple[float, Words]] = [(0.0, (START,))]
        for word in typed:
            best = self._further(best, meant[word])
        ends = sorted(((score + self._chances.after(words[-1], END), words) for score, words in best), reverse=True)
        weights = [math.exp((score - ends[0][0]) / _EVENS) for score, _ in ends[:most]]
        return [(" ".join(words[1:]), weight / sum(weights)) for (_, words), weight in zip(ends, weights, strict=False)]

    def _further(self, best: Sequence[tuple[float, Words]], meant: Mapping[Words, float]) -> list[tuple[float, Words]]:
        found: dict[Words, float] = {}
        for score, words in best:
            for more, cost in meant.items():
                total, last = score + cost, words[-1]
                for word in more:
                    total, last = total + self._chances.after(last, word), word
                found[words + more] = max(total, found.get(words + more, -math.inf))
        return sorted(((score, words) for words, score in found.items()), reverse=True)[:_BEAM]

    def _meant(self, word: str) -> dict[Words, float]:
        """What one typed word may stand for, with how unlikely it is that this was typed for it."""
        bare = word.replace("'", "").replace("’", "")
        known = word in self._chances.words or word.isdigit()
        found = {(word,): (_LISTED_AS_TYPED if bare in self._listed else _AS_TYPED) if known else _UNKNOWN}
        guesses = [*self._from_list(bare)]
        if bare.isascii() and bare.isalpha() and len(bare) > 1:
            off = _SLIP_OF_A_KNOWN_WORD if known else _MISTAKE
            guesses += [(words, off + cost) for words, cost in self._guessed(bare, known=known)]
        for words, cost in guesses:
            found[words] = max(cost, found.get(words, -math.inf))
        likely = sorted(found, key=lambda words: -found[words] - 0.5 * math.log(self._chances.share(words[0])))
        return {words: found[words] for words in {*likely[:_LOOKED_AT], (word,)}}

    def _from_list(self, bare: str) -> Iterable[tuple[Words, float]]:
        for place, meant in enumerate(self._listed.get(bare, ())):
            yield tuple(meant.split()), _LISTED + place * _LISTED_NEXT
        for letters in (r"\1", r"\1\1"):
            word = _DRAWN_OUT.sub(letters, bare)
            if word != bare and word in self._chances.words:
                yield (word,), _STRETCHED

    def _guessed(self, bare: str, *, known: bool) -> Iterable[tuple[Words, float]]:
        for word in self._by_sound.get(sound(bare), ()):
            other = 0 if word[0] == bare[0] else _ANOTHER_START
            yield (word,), other + _LONGER * abs(len(word) - len(bare))
        if known:
            return
        if sum(letter in "aeiou" for letter in bare) <= _FEW_VOWELS * len(bare):
            for word in self._by_bones.get(bones(bare), ()):
                if len(word) > len(bare):
                    yield (word,), _BARE + _VOWEL * (len(word) - len(bare))
        if len(bare) > 2:
            yield from self._slips(bare)

    def _slips(self, bare: str) -> Iterable[tuple[Words, float]]:
        far = 1 if len(bare) < _LONG_FROM else 2
        size = _LONG_WORD if len(bare) >= _LONG_FROM else _SHORT_WORD if len(bare) == 3 else 0
        near = process.extract(bare, self._words, scorer=OSA.distance, score_cutoff=far, limit=4 * _LOOKED_AT)
        for word, slips, _ in near:
            # Children get the first letter right more often than the rest.
            yield (word,), _ANY_SLIP + size + _SLIP * slips + (0 if word[0] == bare[0] else _FIRST_SLIP)
