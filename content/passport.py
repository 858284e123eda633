"""My passport: the pictured sentences with which a young person says how to talk with them, and how an adult helps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from accessibility.language import words
from accessibility.reading import read
from accessibility.rule_finding import Answer, Glossary, Level
from accessibility.symbols import symbol_ids
from accessibility.yaml_text import read_yaml

PASSPORT = Path(__file__).with_name("passport.yml")
MOST_WORDS: Mapping[str, int] = MappingProxyType({"says": 12, "help": 18})
"""The most words of what a sentence says, and of how to help: a page of them is read in a minute."""

_LEVELS: Mapping[str, Level] = MappingProxyType({"says": "easy", "help": "standard"})


class BrokenPassport(ValueError):
    """The sentences cannot be used. The message names the file, the sentence and what to mend."""


@dataclass(frozen=True)
class PassportSentence:
    """One sentence: the id of its picture, what it `says` for the child, and what the adult does to `help`."""

    id: str
    symbol: str
    says: str
    help: str


@dataclass(frozen=True)
class PassportGroup:
    """Sentences about one thing, under its title."""

    title: str
    sentences: tuple[PassportSentence, ...]


@dataclass(frozen=True)
class Passport:
    """Every sentence there is to pick, in groups, in the order of the page."""

    groups: tuple[PassportGroup, ...]

    @property
    def sentences(self) -> tuple[PassportSentence, ...]:
        """All of them, in order."""
        return tuple(sentence for group in self.groups for sentence in group.sentences)

    def picked(self, ids: Iterable[str]) -> tuple[PassportSentence, ...]:
        """The sentences with these ids, each once, in the order of the page; an id that is none is left out."""
        wanted = set(ids)
        return tuple(sentence for sentence in self.sentences if sentence.id in wanted)

    def unknown(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids that name no sentence."""
        return set(ids) - {sentence.id for sentence in self.sentences}


@cache
def passport() -> Passport:
    """The sentences of this release."""
    return load_passport()


def load_passport(path: Path = PASSPORT) -> Passport:
    """The sentences of a file. Raises BrokenPassport naming the file and what to mend."""
    raw: dict[str, Any] = read_yaml(path.read_text("utf-8"))
    try:
        found = Passport(tuple(_group(entry) for entry in raw.values()))
    except (KeyError, TypeError, AttributeError) as error:
        raise BrokenPassport(
            f"{path}: {error} is missing or misshapen; see the entry before it for the shape"
        ) from error
    ids = [sentence.id for sentence in found.sentences]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise BrokenPassport(f"{path}: {', '.join(twice)} is there twice; give each sentence an id of its own")
    for sentence in found.sentences:
        if sentence.symbol not in symbol_ids():
            raise BrokenPassport(
                f'{path}: "{sentence.id}" has the picture "{sentence.symbol}", which is not in the list'
            )
    return found


def _group(raw: Mapping[str, Any]) -> PassportGroup:
    sentences = (PassportSentence(**{name: str(value) for name, value in one.items()}) for one in raw["sentences"])
    return PassportGroup(str(raw["title"]), tuple(sentences))


def in_the_way(sentence: PassportSentence, glossary: Glossary) -> list[str]:
    """What stands in the way of reading a sentence: too many words, and every error of the reading rules."""
    found = []
    for name, level in _LEVELS.items():
        text = str(getattr(sentence, name))
        if len(words(text)) > MOST_WORDS[name]:
            found.append(f"{sentence.id}: {name} has {len(words(text))} words; at most {MOST_WORDS[name]}")
        answer = Answer(level, "How can you help?", "Help", (text,), pictures=(sentence.symbol,))
        errors = [finding for finding in read(answer, glossary) if finding.severity == "error"]
        found += [f"{sentence.id}: {name}: {error.problem} ({error.text})" for error in errors]
    return found
