"""Ready-made replies: signed words that an advocate sends as they stand, at the level the child reads."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accessibility.rule_finding import Level
from content.glossary import Word
from content.pack import Pack
from content.signed_words import SignedVersion
from content.signoff import SignOff

MOST_ANSWERS = 8
"""How many answers a search shows."""
SENDABLE = frozenset({"snippet", "card"})
"""The kinds of card that an advocate sends: sentences made for them, and the answers that children read."""
_WORD = re.compile(r"[a-z0-9]+")
_LITTLE = frozenset(
    _WORD.findall(
        "a an and are can do does for how i in is it me my of on that the they this to was what when who why will with "
        "you your"
    )
)


@dataclass(frozen=True)
class Snippet:
    """One ready-made reply: the key of its card, and its words at the child's level."""

    key: str
    version: SignedVersion


def snippets(pack: Pack, level: Level, today: date) -> Sequence[Snippet]:
    """Every sentence made for advocates that is signed and in date, by name."""
    live = pack.live(today).items()
    found = [Snippet(key, signed.words.levels[level]) for key, signed in live if signed.words.kind == "snippet"]
    return sorted(found, key=lambda ready: ready.version.label)


def sendable(pack: Pack, key: str, today: date) -> SignOff | None:
    """The live signed words of a card that an advocate may send; None for every other card."""
    signed = pack.card(key, today)
    return signed if signed and signed.words.kind in SENDABLE else None


def answers(pack: Pack, level: Level, typed: str, today: date) -> Sequence[Snippet]:
    """The answers that fit what an advocate typed, the best first; at most MOST_ANSWERS, none for nothing typed."""
    wanted = _words(typed)
    scored = [
        (score, Snippet(key, signed.words.levels[level]))
        for key, signed in pack.live(today).items()
        if signed.words.kind == "card" and (score := _score(wanted, key, signed, level))
    ]
    return [ready for _, ready in sorted(scored, key=lambda one: (-one[0], one[1].key))[:MOST_ANSWERS]]


def meaning(word: Word, level: Level) -> str:
    """A hard word with what it means, as a sentence to put into a message."""
    return f"{word.word[:1].upper()}{word.word[1:]}: {word.meaning[level]}"


def with_meaning(text: str, word: Word, level: Level) -> str:
    """A message with what a hard word means put at its end."""
    return "\n".join(part for part in (text.rstrip(), meaning(word, level)) if part)


def by_name(glossary: Mapping[str, Word]) -> Sequence[Word]:
    """The words of the glossary in the order of the alphabet."""
    return sorted(glossary.values(), key=lambda word: word.word.lower())


def _score(wanted: frozenset[str], key: str, signed: SignOff, level: Level) -> float:
    """How well an answer fits: what stands in its question counts more than what stands in its words."""
    version = signed.words.levels[level]
    title = _words(" ".join((version.question, version.label, key, signed.words.about)))
    body = _words(" ".join(bubble.text for bubble in version.bubbles))
    return sum(3.0 if _stands(word, title) else 1.0 if _stands(word, body) else 0.0 for word in wanted)


def _words(text: str) -> frozenset[str]:
    found = frozenset(_WORD.findall(text.lower()))
    return found - _LITTLE or found


def _stands(word: str, words: Iterable[str]) -> bool:
    # "delet" is on the way to "deleted", and "photos" is found where "photo" is.
    return any(one.startswith(word) or (len(one) > 3 and word.startswith(one)) for one in words)
