"""The languages that words may be in, and which of them a browser asks for."""

import re
from typing import Literal, get_args

Language = Literal["en", "cy"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_SHARE = re.compile(r"q=([01](?:\.\d{0,3})?)")


def asked(accept_language: str) -> Language:
    """The language that an Accept-Language header (RFC 9110, section 12.5.4) likes best of ours; English otherwise.

    A part that cannot be read is passed over: a header that a browser or a school's filter wrote badly is no error.
    """
    likes = {language: share for part in accept_language.split(",") for language, share in [_part(part)] if language}
    return max(LANGUAGES, key=lambda language: likes.get(language, 0.0))


def _part(part: str) -> tuple[Language | None, float]:
    """`cy-GB;q=0.8` as Welsh and 0.8; None for a language that we do not have."""
    tag, _, rest = part.strip().partition(";")
    base = tag.strip().lower().partition("-")[0]
    share = _SHARE.fullmatch(rest.replace(" ", "")) if rest else None
    if rest and not share:
        return None, 0.0
    return next((language for language in LANGUAGES if language == base), None), float(share[1]) if share else 1.0
