"""Times, levels and outcomes as the console says them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Literal

from api.records.handovers.call_backs import Reached
from api.records.handovers.call_backs import Why as WhyNumber
from api.records.handovers.concerns import Reason
from api.records.handovers.concerns import Why as WhyConcern
from api.records.handovers.new_handover import CallWindow
from api.records.handovers.opening_hours import uk
from api.records.handovers.states import Outcome
from api.web.pages import day

LEVELS: Mapping[str, str] = MappingProxyType({"standard": "More words", "simple": "Fewer words", "easy": "Easy words"})
REACHED: Mapping[Reached, str] = MappingProxyType(
    {
        "reached": "I talked with the child",
        "no-answer": "Nobody answered",
        "voicemail-left": "I left a voicemail",
        "not-safe": "It was not safe to talk, or somebody else answered",
        "wrong-number": "The number is wrong",
    }
)
TRIED: Mapping[str, str] = MappingProxyType(
    {
        "reached": "Talked with the child",
        "no-answer": "Nobody answered",
        "voicemail-left": "Voicemail left",
        "not-safe": "Not safe to talk",
        "wrong-number": "Wrong number",
    }
)
OUTCOMES: Mapping[Outcome, str] = MappingProxyType(
    {
        "answered": "Answered",
        "passed-on": "Passed on to somebody else who helps",
        "not-reached": "Not reached",
    }
)
"""How an advocate closes; the other outcomes are the child's and the clock's."""
WHYS_NUMBER: Mapping[WhyNumber, str] = MappingProxyType(
    {
        "to-call-now": "To call now",
        "to-check-the-number": "To check that the number is right",
        "for-safety": "For the child's safety",
    }
)
REASONS: Mapping[Reason, str] = MappingProxyType(
    {
        "danger-now": "In danger now",
        "harm": "Harmed by somebody",
        "self-harm": "Hurting themselves",
        "exploited": "Used by somebody",
        "somebody-else": "Somebody else may be harmed",
        "other": "Something else",
    }
)
WHYS_CONCERN: Mapping[WhyConcern, str] = MappingProxyType(
    {
        "to-act-on-it": "To act on it",
        "to-pass-it-on": "To pass it on to those who keep children safe",
        "to-check-our-work": "To check our work",
        "the-child-asked": "The child asked what is in it",
    }
)
Due = Literal["later", "now", "overdue"]
"""Whether the safe time of a call-back is to come, is on, or has passed."""


def length(gone: timedelta) -> str:
    """How long something is: "1 hour 30 minutes"; less than a minute says so. None is longer said than in days."""
    minutes = max(0, int(gone.total_seconds() // 60))
    if minutes < 1:
        return "less than a minute"
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = ((days, "day"), (hours, "hour"), (0 if days else minutes, "minute"))
    return " ".join(f"{number} {name if number == 1 else name + 's'}" for number, name in parts if number)


def clock(moment: datetime) -> str:
    """A time of day by UK clocks: 14:03."""
    return f"{uk(moment):%H:%M}"


def day_of(moment: datetime, now: datetime) -> str:
    """The day of a moment, seen from now, by UK clocks: today, tomorrow, or Friday 5 December 2026."""
    then, today = uk(moment).date(), uk(now).date()
    near: Mapping[date, str] = {
        today: "today",
        today + timedelta(days=1): "tomorrow",
        today - timedelta(days=1): "yesterday",
    }
    return near.get(then) or f"{then:%A} {day(then)}"


def when(moment: datetime, now: datetime) -> str:
    """A moment: "14:03" today, "tomorrow, 14:03" else."""
    said = day_of(moment, now)
    return clock(moment) if said == "today" else f"{said}, {clock(moment)}"


def window(found: CallWindow, now: datetime) -> str:
    """A safe time: "today, 16:00 to 18:00". One that ends on another day says which."""
    starts, ends = day_of(found.starts, now), day_of(found.ends - timedelta(seconds=1), now)
    until = clock(found.ends) if starts == ends else f"{ends}, {clock(found.ends)}"
    return f"{starts}, {clock(found.starts)} to {until}"


def due(found: CallWindow, now: datetime) -> Due:
    """Where a safe time stands now."""
    if now < found.starts:
        return "later"
    return "now" if now < found.ends else "overdue"


def due_words(found: CallWindow, now: datetime) -> str:
    """The same in words."""
    stands = due(found, now)
    if stands == "later":
        return f"Due {window(found, now)}"
    if stands == "now":
        return f"Due now, until {when(found.ends, now)}"
    return f"Overdue by {length(now - found.ends)}: it was due {window(found, now)}"
