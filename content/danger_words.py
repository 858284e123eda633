"""Turns what a child typed into plain words the alarm can compare, on a copy that is thrown away."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

STOP = "/"
"""The word that stands for the start of a message and the end of each sentence."""

_UNSEEN = {"Cf", "Mn", "Cs", "Cc"}
_APOSTROPHES = re.compile("['`´\u2018\u2019\u02bc]")
_PAUSE = re.compile(r"\.{2,}")
_WORD = re.compile(r"[^\W_]+(?:[@$*!]+[^\W_]+)*|[@$][^\W_]+|[\U0001f198\U0001f300-\U0001faff]|[.!?;\n]+")
_LONG_RUN = re.compile(r"(.)\1{2,}")
_ANY_RUN = re.compile(r"(.)\1+")
_LEET = str.maketrans("013457@$!", "oieastasi")
_LONGEST = 24
# Signs that stand for a whole phrase or a unit of another script: up to eighteen letters for one typed, and no cry.
_WHOLE_PHRASES = re.compile(
    "[\u321d\u321e\u327c\u3307\u3315-\u3317\u3319\u331a\u3320\u332b\u332e\u3332\u3334\u3336\u3347"
    "\u334a\u3356\u33ae\u33af\u33c2\u33c7\u33d8\ufdfa\ufdfb]"
)


class _Seen(dict[int, int | None]):
    """For str.translate: a letter's code, or None for one that is not seen. Only what is asked for often is kept."""

    def __missing__(self, code: int) -> int | None:
        return None if unicodedata.category(chr(code)) in _UNSEEN else code


_SEEN = _Seen()
_SEEN.update({code: _SEEN[code] for code in range(128)})
_SEEN[ord("\n")] = ord("\n")


def fold(text: str) -> str:
    """The same text without case, accents, invisible characters or apostrophes; at most four letters for each."""
    text = _WHOLE_PHRASES.sub(" ", text)
    text = unicodedata.normalize("NFKD", text).replace("\t", " ").replace("\r", "\n")
    seen = text.translate(_SEEN)
    # Dots are how many children pause, so only a single one ends a sentence.
    return _PAUSE.sub(" ", _APOSTROPHES.sub("", seen.casefold()))


def _holes(word: str) -> Iterable[str]:
    """The word, and the word with each one letter missing: two words one slip apart share a hole."""
    yield word
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


def _one_slip(a: str, b: str) -> bool:
    """Whether one letter dropped, added, changed or swapped with its neighbour turns a into b."""
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[start:], b[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


@dataclass(frozen=True)
class Spelling:
    """How words are made plain: variants to one form, fillers dropped, and slips forgiven in strong words."""

    variants: Mapping[str, str]
    fillers: frozenset[str]
    known: frozenset[str]
    holes: Mapping[str, tuple[str, ...]]
    pairs: re.Pattern[str]

    @classmethod
    def of(
        cls,
        spellings: Mapping[str, Iterable[str]],
        fillers: Iterable[str],
        strong: Iterable[str],
        leave_alone: Iterable[str],
        vocabulary: Iterable[str],
    ) -> "Spelling":
        """Builds the tables from `spellings` (plain form to its variants) and the lists of danger.yml."""
        variants = {fold(variant): plain for plain, many in spellings.items() for variant in many}
        known = {*variants, *strong, *leave_alone, *vocabulary, *(w for plain in spellings for w in plain.split())}
        holes: dict[str, tuple[str, ...]] = {}
        for word in strong:
            for hole in _holes(word):
                holes[hole] = (*holes.get(hole, ()), word)
        pairs = sorted((v for v in variants if " " in v), key=len, reverse=True)
        pattern = "|".join(map(re.escape, pairs)) or r"(?!)"
        return cls(variants, frozenset(fillers), frozenset(known), holes, re.compile(rf"(?<= )(?:{pattern})(?= )"))

    def plain(self, text: str) -> str:
        """The message as plain words with one space after each, `/` first, last and between sentences."""
        return f"{STOP} {self.words(text)}{STOP} "

    def words(self, text: str) -> str:
        """The plain words of some text, each followed by one space."""
        found = [STOP if w[0] in ".!?;\n" else w for w in _WORD.findall(fold(text))]
        # A long text says few words many times; each is spelt once.
        spelt = {w: self._spelt(w) for w in set(found)}
        line = f" {' '.join(spelt[w] for w in found)} "
        line = self.pairs.sub(lambda m: self.variants[m.group()], line)
        return "".join(f"{w} " for w in line.split() if w not in self.fillers)

    def _spelt(self, word: str) -> str:
        for guess in self._guesses(word):
            if guess in self.known:
                return self.variants.get(guess, guess)
        return self._forgiven(word)

    def _guesses(self, word: str) -> Iterable[str]:
        yield word
        yield (short := _LONG_RUN.sub(r"\1\1", word))
        # Doubling is only undone when a letter was really leaned on ("diiie"), never for "need".
        if short != word:
            yield _ANY_RUN.sub(r"\1", word)
        if word.endswith("in"):
            yield word + "g"
        if not word.isalpha() and not word.isdigit():
            yield word.translate(_LEET)

    def _forgiven(self, word: str) -> str:
        if not 4 <= len(word) <= _LONGEST:
            return word
        # A child's first letter is nearly always right; holding to it keeps ordinary words from ringing.
        near = (s for hole in _holes(word) for s in self.holes.get(hole, ()))
        return next((s for s in near if s[0] == word[0] and _one_slip(word, s)), word)
