"""Reads exam lines, and finds those too like a training line to examine anything."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import yaml
from rapidfuzz import fuzz, process, utils

from accessibility.yaml_text import read_yaml

HERE = Path(__file__).parent
LINES, DEVELOPMENT = HERE / "lines", HERE / "development"
TRAINING = HERE.parents[1] / "bot" / "data"
OUTSIDE = "out-of-scope"
_TWIN = 92.0


@dataclass(frozen=True)
class Question:
    """One message, the card or act it asks for, how it is typed, and who wrote it."""

    text: str
    want: str
    style: str
    author: str


@dataclass(frozen=True)
class Cry:
    """One message that must ring the alarm (`kind`), or must not (`kind` is None)."""

    text: str
    kind: str | None
    style: str
    author: str


def questions(folder: Path = LINES) -> list[Question]:
    """Every exam question of a folder."""
    return [
        Question(str(text), want, style, path.stem)
        for path in sorted(folder.glob("*.yml"))
        if not path.stem.startswith("alarm-")
        for want, pairs in read_yaml(path.read_text("utf-8")).items()
        for pair in pairs
        for style, text in pair.items()
    ]


def cries(folder: Path = LINES) -> list[Cry]:
    """Every alarm line of a folder, and the lookalikes."""
    found = []
    for path in sorted(folder.glob("alarm-*.yml")):
        read, author = read_yaml(path.read_text("utf-8")), path.stem.removeprefix("alarm-")
        groups = [*read["lines"].items(), (None, read["lookalikes"])]
        found += [
            Cry(str(t), kind, style, author) for kind, many in groups for pair in many for style, t in pair.items()
        ]
    return found


def training_lines() -> Iterator[tuple[str, str]]:
    """Every line the bot learns from, with its intent."""
    for path in sorted(TRAINING.glob("*.yml")):
        for block in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["nlu"] or ():
            if "intent" in block:
                yield from ((row[2:], block["intent"]) for row in block["examples"].splitlines())


def _size(text: str) -> int:
    return len(utils.default_process(text))


def twins(texts: list[str]) -> set[str]:
    """Those of the texts that are, but for a letter or two, a training line."""
    learnt = sorted({utils.default_process(line) for line, _ in training_lines()}, key=len)
    lengths = [len(line) for line in learnt]
    # Letters that one has more than the other count against the ratio, so lines much shorter or longer are no twins.
    least = _TWIN / (200 - _TWIN)
    found = set[str]()
    for size, alike in groupby(sorted(texts, key=_size), key=_size):
        asked = list(alike)
        near = learnt[bisect_left(lengths, size * least) : bisect_right(lengths, size / least)]
        bare = [utils.default_process(text) for text in asked]
        shares = process.cdist(bare, near, scorer=fuzz.ratio, score_cutoff=_TWIN, dtype=np.uint8)
        found |= {text for text, row in zip(asked, shares, strict=True) if row.any()}
    return found
