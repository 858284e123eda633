"""Whether a measured figure is what was to hold: both are read from the words that the table shows."""

import re

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_BOUND = re.compile(r"(at most|under|at least) (-?\d[\d,]*(?:\.\d+)?)")


def holds(measured: str, to_hold: str) -> bool | None:
    """True or False by the first number of each; None where nothing is to hold, or nothing was measured.

    What is to hold begins "at most", "under" or "at least", or is a number alone, which must be met exactly.
    """
    bound = _BOUND.match(to_hold)
    found = _NUMBER.search(measured)
    if measured.startswith("not measured") or not found or not (bound or _NUMBER.fullmatch(to_hold)):
        return None
    value = _read(found[0])
    if not bound:
        return value == _read(to_hold)
    kind, most = bound[1], _read(bound[2])
    return {"at most": value <= most, "under": value < most, "at least": value >= most}[kind]


def _read(number: str) -> float:
    return float(number.replace(",", ""))
