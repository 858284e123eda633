"""Hears when a child may be in danger, from a reviewed phrase file, before anything else reads the message."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from content.danger_file import PhraseFile
from content.danger_phrases import Phrase
from content.danger_words import Spelling, fold

PHRASES = Path(__file__).with_name("danger.yml")
SPELLINGS = Path(__file__).with_name("danger_spellings.yml")

READ_AT_ONCE = 2_500
"""Letters that are folded in one go. No sign folds to more than four, so there are never more than 10,000 of them."""
HEARD_AT_ONCE = 2_500
"""Letters of plain text in one piece: about 30 milliseconds of work."""
SHARED = 600
"""Letters that a piece has from the one before it: more than the longest phrase, so that no cry is cut in two."""
# What stands between words, or leans on a letter, may be of any length; it would push the parts of a cry asunder.
_BETWEEN = re.compile(r"[^\w.!?;\n@$*\U0001f300-\U0001faff]+")
_ENDS = re.compile(r"[.!?;\n ]*[.!?;\n][.!?;\n ]*")
_LEANED_ON = re.compile(r"(.)\1{8,}", re.DOTALL)
_SET_ASIDE = "~ "
_LINE_END = re.compile(r"[\r\n]+")


class Kind(StrEnum):
    """What kind of danger was heard, the most urgent first: the first that matches wins."""

    DANGER_NOW = "danger-now"
    EMERGENCY = "emergency"
    SUICIDE = "suicide"
    SELF_HARM = "self-harm"
    HURT_OTHERS = "hurt-others"
    HARM_NOW = "harm-now"
    EXPLOITED = "exploited"
    OWN_BEHAVIOUR = "own-behaviour"
    HARM_PAST = "harm-past"
    SOMEONE_ELSE = "someone-else"


# Whoever it is about, they need help at once.
_ANYBODYS = (Kind.DANGER_NOW, Kind.EMERGENCY)
# What the child does to another is said with words for another: "i am going to stab him tonight".
_MY_DOING = (Kind.HURT_OTHERS, Kind.OWN_BEHAVIOUR)
_OWN = tuple(kind for kind in Kind if kind not in (*_ANYBODYS, Kind.SOMEONE_ELSE))


@dataclass(frozen=True)
class PhraseIndex:
    """Phrases filed under words they need, so that a message is only compared with those it could match."""

    phrases: tuple[Phrase, ...]
    by_word: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, phrases: Sequence[Phrase]) -> "PhraseIndex":
        by_word: dict[str, tuple[int, ...]] = {}
        for i, phrase in enumerate(phrases):
            for word in phrase.keys:
                by_word[word] = (*by_word.get(word, ()), i)
        return cls(tuple(phrases), by_word)

    def near(self, line: str) -> Iterator[Phrase]:
        """The phrases that could match, in the order of the file."""
        places = {i for word in set(line.split()) for i in self.by_word.get(word, ())}
        return (self.phrases[i] for i in sorted(places))

    def rings(self, line: str) -> bool:
        return any(phrase.pattern.search(line) for phrase in self.near(line))

    def without(self, line: str, unless: str | None = None) -> str:
        """The line without the words of every matching phrase, save of one that holds `unless` or stands before it."""

        def kept(found: re.Match[str]) -> str:
            told = unless and (unless in found[0] or found.string.startswith(unless, found.end() - 1))
            return found[0] if told else _SET_ASIDE

        for phrase in self.near(line):
            line = phrase.pattern.sub(kept, line)
        return line


class Alarm:
    """Hears danger in a message. Keeps nothing, changes nothing, and gives the same answer every time."""

    def __init__(
        self,
        spelling: Spelling,
        quiet: Sequence[Phrase],
        rings: Mapping[Kind, Sequence[Phrase]],
        aside: Mapping[Kind, Sequence[Phrase]],
        doubtful: Mapping[Kind, Sequence[Phrase]],
    ) -> None:
        self._spelling = spelling
        self._quiet = PhraseIndex.of(quiet)
        self._rings = {kind: PhraseIndex.of([*rings[kind], *doubtful.get(kind, ())]) for kind in Kind}
        order = list(Kind)
        self._aside = {
            kind: [PhraseIndex.of(aside[later]) for later in order[order.index(kind) + 1 :] if later in aside]
            for kind in Kind
        }
        self._others: PhraseIndex = self._rings[Kind.SOMEONE_ELSE]
        self._sure: Alarm = Alarm(spelling, quiet, rings, aside, {}) if doubtful else self
        # What is told of another is no less of another for being doubtful.
        self._sure._others = self._others

    @classmethod
    def load(cls, path: Path = PHRASES, spellings: Path = SPELLINGS) -> "Alarm":
        """Reads the phrases and how their words are spelt. Raises BrokenPhrases naming file, kind and phrase."""
        phrases = PhraseFile(path)
        spelling = PhraseFile(spellings).spelling(phrases.vocabulary())
        return cls(spelling, *phrases.phrases(tuple(Kind), spelling))

    def phrases(self) -> Iterator[Phrase]:
        """Every phrase that is listened for, the likeliest to be needed first."""
        for index in self._rings.values():
            yield from index.phrases
        yield from self._quiet.phrases

    def hear(self, text: str) -> Kind | None:
        """The most urgent kind of danger in the raw message, or None; `listen` in one go.

        It is written never to raise, and tested so; but a caller must treat any exception from here as a ring,
        show help, and never carry on as if it had said None. Give it the whole message, before any trimming.
        """
        heard = set(self.listen(text))
        return next((kind for kind in Kind if kind in heard), None)

    def doubts(self, text: str) -> bool:
        """Whether nothing rings at this message but phrases that calm messages were found to hold as well."""
        return self._sure.hear(text) is None

    def listen(self, text: str) -> Iterator[Kind | None]:
        """What is heard in each piece of the raw message; a text of any length is read to its end.

        Each step takes a fraction of a second whatever was typed: let others have a turn between two of them.
        """
        # A line may end where a sentence does, or in the middle of a cry: "i want", then "to die".
        for reading in dict.fromkeys((text, _LINE_END.sub(" ", text))):
            for piece in pieces(reading):
                yield self._heard(piece) if piece is not None else None

    def _heard(self, text: str) -> Kind | None:
        # Only the harmless words go: "not suicidal but my dad hits me" must still ring.
        line = self._quiet.without(self._spelling.plain(text))
        for kind in _ANYBODYS:
            if self._rings[kind].rings(self._for(kind, line)):
                return kind
        return self._mine(line) or (Kind.SOMEONE_ELSE if self._rings[Kind.SOMEONE_ELSE].rings(line) else None)

    def _mine(self, line: str) -> Kind | None:
        """The most urgent kind that is about the child."""
        about_me: dict[str, str] = {}
        for kind in _OWN:
            heard = self._for(kind, line)
            if kind not in _MY_DOING:
                # "My friend is being hit" holds "being hit": what is said of another is set aside.
                if heard not in about_me:
                    about_me[heard] = self._others.without(heard, unless=" me ")
                heard = about_me[heard]
            if self._rings[kind].rings(heard):
                return kind
        return None

    def _for(self, kind: Kind, line: str) -> str:
        """The line as it is heard for this kind: without what a less urgent kind has set aside, and rings at."""
        for phrases in self._aside[kind]:
            line = phrases.without(line)
        return line


def pieces(text: str) -> Iterator[str | None]:
    """The pieces, in their order. Between them, None wherever others may have a turn: what comes next takes a while.

    A text that fits in one piece is given as it is. Of a longer one, each piece but the first begins within the one
    before, at a word.
    """
    if len(text) <= READ_AT_ONCE:
        yield text
        return
    waiting = ""
    for start in range(0, len(text), READ_AT_ONCE):
        yield None
        waiting = _squeezed(waiting + fold(text[start : start + READ_AT_ONCE]))
        while len(waiting) > HEARD_AT_ONCE:
            end = _at_a_word(waiting, HEARD_AT_ONCE)
            yield waiting[:end]
            yield None
            waiting = waiting[_at_a_word(waiting, end - SHARED) :]
    yield waiting


def _squeezed(folded: str) -> str:
    return _LEANED_ON.sub(r"\1\1\1", _ENDS.sub(". ", _BETWEEN.sub(" ", folded)))


def _at_a_word(text: str, near: int) -> int:
    """The last place where a word begins, not after `near`; `near` itself where one word is that long."""
    return text.rfind(" ", near - SHARED // 2, near) + 1 or near
