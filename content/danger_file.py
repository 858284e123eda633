"""Reads the phrases of danger and how their words are spelt; a broken file is named with the place in it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from accessibility.yaml_text import read_yaml
from content.danger_phrases import Phrase, PhraseReader, Piece, Unreadable, choice
from content.danger_words import Spelling, fold

T = TypeVar("T")
K = TypeVar("K", bound=str)


class BrokenPhrases(ValueError):
    """The phrase file cannot be used; names the file, the kind and the phrase."""


class PhraseFile:
    """The phrase file, or that of the spellings, while it is being read. Raises BrokenPhrases."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._data: Any = read_yaml(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise BrokenPhrases(f"{path}: cannot be read: {error}") from error
        if not isinstance(self._data, dict):
            raise self._broken("top", "the file is not a list of named parts")

    def phrases(
        self, kinds: Sequence[K], spelling: Spelling
    ) -> tuple[list[Phrase], Mapping[K, list[Phrase]], Mapping[K, list[Phrase]], Mapping[K, list[Phrase]]]:
        """The quiet phrases, and by kind those that ring, those that are set aside, and the doubtful ones."""
        reader = PhraseReader(spelling.words, self._groups(spelling))
        rings = self._part("rings", dict)
        if list(rings) != list(kinds):
            raise self._broken("rings", f"the kinds must be these, in this order: {', '.join(kinds)}")
        quiet = list(self._phrases("quiet", self._part("quiet", list), reader))
        said, doubtful = (
            {kind: list(self._phrases(kind, rings[kind], reader, part)) for kind in kinds}
            for part in ("say", "doubtful")
        )
        apart = {kind: [idea for idea in rings[kind] if idea.get("aside")] for kind in kinds}
        aside = {
            kind: [phrase for part in ("say", "doubtful") for phrase in self._phrases(kind, ideas, reader, part)]
            for kind, ideas in apart.items()
            if ideas
        }
        return quiet, said, aside, doubtful

    def spelling(self, vocabulary: set[str]) -> Spelling:
        """How words are spelt; none of the `vocabulary` is taken for a slip in another."""
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
