"""Notices where a message names somebody: a phone number, an address, a postcode, an e-mail, "my name is"."""

import re

from content.follow_up import bare

# Numbers that help, which a child may well repeat: 999, 101, 116 123, 0800 1111 ...
_PHONE = re.compile(r"(?<!\d)(?:\+44\s?|0)(?:7\d|[12]\d)\d(?:[\s-]?\d){7,8}(?!\d)")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b", re.IGNORECASE)
# Not court, close, place or way: "2 weeks till court" is no address.
_STREETS = "street|st|road|rd|avenue|ave|lane|drive|terrace|crescent|gardens|grove"
_ADDRESS = re.compile(rf"\b\d{{1,4}}[a-z]? (?:[a-z]+ ){{1,3}}(?:{_STREETS})\b")
_NAME = re.compile(r"\b(?:my (?:full )?name is|my names|i am called|im called)(?! not\b) [a-z]")
_LONGEST = 2_000


def names_somebody(text: str) -> bool:
    """Whether a message holds what may tell who somebody is. Nothing of it is given back."""
    text = text[:_LONGEST]
    if any(pattern.search(text) for pattern in (_PHONE, _MAIL, _POSTCODE)):
        return True
    return any(pattern.search(bare(text)) for pattern in (_ADDRESS, _NAME))
