"""The languages that words may be in."""

from typing import Literal, get_args

Language = Literal["en", "cy"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
