"""The cries and their harmless twins, cause by cause: what an alarm must hear, and what it must not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from accessibility.yaml_text import read_yaml
from content.danger import Kind

Half = Literal["development", "sealed"]
KINDS = frozenset(Kind)
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Cause:
    """Why somebody cries for help; `now` says whether it is danger or an emergency at this moment."""

    id: str
    name: str
    now: bool
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One thing a child writes; a twin has the words of its cause and nothing wrong, so it expects no alarm."""

    text: str
    cause: str
    author: str
    cry: bool
    now: bool
    expected: tuple[str, ...]


def causes() -> dict[str, Cause]:
    """Every cause by its id."""
    listed = read_yaml((_HERE / "causes.yml").read_text("utf-8"))["causes"]
    found = [Cause(row["id"], row["name"], row["now"], tuple(row["expected"])) for row in listed]
    assert len({cause.id for cause in found}) == len(found), "two causes have one id"
    return {cause.id: cause for cause in found}


def lines(half: Half) -> tuple[Line, ...]:
    """Every line of this half. The sealed half is asked once of a finished alarm (README.md)."""
    known = causes()
    files = sorted((_HERE / half).glob("*.yml"))
    return tuple(line for file in files for line in _of_author(file, known))


def _of_author(file: Path, known: dict[str, Cause]) -> Iterator[Line]:
    written = read_yaml(file.read_text("utf-8"))
    for row in written["lines"]:
        if "twin_of" in row:
            yield Line(row["text"], known[row["twin_of"]].id, written["author"], False, False, ())
        else:
            cause = known[row["cause"]]
            yield Line(row["text"], cause.id, written["author"], True, row.get("now", cause.now), cause.expected)
