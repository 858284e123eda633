"""How long the tests take: the quick ones run now, the whole suite as it last ran here."""

import json
import subprocess
import time
from collections.abc import Iterator

from tests.served import ROOT
from tests.suite_time import NOTED

WHOLE = ROOT / ".pytest_cache" / "v" / NOTED
"""Where pytest keeps the seconds and the day of the last run of every test."""


def suite_rows() -> Iterator[tuple[str, str, str]]:
    """Seconds of `make unit`, and of the tests of `make test` apart from fetching, training and `make check`."""
    begun = time.monotonic()
    subprocess.run(["make", "unit"], cwd=ROOT, check=True, capture_output=True)
    yield "make unit", f"{time.monotonic() - begun:.0f} s", "at most 60 s"
    if not WHOLE.exists():
        yield "make test, its tests", "not measured: run make test first", "at most 720 s"
        return
    noted = json.loads(WHOLE.read_text("utf-8"))
    yield "make test, its tests", f"{noted['seconds']:.0f} s on {noted['day']}", "at most 720 s"
