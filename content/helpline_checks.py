"""Whether words that were signed long ago name a helpline that nobody has checked for a year."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from urllib.parse import urlsplit

from content.helplines import Helpline, load_helplines, load_unverified

EXCEPTED = frozenset({"emergency", "emergency-bsl", "childline"})
"""999, with the way to it for deaf people, and Childline: they are built in, and never give way."""
_NEVER = date.min
# "0808 80 10 800", "116 123", "85258", "0800-1111", "+44 808 ...": figures with at most a space or a dash between.
_FIGURES = re.compile(r"(?<![\w.])(\+?\d(?:[ \-]?\d)*)(?!\w)")
# What a helpline calls itself, in the middle of how a card names it: "call the [Runaway Helpline] on 116 000".
_OWN_NAME = re.compile(r"[A-Z][\w’']*(?: (?:(?:and|at|of|for|yr) )?[A-Z][\w’']*)*")
_PHONE_FIGURES = 5
_SERVICE_NUMBER = re.compile(r"1\d\d")


class HelplineChecks:
    """Knows every helpline by its number, its names and its web address. `never` are those that nobody has verified."""

    def __init__(self, helplines: Iterable[Helpline], never: Iterable[Helpline] = ()) -> None:
        checked = [(line, line.checked) for line in helplines if line.id not in EXCEPTED]
        known = [*checked, *((line, _NEVER) for line in never)]
        self._excepted = {line.phone.replace(" ", "") for line in helplines if line.id in EXCEPTED and line.phone}
        self._excepted |= {"999"}
        kept = {name for line in helplines if line.id in EXCEPTED for name in _names(line)}
        self._numbers = {line.phone.replace(" ", ""): day for line, day in known if line.phone}
        self._names = {name: day for line, day in known for name in _names(line) if name not in kept}
        forms = sorted(self._names, key=len, reverse=True)
        self._named = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, forms)) + r")(?!\w)") if forms else None

    def unchecked(self, text: str, signed_on: date, today: date) -> bool:
        """True when the text names a helpline whose check was over 12 months before today.

        A number that we do not know was checked by whoever signed it, on that day; beside the name of a helpline it is
        an old number of theirs, and counts as never checked.
        """
        return any(_over_a_year(day, today) for day in self._days(text, signed_on))

    def _days(self, text: str, signed_on: date) -> Iterator[date]:
        named = [self._names[name] for name in self._named.findall(text)] if self._named else []
        yield from named
        for number in _numbers(text):
            if number not in self._excepted:
                yield self._numbers.get(number, _NEVER if named else signed_on)


@cache
def helpline_checks() -> HelplineChecks:
    """The helplines of this release."""
    return HelplineChecks(load_helplines().values(), load_unverified().values())


def _names(line: Helpline) -> Iterator[str]:
    """What a text may call a helpline, beside its number."""
    yield line.name
    for show in filter(None, (line.show, line.show_cy)):
        yield from _OWN_NAME.findall(show)
    if line.web:
        yield urlsplit(line.web).netloc.removeprefix("www.")


def _numbers(text: str) -> Iterator[str]:
    """The phone numbers in a text, as figures alone; "28 days", "press 55" and years are none."""
    for written in _FIGURES.findall(text):
        number = re.sub(r"[ \-]", "", written)
        number = f"0{number[3:]}" if number.startswith("+44") else number
        if len(number) >= _PHONE_FIGURES or _SERVICE_NUMBER.fullmatch(number):
            yield number


def _over_a_year(day: date, today: date) -> bool:
    return (today.year - 1, today.month, today.day) > (day.year, day.month, day.day)
