"""Opening hours: read strictly, right by UK clocks through midnight, closed days and the nights when clocks change."""

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from api.records.handovers.opening_hours import LOOK_AHEAD, Hours, Open, uk
from api.records.handovers.opening_week import DAYS, BrokenHours, OpeningWindow

UK = ZoneInfo("Europe/London")
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)
"""Sundays: at 01:00 clocks go on to 02:00; at 02:00 they go back to 01:00."""
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def hours(closed: tuple[str, ...] = (), **week: list[str]) -> Hours:
    return Hours.of(week, closed)


def at(shown: str, fold: int = 0) -> datetime:
    """The moment at which UK clocks show this; the second time it comes for fold=1."""
    return datetime.fromisoformat(shown).replace(tzinfo=UK, fold=fold)


def utc(shown: str) -> datetime:
    return datetime.fromisoformat(shown).replace(tzinfo=UTC)


@cache
def minutes_around(day: date) -> list[tuple[datetime, datetime]]:
    """Every minute from three days before to four days after: in UTC, and as UK clocks show it."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - 3 * DAY
    found = (start + count * MINUTE for count in range(7 * 24 * 60))
    return [(moment, moment.astimezone(UK).replace(tzinfo=None)) for moment in found]


def first_shown(day: date, shown: datetime) -> datetime:
    """The first minute at which clocks show a time or a later one, found by looking at the clock every minute."""
    return next(moment for moment, wall in minutes_around(day) if wall >= shown)


def is_open(week: dict[str, list[str]], closed: set[date], day: date, moment: datetime) -> bool:
    """Whether somebody is there, worked out from the text of the hours and from looking at the clock."""
    if moment.astimezone(UK).date() in closed:
        return False
    for begins in (day + count * DAY for count in range(-2, 3)):
        for text in () if begins in closed else week.get(list(DAYS)[begins.weekday()], ()):
            start, end = text.split("-")
            opens = datetime.fromisoformat(f"{begins} {start}")
            closes = (
                datetime.fromisoformat(f"{begins} {end}") if end != "24:00" else opens.replace(hour=0, minute=0) + DAY
            )
            closes += DAY if closes <= opens else 0 * DAY
            if first_shown(day, opens) <= moment < first_shown(day, closes):
                return True
    return False


def within(span: timedelta, part: float) -> timedelta:
    """A part of a span in whole seconds, always before its end: a float times a timedelta may be rounded up to it."""
    seconds = int(span.total_seconds())
    return timedelta(seconds=max(0, min(int(part * seconds), seconds - 1)))


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def weeks(draw: st.DrawFn) -> dict[str, list[str]]:
    """Hours of every day, many of them over midnight or in the small hours of a Sunday."""
    week = {}
    for day in DAYS:
        small = st.integers(0, 4 * 60) if day == "sun" else st.integers(0, 24 * 60 - 1)
        points = sorted(draw(st.sets(small | st.integers(0, 24 * 60 - 1), max_size=4)))
        windows = [f"{clock(a)}-{clock(b)}" for a, b in zip(points[::2], points[1::2], strict=False)]
        if len(points) % 2:
            end = draw(st.sampled_from(["24:00", "00:30", "01:00", "01:15", "01:30", "02:00", "02:30"]))
            windows.append(f"{clock(points[-1])}-{end}")
        week[day] = windows
    return week


DAYS_OF_CHANGE = st.sampled_from([SPRING, AUTUMN, date(2026, 12, 25)])
CLOSED = st.sets(st.integers(-2, 2), max_size=2)


def made(week: dict[str, list[str]], closed: set[date]) -> Hours:
    try:
        return Hours.of(week, [day.isoformat() for day in closed])
    except BrokenHours:
        assume(False)
        raise


@settings(max_examples=100, deadline=None)
@given(weeks(), DAYS_OF_CHANGE, CLOSED, st.lists(st.integers(-24 * 60, 48 * 60), min_size=5, max_size=20))
@example({"sun": ["01:30-03:00"]}, SPRING, set(), list(range(0, 180, 7)))
@example({"sat": ["22:00-01:30"]}, AUTUMN, set(), list(range(-150, 180, 7)))
@example({"sat": ["22:00-02:00"], "sun": ["22:00-02:00"]}, AUTUMN, {0}, list(range(-150, 24 * 60, 59)))
def test_somebody_is_there_exactly_when_the_clock_on_the_wall_says_so(
    week: dict[str, list[str]], day: date, closed_by: set[int], offsets: list[int]
) -> None:
    closed = {day + count * DAY for count in closed_by}
    found = made(week, closed)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for offset in offsets:
        moment = midnight + offset * MINUTE
        assert found.open_at(moment) == is_open(week, closed, day, moment), moment


@settings(max_examples=100, deadline=None)
@given(weeks(), DAYS_OF_CHANGE, CLOSED, st.integers(-48 * 60, 48 * 60), st.floats(0, 1, exclude_max=True))
def test_the_next_opening_is_open_and_nobody_is_there_before_it(
    week: dict[str, list[str]], day: date, closed_by: set[int], offset: int, part: float
) -> None:
    found = made(week, {day + count * DAY for count in closed_by})
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + offset * MINUTE
    opens = found.opens_next(moment)
    if opens is None:
        assert not any(found.open_at(moment + within(LOOK_AHEAD, part)) for part in (0.0, part))
        return
    assert moment <= opens <= moment + LOOK_AHEAD
    assert opens.tzinfo is UTC
    assert found.open_at(opens)
    assert opens == moment or not found.open_at(moment + within(opens - moment, part))
    assert (opens == moment) == found.open_at(moment)


@settings(max_examples=100, deadline=None)
@given(weeks(), DAYS_OF_CHANGE, CLOSED, st.integers(-48 * 60, 48 * 60), st.floats(0, 1, exclude_max=True))
def test_whoever_is_there_stays_until_closing_and_not_longer(
    week: dict[str, list[str]], day: date, closed_by: set[int], offset: int, part: float
) -> None:
    found = made(week, {day + count * DAY for count in closed_by})
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + offset * MINUTE
    closes = found.closes_at(moment)
    if closes is None:
        assert not found.open_at(moment) or found.open_at(moment + within(LOOK_AHEAD, part))
        return
    assert found.open_at(moment)
    assert found.open_at(moment + within(closes - moment, part))
    assert not found.open_at(closes)


@settings(max_examples=100, deadline=None)
@given(weeks(), DAYS_OF_CHANGE, CLOSED, st.integers(-48 * 60, 48 * 60), st.integers(1, 4), st.floats(0, 1))
def test_the_times_for_a_call_are_all_open_in_order_and_complete(
    week: dict[str, list[str]], day: date, closed_by: set[int], offset: int, days: int, part: float
) -> None:
    found = made(week, {day + count * DAY for count in closed_by})
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + offset * MINUTE
    end = at(f"{uk(start).date() + days * DAY} 00:00").astimezone(UTC)
    times = found.open_windows(start, days)
    edges = [edge for one in times for edge in (one.start, one.end)]
    assert edges == sorted(set(edges))
    assert all(start <= edge <= end for edge in edges)
    somewhere = start + within(end - start, part)
    assert any(one.start <= somewhere < one.end for one in times) == found.open_at(somewhere)


@given(weeks(), st.sets(st.dates(date(2026, 1, 1), date(2030, 1, 1)), max_size=5))
def test_what_is_kept_is_read_as_it_was(week: dict[str, list[str]], closed: set[date]) -> None:
    found = made(week, closed)
    assert Hours.read(*found.kept) == found
    typed = {day: found.text(day) for day in DAYS}
    assert Hours.typed(typed, "\n".join(map(str, closed))) == found


@pytest.mark.parametrize(
    ("week", "day", "opened"),
    [
        ({"mon": ["09:00-17:00"]}, "2026-11-30", [("2026-11-30 09:00", "2026-11-30 17:00")]),
        ({"mon": ["09:00-17:00"]}, "2026-07-06", [("2026-07-06 08:00", "2026-07-06 16:00")]),
        ({"mon": ["00:00-24:00"]}, "2026-11-30", [("2026-11-30 00:00", "2026-12-01 00:00")]),
        ({"mon": ["09:00-12:00", "12:00-17:00"]}, "2026-11-30", [("2026-11-30 09:00", "2026-11-30 17:00")]),
        ({"sun": ["22:00-02:00"]}, "2026-11-30", [("2026-11-30 00:00", "2026-11-30 02:00")]),
        # The hour from 01:00 to 02:00 is skipped.
        ({"sun": ["01:30-03:00"]}, str(SPRING), [("2027-03-28 01:00", "2027-03-28 02:00")]),
        ({"sun": ["00:30-01:30"]}, str(SPRING), [("2027-03-28 00:30", "2027-03-28 01:00")]),
        ({"sun": ["01:10-01:50"]}, str(SPRING), []),
        ({"sat": ["22:00-01:30"]}, str(SPRING), [("2027-03-28 00:00", "2027-03-28 01:00")]),
        # The hour from 01:00 to 02:00 comes twice, the first time from 00:00 UTC.
        ({"sun": ["01:30-03:00"]}, str(AUTUMN), [("2026-10-25 00:30", "2026-10-25 03:00")]),
        ({"sun": ["01:10-01:50"]}, str(AUTUMN), [("2026-10-25 00:10", "2026-10-25 00:50")]),
        ({"sat": ["22:00-01:30"]}, str(AUTUMN), [("2026-10-24 23:00", "2026-10-25 00:30")]),
        ({"sun": ["00:00-24:00"]}, str(AUTUMN), [("2026-10-24 23:00", "2026-10-26 00:00")]),
    ],
)
def test_a_day_as_it_is_in_utc(week: dict[str, list[str]], day: str, opened: list[tuple[str, str]]) -> None:
    times = Hours.of(week, ()).open_windows(at(f"{day} 00:00"), 1)
    assert times == [Open(utc(start), utc(end)) for start, end in opened]


def test_on_a_closed_day_nobody_is_there_at_all() -> None:
    found = hours(("2026-12-25",), thu=["22:00-02:00"], fri=["09:00-17:00", "22:00-02:00"], sat=["09:00-10:00"])
    assert found.open_at(at("2026-12-24 23:59"))
    assert found.closes_at(at("2026-12-24 23:00")) == at("2026-12-25 00:00")
    for shown in ("2026-12-25 00:00", "2026-12-25 01:30", "2026-12-25 12:00", "2026-12-25 23:00", "2026-12-26 01:00"):
        assert not found.open_at(at(shown)), shown
    assert found.opens_next(at("2026-12-25 00:00")) == at("2026-12-26 09:00")


def test_what_lies_too_far_ahead_is_not_promised() -> None:
    closed = [(date(2026, 12, 1) + count * DAY).isoformat() for count in range(14)]
    found = Hours.of({"tue": ["09:00-10:00"]}, closed)
    assert found.opens_next(at("2026-12-01 08:00")) is None
    assert found.opens_next(at("2026-12-01 09:00")) == at("2026-12-15 09:00")
    assert Hours().opens_next(at("2026-12-01 09:00")) is None
    always = Hours.of({day: ["00:00-24:00"] for day in DAYS}, ())
    assert always.open_at(at("2026-12-01 09:00"))
    assert always.closes_at(at("2026-12-01 09:00")) is None


@pytest.mark.parametrize(
    ("week", "closed", "field", "told"),
    [
        ({"mon": ["9-17"]}, [], "mon", "like 09:00-17:00"),
        ({"mon": ["09:00"]}, [], "mon", "like 09:00-17:00"),
        ({"mon": ["09:00-25:00"]}, [], "mon", "not on a clock"),
        ({"mon": ["09:00-24:01"]}, [], "mon", "not on a clock"),
        ({"mon": ["24:00-09:00"]}, [], "mon", "not on a clock"),
        ({"mon": ["09:60-17:00"]}, [], "mon", "not on a clock"),
        ({"mon": ["09:00-09:00"]}, [], "mon", "00:00-24:00"),
        ({"mon": ["09:00-12:00", "11:00-13:00"]}, [], "mon", "overlap"),
        ({"mon": ["22:00-02:00"], "tue": ["01:00-03:00"]}, [], "mon", "runs into Tuesday"),
        ({"sun": ["22:00-02:00"], "mon": ["00:00-03:00"]}, [], "sun", "runs into Monday"),
        ({"mon": [f"{hour:02}:00-{hour:02}:30" for hour in range(7)]}, [], "mon", "At most 6"),
        ({"monday": ["09:00-17:00"]}, [], "hours", "monday"),
        ({}, ["25 December"], "closed_days", "2026-12-25"),
        ({}, ["2026-02-30"], "closed_days", "2026-12-25"),
        ({}, ["2026-W01-1"], "closed_days", "2026-12-25"),
        ({}, [(SPRING + count * DAY).isoformat() for count in range(101)], "closed_days", "At most 100"),
    ],
)
def test_what_is_wrong_is_told_by_its_day(week: dict[str, list[str]], closed: list[str], field: str, told: str) -> None:
    with pytest.raises(BrokenHours) as broken:
        Hours.read(json.dumps(week), json.dumps(closed))
    assert set(broken.value.faults) == {field}
    assert told in broken.value.faults[field]


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(BrokenHours) as broken:
        Hours.typed({"mon": "nine to five", "tue": "09:00-17:00", "wed": "10:00-10:00"}, "Christmas")
    assert set(broken.value.faults) == {"mon", "wed", "closed_days"}


@pytest.mark.parametrize(
    ("week", "closed"),
    [("", "[]"), ("[]", "[]"), ('{"mon": "09:00-17:00"}', "[]"), ('{"mon": [9]}', "[]"), ("{}", "{}"), ("{}", "[1]")],
)
def test_only_what_was_written_here_is_read(week: str, closed: str) -> None:
    with pytest.raises(BrokenHours):
        Hours.read(week, closed)


@pytest.mark.parametrize("typed", ["9:00-17:00", "09:00 - 17:00", " 09:00–17:00 "])
def test_times_are_read_as_people_type_them(typed: str) -> None:
    assert str(OpeningWindow.read(typed)) == "09:00-17:00"


def test_a_moment_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Hours().open_at(datetime(2026, 11, 30, 9, 0))
