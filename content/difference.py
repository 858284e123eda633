"""Two answers to the same question side by side, with the words that differ marked."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from accessibility.markup import plain
from accessibility.rule_finding import Level
from content.signed_words import SignedVersion, SignedWord, SignedWords


@dataclass(frozen=True)
class Run:
    """Words that stand together in one bubble; `differs` where the other bubble does not have them."""

    text: str
    differs: bool


Pair = tuple[tuple[Run, ...], tuple[Run, ...]]


def side_by_side(one: SignedWords, other: SignedWords, level: Level) -> Iterator[Pair]:
    """Bubble by bubble, what each says at a level. A bubble that only one of them has stands beside nothing."""
    texts = ([plain(bubble.text) for bubble in words.levels[level].bubbles] for words in (one, other))
    for left, right in zip_longest(*texts, fillvalue=""):
        yield runs(left, right)


def runs(left: str, right: str) -> Pair:
    """Two texts as runs of words, each marked where the other does not have it."""
    ours, theirs = left.split(), right.split()
    found: Pair = ((), ())
    for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        differs = tag != "equal"
        found = (_with(found[0], ours[a:b], differs), _with(found[1], theirs[c:d], differs))
    return found


def _with(runs: tuple[Run, ...], words: list[str], differs: bool) -> tuple[Run, ...]:
    return (*runs, Run(" ".join(words), differs)) if words else runs


def beside_the_words(one: SignedWords, other: SignedWords, level: Level) -> Iterator[str]:
    """What differs at a level beside the words of the answer, each as people call it."""
    ours, theirs = one.levels[level], other.levels[level]
    pictures = [[bubble.symbol for bubble in version.bubbles] for version in (ours, theirs)]
    parts = {
        "the question": (ours.question, theirs.question),
        "the words on the button": (ours.label, theirs.label),
        "the pictures": pictures,
        "the meanings of hard words": (_meanings(ours), _meanings(theirs)),
        "the sources": (one.sources, other.sources),
        "the questions to ask": (one.ask, other.ask),
        "the videos": (one.videos, other.videos),
    }
    yield from (name for name, (left, right) in parts.items() if left != right)


def _meanings(version: SignedVersion) -> list[tuple[SignedWord, ...]]:
    return [version.words, *(bubble.meanings for bubble in version.bubbles)]
