"""Opening hours: when somebody is there to answer, by UK clocks, through the nights when the clocks change."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from api.records.handovers.opening_week import DAYS, MIDNIGHT, Week, read_kept, read_week

LOOK_AHEAD = timedelta(days=14)
"""How far ahead we look for the next opening and the next closing."""
_UK = ZoneInfo("Europe/London")
_KEYS = tuple(DAYS)
_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Open:
    """A time when somebody is there, in UTC: from `start` until `end`, which is not in it any more."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Hours:
    """A week of opening hours, and the days on which nobody is there.

    A window begins and ends when UK clocks first show its time or a later one: in the night in spring when an hour is
    skipped, at the end of that hour; in the night in autumn when an hour comes twice, the first time it comes. On a
    closed day nobody is there at all: its windows do not begin, and one from the evening before ends at midnight.
    """

    week: Week = field(default_factory=dict, hash=False)
    closed: frozenset[date] = frozenset()

    @classmethod
    def read(cls, hours: str, closed_days: str) -> Self:
        """From the JSON in which they are kept. Raises BrokenHours."""
        return cls(*read_kept(hours, closed_days))

    @classmethod
    def of(cls, week: Mapping[str, Sequence[str]], closed: Iterable[str]) -> Self:
        """From the windows of each day, as text, and the closed days. Raises BrokenHours with every fault."""
        return cls(*read_week(week, closed))

    @classmethod
    def typed(cls, week: Mapping[str, str], closed: str) -> Self:
        """From what somebody typed: the windows of each day after commas, and the closed days. Raises BrokenHours."""
        parts = {day: [part for part in text.split(",") if part.strip()] for day, text in week.items()}
        return cls.of(parts, re.split(r"[\s,]+", closed.strip()) if closed.strip() else ())

    @property
    def kept(self) -> tuple[str, str]:
        """The JSON of the week and of the closed days."""
        week = {day: [str(window) for window in windows] for day, windows in self.week.items()}
        return json.dumps(week), json.dumps([day.isoformat() for day in sorted(self.closed)])

    def text(self, day: str) -> str:
        """The windows of a day as somebody types them; empty for a day without any."""
        return ", ".join(map(str, self.week.get(day, ())))

    def open_at(self, moment: datetime) -> bool:
        """True while somebody is there."""
        return self._open_around(moment) is not None

    def opens_next(self, moment: datetime) -> datetime | None:
        """The first moment from this one on at which somebody is there, in UTC; None when there is none in 14 days.

        While somebody is there, that is this very moment.
        """
        today = uk(moment).date()
        coming = (opened for opened in self._between(today - _DAY, today + LOOK_AHEAD) if opened.end > moment)
        first = next(coming, None)
        if first is None or first.start > moment + LOOK_AHEAD:
            return None
        return max(first.start, moment.astimezone(UTC))

    def closes_at(self, moment: datetime) -> datetime | None:
        """When whoever is there now goes, in UTC; None when nobody is there, or they stay for 14 days or more."""
        now = self._open_around(moment)
        return now.end if now and now.end - moment < LOOK_AHEAD else None

    def open_windows(self, start: datetime, days: int) -> list[Open]:
        """When somebody is there from a moment to the end of the last of so many UK days, of which its own is one.

        In order, never overlapping or touching, none empty.
        """
        today = uk(start).date()
        end = _first_shown(today + days * _DAY, 0)
        opened = self._between(today - _DAY, today + days * _DAY)
        cut = (Open(max(one.start, start.astimezone(UTC)), min(one.end, end)) for one in opened)
        return [one for one in cut if one.start < one.end]

    def _open_around(self, moment: datetime) -> Open | None:
        today = uk(moment).date()
        opened = self._between(today - _DAY, today + LOOK_AHEAD + _DAY)
        return next((one for one in opened if one.start <= moment < one.end), None)

    def _between(self, first: date, last: date) -> list[Open]:
        """The open times of the windows that begin on these days, in order, those that touch as one."""
        found: list[Open] = []
        for opened in self._each(first, last):
            if found and opened.start <= found[-1].end:
                found[-1] = Open(found[-1].start, max(found[-1].end, opened.end))
            else:
                found.append(opened)
        return found

    def _each(self, first: date, last: date) -> Iterator[Open]:
        for day in (first + after * _DAY for after in range((last - first).days + 1)):
            windows = () if day in self.closed else self.week.get(_KEYS[day.weekday()], ())
            latest = MIDNIGHT if day + _DAY in self.closed else 2 * MIDNIGHT
            for window in windows:
                opened = Open(_first_shown(day, window.start), _first_shown(day, min(window.end, latest)))
                if opened.start < opened.end:
                    yield opened


def uk(moment: datetime) -> datetime:
    """A moment as UK clocks show it. Raises ValueError for one without its time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(_UK)


def _first_shown(day: date, minutes: int) -> datetime:
    """The first moment, in UTC, at which UK clocks show so many minutes after the midnight of a day, or more."""
    shown = datetime.combine(day, time.min) + timedelta(minutes=minutes)
    moment = shown.replace(tzinfo=_UK).astimezone(UTC)
    if moment.astimezone(_UK).replace(tzinfo=None) == shown:
        return moment
    # Clocks skip this time. The hour that they skip begins on an hour, and this moment lies as far behind that.
    return moment.replace(minute=0, second=0)
