"""Hears when a child may be in danger, from a reviewed phrase file, before anything else reads the message."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from accessibility.yaml_text import read_yaml
from content.danger_index import PhraseIndex
from content.danger_phrases import Phrase, PhraseReader, Piece, Unreadable, choice
from content.danger_pieces import pieces
from content.danger_words import Spelling, fold

PHRASES = Path(__file__).with_name("danger.yml")
SPELLINGS = Path(__file__).with_name("danger_spellings.yml")

T = TypeVar("T")
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


class BrokenPhrases(ValueError):
    """The phrase file cannot be used; names the file, the kind and the phrase."""


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
        phrases = _File(path)
        return phrases.alarm(_File(spellings).spelling(phrases.vocabulary()))

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


class _File:
    """The phrase file, or that of the spellings, while it is being read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._data: Any = read_yaml(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise BrokenPhrases(f"{path}: cannot be read: {error}") from error
        if not isinstance(self._data, dict):
            raise self._broken("top", "the file is not a list of named parts")

    def alarm(self, spelling: Spelling) -> Alarm:
        reader = PhraseReader(spelling.words, self._groups(spelling))
        rings = self._part("rings", dict)
        if list(rings) != list(Kind):
            raise self._broken("rings", f"the kinds must be these, in this order: {', '.join(Kind)}")
        quiet = list(self._phrases("quiet", self._part("quiet", list), reader))
        said, doubtful = (
            {kind: list(self._phrases(kind, rings[kind], reader, part)) for kind in Kind}
            for part in ("say", "doubtful")
        )
        apart = {kind: [idea for idea in rings[kind] if idea.get("aside")] for kind in Kind}
        aside = {
            kind: [phrase for part in ("say", "doubtful") for phrase in self._phrases(kind, ideas, reader, part)]
            for kind, ideas in apart.items()
            if ideas
        }
        return Alarm(spelling, quiet, said, aside, doubtful)

    def spelling(self, vocabulary: set[str]) -> Spelling:
        given = self._part("spellings", dict).items()
        spellings = {str(plain): self._texts(f"spellings, {plain}", variants) for plain, variants in given}
        fillers, strong, alone = (self._texts(n, self._part(n, list)) for n in ("fillers", "strong", "leave-alone"))
        return Spelling.of(spellings, fillers, strong, alone, vocabulary)

    def vocabulary(self) -> set[str]:
        """Every word the phrases use, so that none of them is taken for a slip in another."""
        return set(re.findall("[a-z0-9]+", fold(str([self._data.get(p) for p in ("words", "rings", "quiet")]))))

    def _groups(self, spelling: Spelling) -> dict[str, Piece]:
        groups: dict[str, Piece] = {}
        reader = PhraseReader(spelling.words, groups)
        for name, texts in self._part("words", dict).items():
            where = f"words, {name}"
            groups[name] = choice([self._read(where, t, reader.piece) for t in self._texts(where, texts)])
        return groups

    def _phrases(self, where: str, ideas: Any, reader: PhraseReader, part: str = "say") -> Iterator[Phrase]:
        if not isinstance(ideas, list) or not ideas:
            raise self._broken(where, "it has no ideas under it")
        for idea in ideas:
            if not isinstance(idea, dict) or "why" not in idea or not {"say", "doubtful"} & set(idea):
                raise self._broken(where, f'each entry needs "why:" and "say:", but this is {idea!r}')
            for text in self._texts(f"{where}, {idea['why']}", idea[part]) if part in idea else ():
                yield self._read(f"{where}, {idea['why']}", text, reader.phrase)

    def _read(self, where: str, text: str, read: Callable[[str], T]) -> T:
        try:
            return read(text)
        except Unreadable as why:
            raise self._broken(where, f'phrase "{text}": {why}') from why

    def _part(self, name: str, kind: type) -> Any:
        part = self._data.get(name)
        if not isinstance(part, kind) or not part:
            raise self._broken(name, "this part is missing, empty or of the wrong shape")
        return part

    def _texts(self, where: str, value: Any) -> list[str]:
        if not isinstance(value, list) or not value or not all(isinstance(v, str) and v.strip() for v in value):
            raise self._broken(where, f"it must be a list of words in text, quoted where YAML needs it, not {value!r}")
        return value

    def _broken(self, where: str, why: str) -> BrokenPhrases:
        return BrokenPhrases(f"{self._path}: {where}: {why}")
