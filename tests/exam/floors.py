"""What the exam must reach. A figure below its floor fails CI; a floor is only ever raised, with one exception.

Hints (indirect) were at 0.93 while the bot rang from 0.14 and strangers' calm turns rang at one in four. Whole talks
decide now: the bot rings from 0.6 in a calm talk, and what lies below gets help offered quietly, which this exam of
single lines does not count (docs/understanding.md).
"""

FLOORS = {
    "cards, top 1": 0.86,
    "cards, top 3": 0.95,
    "cards, misspelt, top 1": 0.82,
    "out of scope, recall": 0.85,
    "out of scope, precision": 0.85,
    "right when sure": 0.93,
    "alarm recall, direct": 0.99,
    "alarm recall, indirect": 0.91,
}
ALARM_CEILINGS = {"false alarms, ordinary": 0.02, "false alarms, lookalikes": 0.08}


def fails(figures: dict[str, float]) -> list[str]:
    """The figures that do not hold, as sentences."""
    low = [f"{name}: {figures[name]:.3f}, at least {floor}" for name, floor in FLOORS.items() if figures[name] < floor]
    high = [f"{n}: {figures[n]:.3f}, at most {top}" for n, top in ALARM_CEILINGS.items() if figures[n] > top]
    return low + high
