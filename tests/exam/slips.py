"""Misspells exam lines in four ways, the same way every time, to see what spelling alone costs."""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.exam.questions import Question

_SOUNDS = (
    ("ph", "f"),
    ("ight", "ite"),
    ("tion", "shun"),
    ("ough", "uff"),
    ("ck", "k"),
    ("wh", "w"),
    ("kn", "n"),
    ("th", "f"),
    ("ce", "se"),
    ("ea", "ee"),
    ("ie", "ei"),
    ("er", "a"),
    ("ly", "lee"),
)
_SHORT = {
    "you": "u", "your": "ur", "are": "r", "to": "2", "too": "2", "for": "4", "be": "b", "see": "c", "what": "wot",
    "because": "cos", "with": "wiv", "the": "da", "that": "dat", "and": "n", "police": "feds", "please": "pls",
    "have": "av", "people": "ppl", "someone": "sum1", "about": "bout", "tell": "tel", "know": "no", "get": "git",
}  # fmt: skip
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LONG_ENOUGH, _HOW_OFTEN = 4, 0.5
Spoil = Callable[[str, random.Random], str]


def _by_sound(word: str, draw: random.Random) -> str:
    sounds = [(right, wrong) for right, wrong in _SOUNDS if right in word]
    right, wrong = draw.choice(sounds) if sounds else (word, word)
    return word.replace(right, wrong, 1)


def _dropped(word: str, draw: random.Random) -> str:
    place = draw.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1 :]


def _keyboard(word: str, draw: random.Random) -> str:
    place = draw.randrange(len(word))
    row = next((keys for keys in _KEYS if word[place] in keys), None)
    if row is None:
        return word
    beside = row.index(word[place])
    return (
        word[:place] + draw.choice(row[max(0, beside - 1) : beside] + row[beside + 1 : beside + 2]) + word[place + 1 :]
    )


def _text_speak(word: str, draw: random.Random) -> str:
    return _SHORT.get(word, word if draw.random() < _HOW_OFTEN else re.sub(r"(?<=\w)[aeiou](?=\w)", "", word, count=1))


WAYS: Mapping[str, Spoil] = {
    "by sound": _by_sound,
    "letters dropped": _dropped,
    "keyboard slips": _keyboard,
    "text-speak": _text_speak,
}


def spoilt(question: Question, way: str) -> Question:
    """The question with half of its longer words misspelt in one way; every word in text-speak."""
    draw = random.Random(question.text)  # noqa: S311 - a fair draw, not a secret

    def word(found: re.Match[str]) -> str:
        plain = found[0]
        if way != "text-speak" and (len(plain) < _LONG_ENOUGH or draw.random() > _HOW_OFTEN):
            return plain
        return WAYS[way](plain, draw)

    return replace(question, text=re.sub(r"[a-z]+", word, question.text.lower()), style=way)
