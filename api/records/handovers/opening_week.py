"""A week of opening times as people write it and as it is kept: read strictly, with every fault told by its day."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Self

DAYS: Mapping[str, str] = MappingProxyType(
    {
        "mon": "Monday",
        "tue": "Tuesday",
        "wed": "Wednesday",
        "thu": "Thursday",
        "fri": "Friday",
        "sat": "Saturday",
        "sun": "Sunday",
    }
)
"""Every day as it is kept, with its name, in order."""
MIDNIGHT = 24 * 60
"""The minutes of a day."""
_KEYS = tuple(DAYS)
_WINDOW = re.compile(r"([0-9]{1,2}):([0-9]{2}) ?[-–] ?([0-9]{1,2}):([0-9]{2})")
_CLOSED_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_WINDOWS = 6
_MOST_CLOSED = 100
_LIKE_THIS = 'Write times like 09:00-17:00, and several like 09:00-12:00, 13:00-17:00. "24:00" is midnight.'


class BrokenHours(ValueError):
    """These are no opening hours. `faults` holds, by day ("mon" ...), or for "hours" or "closed_days", what to do."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = faults


@dataclass(frozen=True, order=True)
class OpeningWindow:
    """A part of a day, in minutes since its midnight. One that runs into the next day ends after 24 * 60."""

    start: int
    end: int

    @classmethod
    def read(cls, text: str) -> Self:
        """From "09:00-17:00"; "22:00-02:00" ends on the next day. Raises ValueError with what to do."""
        found = _WINDOW.fullmatch(text.strip())
        if found is None:
            raise ValueError(_LIKE_THIS)
        hour, minute, end_hour, end_minute = map(int, found.groups())
        start, end = hour * 60 + minute, end_hour * 60 + end_minute
        if max(minute, end_minute) > 59 or start >= MIDNIGHT or end > MIDNIGHT:
            raise ValueError(f"{text.strip()} is not on a clock. {_LIKE_THIS}")
        if start == end:
            raise ValueError(f"{text.strip()} begins and ends at once. For a whole day write 00:00-24:00.")
        return cls(start, end if end > start else end + MIDNIGHT)

    def __str__(self) -> str:
        end = self.end - MIDNIGHT if self.end > MIDNIGHT else self.end
        return f"{self.start // 60:02}:{self.start % 60:02}-{end // 60:02}:{end % 60:02}"


Week = Mapping[str, tuple[OpeningWindow, ...]]
"""The windows of each day that has any, in order."""


def read_week(week: Mapping[str, Sequence[str]], closed: Iterable[str]) -> tuple[Week, frozenset[date]]:
    """The windows of each day and the closed days, from text. Raises BrokenHours with every fault."""
    unknown = ", ".join(day for day in week if day not in DAYS)
    faults = {"hours": f"No day is called {unknown}. Days are {', '.join(DAYS)}."} if unknown else {}
    windows: dict[str, tuple[OpeningWindow, ...]] = {}
    for day in DAYS:
        try:
            windows[day] = _windows(week.get(day, ()))
        except ValueError as error:
            faults[day] = f"{DAYS[day]}: {error}"
    faults |= {} if faults else _overlaps(windows)
    try:
        days = _closed(closed)
    except ValueError as error:
        raise BrokenHours({**faults, "closed_days": str(error)}) from error
    if faults:
        raise BrokenHours(faults)
    return {day: found for day, found in windows.items() if found}, days


def read_kept(hours: str, closed_days: str) -> tuple[Week, frozenset[date]]:
    """The same from the JSON in which they are kept. Raises BrokenHours."""
    week, closed = _json("hours", hours), _json("closed_days", closed_days)
    if not isinstance(week, dict) or not all(map(_is_texts, week.values())):
        raise BrokenHours({"hours": 'Hours are JSON like {"mon": ["09:00-17:00"]}.'})
    if not _is_texts(closed):
        raise BrokenHours({"closed_days": 'Closed days are JSON like ["2026-12-25"].'})
    return read_week(week, closed)


def _windows(texts: Sequence[str]) -> tuple[OpeningWindow, ...]:
    found = sorted(map(OpeningWindow.read, texts))
    if len(found) > _MOST_WINDOWS:
        raise ValueError(f"At most {_MOST_WINDOWS} times for a day.")
    for one, following in pairwise(found):
        if one.end > following.start:
            raise ValueError(f"{one} and {following} overlap. Write them as one.")
    return tuple(found)


def _overlaps(week: Mapping[str, tuple[OpeningWindow, ...]]) -> dict[str, str]:
    """Every day whose last window runs into the first of the next day."""
    found = {}
    for day, following in zip(_KEYS, (*_KEYS[1:], _KEYS[0]), strict=True):
        if week[day] and week[following] and week[day][-1].end - MIDNIGHT > week[following][0].start:
            found[day] = f"{DAYS[day]}: {week[day][-1]} runs into {DAYS[following]}, which has {week[following][0]}."
    return found


def _closed(texts: Iterable[str]) -> frozenset[date]:
    days = set()
    for text in texts:
        try:
            # Alone it would take weeks too, which nobody here writes.
            days.add(date.fromisoformat(text if _CLOSED_DAY.fullmatch(text) else ""))
        except ValueError as error:
            raise ValueError("Write each closed day like 2026-12-25.") from error
    if len(days) > _MOST_CLOSED:
        raise ValueError(f"At most {_MOST_CLOSED} closed days. Take out those that have passed.")
    return frozenset(days)


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise BrokenHours({name: "This is not JSON."}) from error


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
