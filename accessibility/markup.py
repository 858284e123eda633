"""The few marks that words may carry: bold, lists, and [everyday]{everyday} senses; and the text without them."""

import re

EVERYDAY = re.compile(r"\[([^\[\]]+)\]\{everyday\}")
_MARKS = re.compile(r"\*\*")
_ITEM = re.compile(r"^\s*(?:[-*]|\d+\.)\s+", re.M)


def plain(text: str) -> str:
    """The text without the marks of bold and everyday senses; list marks stay, since rules count items by them."""
    return _MARKS.sub("", EVERYDAY.sub(r"\1", text))


def spoken(text: str) -> str:
    """The text as it is read aloud: without any mark at all."""
    return _ITEM.sub("", plain(text))
