"""Two answers to the same question side by side: the words that differ, and what differs beside the words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from accessibility.markup import plain
from accessibility.rule_finding import LEVELS, Level
from accessibility.symbols import symbols
from content.card_letter import letter_lines
from content.signed_words import SignedVersion, SignedWord, SignedWords
from content.video import SignedVideo

_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True)
class Run:
    """Words that stand together in one bubble; `differs` where the other bubble does not have them."""

    text: str
    differs: bool


Pair = tuple[tuple[Run, ...], tuple[Run, ...]]


@dataclass(frozen=True)
class Beside:
    """Something that differs beside the words of an answer, as people call it: what is gone from it, and what is new.

    Both are empty where the same only stands in another order.
    """

    name: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Differences:
    """All in which one text of a card differs from another: level by level, and `around` what is the same at each."""

    words: Mapping[Level, Sequence[Pair]]
    beside: Mapping[Level, Sequence[Beside]]
    around: Sequence[Beside]


def differences(one: SignedWords, other: SignedWords) -> Differences:
    """What somebody has to look at who decides on the other text and knows the one."""
    return Differences(
        {level: list(side_by_side(one, other, level)) for level in LEVELS},
        {level: list(_beside(_at_level(one.levels[level]), _at_level(other.levels[level]))) for level in LEVELS},
        list(_beside(_around(one), _around(other))),
    )


def side_by_side(one: SignedWords, other: SignedWords, level: Level) -> Iterator[Pair]:
    """Bubble by bubble, what each says at a level. A bubble that only one of them has stands beside nothing.

    Bubbles that are the same stand beside each other, so that one that was put in between marks none but itself.
    """
    ours, theirs = ([plain(bubble.text) for bubble in words.levels[level].bubbles] for words in (one, other))
    for _, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        for left, right in zip_longest(ours[a:b], theirs[c:d], fillvalue=""):
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
    at_level = _beside(_at_level(one.levels[level]), _at_level(other.levels[level]))
    yield from (each.name for each in (*at_level, *_beside(_around(one), _around(other))))


def _beside(ours: Mapping[str, Sequence[str]], theirs: Mapping[str, Sequence[str]]) -> Iterator[Beside]:
    for name, left in ours.items():
        right = theirs[name]
        if left != right:
            gone, new = ([said for said in side if said not in rest] for side, rest in ((left, right), (right, left)))
            yield Beside(name, tuple(gone), tuple(new))


def _at_level(version: SignedVersion) -> Mapping[str, Sequence[str]]:
    """What a signature covers at a level beside the words of its bubbles; places count from 1."""
    placed = list(enumerate(version.bubbles, 1))
    return {
        "the question": [version.question],
        "the words on the button": [version.label],
        "the words in bold": [bold for bubble in version.bubbles for bold in _BOLD.findall(bubble.text)],
        "the pictures": [f"{place}. {_caption(bubble.symbol)}" for place, bubble in placed],
        "the meanings of hard words": _meanings(version),
        "the words explained under a paragraph": [
            f"{place}. {', '.join(word.word for word in one.meanings)}" for place, one in placed if one.meanings
        ],
        "the questions that a paragraph answers": [f"{place}. {', '.join(one.answers)}" for place, one in placed],
        "the paragraphs with a fact of the force": [f"{place}." for place, one in placed if one.local],
        "the steps": [f"{place}. {one.step}: {one.opens or 'no card'}" for place, one in placed if one.step],
    }


def _around(words: SignedWords) -> Mapping[str, Sequence[str]]:
    return {
        "the sources": [f"{title} ({address})" for title, address in words.sources],
        "the questions to ask": words.ask,
        "the letter": letter_lines(words.letter),
        "the videos": [_video(video) for video in words.videos],
        "the cards that are offered beside it": words.near,
        "where it is offered": words.situations,
        "whom it is for": words.readers,
        "what it is about": [words.about, words.asks, words.kind],
    }


def _caption(symbol: str | None) -> str:
    return symbols().get(symbol, {}).get("caption", symbol) if symbol else "no picture"


def _meanings(version: SignedVersion) -> Sequence[str]:
    words: Sequence[SignedWord] = [*version.words, *(one for bubble in version.bubbles for one in bubble.meanings)]
    said = (f"{one.word}: {one.meaning} {one.used}".strip() + _picture(one) for one in words)
    return list(dict.fromkeys(said))


def _picture(word: SignedWord) -> str:
    return f" ({_caption(word.picture)})" if word.picture else ""


def _video(video: SignedVideo) -> str:
    parts = (video.kind, video.file, video.film[:8], video.captions_file, video.captions[:8], video.credit)
    return ", ".join((*parts, video.transcript))
