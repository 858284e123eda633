"""Clocks whose seconds pass only when a test says so."""

import asyncio


class StoppedClock:
    """Seconds that pass only when they are told to."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


class Waits:
    """A clock and a sleep that take no time; `slept` is for how long was waited."""

    def __init__(self) -> None:
        self.now, self.slept = 1_000.0, list[float]()

    def seconds(self) -> float:
        """The time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Waits, at once; whoever else can go on does."""
        self.slept.append(seconds)
        await asyncio.sleep(0)
