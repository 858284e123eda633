"""Times in plain words, and the handful of times to call that a child chooses among."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Self

from api.records.handovers.call_times import LEFT, by_day, parts
from api.records.handovers.new_handover import CallWindow
from api.records.handovers.opening_hours import Hours, Open, uk

_MOST_DAYS = 3
_MOST_A_DAY = 3
_SHORTEST = timedelta(minutes=30)
# From the choice on the page to sending it.
_LEFT_TO_OFFER = timedelta(hours=1)
_AHEAD_DAYS = 14
_WRITTEN = "%Y%m%dT%H%MZ"


@dataclass(frozen=True)
class Choice:
    """A time to call: `value` is what the form sends, and the rest what the child reads."""

    value: str
    day: str
    times: str
    window: CallWindow

    @property
    def label(self) -> str:
        """As "Friday 27 November, 3:00 pm to 5:00 pm"."""
        return f"{self.day}, {self.times}"

    @classmethod
    def of(cls, window: CallWindow) -> Self:
        """The choice of a window."""
        return cls(written(window), day(window.starts), _from_to(window), window)


def choices(hours: Hours, now: datetime) -> list[Choice]:
    """The next times when a call can be made: a few on each of the next few days. Empty when there are none."""
    cut = [part for opened in _open(hours, now) for part in parts(opened.start, opened.end)]
    coming = [part for part in cut if part.ends - now >= _LEFT_TO_OFFER]
    days = [list(some) for _, some in groupby(filter(by_day, coming), lambda part: uk(part.starts).date())]
    days = days or [list(some) for _, some in groupby(coming, lambda part: uk(part.starts).date())]
    return [Choice.of(part) for some in days[:_MOST_DAYS] for part in _spread(some)]


def still_good(hours: Hours, window: CallWindow, now: datetime) -> bool:
    """True when somebody is there all through this time, and enough of it is left."""
    long_enough = window.ends - window.starts >= _SHORTEST and window.ends - now >= LEFT
    return long_enough and any(
        opened.start <= window.starts and window.ends <= opened.end for opened in _open(hours, now)
    )


def written(window: CallWindow) -> str:
    """A window as a form sends it; empty for one at the very end of all calendars, which has no time in UTC."""
    try:
        return "-".join(moment.astimezone(UTC).strftime(_WRITTEN) for moment in (window.starts, window.ends))
    except OverflowError:
        return ""


def read(text: str) -> CallWindow | None:
    """A window as a form sent it; None for anything else."""
    try:
        starts, ends = (datetime.strptime(part, _WRITTEN).replace(tzinfo=UTC) for part in text.split("-"))
    except ValueError:
        return None
    return CallWindow(starts, ends)


def label(window: CallWindow) -> str:
    """As "Friday 27 November, 3:00 pm to 5:00 pm", by UK clocks."""
    return f"{day(window.starts)}, {_from_to(window)}"


def day_and_time(moment: datetime) -> str:
    """As "Friday 27 November, 9:00 am", by UK clocks."""
    return f"{day(moment)}, {clock(moment)}"


def day(moment: datetime) -> str:
    """As "Friday 27 November", by UK clocks."""
    here = uk(moment)
    return f"{here:%A} {here.day} {here:%B}"


def clock(moment: datetime) -> str:
    """As "9:00 am", by UK clocks."""
    here = uk(moment)
    if here.minute == 0 and here.hour in (0, 12):
        return "midday" if here.hour else "midnight"
    return f"{here.hour % 12 or 12}:{here.minute:02} {'pm' if here.hour >= 12 else 'am'}"


def _from_to(window: CallWindow) -> str:
    return f"{clock(window.starts)} to {clock(window.ends)}"


def _open(hours: Hours, now: datetime) -> Sequence[Open]:
    # From midnight on, so that the parts of today stay the same while the day goes on.
    return hours.open_windows(uk(now).replace(hour=0, minute=0, second=0, microsecond=0), _AHEAD_DAYS)


def _spread(some: list[CallWindow]) -> list[CallWindow]:
    """The first, a middle and the last time of a day, so that one is likely to be safe."""
    return some if len(some) <= _MOST_A_DAY else [some[0], some[len(some) // 2], some[-1]]
