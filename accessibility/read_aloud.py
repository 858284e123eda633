"""How a text is read aloud: its sentences, and in each the words as they are shown beside how a voice says them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from accessibility.language import sentences
from accessibility.markup import spoken
from accessibility.rulebook import rulebook
from accessibility.speech import PHONE, aloud


@dataclass(frozen=True)
class Heard:
    """A word as the page shows it, and as a voice says it. A phone number with spaces is one word."""

    shown: str
    said: str


@dataclass(frozen=True)
class Sentence:
    """One sentence, in the order it is read. `part` counts the texts that were given, from 0."""

    part: int
    words: tuple[Heard, ...]

    @property
    def said(self) -> str:
        """The whole sentence as a voice says it."""
        return " ".join(word.said for word in self.words)


def read_aloud(texts: tuple[str, ...]) -> tuple[Sentence, ...]:
    """The sentences of several texts, one after the other, without marks; each line and list item ends a sentence."""
    return tuple(
        Sentence(part, words)
        for part, text in enumerate(texts)
        for sentence in sentences(spoken(text))
        if (words := tuple(_heard(sentence)))
    )


def _heard(sentence: str) -> Iterator[Heard]:
    for shown in _words().findall(sentence):
        # A mark that nobody says may leave nothing; the page shows it all the same.
        yield Heard(shown, " ".join(aloud(shown).split()))


@lru_cache(maxsize=1)
def _words() -> re.Pattern[str]:
    """Words between spaces; what is said as one thing stays together, with the marks that touch it."""
    named = [re.escape(written) + r"(?!\w)" for written in rulebook().phrases["aloud"] if " " in written]
    return re.compile(rf"\S*?(?:{'|'.join([*named, PHONE.pattern])})\S*|\S+")
