"""Misspells plain messages with mistakes that people really made, from a list that nothing of ours has learnt.

The list is codespell's (65,000 mistakes from public texts, CC BY-SA 3.0). It comes with the package, and is used as it
is.
"""

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

OFTEN: Mapping[str, float] = {"1 word in 10": 0.1, "1 word in 4": 0.25}
"""How many of the words that have a known mistake are misspelt, by the name of the row."""
MOST_LOST: Mapping[str, float] = {"1 word in 10": 0.02, "1 word in 4": 0.07}
_WORD = re.compile(r"[a-z]+")


@cache
def mistakes() -> Mapping[str, Sequence[str]]:
    """The mistakes people made with each word."""
    found = defaultdict[str, list[str]](list)
    listed = files("codespell_lib").joinpath("data/dictionary.txt").read_text("utf-8")
    for line in listed.splitlines():
        mistake, _, meant = line.partition("->")
        # After a second comma stands why a word is not put right; where several words are meant, none is sure.
        word = meant.split(",")[0].strip()
        if word.isalpha() and "," not in meant.rstrip(", "):
            found[word].append(mistake)
    return found


def misspelt(text: str, often: float) -> str:
    """The message with this share of its words misspelt, at least one of them, the same way every time."""
    draw = random.Random(text)  # noqa: S311 - a fair draw, not a secret
    words = list(_WORD.finditer(text.lower()))
    can = [word for word in words if word[0] in mistakes()]
    chosen = draw.sample(can, min(len(can), max(1, round(often * len(words)))))
    letters = text.lower()
    for word in sorted(chosen, key=lambda one: -one.start()):
        letters = letters[: word.start()] + draw.choice(mistakes()[word[0]]) + letters[word.end() :]
    return letters
