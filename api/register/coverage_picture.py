"""The picture of the register: one mark for each card or fact, with a shape of its own, so colour is never needed."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from api.register.board import STATES, State

_BESIDE = 6
_IN_A_ROW = 26


def samples() -> Mapping[State, str]:
    """One mark of each state, for the key and for single lines."""
    return {state: _mark(state, 0, 0) for state in STATES}


def picture(states: Iterable[State]) -> Mapping[State, str]:
    """The marks of a row as SVG paths, one for each state that occurs: what stands alike is drawn at once."""
    placed = sorted((state, number) for number, state in enumerate(states))
    return {
        state: "".join(_mark(state, _BESIDE * (at % _IN_A_ROW), _BESIDE * (at // _IN_A_ROW)) for _, at in group)
        for state, group in groupby(placed, key=lambda pair: pair[0])
    }


def size(counts: Sequence[int]) -> tuple[int, int]:
    """The width and height in which a picture with any of these numbers of marks fits."""
    most = max(counts, default=0)
    return _BESIDE * min(most, _IN_A_ROW), _BESIDE * math.ceil(most / _IN_A_ROW)


def of_facts(slots: Iterable[str], told: frozenset[str]) -> Iterator[State]:
    """The marks of a force's local facts: told by the force itself, or not told."""
    for slot in slots:
        yield "own" if slot in told else "missing"


def _mark(state: State, x: int, y: int) -> str:
    """One mark of five by five: a full square, a half one, stripes, a cross, a hollow square."""
    shapes: Mapping[State, str] = {
        "own": f"M{x} {y}h5v5h-5z",
        "national": f"M{x} {y}v5h5z",
        "overdue": f"M{x} {y}h1v5h-1zm2 0h1v5h-1zm2 0h1v5h-1z",
        "withdrawn": f"M{x} {y + 1}l1-1 1.5 1.5 1.5-1.5 1 1-1.5 1.5 1.5 1.5-1 1-1.5-1.5-1.5 1.5-1-1 1.5-1.5z",
        "missing": f"M{x} {y}h5v5h-5zm1 1v3h3v-3z",
    }
    return shapes[state]
