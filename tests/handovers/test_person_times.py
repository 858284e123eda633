"""Times in plain words, and the times to call: few, stable while the day goes on, and right when the clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest

from api.chat.person import plain_times
from api.chat.person.call_form import as_dialled, cleaned, number_of, one_line
from api.records.handovers.new_handover import CallWindow
from api.records.handovers.opening_hours import Hours, uk
from api.records.handovers.opening_week import DAYS

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def hours(daily: str, *closed: str) -> Hours:
    return Hours.typed(dict.fromkeys(DAYS, daily), " ".join(closed))


def labels(daily: str, now: datetime, *closed: str) -> list[str]:
    return [choice.label for choice in plain_times.choices(hours(daily, *closed), now)]


def test_a_handful_of_choices_on_the_next_days() -> None:
    assert labels("09:00-17:00", NOON) == [
        "Thursday 26 November, 11:00 am to 1:00 pm",
        "Thursday 26 November, 1:00 pm to 3:00 pm",
        "Thursday 26 November, 3:00 pm to 5:00 pm",
        "Friday 27 November, 9:00 am to 11:00 am",
        "Friday 27 November, 1:00 pm to 3:00 pm",
        "Friday 27 November, 3:00 pm to 5:00 pm",
        "Saturday 28 November, 9:00 am to 11:00 am",
        "Saturday 28 November, 1:00 pm to 3:00 pm",
        "Saturday 28 November, 3:00 pm to 5:00 pm",
    ]


def test_choices_stay_the_same_while_the_day_goes_on() -> None:
    first = {choice.value for choice in plain_times.choices(hours("09:00-17:00"), NOON)}
    for minutes in range(0, 300, 7):
        later = NOON + timedelta(minutes=minutes)
        today = [one for one in plain_times.choices(hours("09:00-17:00"), later) if uk(one.window.starts).day == 26]
        assert {one.value for one in today} <= first
        assert all(one.window.ends - later >= timedelta(hours=1) for one in today)


def test_a_short_rest_belongs_to_the_time_before_it() -> None:
    assert labels("16:00-18:30", NOON)[0] == "Thursday 26 November, 4:00 pm to 6:30 pm"
    assert labels("16:00-19:00", NOON)[:2] == [
        "Thursday 26 November, 4:00 pm to 6:00 pm",
        "Thursday 26 November, 6:00 pm to 7:00 pm",
    ]


def test_nobody_is_called_at_night_while_there_is_another_time() -> None:
    for choice in plain_times.choices(hours("00:00-24:00"), NOON):
        starts, ends = uk(choice.window.starts), uk(choice.window.ends)
        assert starts.hour >= 8
        assert ends.hour <= 21
    assert labels("22:00-02:00", NOON)[0] == "Thursday 26 November, 10:00 pm to midnight"


def test_closed_days_are_left_out_and_nothing_is_offered_without_hours() -> None:
    assert labels("09:00-11:00", NOON, "2026-11-27") == [
        "Saturday 28 November, 9:00 am to 11:00 am",
        "Sunday 29 November, 9:00 am to 11:00 am",
        "Monday 30 November, 9:00 am to 11:00 am",
    ]
    assert labels("", NOON) == []


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
@pytest.mark.parametrize("daily", ["09:00-17:00", "00:00-24:00", "00:30-03:30", "22:00-02:00"])
def test_when_the_clocks_change_every_choice_is_real_and_says_what_clocks_show(change: date, daily: str) -> None:
    now = datetime(change.year, change.month, change.day - 1, 6, 0, tzinfo=UTC)
    open_hours = hours(daily)
    for _ in range(60):
        offered = plain_times.choices(open_hours, now)
        assert offered
        for choice in offered:
            window = choice.window
            assert now < window.ends
            assert timedelta(0) < window.ends - window.starts <= timedelta(hours=3)
            assert plain_times.still_good(open_hours, window, now)
            assert plain_times.read(choice.value) == window
            shown = uk(window.starts)
            assert choice.label.startswith(f"{shown:%A} {shown.day} {shown:%B}, ")
            assert open_hours.open_at(window.starts)
        now += timedelta(minutes=53)


def test_nine_in_the_morning_stays_nine_in_the_morning_after_the_clocks_change() -> None:
    after = labels("09:00-11:00", datetime(2026, 3, 28, 18, 0, tzinfo=UTC))
    assert after[0] == "Sunday 29 March, 9:00 am to 11:00 am"
    (first, *_) = plain_times.choices(hours("09:00-11:00"), datetime(2026, 3, 28, 18, 0, tzinfo=UTC))
    assert first.window.starts == datetime(2026, 3, 29, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts", "ends", "good"),
    [
        (1, 3, True),
        (-1, 1, True),
        (-3, 0, False),
        (1, 1.2, False),
        (3, 1, False),
        (4, 6, False),
        (-30, -28, False),
        (21, 23, True),
        (24 * 20, 24 * 20 + 2, False),
    ],
)
def test_a_time_is_good_while_somebody_is_there_and_enough_is_left(starts: float, ends: float, good: bool) -> None:
    window = CallWindow(NOON + timedelta(hours=starts), NOON + timedelta(hours=ends))
    assert plain_times.still_good(hours("09:00-17:00"), window, NOON) is good


@pytest.mark.parametrize(
    "text", ["", "x", "20261127T1500Z", "a-b", "20261127T1500Z-20261127T1700Z-1", "20269927T1500Z-x"]
)
def test_anything_else_is_no_time(text: str) -> None:
    assert plain_times.read(text) is None


@pytest.mark.parametrize(
    ("hour", "minute", "told"),
    [
        (0, 0, "midnight"),
        (0, 5, "12:05 am"),
        (9, 0, "9:00 am"),
        (12, 0, "midday"),
        (12, 30, "12:30 pm"),
        (23, 59, "11:59 pm"),
    ],
)
def test_the_clock_in_words(hour: int, minute: int, told: str) -> None:
    assert plain_times.clock(NOON.replace(hour=hour, minute=minute)) == told


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("07700 900123", "+447700900123"),
        ("０７７００　９００１２３", "+447700900123"),
        ("+44 7700 900 123", "+447700900123"),
        ("0044 7700 900123", "+447700900123"),
        ("(01632) 960-001", None),
        ("020 7946 0958", "+442079460958"),
        ("+353 87 123 4567", "+353871234567"),
        ("0770 900", None),
        ("999", None),
        ("101", None),
        ("0800 1111", None),
        ("0909 879 0000", None),
        ("my number is 07700 900123", None),
        ("020 7946 0958 ext 5", None),
        ("", None),
        ("7" * 5_000, None),
        ("+", None),
    ],
)
def test_a_number_that_somebody_can_be_called_at(typed: str, found: str | None) -> None:
    assert number_of(typed, practice=True) == found


def test_numbers_kept_for_stories_are_called_in_practice_alone() -> None:
    assert number_of("07700 900123", practice=False) is None
    assert number_of("020 7946 0958", practice=False)


def test_a_number_is_shown_as_it_is_dialled() -> None:
    assert as_dialled("+447700900123") == "07700 900123"
    assert as_dialled("+442079460958") == "020 7946 0958"
    assert as_dialled("+353871234567") == "+353 87 123 4567"


def test_what_cannot_be_seen_is_taken_out_and_nothing_else() -> None:
    assert cleaned(" a\r\nb\rc\x00\x07\ud800 \u202egnp.exe \U0001f600 ") == "a\nb\nc gnp.exe \U0001f600"
    assert one_line("  Sam \n from\tnext door ") == "Sam from next door"
    assert cleaned("<b>Zoë & Łukasz</b>") == "<b>Zoë & Łukasz</b>"
