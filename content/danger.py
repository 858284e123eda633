"""Hears when a child may be in danger, from a reviewed phrase file, before anything else reads the message."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from accessibility.yaml_text import read_yaml
from content.danger_phrases import Phrase, Piece, Reader, Unreadable, choice
from content.danger_words import STOP, Spelling, fold

PHRASES = Path(__file__).with_name("danger.yml")
_SET_ASIDE = "~ "
_MINE = frozenset({"i", "me", "my", "myself", "mine", "us", "our", "we"})

T = TypeVar("T")


class Kind(StrEnum):
    """What kind of danger was heard, the most urgent first: the first that matches wins."""

    DANGER_NOW = "danger-now"
    SUICIDE = "suicide"
    SELF_HARM = "self-harm"
    HARM_NOW = "harm-now"
    EXPLOITED = "exploited"
    HARM_PAST = "harm-past"
    SOMEONE_ELSE = "someone-else"


_OWN = tuple(kind for kind in Kind if kind not in (Kind.DANGER_NOW, Kind.SOMEONE_ELSE))


class BrokenPhrases(ValueError):
    """The phrase file cannot be used; names the file, the kind and the phrase."""


@dataclass(frozen=True)
class _Shelf:
    """Phrases filed under words they need, so that a message is only compared with those it could match."""

    phrases: tuple[Phrase, ...]
    by_word: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, phrases: Sequence[Phrase]) -> "_Shelf":
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

    def rings_for_me(self, line: str) -> bool:
        """Whether a phrase matches words that name the child: "he hits me", and not "he hits her"."""
        found = (match for phrase in self.near(line) for match in phrase.pattern.finditer(line))
        # The word before counts as well: "friend dad hits" is found in "my friend dad hits her".
        return any(not _MINE.isdisjoint([*line[: m.start()].split()[-1:], *m[0].split()]) for m in found)

    def without(self, line: str, unless: str | None = None) -> str:
        """The line with the words of every matching phrase taken out, save those that hold `unless`."""
        for phrase in self.near(line):
            line = phrase.pattern.sub(lambda m: m[0] if unless and unless in m[0] else _SET_ASIDE, line)
        return line


@dataclass(frozen=True)
class _Frame:
    """Words that show a sentence is about a story, a game or the like, and what is then taken out of it."""

    shows: _Shelf
    takes: _Shelf | None
    """None when the frame is a telling: then only what is said of the child rings."""
    unless: _Shelf


class _Frames:
    """The frames of the file, and the words that mean "but this is about me", which end them all."""

    def __init__(self, frames: Sequence[_Frame], real: Sequence[Phrase]) -> None:
        self._frames, self._real = frames, _Shelf.of(real)

    def parted(self, line: str) -> tuple[str, str]:
        """The line in two: what is said outright, without what frames take out, and what is only told."""
        frames = [frame for frame in self._frames if frame.shows.rings(line) and not frame.unless.rings(line)]
        if not frames or self._real.rings(line):
            return line, ""
        outright, told = f"{STOP} ", f"{STOP} "
        for sentence in line.split(f"{STOP} ")[1:-1]:
            words, is_told = self._framed(f"{STOP} {sentence}{STOP} ", frames)
            if is_told:
                told += words[2:]
            else:
                outright += words[2:]
        return outright, told

    def _framed(self, sentence: str, frames: Sequence[_Frame]) -> tuple[str, bool]:
        shown = [frame for frame in frames if frame.shows.rings(sentence)]
        for frame in shown:
            sentence = frame.takes.without(sentence) if frame.takes else sentence
        return sentence, any(frame.takes is None for frame in shown)


class Alarm:
    """Hears danger in a message. Keeps nothing, changes nothing, and gives the same answer every time."""

    def __init__(
        self,
        spelling: Spelling,
        quiet: Sequence[Phrase],
        frames: _Frames,
        rings: Mapping[Kind, Sequence[Phrase]],
    ) -> None:
        self._spelling = spelling
        self._quiet = _Shelf.of(quiet)
        self._frames = frames
        self._rings = {kind: _Shelf.of(rings[kind]) for kind in Kind}

    @classmethod
    def load(cls, path: Path = PHRASES) -> "Alarm":
        """Reads the phrase file. Raises BrokenPhrases naming file, kind and phrase when it cannot be used."""
        return _File(path).alarm()

    def hear(self, text: str) -> Kind | None:
        """The most urgent kind of danger in the raw message, or None.

        It is written never to raise, and tested so; but a caller must treat any exception from here as a ring,
        show help, and never carry on as if it had said None. Give it the whole message, before any trimming.
        """
        # Only the harmless words go: "not suicidal but my dad hits me" must still ring.
        line, told = self._frames.parted(self._quiet.without(self._spelling.plain(text)))
        heard = {self._outright(line), self._told(told)}
        return next((kind for kind in Kind if kind in heard), None)

    def _outright(self, line: str) -> Kind | None:
        if self._rings[Kind.DANGER_NOW].rings(line):
            return Kind.DANGER_NOW
        others = self._rings[Kind.SOMEONE_ELSE]
        # "My friend is being hit" holds "being hit": what is said of another is set aside before listening for "me".
        own = others.without(line, unless=" me ")
        mine = (kind for kind in _OWN if self._rings[kind].rings(own))
        return next(mine, Kind.SOMEONE_ELSE if others.rings(line) else None)

    def _told(self, line: str) -> Kind | None:
        return next((kind for kind in Kind if self._rings[kind].rings_for_me(line)), None) if line else None


class _File:
    """The phrase file while it is being read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._data: Any = read_yaml(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise BrokenPhrases(f"{path}: cannot be read: {error}") from error
        if not isinstance(self._data, dict):
            raise self._broken("top", "the file is not a list of named parts")

    def alarm(self) -> Alarm:
        spelling = self._spelling()
        reader = Reader(spelling.words, self._groups(spelling))
        rings = self._part("rings", dict)
        if list(rings) != list(Kind):
            raise self._broken("rings", f"the kinds must be these, in this order: {', '.join(Kind)}")
        quiet = list(self._phrases("quiet", self._part("quiet", list), reader))
        frames = _Frames(
            [self._frame(idea, reader) for idea in self._part("frames", list)],
            list(self._phrases("about-me", self._part("about-me", list), reader)),
        )
        return Alarm(spelling, quiet, frames, {k: list(self._phrases(k, rings[k], reader)) for k in Kind})

    def _frame(self, given: Any, reader: Reader) -> _Frame:
        """A frame; `takes: others` makes it a telling, and `unless` may be left out."""
        if not isinstance(given, dict) or not {"idea", "shows", "takes"} <= set(given):
            raise self._broken("frames", f'each entry needs "idea:", "shows:" and "takes:", but this is {given!r}')
        where = f"frames, {given['idea']}"

        def shelf(part: str) -> _Shelf:
            return _Shelf.of([self._read(where, text, reader.phrase) for text in self._texts(where, given[part])])

        takes = None if given["takes"] == "others" else shelf("takes")
        return _Frame(shelf("shows"), takes, shelf("unless") if "unless" in given else _Shelf.of([]))

    def _spelling(self) -> Spelling:
        given = self._part("spellings", dict).items()
        spellings = {str(plain): self._texts(f"spellings, {plain}", variants) for plain, variants in given}
        fillers, strong, alone = (self._texts(n, self._part(n, list)) for n in ("fillers", "strong", "leave-alone"))
        return Spelling.of(spellings, fillers, strong, alone, self._vocabulary())

    def _vocabulary(self) -> set[str]:
        """Every word the phrases use, so that none of them is taken for a slip in another."""
        return set(
            re.findall("[a-z0-9]+", fold(str([self._data.get(p) for p in ("words", "rings", "quiet", "frames")])))
        )

    def _groups(self, spelling: Spelling) -> dict[str, Piece]:
        groups: dict[str, Piece] = {}
        reader = Reader(spelling.words, groups)
        for name, texts in self._part("words", dict).items():
            where = f"words, {name}"
            groups[name] = choice([self._read(where, t, reader.piece) for t in self._texts(where, texts)])
        return groups

    def _phrases(self, where: str, ideas: Any, reader: Reader) -> Iterator[Phrase]:
        if not isinstance(ideas, list) or not ideas:
            raise self._broken(where, "it has no ideas under it")
        for idea in ideas:
            if not isinstance(idea, dict) or not {"idea", "say"} <= set(idea):
                raise self._broken(where, f'each entry needs "idea:" and "say:", but this is {idea!r}')
            for text in self._texts(f"{where}, {idea['idea']}", idea["say"]):
                yield self._read(f"{where}, {idea['idea']}", text, reader.phrase)

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
