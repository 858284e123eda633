"""Call times: the next times by day at which an advocate is there to call, in parts that people can plan with."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from api.records.handovers.new_handover import CallWindow
from api.records.handovers.opening_hours import Hours, uk

PART = timedelta(hours=2)
_DAYS = 7
LEFT = timedelta(minutes=15)
"""Later than this before its end there is no time left to call."""
_FROM_HOUR, _UNTIL_HOUR = 8, 21


def call_times(hours: Hours, now: datetime) -> list[CallWindow]:
    """The parts of the opening hours of this and the next six days that are not over; by night only where all are."""
    # From midnight on, so that the parts of today stay the same while the day goes on.
    midnight = uk(now).replace(hour=0, minute=0, second=0, microsecond=0)
    coming = [
        part
        for opened in hours.open_windows(midnight, _DAYS)
        for part in parts(opened.start, opened.end)
        if part.ends - now >= LEFT
    ]
    return [part for part in coming if by_day(part)] or coming


def parts(starts: datetime, ends: datetime) -> Iterator[CallWindow]:
    """A time in parts of PART; a rest of less than half of one belongs to the part before it."""
    while starts < ends:
        end = starts + PART
        end = ends if ends - end < PART / 2 else end
        yield CallWindow(starts, end)
        starts = end


def by_day(window: CallWindow) -> bool:
    """True when a call then wakes nobody: a phone that rings at night is heard by everybody else in the house."""
    starts, ends = uk(window.starts), uk(window.ends)
    return starts.hour >= _FROM_HOUR and starts.date() == ends.date() and (ends.hour, ends.minute) <= (_UNTIL_HOUR, 0)
