"""What a message says of people: the child's part in what happened, that it names somebody, that somebody looks on.

Patterns alone; nothing is kept.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from accessibility.yaml_text import read_yaml
from content.card import Reader
from content.follow_up import TALK, bare

ROLES = TALK / "roles.yml"
_STANDS_FOR = {"(they)": "(?:police|the police|officers|they|feds|cops)", "(we)": "(?:i|we)"}
# A pattern looks at what is near; beyond this a text is a story, whose beginning says who tells it.
_LONGEST_ROLE = 1_000
# Numbers that help, which a child may well repeat: 999, 101, 116 123, 0800 1111 ...
_PHONE = re.compile(r"(?<!\d)(?:\+44\s?|0)(?:7\d|[12]\d)\d(?:[\s-]?\d){7,8}(?!\d)")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b", re.IGNORECASE)
# Not court, close, place or way: "2 weeks till court" is no address.
_STREETS = "street|st|road|rd|avenue|ave|lane|drive|terrace|crescent|gardens|grove"
_ADDRESS = re.compile(rf"\b\d{{1,4}}[a-z]? (?:[a-z]+ ){{1,3}}(?:{_STREETS})\b")
_NAME = re.compile(r"\b(?:my (?:full )?name is|my names|i am called|im called)(?! not\b) [a-z]")
_LONGEST = 2_000
_KIN = "mum|mom|mam|dad|nan|stepdad|brother|sister|bf|boyfriend|girlfriend|ex|carer|mate|teacher|cousin|uncle|auntie"
_SOMEBODY = rf"(?:he|she|they|people|somebody|someone|some1|(?:(?:my|me|our) )?(?:{_KIN}))"
_TYPED = r"(?:what|wot) (?:im|i am|i|ive) (?:typ|writ|put|say|said)\w*"
_THIS = rf"(?:this|this chat|(?:my|the) screen|{_TYPED}|over my shoulder|me (?:typ|writ)\w*)"
_VERB = r"(?:(?:read|look|watch|see|check)in(?:g)?|reads|looks|watches|sees|checks)"
_LOOKS = rf"(?:is |are )?(?:\w+ ){{0,2}}{_VERB}(?: at| thru| through)?"
# "Reading this letter" and "read this out in court" tell of something else; the chat is "this" and no more.
_ENDS = r"(?=$| (?:now|rn|right|atm|and|but|so|cos|because|help|quick|pls|please|too|as|over)\b)"
_HIDE = r"(?:hide|clear) (?:this|the|my)(?: (?:chat|screen|page))?(?: (?:now|quick|fast|pls|please))*$"
_LOOKS_ON = re.compile(
    rf"^(?:(?:\w+ ){{0,2}}?{_SOMEBODY}(?:s|re)? {_LOOKS} {_THIS}{_ENDS}|{_SOMEBODY} can (?:read|see) {_THIS}{_ENDS}"
    rf"|(?:(?:quick|quickly|pls|please) )?{_HIDE})"
)
# "Can they see this?" and "is somebody reading this" ask about the chat.
_ASKS = re.compile(r"^(?:is|are|can|could|will|would|do|does|did|who|what|wot|if|when|how|why)\b")
_MOST_WORDS = 12


class RolePatterns:
    """The patterns, read once. Raises KeyError, ValueError or re.error when the file is broken."""

    def __init__(self, path: Path = ROLES) -> None:
        read: Mapping[str, Any] = read_yaml(path.read_text("utf-8"))
        unknown = sorted(set(read["role"]) - set(get_args(Reader)))
        if unknown:
            raise ValueError(f"roles.yml: {', '.join(unknown)} is none of {', '.join(get_args(Reader))}")
        self._roles: Mapping[Reader, re.Pattern[str]] = {name: _any_of(lines) for name, lines in read["role"].items()}
        self._others = _any_of(read["others"])

    def hear(self, text: str) -> Reader | None:
        """The part that the message says the child has, by the first of them that matches; None where it says none."""
        words = self._others.sub(" ", bare(text[:_LONGEST_ROLE]))
        return next((name for name, pattern in self._roles.items() if pattern.search(words)), None)


def _any_of(lines: Sequence[str]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{line})" for line in lines)
    for sign, words in _STANDS_FOR.items():
        joined = joined.replace(sign, words)
    return re.compile(rf"\b(?:{joined})\b")


def names_somebody(text: str) -> bool:
    """Whether a message holds what may tell who somebody is. Nothing of it is given back."""
    text = text[:_LONGEST]
    if any(pattern.search(text) for pattern in (_PHONE, _MAIL, _POSTCODE)):
        return True
    return any(pattern.search(bare(text)) for pattern in (_ADDRESS, _NAME))


def somebody_looks_on(text: str) -> bool:
    """Whether a short message says that somebody reads the screen, or to hide it: "hes reading this"."""
    words = bare(text[:_LONGEST])
    asks = _ASKS.search(words) or text.rstrip().endswith("?")
    return not asks and len(words.split()) <= _MOST_WORDS and _LOOKS_ON.search(words) is not None
