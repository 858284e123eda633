"""How words sound: numbers, letters and marks turned into what a voice should say."""

import re
from functools import lru_cache

from accessibility.markup import spoken
from accessibility.rulebook import rulebook

PHONE = re.compile(r"(?<![\d£])(?:0\d{2,4}[ \d]{5,}\d|\b116 123\b|\b999\b|\b101\b|\b111\b|\b112\b|\b18001\b)(?!\d)")
_POUNDS = re.compile(r"£(\d[\d,]*)(?:\.(\d\d))?")
_HALF = re.compile(r"(?<!\d)½")
_LETTERS = re.compile(r"\b([A-Z]{2,6})(s?)\b")
_BAD = re.compile(r"[£%@#*_~^<>|=+\\{}\[\]/&½¼¾→…]|https?://\S+|\b[A-Z]{2,6}s?\b")


def aloud(text: str) -> str:
    """The text as a voice should say it: phone numbers digit by digit, letters one by one, known marks in words."""
    said = _HALF.sub("half", _POUNDS.sub(_pounds, spoken(text)))
    for written, sound in _sounds():
        said = written.sub(sound, said)
    said = PHONE.sub(lambda number: " ".join(number[0].replace(" ", "")), said)
    return _LETTERS.sub(_letters, said)


@lru_cache(maxsize=1)
def _sounds() -> tuple[tuple[re.Pattern[str], str], ...]:
    # "½" counts as a digit, so there is no edge between 5 and ½.
    edged = (
        (r"\b" if written[0].isascii() else "", written, sound)
        for written, sound in rulebook().phrases["aloud"].items()
    )
    return tuple(
        (re.compile(rf"{edge}{re.escape(written)}(s?)(?!\w)"), rf"{sound}\g<1>") for edge, written, sound in edged
    )


def _pounds(written: re.Match[str]) -> str:
    pence = int(written[2] or 0)
    return f"{written[1]} pounds{f' {pence}' if pence else ''}"


def _letters(word: re.Match[str]) -> str:
    return " ".join(word[1]) + word[2] if word[1] in rulebook().words["acronyms"] else word[0]


def unspeakable(text: str) -> list[str]:
    """Pieces that would still be read badly: marks, addresses, letters nobody said how to say."""
    return sorted(set(_BAD.findall(aloud(text))))
