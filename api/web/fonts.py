"""The letters that a reader may choose, from our own host: there once `make fonts` has fetched them.

Without them every page is complete in the letters of the device.
"""

from functools import lru_cache
from pathlib import Path

FONTS = Path(__file__).parents[2] / "accessibility" / "fonts" / "files"
"""Where `make fonts` puts them."""
NAMES = frozenset({"atkinson", "atkinson-more", "lexend", "lexend-more", "opendyslexic", "opendyslexic-bold"})
"""The files, as frame/fonts.css names them; "-more" holds the letters that English does not need, as Welsh does."""


def have_fonts() -> bool:
    """True when every file is there, so that no page asks for one in vain."""
    return all(_file(name).is_file() for name in NAMES)


@lru_cache(maxsize=len(NAMES))
def font(name: str) -> bytes:
    """The bytes of one of NAMES."""
    return _file(name).read_bytes()


def _file(name: str) -> Path:
    return FONTS / f"{name}.woff2"
