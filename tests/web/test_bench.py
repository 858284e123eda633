"""What `make bench` takes for held."""

import pytest

from tests.bench.holds import holds


@pytest.mark.parametrize(
    ("measured", "to_hold", "held"),
    [
        ("1.29 s (0.9 s of a processor, 7,406 signatures)", "under 1 s", False),
        ("0.99 s (0.9 s of a processor)", "under 1 s", True),
        ("1 s", "under 1 s", False),
        ("60 MB", "at most 60 MB", True),
        ("0.39 of a bare route (300 and 770)", "at least 0.5", False),
        ("30,100 B gzip", "at most 30000 raw", False),
        ("2 of 400", "0", False),
        ("0 of 400", "0", True),
        ("26 files (and 3 that only the framework enters), 90 moves, 0 upward", "at most 22 files, 0 upward", False),
        ("not measured: no chromium", "under 5 s", None),
        ("120 ms; 0 refused", "slowed, others unharmed", None),
        ("120 ms", "", None),
        ("nothing", "under 5 s", None),
    ],
)
def test_a_figure_is_held_to_its_bound(measured: str, to_hold: str, held: bool | None) -> None:
    assert holds(measured, to_hold) is held
