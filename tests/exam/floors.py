"""What the exam must reach. A figure below its floor fails CI; a floor is only ever raised."""

FLOORS = {
    "cards, top 1": 0.86,
    "cards, top 3": 0.95,
    "cards, misspelt, top 1": 0.82,
    "out of scope, recall": 0.85,
    "out of scope, precision": 0.85,
    "right when sure": 0.93,
    "alarm recall, direct": 0.99,
    "alarm recall, indirect": 0.93,
}
ALARM_CEILINGS = {"false alarms, ordinary": 0.02, "false alarms, lookalikes": 0.08}


def fails(figures: dict[str, float]) -> list[str]:
    """The figures that do not hold, as sentences."""
    low = [f"{name}: {figures[name]:.3f}, at least {floor}" for name, floor in FLOORS.items() if figures[name] < floor]
    high = [f"{n}: {figures[n]:.3f}, at most {top}" for n, top in ALARM_CEILINGS.items() if figures[n] > top]
    return low + high
