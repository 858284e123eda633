"""Origins are counted for a while, refused beyond a limit, and forgotten; none is held by its address."""

import asyncio

import pytest

from api.web.origin import Origin
from api.web.rate_limit import OriginLimit, TooFast
from tests.clocks import StoppedClock

SCHOOL, OTHER = Origin("network 203.0.113.0/24"), Origin("network 198.51.100.0/24")


def refused(limit: OriginLimit, origin: Origin) -> int:
    """How long this origin is told to wait; 0 where it goes on."""
    try:
        limit.step(origin)
    except TooFast as fast:
        return fast.seconds
    return 0


def test_so_many_in_any_minute_and_each_is_free_again_after_one() -> None:
    clock = StoppedClock()
    limit = OriginLimit(3, 60, clock)
    for _ in range(3):
        assert refused(limit, SCHOOL) == 0
        clock.seconds += 10
    # What was refused does not count: the first was 30 seconds ago, and makes room after a minute.
    assert [refused(limit, SCHOOL) for _ in range(2)] == [30, 30]
    clock.seconds += 29.5
    assert refused(limit, SCHOOL) == 1
    clock.seconds += 0.5
    assert [refused(limit, SCHOOL) for _ in range(2)] == [0, 10]


def test_one_origin_is_refused_and_no_other() -> None:
    limit = OriginLimit(2, 60, StoppedClock())
    assert [refused(limit, SCHOOL) for _ in range(3)] == [0, 0, 60]
    assert refused(limit, OTHER) == 0


def test_what_is_taken_back_does_not_count_and_nobody_gains_by_taking_back_what_was_not() -> None:
    limit = OriginLimit(2, 60, StoppedClock())
    limit.take_back(SCHOOL)
    for _ in range(5):
        limit.step(SCHOOL)
        limit.take_back(SCHOOL)
    assert len(limit) == 0
    assert [refused(limit, SCHOOL) for _ in range(3)] == [0, 0, 60]
    limit.take_back(OTHER)
    assert refused(limit, SCHOOL) == 60


async def test_of_many_at_once_no_more_than_the_most_go_on() -> None:
    limit = OriginLimit(5, 60, StoppedClock())

    async def go() -> int:
        await asyncio.sleep(0)
        return refused(limit, SCHOOL)

    assert sorted(await asyncio.gather(*(go() for _ in range(20)))) == [0] * 5 + [60] * 15


def test_counting_goes_no_further_than_the_most() -> None:
    clock = StoppedClock()
    limit = OriginLimit(4, 60, clock)
    assert [limit.count(SCHOOL) for _ in range(6)] == [1, 2, 3, 4, 4, 4]
    clock.seconds += 60
    assert limit.count(SCHOOL) == 1


def test_no_origin_is_held_as_it_is_nor_alike_in_two_processes() -> None:
    limit, other = OriginLimit(2, 60, StoppedClock()), OriginLimit(2, 60, StoppedClock())
    for one in (limit, other):
        one.step(SCHOOL)
    assert "203.0.113" not in str(vars(limit))
    assert limit.name(SCHOOL) != other.name(SCHOOL)


def test_memory_is_bounded_and_who_was_quiet_is_forgotten() -> None:
    clock = StoppedClock()
    limit = OriginLimit(2, 60, clock, names=100)
    for number in range(1_000):
        limit.step(Origin(f"network {number}"))
    assert len(limit) <= 100
    with pytest.raises(TooFast):
        [limit.step(Origin("network 999")) for _ in range(2)]
    clock.seconds += 60
    for number in range(100):
        limit.count(Origin(f"network {number % 2}"))
    assert len(limit) == 2
