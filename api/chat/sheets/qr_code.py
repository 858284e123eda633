"""A code that a phone's camera reads, and the address in it as people type it."""

import re
from dataclasses import dataclass

import segno
from markupsafe import Markup

_EDGE = 4
_PARTS = re.compile(r"[^/?]+[/?]?")


@dataclass(frozen=True)
class Scan:
    """An address as a code, whole, and in letters without what a browser adds by itself.

    `code` are the lines of an SVG that is `size` wide and high. The letters are in parts between which a line may end,
    so that nobody takes the end of a line for the address's.
    """

    code: Markup
    size: int
    address: str
    letters: tuple[str, ...]


def scan(address: str) -> Scan:
    """The code of one of our addresses, black on white with the quiet edge that readers need."""
    made = segno.make(address, micro=False, error="m")
    drawn = made.svg_inline(border=_EDGE, dark="#000", light="#fff", svgclass=None, lineclass=None, omitsize=True)
    # segno writes the lines from its own numbers; nothing of the address stands in them as text.
    lines = Markup(drawn.partition(">")[2].removesuffix("</svg>"))  # noqa: S704
    size = made.symbol_size(border=_EDGE)[0]
    return Scan(lines, int(size), address, tuple(_PARTS.findall(address.partition("//")[2])))
