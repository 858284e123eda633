"""The clock: one place that asks what time it is, so that tests can hold another."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the moment it is now, with its time zone."""


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)
