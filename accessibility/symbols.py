"""The pictures a card may show: their ids, captions and where each picture comes from."""

from functools import lru_cache
from pathlib import Path

from accessibility.yaml_text import read_yaml

SYMBOLS = Path(__file__).with_name("symbols.yml")


@lru_cache(maxsize=1)
def symbols() -> dict[str, dict[str, str]]:
    """Every symbol by id: its caption, and the code point of its OpenMoji picture."""
    raw: dict[str, dict[str, object]] = read_yaml(SYMBOLS.read_text("utf-8"))
    return {key: {name: str(value) for name, value in entry.items()} for key, entry in raw.items()}


def symbol_ids() -> frozenset[str]:
    """The ids a card may name."""
    return frozenset(symbols())
