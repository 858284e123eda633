"""Until about when something is kept, from the figures that stand in signed words and a day that a child picks."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from accessibility.markup import plain
from content.signed_words import SignedBubble, SignedVersion

_FIGURE = re.compile(r"(?<![\d,.])(\d{1,5}) (more )?(day|week|month|year)s?\b")
_DAYS: Mapping[str, int] = MappingProxyType({"day": 1, "week": 7})
_MONTHS: Mapping[str, int] = MappingProxyType({"month": 1, "year": 12})


@dataclass(frozen=True)
class KeptThing:
    """Something that is kept: its picture, the card that says how long, and what its bubbles about that answer.

    With `unit` the first figure in that unit counts. Without, it is a fact of the force: the one figure beside it.
    """

    symbol: str
    card: str
    answers: str
    unit: str = ""


KEPT: Mapping[str, KeptThing] = MappingProxyType(
    {
        "video": KeptThing("bodycam", "bodycam", "how-long"),
        "phone": KeptThing("phone", "my-phone", "how-long"),
        "things": KeptThing("things", "get-things-back", "how-long"),
        "record": KeptThing("record", "how-long-kept", "how-long", "year"),
        "asked": KeptThing("ask", "see-my-record", "when", "month"),
    }
)
"""By name, in the order of the page. The words for each are interface strings that end in its name."""


@dataclass(frozen=True)
class Span:
    """A length of time, in one of our units. `more` says that it comes on top of another."""

    number: int
    unit: str
    more: bool = False

    def after(self, day: date) -> date | None:
        """The day that is so long after another; None past the last year that calendars have.

        A month ends on the day of the same number, or on the last day of a month that is shorter.
        """
        try:
            if self.unit in _DAYS:
                return day + timedelta(days=self.number * _DAYS[self.unit])
            years, month = divmod(day.month - 1 + self.number * _MONTHS[self.unit], 12)
            year = day.year + years
            return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
        except (OverflowError, ValueError):
            return None


def ends(thing: KeptThing, version: SignedVersion, day: date) -> tuple[date, ...]:
    """The day until which it is usually kept, and the last one where the words say how much more time there can be.

    Nothing where the words give no figure, or where a force's own fact gives more than one.
    """
    return tuple(end for span in _lasts(thing, version) if (end := span.after(day)))


def about(thing: KeptThing, version: SignedVersion) -> tuple[SignedBubble, ...]:
    """The bubbles that say how long: also those in which a fact of the force stands, or stands missing."""
    return tuple(bubble for bubble in version.bubbles if thing.answers in bubble.answers)


def _lasts(thing: KeptThing, version: SignedVersion) -> tuple[Span, ...]:
    if not thing.unit:
        told = set(_figures(bubble for bubble in version.bubbles if bubble.local))
        return tuple(told) if len(told) == 1 else ()
    figures = [span for span in _figures(about(thing, version)) if span.unit == thing.unit]
    usual = next((span for span in figures if not span.more), None)
    more = next((span for span in figures if span.more), None)
    if usual is None:
        return ()
    return (usual, Span(usual.number + more.number, usual.unit)) if more else (usual,)


def _figures(bubbles: Iterable[SignedBubble]) -> Iterator[Span]:
    for bubble in bubbles:
        for number, more, unit in _FIGURE.findall(plain(bubble.text)):
            yield Span(int(number), unit, bool(more))
