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
# Not reached yet: `make exam` fails on these, and CI holds what was reached (143 of 154 lines; 3 of 148), so that it
# cannot get worse unseen. Take an entry out when its floor holds.
REACHED = {"alarm recall, indirect": 0.928, "false alarms, ordinary": 0.0203}


def worse_than_reached(figures: dict[str, float]) -> list[str]:
    """The figures that do not hold, those of REACHED held to what was reached instead of to their floor."""
    held = {n: figures[n] for n, least in REACHED.items() if n in FLOORS and figures[n] >= least}
    held |= {n: figures[n] for n, most in REACHED.items() if n in ALARM_CEILINGS and round(figures[n], 4) <= most}
    return [line for line in fails(figures) if line.split(":")[0] not in held]


def fails(figures: dict[str, float]) -> list[str]:
    """The figures that do not hold, as sentences."""
    low = [f"{name}: {figures[name]:.3f}, at least {floor}" for name, floor in FLOORS.items() if figures[name] < floor]
    high = [f"{n}: {figures[n]:.3f}, at most {top}" for n, top in ALARM_CEILINGS.items() if figures[n] > top]
    return low + high
