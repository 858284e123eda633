"""Two keys that a word keeps when it is spelt by ear or without its vowels: how it sounds in Britain, and its bones."""

from __future__ import annotations

import re

# In order: each rule sees what the rules before it left. In most of England and Wales an r before a consonant is
# silent ("corshun", caution), th is often said as f or v ("wiv"), and an h is dropped.
_RULES = tuple(
    (re.compile(spelt), sounds)
    for spelt, sounds in (
        (r"[^a-z]", ""),
        (r"^(?:kn|gn|pn)", "n"),
        (r"^wr", "r"),
        (r"^wh", "w"),
        (r"^ps", "s"),
        (r"tion|sion|cian|shun|shon|shen|sian|tian", "5n"),
        (r"tious|cious|shus", "5s"),
        (r"ture|cher|cha$", "4"),
        (r"ph", "f"),
        (r"ght", "t"),
        (r"gh$", "f"),
        (r"tch|ch", "4"),
        (r"sch", "sk"),
        (r"sh", "5"),
        (r"th|v", "f"),
        (r"ck|cc|q|k", "k"),
        (r"x", "ks"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"g(?=[eiy])|dg|j", "j"),
        (r"mb$", "m"),
        (r"z", "s"),
        (r"r(?![aeiouy])", ""),
        (r"h(?![aeiouy])|(?<!^)h", ""),
        (r"y$", "e"),
        (r"(?<=.)[aeiouyw]+", "a"),
        (r"^[aeiouy]+", "a"),
        (r"(.)\1+", r"\1"),
        (r"(?<=.)a$", ""),
    )
)
_VOWELS = re.compile(r"(?<!^)[aeiou]")


def sound(word: str) -> str:
    """The same for two spellings in small letters that are said nearly alike: all vowels but a first one are one."""
    for spelt, sounds in _RULES:
        word = spelt.sub(sounds, word)
    return word


def bones(word: str) -> str:
    """The word without the vowels after its first letter, as thumbs in a hurry type it: "hv" of "have"."""
    return _VOWELS.sub("", word)
