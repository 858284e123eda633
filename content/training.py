"""What the bot learns from: lines for cards and acts, and entity words; and everything wrong with them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import category as _category

from accessibility.yaml_text import read_yaml
from content.training_lines import near_twins

ACTS = (
    "greet",
    "thanks",
    "bye",
    "yes",
    "no",
    "simpler",
    "again",
    "what-word",
    "person",
    "say-place",
    "rude",
    "other-language",
    "out-of-scope",
)
ENTITIES = ("subject", "person")
CALM = "calm"
"""What a line of bot/lines/danger is under that tells of no danger, whatever it asks: only danger is learnt from it."""

_ANNOTATION = re.compile(r"\](?=[(\[{])")
_UNWRITABLE = {"Cc", "Cs", "Cn"}


class BadTraining(ValueError):
    """The lines cannot be learnt from; `problems` says why, one clear sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Talk:
    """The hand-written half: lines for each act, and for each entity its ids with the ways to write them."""

    acts: Mapping[str, Sequence[str]]
    words: Mapping[str, Mapping[str, Sequence[str]]]


def read_talk(folder: Path) -> Talk:
    """Read `acts.yml` (a line each) and `words.yml` (commas between) from content/talk.

    Raises:
        OSError: when a file is missing.
        BadTraining: when a file does not hold what it should.
    """
    acts = _read(folder / "acts.yml")
    words = {entity: _texts(folder / "words.yml", ids) for entity, ids in _read(folder / "words.yml").items()}
    return Talk(
        acts={act: text.splitlines() for act, text in _texts(folder / "acts.yml", acts).items()},
        words={entity: {key: _ways(text) for key, text in ids.items()} for entity, ids in words.items()},
    )


def problems(
    examples: Mapping[str, Sequence[str]], talk: Talk, heard: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    """Everything that would teach the bot wrongly, as sentences for the author; empty when all is well."""
    groups = {**examples, **talk.acts}
    every = {key: [*groups.get(key, ()), *(heard or {}).get(key, ())] for key in {**groups, **(heard or {})}}
    return [
        *(f"`{act}` is not an act of the contract." for act in talk.acts if act not in ACTS),
        *(f"acts.yml has no lines for `{act}`." for act in ACTS if not talk.acts.get(act)),
        *(f"`{key}` is both a card and an act." for key in examples if key in talk.acts),
        *(f"Card `{key}` has no example questions." for key, lines in examples.items() if not clean(lines)),
        *(
            f"bot/lines/danger has lines for `{key}`, which nobody asks in bot/lines/cards."
            for key in every
            if key not in groups and key != CALM
        ),
        *_shared_lines({key: lines for key, lines in every.items() if key != CALM}),
        *_shared_lines({key: lines for key, lines in every.items() if key == CALM or key.startswith("alarm-")}),
        *_near_twins({key: lines for key, lines in every.items() if key != CALM}),
        *_shared_words(talk.words),
    ]


def _read(path: Path) -> dict[Any, Any]:
    read = read_yaml(path.read_text(encoding="utf-8"))
    if not isinstance(read, dict):
        raise BadTraining([f"{path}: must hold names, each with its lines under it."])
    return read


def _texts(path: Path, read: object) -> dict[str, str]:
    """Names with text under each; YAML turns an unquoted yes, no or number into something else."""
    pairs = read.items() if isinstance(read, dict) else [("the whole", read)]
    wrong = [key for key, text in pairs if not (isinstance(key, str) and isinstance(text, str))]
    if wrong:
        raise BadTraining([f"{path}: `{key}` must be a name (yes and no in quotes) with text." for key in wrong])
    return dict(pairs)


def _ways(text: str) -> list[str]:
    return [" ".join(way.split()) for way in text.split(",") if way.strip()]


def _fold(line: str) -> str:
    """Two lines that fold alike are one line to the bot."""
    return " ".join(re.sub(r"[^\w\s]", " ", line.casefold()).split()) or line.strip()


def clean(raw: Iterable[str]) -> list[str]:
    """Lines as Rasa can read them, in their order, each once."""
    tamed = (_tame(line) for line in raw)
    return list({_fold(line): line for line in tamed if line}.values())


def _tame(line: str) -> str:
    """One line that both YAML and Rasa take as plain words.

    Rasa has no escape for its own markup, `[words](entity)`, so a space parts the brackets; it also reads a
    backslash in a file of plain letters as an escape.
    """
    seen = "".join(" " if char in "\\\ufeff" or _category(char) in _UNWRITABLE else char for char in line)
    return _ANNOTATION.sub("] ", " ".join(seen.split()))


def _shared_lines(groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    owners: dict[str, dict[str, None]] = defaultdict(dict)
    for group, lines in groups.items():
        for line in clean(lines):
            owners[_fold(line)][group] = None
    for line, names in owners.items():
        if len(names) > 1:
            yield f"`{line}` is a line of {' and '.join(f'`{name}`' for name in names)}: keep it in one."


def _near_twins(groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for key, line, other_key, other in near_twins(groups):
        if _fold(line) != _fold(other):
            yield f"`{line}` of `{key}` and `{other}` of `{other_key}` ask the same: keep one."


def _shared_words(words: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[str]:
    """Words that Rasa could not find or could not tell apart: it keeps one list of synonyms for all entities."""
    owners: dict[str, dict[str, None]] = defaultdict(dict)
    for entity, ids in words.items():
        if entity not in ENTITIES:
            yield f"`{entity}` in words.yml is not one of {', '.join(ENTITIES)}."
        for key, ways in ids.items():
            for way in ways:
                owners[way.casefold()][key] = None
    for way, keys in owners.items():
        if len(keys) > 1:
            yield f"The word `{way}` means both {' and '.join(f'`{key}`' for key in keys)}: keep it in one."
        if not re.fullmatch(r"\w(.*\w)?", way):
            yield f"The word `{way}` must start and end with a letter or number, or Rasa never finds it."
