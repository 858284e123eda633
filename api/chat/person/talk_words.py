"""What the page of a talk says by its state: who can see it, how the wait stands, when a call comes, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from api.chat.person import times
from api.records.handovers.asking import Window
from api.records.handovers.hours import uk
from api.records.handovers.providers import hours_of
from api.records.handovers.standing import Standing
from api.records.handovers.states import waited
from api.records.handovers.tables import Handover, Provider
from api.records.handovers.week import BrokenHours

_CLOSED_BY = {
    "answered": "person-closed",
    "passed-on": "person-closed",
    "child-left": "person-closed",
    "not-reached": "person-not-reached",
    "no-answer": "person-no-answer",
}
_ENDED = "person-ended"
# Said where the page was left until the clock closed the talk: neither side ended it.
_LEFT = "talk-to-a-person"
_MANY_MINUTES = 120
_WAITED = {"looking": "wait_looking", "still-looking": "wait_still", "choices": "wait_choices"}


@dataclass(frozen=True)
class Told:
    """An interface string, with what fills its blanks."""

    name: str
    filled: Mapping[str, str | date] = field(default_factory=dict)


def who(stands: Standing) -> Told:
    """Who can see this talk now."""
    handover, provider = stands.handover, stands.provider.name
    also = ", ".join(stands.watchers)
    if handover.purge_at:
        return Told("who_closed", {"provider": provider, "date": uk(handover.purge_at).date()})
    if stands.advocate and also:
        return Told("who_two", {"who": stands.advocate, "also": also, "provider": provider})
    if stands.advocate:
        return Told("who_one", {"who": stands.advocate, "provider": provider})
    return Told("who_watched", {"also": also, "provider": provider}) if also else Told("who_nobody")


def news(stands: Standing, now: datetime) -> Told | None:
    """What there is to say of it beside who reads; None once it is closed."""
    handover, provider = stands.handover, stands.provider.name
    match handover.state:
        case "waiting":
            return Told(_WAITED[waited(handover.asked_at, now)])
        case "call-back":
            return Told("call_waits", {"provider": provider})
        case "talking":
            return Told("talk_here", {"who": stands.advocate})
        case "calling":
            return Told("call_comes", {"who": stands.advocate})
        case _:
            return None


def waited_for(handover: Handover, now: datetime) -> Told:
    """How long it is since the first ask. A clock that was put back counts as no time."""
    minutes = minutes_since(handover.asked_at, now)
    if minutes < 1:
        return Told("waited_none")
    if minutes == 1:
        return Told("waited_one")
    if minutes < _MANY_MINUTES:
        return Told("waited_minutes", {"minutes": str(minutes)})
    return Told("waited_hours", {"hours": str(minutes // 60)})


def minutes_since(moment: datetime, now: datetime) -> int:
    """Whole minutes since a moment, none for one that is to come."""
    return max(0, int((now - moment).total_seconds() // 60))


def nobody_there(provider: Provider, now: datetime) -> Told | None:
    """When somebody is there again; None while somebody should be, and where the hours cannot be read."""
    try:
        hours = hours_of(provider)
    except BrokenHours:
        return None
    if hours.open_at(now):
        return None
    opens = hours.opens_next(now)
    return Told("there_again", {"time": times.day_and_time(opens)}) if opens else Told("there_unknown")


def call_due(handover: Handover) -> Told | None:
    """When the call comes; None where none is agreed."""
    if not handover.due_from or not handover.due_until:
        return None
    return Told("call_due", {"time": times.label(Window(handover.due_from, handover.due_until))})


def closing_card(handover: Handover) -> str | None:
    """The key of the card that says how a talk ended; None while it is open."""
    if handover.closed_by is None:
        return None
    if handover.closed_by == "child":
        return _ENDED
    left = handover.closed_by == "clock" and handover.outcome == "child-left"
    return _LEFT if left else _CLOSED_BY[handover.outcome or "answered"]


def told_of(stands: Standing, now: datetime) -> tuple[object, ...]:
    """What changes whenever a page has something new to say."""
    handover = stands.handover
    ticking = (minutes_since(handover.asked_at, now), stands.place) if handover.state == "waiting" else ()
    changed = (handover.changes, handover.claimed_by, handover.wants, handover.danger, handover.closed_at)
    return (*changed, *ticking)
