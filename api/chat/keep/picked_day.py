"""A day that a child picks: as browsers send it, or as people write it where the browser has no calendar."""

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SENT = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TYPED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ ./-]+(?:of )?(\d{1,2}|[a-z]{3,9}\.?),?[ ./-]+(\d{4})")
_LONGEST = 40
_FIRST_YEAR = 1900


class NoDay(ValueError):
    """What was picked is no day to reckon with; the message names the interface string that says so kindly."""


def picked_day(typed: str, today: date) -> date:
    """The day. Raises NoDay for none, for one that no calendar has, and for one that has not come yet."""
    text = typed.strip().lower()[:_LONGEST]
    if not text:
        raise NoDay("clock_fault_none")
    sent, written = _SENT.fullmatch(text), _TYPED.fullmatch(text)
    year, month, day = sent.groups() if sent else reversed(written.groups()) if written else ("", "", "")
    number = int(month) if month.isdecimal() else _named(month)
    if not year or not number:
        raise NoDay("clock_fault_unclear")
    try:
        found = date(int(year), number, int(day))
    except ValueError:
        raise NoDay("clock_fault_no_such") from None
    if found.year < _FIRST_YEAR:
        raise NoDay("clock_fault_year")
    if found > today:
        raise NoDay("clock_fault_ahead")
    return found


def _named(month: str) -> int:
    short = month[:3]
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0
