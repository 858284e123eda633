"""Teaches the weights by which danger is heard while the bot is away: logistic regression, a line at a time."""

import random
from array import array
from collections.abc import Iterable, Iterator, Sequence
from math import exp, sqrt
from pathlib import Path

import yaml

from content.danger_letters import PLACES, UNITS, pieces

ROUNDS, RATE = 6, 0.5
"""How often each line is learnt, and how large a step is (AdaGrad, Duchi et al. 2011)."""
_ALARM = "alarm-"
_MOST = 127

Pupil = tuple[tuple[int, ...], bool]


def pupils(files: Iterable[str]) -> Iterator[Pupil]:
    """The pieces of each line of the bot's training files, and whether it tells of danger."""
    for text in files:
        for block in yaml.load(text, yaml.CSafeLoader)["nlu"]:
            for row in block["examples"].splitlines() if "intent" in block else ():
                yield tuple(pieces(row.removeprefix("- "))), block["intent"].startswith(_ALARM)


def teach(lines: Sequence[Pupil], seed: int = 1) -> tuple[list[float], float]:
    """The weights and the offset. Danger and calm count alike, however many lines each has."""
    weights, steps = [0.0] * PLACES, [1e-8] * PLACES
    offset, offset_step = 0.0, 1e-8
    of_danger = sum(danger for _, danger in lines)
    counts = {True: len(lines) / 2 / of_danger, False: len(lines) / 2 / (len(lines) - of_danger)}
    order, draw = list(range(len(lines))), random.Random(seed)  # noqa: S311 - an order, no secret
    for _ in range(ROUNDS):
        draw.shuffle(order)
        for at in order:
            found, danger = lines[at]
            share = 1 / sqrt(len(found) or 1)
            heard = offset + share * sum(weights[place] for place in found)
            off = counts[danger] * (1 / (1 + exp(-heard)) - danger)
            offset_step += off * off
            offset -= RATE * off / sqrt(offset_step)
            slope = off * share
            for place in found:
                steps[place] += slope * slope
                weights[place] -= RATE * slope / sqrt(steps[place])
    return weights, offset


def write_letters(weights: Sequence[float], offset: float, out: Path) -> None:
    """Writes them as whole numbers of eight bits, the offset last."""
    small = (max(-_MOST, min(_MOST, round(weight * UNITS))) for weight in (*weights, offset))
    out.write_bytes(array("b", small).tobytes())
