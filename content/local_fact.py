"""Checks what somebody at the desk types into a slot: a working address, number or page, or words as typed."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from html import unescape
from urllib.parse import urlsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from content.rendering import html
from content.slots import Slot, SlotKind

LONGEST = 300
"""The most letters that any fact may have."""
_MOST_DAYS = 36_500
_UK = 44
_TAG = re.compile(r"<[^>]+>")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})")
_IN_A_PAGE = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_IN_A_PHONE = re.compile(r"[0-9 ().+-]+")
_PHONE_IN_WORDS = re.compile(r"(?<![\d+])(?:\+44|0)[\d ]{6,}\d(?!\d)")


class BrokenFact(ValueError):
    """What was typed cannot stand in a card. The message is a sentence for whoever typed it: what to write instead."""


def checked(slot: Slot, typed: str) -> str:
    """The fact as it is kept; empty for nothing but spaces, which takes a fact back. Raises BrokenFact."""
    value = unicodedata.normalize("NFC", typed.strip())
    if not value:
        return ""
    if len(value) > LONGEST:
        raise BrokenFact(f"This is {len(value)} letters long. A child reads to the end of at most {LONGEST}.")
    if any(unicodedata.category(letter)[0] == "C" or letter in "\u2028\u2029" for letter in value):
        raise BrokenFact("Write it on one line, without tabs or hidden letters. Type it afresh if it was pasted.")
    if set("{}") & set(value):
        raise BrokenFact("Take out the marks { and }: they are kept for the cards themselves.")
    return _as_typed(_CHECKS[slot.kind](value))


def _text(value: str) -> str:
    value = " ".join(value.split())
    for word in value.split():
        if "@" in word:
            _email(word.strip(".,;:()"))
        if word.lower().startswith("http://"):
            raise BrokenFact("The web address must start with https:// and not http://.")
    for number in _PHONE_IN_WORDS.findall(value):
        if not _works(number):
            raise BrokenFact(
                f"{number} is not a UK phone number that works. Check it; put a comma between two numbers."
            )
    return value


def _works(number: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, "GB"))
    except NumberParseException:
        return False


def _email(value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise BrokenFact(f"{value} is not an e-mail address. Write one such as data@northmoor.example.") from error


def _phone(value: str) -> str:
    wrong = BrokenFact("This is not a working UK phone number. Write the number alone, such as 0300 123 4567.")
    try:
        number = phonenumbers.parse(value, "GB")
    except NumberParseException as error:
        raise wrong from error
    if not _IN_A_PHONE.fullmatch(value) or number.country_code != _UK or not phonenumbers.is_valid_number(number):
        raise wrong
    if phonenumbers.number_type(number) == PhoneNumberType.PREMIUM_RATE:
        raise BrokenFact("Calls to this number cost extra. Give a number that a child can afford to ring.")
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)


def _page(value: str) -> str:
    wrong = BrokenFact("This is not a web address that works. Copy the whole of it, such as https://www.police.uk/rqo.")
    if not value.lower().startswith("https://"):
        raise BrokenFact("The web address must start with https://. Copy the whole of it from the browser.")
    try:
        parts = urlsplit(value)
        plain = parts.netloc.lower() == parts.hostname
    except ValueError as error:
        raise wrong from error
    if not plain or not _IN_A_PAGE.fullmatch(value) or not _HOST.fullmatch(parts.netloc.lower()):
        raise wrong
    return parts._replace(netloc=parts.netloc.lower()).geturl()


def _days(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= _MOST_DAYS:
        raise BrokenFact(f"Write a whole number of days from 1 to {_MOST_DAYS}, with digits alone, such as 31.")
    return str(int(value))


_CHECKS: Mapping[SlotKind, Callable[[str], str]] = {
    "text": _text,
    "email": _email,
    "phone": _phone,
    "page": _page,
    "days": _days,
}


def _as_typed(value: str) -> str:
    """The value, if a card shows it letter by letter wherever it stands. Raises BrokenFact where marks would go."""
    for around in ("{}", "You can ask: {}", "You can ask ({}) now"):
        text = around.format(value)
        if unescape(_TAG.sub("", html(text))) != text:
            raise BrokenFact(
                "A mark here would change how words look: * or _ makes them slant, a dash or 1. in front makes a list. "
                "Take it out; in a web address write _ as %5F."
            )
    return value
