"""Notices what in a message touches the child's privacy: that it names somebody, or that somebody looks on."""

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
