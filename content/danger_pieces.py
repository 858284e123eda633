"""Cuts a text of any length into overlapping pieces that are each heard quickly, so that nothing typed is unheard."""

import re
from collections.abc import Iterator

from content.danger_words import fold

READ_AT_ONCE = 2_500
"""Letters that are folded in one go. No sign folds to more than four, so there are never more than 10,000 of them."""
HEARD_AT_ONCE = 2_500
"""Letters of plain text in one piece: about 30 milliseconds of work."""
SHARED = 600
"""Letters that a piece has from the one before it: more than the longest phrase, so that no cry is cut in two."""

# What stands between words, or leans on a letter, may be of any length; it would push the parts of a cry asunder.
_BETWEEN = re.compile(r"[^\w.!?;\n@$*\U0001f300-\U0001faff]+")
_ENDS = re.compile(r"[.!?;\n ]*[.!?;\n][.!?;\n ]*")
_LEANED_ON = re.compile(r"(.)\1{8,}", re.DOTALL)


def pieces(text: str) -> Iterator[str | None]:
    """The pieces, in their order. Between them, None wherever others may have a turn: what comes next takes a while.

    A text that fits in one piece is given as it is. Of a longer one, each piece but the first begins within the one
    before, at a word.
    """
    if len(text) <= READ_AT_ONCE:
        yield text
        return
    waiting = ""
    for start in range(0, len(text), READ_AT_ONCE):
        yield None
        waiting = _squeezed(waiting + fold(text[start : start + READ_AT_ONCE]))
        while len(waiting) > HEARD_AT_ONCE:
            end = _at_a_word(waiting, HEARD_AT_ONCE)
            yield waiting[:end]
            yield None
            waiting = waiting[_at_a_word(waiting, end - SHARED) :]
    yield waiting


def _squeezed(folded: str) -> str:
    return _LEANED_ON.sub(r"\1\1\1", _ENDS.sub(". ", _BETWEEN.sub(" ", folded)))


def _at_a_word(text: str, near: int) -> int:
    """The last place where a word begins, not after `near`; `near` itself where one word is that long."""
    return text.rfind(" ", near - SHARED // 2, near) + 1 or near
