"""Reads bot/lines: what the bot learns from, written by authors of different voices, a file an author."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from accessibility.yaml_text import read_yaml

LINES = Path(__file__).parents[1] / "bot" / "lines"
CARD_LINES = LINES / "cards"
"""How young people ask for each card, and do each act."""
LANGUAGE_LINES = LINES / "languages"
"""Lines in other languages, a file a language, named by its code."""
DANGER_LINES = LINES / "danger"
"""Lines that tell danger from calm, a file an author. They are many, so only the judges of letters learn from them."""
# Words that say nothing about which card is meant; two lines that differ only by them are one line.
_IDLE = frozenset(read_yaml((Path(__file__).with_name("talk") / "idle.yml").read_text("utf-8")))
_FEWEST_WORDS_TO_COMPARE = 3


class BadLines(ValueError):
    """A file of lines cannot be used. The message names the file and what to mend."""


def load_lines(known: Collection[str], folder: Path = CARD_LINES) -> dict[str, dict[str, list[str]]]:
    """The lines by author (the file's name) and by key (a card or an act).

    Raises BadLines for a file that is not keys with lines under them, or a key that is neither card nor act.
    """
    return {path.stem: dict(_lines(path, known)) for path in sorted(folder.glob("*.yml"))}


def _lines(path: Path, known: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    try:
        read = read_yaml(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise BadLines(f"{path}: not valid YAML; a line may not start with a space or a tab: {error}") from error
    if not isinstance(read, dict):
        raise BadLines(f"{path}: must hold keys, each followed by `: |` and its lines")
    for key, text in read.items():
        if key not in known or not isinstance(text, str):
            raise BadLines(f"{path}: `{key}` is no card or act (yes and no need quotes), or has no lines under `|`")
        yield key, [line.strip() for line in text.splitlines() if line.strip()]


def together(asked: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, list[str]]:
    """Every author's lines by key, authors in the order of their names."""
    found: dict[str, list[str]] = defaultdict(list)
    for lines in asked.values():
        for key, said in lines.items():
            found[key] += said
    return dict(found)


def near_twins(groups: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, str, str]]:
    """Lines of two groups that differ only in idle words or word order: key, line, other key, other line."""
    first: dict[frozenset[str], tuple[str, str]] = {}
    for key, lines in groups.items():
        for line in lines:
            core = frozenset(re.findall(r"[^\W_]+", line.casefold())) - _IDLE
            if len(core) < _FEWEST_WORDS_TO_COMPARE:
                continue
            other_key, other = first.setdefault(core, (key, line))
            if other_key != key:
                yield other_key, other, key, line
