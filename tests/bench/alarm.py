"""How long the alarm takes to read a text, in milliseconds: an ordinary message, a long one, and the worst of signs."""

import time
from collections.abc import Iterator
from statistics import median

from content.danger import Alarm

_ORDINARY = "can the police keep my phone for long and who can see what is on it, i was at school when they took it. "
_TEXTS = (
    ("a message of 100 letters", _ORDINARY[:100]),
    ("10,000 ordinary letters", (_ORDINARY * 100)[:10_000]),
    ("10,000 signs of a whole phrase each", "\ufdfa" * 10_000),
    ("10,000 signs of four letters each", "\u33c2" * 10_000),
)
_ROUNDS = 5


def alarm_rows() -> Iterator[tuple[str, str, str]]:
    """Each text, and the longest step of it: what others wait for."""
    alarm = Alarm.load()
    for name, text in _TEXTS:
        taken, steps = zip(*(_milliseconds(alarm, text) for _ in range(_ROUNDS)), strict=True)
        yield f"alarm: {name}", f"{median(taken):.1f} ms (longest step {median(steps):.1f} ms)", "3 times ordinary"


def _milliseconds(alarm: Alarm, text: str) -> tuple[float, float]:
    begun = before = time.perf_counter()
    longest = 0.0
    for _ in alarm.listen(text):
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    return (before - begun) * 1000, longest * 1000
